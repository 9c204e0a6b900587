-- The closed loop: who holds a case and for how long, clocks with due times, supervision,
-- extensions, ratings and notices. The table of what may happen is dispatch/case/data/loop.toml.

-- A case lives in every other state. Inlined by the planner.
CREATE FUNCTION dispatch.is_open(state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT state <> ALL ('{closed,void,merged}') $$;

ALTER TABLE dispatch.cases
    ADD COLUMN holder_code text,             -- area whose desk holds it: 6 to 15 digits
    ADD COLUMN held_since timestamptz,
    ADD COLUMN suspended_from text,          -- state it goes back to; set while suspended
    ADD COLUMN merged_into bigint REFERENCES dispatch.cases,
    ADD COLUMN closing_kind text CHECK (closing_kind IN ('substantive', 'staged', 'procedural')),
    ADD COLUMN hops smallint NOT NULL DEFAULT 0,  -- returns, rejections, steps up and down
    ADD COLUMN card text CHECK (card IN ('yellow', 'red')),  -- the gravest card of supervision
    ADD COLUMN yellow_at timestamptz,        -- lights of the running clock that is due first
    ADD COLUMN due_at timestamptz;
UPDATE dispatch.cases SET holder_code = left(grid_code, 12), held_since = state_since,
    closing_kind = CASE WHEN state = 'closed' THEN 'substantive' END;
ALTER TABLE dispatch.cases
    ALTER COLUMN holder_code SET NOT NULL,
    ALTER COLUMN held_since SET NOT NULL,
    ADD CHECK ((state = 'suspended') = (suspended_from IS NOT NULL)),
    ADD CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
    ADD CHECK (grid_code ^@ holder_code);
CREATE INDEX cases_merged_into ON dispatch.cases (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX cases_due ON dispatch.cases (due_at) WHERE due_at IS NOT NULL;

-- Who held a case in which state and when: gapless while the case is open. Kept by trigger, so that
-- no way of writing a case can forget it.
CREATE TABLE dispatch.custody (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES dispatch.cases,
    holder_code text NOT NULL,
    state text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,                       -- NULL: now
    CHECK (until >= since)
);
CREATE INDEX custody_case ON dispatch.custody (case_id);
CREATE UNIQUE INDEX custody_one_holder ON dispatch.custody (case_id) WHERE until IS NULL;
INSERT INTO dispatch.custody (case_id, holder_code, state, since)
SELECT c.id, c.holder_code, c.state, c.reported_at FROM dispatch.cases c
WHERE dispatch.is_open(c.state);

CREATE FUNCTION dispatch.fill_holder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.holder_code := coalesce(NEW.holder_code, left(NEW.grid_code, 12));
    NEW.held_since := coalesce(NEW.held_since, NEW.state_since);
    RETURN NEW;
END
$$;
CREATE TRIGGER fill_holder BEFORE INSERT ON dispatch.cases
    FOR EACH ROW WHEN (NEW.holder_code IS NULL OR NEW.held_since IS NULL)
    EXECUTE FUNCTION dispatch.fill_holder();

-- The moment of a change is the later of state_since and held_since, and never before the change
-- before it: a machine's clock may be set back, time held may not.
CREATE FUNCTION dispatch.keep_custody() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, dispatch AS
$$
DECLARE
    moment timestamptz := NEW.reported_at;   -- of a new case: its life begins with the report
BEGIN
    IF TG_OP = 'UPDATE' THEN
        moment := greatest(NEW.state_since, NEW.held_since);
        UPDATE dispatch.custody k SET until = greatest(moment, k.since)
        WHERE k.case_id = NEW.id AND k.until IS NULL
        RETURNING k.until INTO moment;
        moment := coalesce(moment, greatest(NEW.state_since, NEW.held_since));
    END IF;
    IF dispatch.is_open(NEW.state) THEN
        INSERT INTO dispatch.custody (case_id, holder_code, state, since)
        VALUES (NEW.id, NEW.holder_code, NEW.state, moment);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER custody_begins AFTER INSERT ON dispatch.cases
    FOR EACH ROW EXECUTE FUNCTION dispatch.keep_custody();
CREATE TRIGGER custody_changes AFTER UPDATE OF state, holder_code ON dispatch.cases
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state
                       OR OLD.holder_code IS DISTINCT FROM NEW.holder_code)
    EXECUTE FUNCTION dispatch.keep_custody();

-- Clocks of steps. A row is one run of a clock at one level; next_at and next_mark are what a
-- sweeper has to do next (dispatch/sweep.py).
CREATE TABLE dispatch.clocks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES dispatch.cases,
    step text NOT NULL,                      -- of loop.toml, or 'suspension'
    holder_code text NOT NULL,               -- the level its lateness is attributed to
    unit text NOT NULL,                      -- dispatch/clock/limit.py
    amount integer NOT NULL,
    started_at timestamptz NOT NULL,
    first_due_at timestamptz NOT NULL,       -- an extension moves due_at only
    yellow_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    provisional boolean NOT NULL DEFAULT false,
    paused_at timestamptz,
    stopped_at timestamptz,
    late_from timestamptz,                   -- last resumption: lateness before it is in late_s
    late_s double precision NOT NULL DEFAULT 0 CHECK (late_s >= 0),
    next_at timestamptz,
    next_mark text CHECK (next_mark IN ('yellow', 'red', 'resume')),
    CHECK ((next_at IS NULL) = (next_mark IS NULL)),
    CHECK (stopped_at IS NULL OR next_at IS NULL)
);
CREATE INDEX clocks_case ON dispatch.clocks (case_id);
CREATE UNIQUE INDEX clocks_one_run ON dispatch.clocks (case_id, step) WHERE stopped_at IS NULL;
CREATE INDEX clocks_next ON dispatch.clocks (next_at) WHERE next_at IS NOT NULL AND paused_at IS NULL;

