-- The desks of the closed loop: what somebody took out of the system and for what, filters that
-- somebody keeps, and the locks of an action on many cases.

-- The words of a purpose may name somebody: they stand here and not in the chain of events.
CREATE TABLE dispatch.purposes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,               -- who: 'u:12'
    areas text[] NOT NULL CHECK (cardinality(areas) >= 1),  -- the scope it was taken from
    purpose text NOT NULL CHECK (char_length(purpose) BETWEEN 1 AND 500),
    what text NOT NULL,                  -- 'cases'
    facts jsonb NOT NULL,                -- as the event tells them: count, filter
    at timestamptz NOT NULL
);
CREATE INDEX purposes_subject ON dispatch.purposes (subject, id DESC);

-- One's own, and those of whose areas all are in one's own: who of these may read them is the
-- role's affair (web/identity/role.py).
ALTER TABLE dispatch.purposes ENABLE ROW LEVEL SECURITY;
ALTER TABLE dispatch.purposes FORCE ROW LEVEL SECURITY;
CREATE POLICY purposes_scope ON dispatch.purposes FOR SELECT TO ganxin_app
    USING (subject = ANY ((SELECT geodata.scope_subjects())::text[])
        OR ((SELECT geodata.scope_areas()) IS NOT NULL
            AND NOT EXISTS (SELECT FROM unnest(areas) a (code)
                            WHERE NOT a.code ^@ ANY ((SELECT geodata.scope_areas())::text[]))));
CREATE POLICY purposes_write ON dispatch.purposes FOR INSERT TO ganxin_app
    WITH CHECK (subject = ANY ((SELECT geodata.scope_subjects())::text[]));
CREATE POLICY system_all ON dispatch.purposes TO ganxin_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON dispatch.purposes TO ganxin_app, ganxin_system;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA dispatch TO ganxin_app, ganxin_system;

CREATE TABLE web.saved_filters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner text NOT NULL,                 -- subject: 'u:12'
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 80),
    query text NOT NULL CHECK (char_length(query) <= 2000),  -- of /desk?<query>
    made_at timestamptz NOT NULL,
    UNIQUE (owner, name)
);
ALTER TABLE web.saved_filters ENABLE ROW LEVEL SECURITY;
ALTER TABLE web.saved_filters FORCE ROW LEVEL SECURITY;
CREATE POLICY saved_filters_own ON web.saved_filters TO ganxin_app
    USING (owner = ANY ((SELECT geodata.scope_subjects())::text[]))
    WITH CHECK (owner = ANY ((SELECT geodata.scope_subjects())::text[]));
CREATE POLICY system_all ON web.saved_filters TO ganxin_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON web.saved_filters TO ganxin_app, ganxin_system;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA web TO ganxin_app, ganxin_system;

-- FORCE binds the owner as well; dumps and repairs run as the owner.
DO $$
DECLARE
    target text;
BEGIN
    FOREACH target IN ARRAY ARRAY['dispatch.purposes', 'web.saved_filters']
    LOOP
        EXECUTE format('CREATE POLICY owner_all ON %s TO %I USING (true) WITH CHECK (true)',
                       target, current_user);
    END LOOP;
END
$$;

-- What a desk looks at is open and few; by due time without sorting them all.
CREATE INDEX cases_desk ON dispatch.cases (due_at, id) WHERE state <> ALL ('{closed,void,merged}');

-- Lock the people of all live assignments of many cases at once (migration 0021 for one case).
CREATE FUNCTION dispatch.lock_all_assignees(for_cases bigint[]) RETURNS bigint
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, dispatch AS
$$
    SELECT count(*) FROM (
        SELECT p.id FROM dispatch.people p
        WHERE p.id IN (SELECT a.person_id FROM dispatch.assignments a
                       WHERE a.case_id = ANY (for_cases) AND a.live)
        ORDER BY p.id
        FOR NO KEY UPDATE) locked
$$;
REVOKE ALL ON FUNCTION dispatch.lock_all_assignees(bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dispatch.lock_all_assignees(bigint[]) TO ganxin_app, ganxin_system;
