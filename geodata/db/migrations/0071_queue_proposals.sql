-- Proposals for the whole queue (docs/algorithms/whole-queue.md): who should go where if all
-- waiting cases are looked at together. A line is no assignment and takes nobody's place: it
-- becomes one when somebody accepts it, if it still holds then. A proposal tells of cases and
-- people of the areas it was made in, so whoever may not see all of these areas does not see it.
CREATE TABLE dispatch.proposals (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,               -- subject: 'u:12', 'system:sweeper'
    areas text[] NOT NULL CHECK (cardinality(areas) >= 1),  -- the scope it was made in
    waiting integer NOT NULL,            -- cases waiting, also those beyond the most that are asked
    people integer NOT NULL,             -- who could be sent to any of them
    together jsonb NOT NULL,             -- cost, road_s (seconds), left, late
    one_by_one jsonb NOT NULL,           -- the same if each case in turn took its best
    solve_s double precision NOT NULL    -- seconds of the solver alone
);

CREATE TABLE dispatch.proposal_lines (
    proposal_id bigint NOT NULL REFERENCES dispatch.proposals ON DELETE CASCADE,
    case_id bigint NOT NULL REFERENCES dispatch.cases,
    turn integer NOT NULL,               -- place in the order of waiting
    case_version integer NOT NULL,
    person_id bigint REFERENCES dispatch.people,  -- NULL: the case is left
    person_role text,
    rung text,
    travel_s double precision,           -- seconds; NULL: does not travel
    cost double precision NOT NULL,      -- of the line, or of leaving the case
    reasons jsonb NOT NULL DEFAULT '[]',
    instead_id bigint REFERENCES dispatch.people, -- who goes one by one; NULL: nobody
    left_why text,                       -- why nobody is proposed
    state text NOT NULL CHECK (state IN ('open', 'accepted', 'stale', 'refused', 'left')),
    why text,                            -- why it no longer holds
    why_facts jsonb,
    assignment_id bigint REFERENCES dispatch.assignments,
    decided_by text,
    decided_at timestamptz,
    PRIMARY KEY (proposal_id, case_id),
    CHECK ((person_id IS NULL) = (state = 'left')),
    CHECK ((state = 'left') = (left_why IS NOT NULL)),
    CHECK ((state IN ('stale', 'refused')) = (why IS NOT NULL)),
    CHECK ((state = 'accepted') = (assignment_id IS NOT NULL)),
    CHECK ((state IN ('accepted', 'stale', 'refused')) = (decided_at IS NOT NULL))
);
CREATE INDEX proposal_lines_case ON dispatch.proposal_lines (case_id);
CREATE INDEX proposals_made ON dispatch.proposals (made_at);

ALTER TABLE dispatch.proposals ENABLE ROW LEVEL SECURITY;
ALTER TABLE dispatch.proposals FORCE ROW LEVEL SECURITY;
ALTER TABLE dispatch.proposal_lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE dispatch.proposal_lines FORCE ROW LEVEL SECURITY;
-- Without a scope scope_areas() is NULL, and no proposal passes.
CREATE POLICY proposals_scope ON dispatch.proposals TO ganxin_app
    USING ((SELECT geodata.scope_areas()) IS NOT NULL
        AND NOT EXISTS (SELECT FROM unnest(areas) a (code)
                        WHERE NOT a.code ^@ ANY ((SELECT geodata.scope_areas())::text[])));
CREATE POLICY proposal_lines_scope ON dispatch.proposal_lines TO ganxin_app
    USING (EXISTS (SELECT FROM dispatch.proposals p WHERE p.id = proposal_id));
DO $$
DECLARE
    target text;
BEGIN
    FOREACH target IN ARRAY ARRAY['dispatch.proposals', 'dispatch.proposal_lines']
    LOOP
        EXECUTE format('CREATE POLICY system_all ON %s TO ganxin_system USING (true) '
                       'WITH CHECK (true)', target);
        EXECUTE format('CREATE POLICY owner_all ON %s TO %I USING (true) WITH CHECK (true)',
                       target, current_user);
    END LOOP;
END
$$;
GRANT SELECT, INSERT ON dispatch.proposals TO ganxin_app, ganxin_system;
GRANT SELECT, INSERT, UPDATE (state, why, why_facts, assignment_id, decided_by, decided_at)
    ON dispatch.proposal_lines TO ganxin_app, ganxin_system;
GRANT DELETE ON dispatch.proposals TO ganxin_system;

-- What is done with proposals for a type, its class or its family: the most special row holds,
-- without any it is advised.
CREATE TABLE dispatch.queue_modes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    family text CHECK (family IN ('dispute', 'hazard', 'service', 'police',
                                         'recommendation')),
    type_code text REFERENCES dispatch.case_types ON DELETE CASCADE,
    mode text NOT NULL CHECK (mode IN ('off', 'advise', 'automatic')),
    UNIQUE NULLS NOT DISTINCT (family, type_code),
    CHECK (num_nonnulls(family, type_code) = 1)
);
GRANT SELECT ON dispatch.queue_modes TO ganxin_app, ganxin_system;
GRANT INSERT, UPDATE, DELETE ON dispatch.queue_modes TO ganxin_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA dispatch TO ganxin_app, ganxin_system;

CREATE FUNCTION dispatch.queue_mode(of_type text, of_class text, of_family text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(
        (SELECT mode FROM dispatch.queue_modes WHERE type_code = of_type),
        (SELECT mode FROM dispatch.queue_modes WHERE type_code = of_class),
        (SELECT mode FROM dispatch.queue_modes WHERE family = of_family),
        'advise') $$;