-- Extensions asked for; the reasons are remarks.
CREATE TABLE dispatch.extensions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES dispatch.cases,
    amount integer NOT NULL CHECK (amount > 0),
    unit text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    granted boolean,                         -- NULL: nobody has decided
    decided_by text,
    decided_at timestamptz,
    CHECK ((granted IS NULL) = (decided_by IS NULL))
);
CREATE INDEX extensions_case ON dispatch.extensions (case_id);
CREATE UNIQUE INDEX extensions_one_request ON dispatch.extensions (case_id) WHERE granted IS NULL;

CREATE TABLE dispatch.cards (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES dispatch.cases,
    colour text NOT NULL CHECK (colour IN ('yellow', 'red')),
    holder_code text NOT NULL,               -- who held the case then
    given_by text NOT NULL,
    given_at timestamptz NOT NULL
);
CREATE INDEX cards_case ON dispatch.cards (case_id);

CREATE TABLE dispatch.ratings (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES dispatch.cases,
    score smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
    rated_by text NOT NULL,
    on_behalf boolean NOT NULL,              -- the desk noted what the reporter said
    rated_at timestamptz NOT NULL
);
CREATE INDEX ratings_case ON dispatch.ratings (case_id);

-- The words that came with an action. Events carry none: a chain that cannot be altered must not
-- hold what somebody may ask to be deleted.
CREATE TABLE dispatch.remarks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES dispatch.cases,
    action text NOT NULL,
    version integer NOT NULL,                -- of the case after the action: joins it to its event
    words text NOT NULL,
    said_by text NOT NULL,
    said_at timestamptz NOT NULL
);
CREATE INDEX remarks_case ON dispatch.remarks (case_id);

-- What a reporter is told: of which case, about which report of theirs.
CREATE TABLE dispatch.notices (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text NOT NULL,
    report_id bigint NOT NULL REFERENCES dispatch.cases,  -- their own report
    case_id bigint NOT NULL REFERENCES dispatch.cases,    -- the case it became part of
    kind text NOT NULL,                      -- 'case.closed'
    words text,
    told_at timestamptz NOT NULL,
    read_at timestamptz
);
CREATE INDEX notices_subject ON dispatch.notices (subject, id DESC);
CREATE INDEX notices_report ON dispatch.notices (report_id);

-- A body of a joint handling, or one that assists, may be one of several.
DROP INDEX dispatch.assignments_one_role;
CREATE UNIQUE INDEX assignments_one_role ON dispatch.assignments (case_id, role)
    WHERE live AND role NOT IN ('assist', 'joint');
CREATE UNIQUE INDEX assignments_one_part ON dispatch.assignments (case_id, person_id) WHERE live;
ALTER TABLE dispatch.assignments ADD COLUMN result text;  -- what the person fed back

-- Ids of the cases merged into one, directly or by way of another, that one included. Definer: a
-- report from beyond the caller's scope is told of its end, too; only ids and subjects come out.
CREATE FUNCTION dispatch.reports_of(root bigint)
    RETURNS TABLE (case_id bigint, subject text, channel text)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 2 SET search_path = pg_catalog, dispatch AS
$$
    WITH RECURSIVE part (id) AS (
        SELECT root
        UNION SELECT c.id FROM part p JOIN dispatch.cases c ON c.merged_into = p.id)
    SELECT c.id, c.reported_by, c.channel FROM part p JOIN dispatch.cases c ON c.id = p.id
$$;

-- Tell everybody who reported a case, or one merged into it.
CREATE FUNCTION dispatch.tell_reporters(root bigint, kind text, words text, at timestamptz)
    RETURNS integer
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, dispatch AS
$$
    WITH told AS (
        INSERT INTO dispatch.notices (subject, report_id, case_id, kind, words, told_at)
        SELECT r.subject, r.case_id, root, tell_reporters.kind, tell_reporters.words, at
        FROM dispatch.reports_of(root) r
        RETURNING 1)
    SELECT count(*)::integer FROM told
$$;
-- Take back the sight of a case that merging gave to the reporters of a branch, which is a case of its
-- own again. Whoever has another part in it, or saw it before, keeps sight.
CREATE FUNCTION dispatch.forget_sight(branch bigint, root bigint, merged_at timestamptz)
    RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, dispatch AS
$$
    DELETE FROM dispatch.participations p
    WHERE p.case_id = root AND p.since >= merged_at
      AND p.subject IN (SELECT r.subject FROM dispatch.reports_of(branch) r)
      AND p.subject NOT IN (SELECT r.subject FROM dispatch.reports_of(root) r)
      AND NOT EXISTS (SELECT FROM dispatch.assignments a
                      WHERE a.case_id = root AND p.subject IN ('p:' || a.person_id, a.assigned_by))
$$;
REVOKE ALL ON FUNCTION dispatch.reports_of(bigint),
    dispatch.forget_sight(bigint, bigint, timestamptz),
    dispatch.tell_reporters(bigint, text, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dispatch.reports_of(bigint),
    dispatch.forget_sight(bigint, bigint, timestamptz),
    dispatch.tell_reporters(bigint, text, text, timestamptz) TO ganxin_app, ganxin_system;

DO $$
DECLARE
    target text;
BEGIN
    FOREACH target IN ARRAY ARRAY['custody', 'clocks', 'extensions', 'cards', 'ratings', 'remarks',
                                  'notices']
    LOOP
        EXECUTE format('ALTER TABLE dispatch.%I ENABLE ROW LEVEL SECURITY', target);
        EXECUTE format('ALTER TABLE dispatch.%I FORCE ROW LEVEL SECURITY', target);
        EXECUTE format('CREATE POLICY system_all ON dispatch.%I TO ganxin_system USING (true) '
                       'WITH CHECK (true)', target);
        EXECUTE format('CREATE POLICY owner_all ON dispatch.%I TO %I USING (true) '
                       'WITH CHECK (true)', target, current_user);
        IF target <> 'notices' THEN
            -- OFFSET 0: one look-up per row, as for assignments (migration 0007).
            EXECUTE format('CREATE POLICY %I ON dispatch.%I TO ganxin_app USING (EXISTS ('
                           'SELECT FROM dispatch.cases c WHERE c.id = case_id OFFSET 0)) '
                           'WITH CHECK (true)', target || '_scope', target);
        END IF;
    END LOOP;
END
$$;
CREATE POLICY notices_own ON dispatch.notices TO ganxin_app
    USING (subject = ANY ((SELECT geodata.scope_subjects())::text[]));

GRANT SELECT ON dispatch.custody TO ganxin_app;
GRANT SELECT, INSERT ON dispatch.custody TO ganxin_system;
GRANT SELECT, INSERT, UPDATE ON dispatch.clocks, dispatch.extensions TO ganxin_app, ganxin_system;
GRANT SELECT, INSERT ON dispatch.cards, dispatch.ratings, dispatch.remarks TO ganxin_app, ganxin_system;
GRANT SELECT, UPDATE (read_at) ON dispatch.notices TO ganxin_app, ganxin_system;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA dispatch TO ganxin_app, ganxin_system;

-- Taking in a case that is assigned at once (migration 0050), now with its holder and its clocks:
-- clocks is a JSON array of rows of dispatch.clocks without id.
DROP FUNCTION dispatch.take_in_assigned(bigint, jsonb, double precision, double precision, jsonb,
    text[], jsonb);
CREATE FUNCTION dispatch.take_in_assigned(who bigint, new_case jsonb, point_lon double precision,
    point_lat double precision, chosen jsonb, subjects text[], tidings jsonb, clocks jsonb)
    RETURNS TABLE (assignment_id bigint, slot smallint, sets_out boolean, role text, duty text,
                   recused boolean)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan AS
$$
#variable_conflict use_column
DECLARE
    c dispatch.cases := jsonb_populate_record(NULL::dispatch.cases, new_case);
    a dispatch.assignments := jsonb_populate_record(NULL::dispatch.assignments, chosen);
BEGIN
    SELECT s.slot, s.sets_out, s.role, s.duty, s.recused
    INTO slot, sets_out, role, duty, recused
    FROM dispatch.take_slot(who, c.id) s;
    IF slot IS NOT NULL AND duty = 'on_duty' AND NOT recused THEN
        INSERT INTO dispatch.cases (id, number, type_code, state, version, urgent, channel,
            description, address, building_id, grid_code, runner_up_code, edge_m, edge_ambiguous,
            source_lon, source_lat, source_datum, accuracy_m, geom, edge_id, fraction, reported_by,
            reported_at, state_since, holder_code, held_since, yellow_at, due_at)
        VALUES (c.id, c.number, c.type_code, c.state, c.version, c.urgent, c.channel,
            c.description, c.address, c.building_id, c.grid_code, c.runner_up_code, c.edge_m,
            c.edge_ambiguous, c.source_lon, c.source_lat, c.source_datum, c.accuracy_m,
            ST_SetSRID(ST_MakePoint(point_lon, point_lat), 4326), c.edge_id, c.fraction,
            c.reported_by, c.reported_at, c.state_since, c.holder_code, c.held_since, c.yellow_at,
            c.due_at);
        INSERT INTO dispatch.assignments AS made (case_id, person_id, person_role, role, slot,
            state, travelling, rung, reasons, rank, travel_s, distance_m, assigned_by, assigned_at)
        VALUES (c.id, who, role, a.role, slot, 'assigned', sets_out, a.rung, a.reasons,
            a.rank, a.travel_s, a.distance_m, a.assigned_by, a.assigned_at)
        RETURNING made.id INTO assignment_id;
        INSERT INTO dispatch.clocks (case_id, step, holder_code, unit, amount, started_at,
            first_due_at, yellow_at, due_at, provisional, next_at, next_mark)
        SELECT c.id, k.step, k.holder_code, k.unit, k.amount, k.started_at, k.first_due_at,
               k.yellow_at, k.due_at, k.provisional, k.next_at, k.next_mark
        FROM jsonb_populate_recordset(NULL::dispatch.clocks, clocks) k;
        INSERT INTO dispatch.participations (subject, case_id, since)
        SELECT u.subject, c.id, a.assigned_at
        FROM unnest(subjects || ('p:' || who)) u (subject)
        ON CONFLICT DO NOTHING;
        INSERT INTO geodata.events_pending (occurred_at, kind, case_id, person_id, area_code,
            actor, payload)
        SELECT e.occurred_at, e.kind, e.case_id, e.person_id, e.area_code, e.actor,
               CASE WHEN e.person_id IS NULL THEN e.payload
                    ELSE e.payload || jsonb_build_object('travelling', sets_out) END
        FROM jsonb_array_elements(tidings) WITH ORDINALITY t (tiding, turn)
        CROSS JOIN LATERAL jsonb_populate_record(NULL::geodata.events_pending, t.tiding) e
        ORDER BY t.turn;
    END IF;
    IF duty IS NOT NULL THEN
        RETURN NEXT;
    END IF;
END
$$;
REVOKE ALL ON FUNCTION dispatch.take_in_assigned(bigint, jsonb, double precision, double precision,
    jsonb, text[], jsonb, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dispatch.take_in_assigned(bigint, jsonb, double precision,
    double precision, jsonb, text[], jsonb, jsonb) TO ganxin_app, ganxin_system;
