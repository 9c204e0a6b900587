-- Lists and searches of cases in the time they took when there were few (docs/decisions/0020).
-- Open cases are few: they are walked. Settled ones are many: what is indexed for lists is indexed
-- as they settle, so taking in and dispatching pay nothing for it.

-- 1. Words. A search is for any part of a text and may be of one Chinese character, so the words
-- are all runs of characters: two from a Chinese character on, three from an ASCII one (two digits
-- would be everywhere), fewer at the end. A shorter search finds them by prefix.
CREATE FUNCTION dispatch.case_words(number text, description text, address text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 AS
$$
    SELECT array_to_tsvector(array_agg(
        substr(s.t, i, CASE WHEN ascii(substr(s.t, i, 1)) < 128 THEN 3 ELSE 2 END)))
    FROM (SELECT lower(concat_ws(E'\n', number, description, address)) AS t) s
    CROSS JOIN generate_series(1, length(s.t)) i
$$;

-- What case_words of a text must hold for it to contain part (not empty): words one after the
-- other, and the last; six of them at most, from the end, where numbers differ. Finds too much,
-- never too little: the caller compares the text itself.
CREATE FUNCTION dispatch.words_of(part text) RETURNS tsquery
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS
$$
DECLARE
    t constant text := lower(part);
    at integer := 1;
    long integer;
    word text;
    words text[] := '{}';
    last text;
BEGIN
    FOR i IN 1..length(t) LOOP
        long := CASE WHEN ascii(substr(t, i, 1)) < 128 THEN 3 ELSE 2 END;
        CONTINUE WHEN i + long - 1 > length(t);
        last := substr(t, i, long);
        IF i >= at THEN
            words := words || last;
            at := i + long;
        END IF;
    END LOOP;
    IF last IS NULL THEN
        words := ARRAY[t];
    ELSIF last <> words[cardinality(words)] THEN
        words := words || last;
    END IF;
    RETURN (SELECT string_agg('''' || replace(replace(w, '\', '\\'), '''', '''''') || ''''
                              || CASE WHEN last IS NULL THEN ':*' ELSE '' END, ' & ')
            FROM unnest(words[cardinality(words) - 5:]) w)::tsquery;
END
$$;

-- 2. Indexes. cases_state and cases_open held all states but closed, or all: void and merged cases
-- pile up as closed ones do.
DROP INDEX dispatch.cases_state, dispatch.cases_open, dispatch.cases_grid;
CREATE INDEX cases_live ON dispatch.cases (reported_at DESC, id DESC) WHERE dispatch.is_open(state);
CREATE INDEX cases_grid ON dispatch.cases
    (grid_code text_pattern_ops, reported_at DESC, id DESC);
CREATE INDEX cases_settled_type ON dispatch.cases (type_code, reported_at DESC, id DESC)
    WHERE NOT dispatch.is_open(state);
CREATE INDEX cases_settled_state ON dispatch.cases (state, reported_at DESC, id DESC)
    WHERE state IN ('void', 'merged');
-- A case that settles is noted in the pending list, merged 512 kB at a time (some 350 cases).
CREATE INDEX cases_settled_words ON dispatch.cases
    USING gin (dispatch.case_words(number, description, address))
    WITH (fastupdate = on, gin_pending_list_limit = 512) WHERE NOT dispatch.is_open(state);

-- 3. What somebody took part in, newest first; and whether it lies in their areas anyway.
ALTER TABLE dispatch.participations
    ADD COLUMN reported_at timestamptz,      -- of the case; NULL in an INSERT: looked up
    ADD COLUMN grid_code text;
UPDATE dispatch.participations p SET reported_at = c.reported_at, grid_code = c.grid_code
FROM dispatch.cases c WHERE c.id = p.case_id;
UPDATE dispatch.participations SET reported_at = since, grid_code = '' WHERE reported_at IS NULL;
ALTER TABLE dispatch.participations
    ALTER COLUMN reported_at SET NOT NULL,
    ALTER COLUMN grid_code SET NOT NULL;
CREATE INDEX participations_recent ON dispatch.participations
    (subject, reported_at DESC, case_id DESC) INCLUDE (grid_code);

-- A case written by the same statement is not seen yet; it was reported when the part began, and
-- counts as beyond every area: found with one look more.
CREATE FUNCTION dispatch.fill_participation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, dispatch AS
$$
BEGIN
    SELECT c.reported_at, c.grid_code INTO NEW.reported_at, NEW.grid_code
    FROM dispatch.cases c WHERE c.id = NEW.case_id;
    NEW.reported_at := coalesce(NEW.reported_at, NEW.since);
    NEW.grid_code := coalesce(NEW.grid_code, '');
    RETURN NEW;
END
$$;
CREATE TRIGGER fill_participation BEFORE INSERT ON dispatch.participations
    FOR EACH ROW WHEN (NEW.reported_at IS NULL OR NEW.grid_code IS NULL)
    EXECUTE FUNCTION dispatch.fill_participation();

-- Taking in a case that is assigned at once (migration 0060), which knows both: no look-up.
CREATE OR REPLACE FUNCTION dispatch.take_in_assigned(who bigint, new_case jsonb, point_lon double precision,
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
        INSERT INTO dispatch.participations (subject, case_id, since, reported_at, grid_code)
        SELECT u.subject, c.id, a.assigned_at, c.reported_at, c.grid_code
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

-- The policy asks only for what the areas do not cover: somebody who has sent people for years took
-- part in a hundred thousand cases of their own street, which were read and hashed per statement.
CREATE FUNCTION dispatch.cases_beyond() RETURNS bigint[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, dispatch, geodata AS
$$
    SELECT array_agg(p.case_id) FROM dispatch.participations p
    WHERE p.subject = ANY (geodata.scope_subjects())
      AND (p.grid_code ^@ ANY ((SELECT geodata.scope_areas())::text[])) IS NOT TRUE
$$;
ALTER POLICY cases_scope ON dispatch.cases
    USING (grid_code ^@ ANY ((SELECT geodata.scope_areas())::text[])
        OR id IN (SELECT unnest(dispatch.cases_beyond())))
    WITH CHECK (true);

-- The grids within areas that ever had a case, NULL if there are more than most: one look each.
CREATE FUNCTION dispatch.grids_within(areas text[], most integer) RETURNS text[]
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public AS
$$
DECLARE
    area text;
    code text;
    codes text[] := '{}';
BEGIN
    FOREACH area IN ARRAY areas LOOP
        code := area;
        LOOP
            SELECT c.grid_code INTO code FROM dispatch.cases c
            WHERE c.grid_code ~>=~ code AND c.grid_code ~<~ (area || ':')
            ORDER BY c.grid_code USING ~<~ LIMIT 1;
            EXIT WHEN NOT FOUND;
            IF cardinality(codes) = most THEN
                RETURN NULL;
            END IF;
            codes := codes || code;
            code := code || '!';  -- after it, before whatever else begins so
        END LOOP;
    END LOOP;
    RETURN codes;
END
$$;

-- The window in which to look first: from the newest case not after high back to about so many
-- rows, of a few grids, of those who took part, or of all. low is NULL if there are no more.
CREATE FUNCTION dispatch.first_window(high timestamptz, mine text[], grids text[], amount integer)
    RETURNS TABLE (low timestamptz, newest timestamptz, oldest timestamptz)
    LANGUAGE plpgsql STABLE ROWS 1 SET search_path = pg_catalog, public AS
$$
DECLARE
    part constant integer := greatest(2, amount / 4 / greatest(1, cardinality(grids)));
BEGIN
    IF mine IS NOT NULL THEN
        SELECT max(b.at), max(a.at), min(z.at) INTO low, newest, oldest
        FROM unnest(mine) s (subject)
        CROSS JOIN LATERAL (SELECT max(p.reported_at) AS at FROM dispatch.participations p
            WHERE p.subject = s.subject AND p.reported_at <= high) a
        CROSS JOIN LATERAL (SELECT min(p.reported_at) AS at FROM dispatch.participations p
            WHERE p.subject = s.subject) z
        LEFT JOIN LATERAL (SELECT p.reported_at AS at FROM dispatch.participations p
            WHERE p.subject = s.subject AND p.reported_at <= high
            ORDER BY p.reported_at DESC OFFSET amount / 4 LIMIT 1) b ON true;
    ELSE
        SELECT min(c.reported_at) INTO oldest FROM dispatch.cases c;
        IF grids IS NULL THEN
            SELECT max(c.reported_at) INTO newest FROM dispatch.cases c
            WHERE c.reported_at <= high;
            SELECT c.reported_at INTO low FROM dispatch.cases c
            WHERE c.reported_at <= high ORDER BY c.reported_at DESC OFFSET amount LIMIT 1;
        ELSE
            SELECT max(b.at), max(a.at) INTO low, newest
            FROM unnest(grids) g (code)
            CROSS JOIN LATERAL (SELECT max(c.reported_at) AS at FROM dispatch.cases c
                WHERE c.grid_code = g.code AND c.reported_at <= high) a
            LEFT JOIN LATERAL (SELECT c.reported_at AS at FROM dispatch.cases c
                WHERE c.grid_code = g.code AND c.reported_at <= high
                ORDER BY c.reported_at DESC OFFSET part LIMIT 1) b ON true;
        END IF;
    END IF;
    RETURN NEXT;
END
$$;

-- 4. One page of a list: ids in the scope of the transaction, newest first.
-- Definer, so that indexes serve what is not leakproof and the scope is a condition like others;
-- whoever asks joins dispatch.cases as themselves, under row security.
-- Parameters: NULL is no condition. part: text as typed, pattern: the same for ILIKE. mine: subjects
-- that took part, takers: people whose live assignments. since (included), until (not included).
-- after_at, after_id: the last row of the page before. amount: rows wanted.
--
-- Time is cut into windows, from the newest on and each eight times as long as the one before:
-- common things are found in the first by looking at every case; for rare ones the planner has the
-- indexes of settled cases, and a window keeps it from fetching every hit of the past to sort them.
CREATE FUNCTION dispatch.find_cases(states text[], families text[], type_codes text[],
    is_urgent boolean, area text, part text, pattern text, mine text[], takers bigint[],
    since timestamptz, until timestamptz, after_at timestamptz, after_id bigint, amount integer)
    RETURNS TABLE (id bigint, reported_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
    SET search_path = pg_catalog, public SET jit = off AS
$$
#variable_conflict use_column
DECLARE
    first_rows constant integer := 1000;  -- cases in the first window, 1 ms to look at each
    most_grids constant integer := 128;   -- a street has some ninety: more are looked up by prefix
    growth constant integer := 8;
    asker constant text := CASE current_setting('role') WHEN 'none' THEN session_user::text
                                ELSE current_setting('role') END;
    unbound constant boolean := asker IN ('ganxin_system', current_user);  -- by row security, too
    subjects constant text[] := geodata.scope_subjects();
    areas text[] := CASE WHEN unbound THEN '{""}' ELSE geodata.scope_areas() END;
    grids text[];
    types text[];
    words tsquery;
    own boolean;           -- mine: whoever took part may see it
    everywhere boolean;    -- no case lies beyond the areas
    conditions text := '';
    parts text[] := '{}';  -- of the scope, without overlap: in the areas, and beyond them
    live_wanted boolean := states IS NULL
        OR EXISTS (SELECT FROM unnest(states) s (state) WHERE dispatch.is_open(s.state));
    settled_wanted boolean := states IS NULL
        OR EXISTS (SELECT FROM unnest(states) s (state) WHERE NOT dispatch.is_open(s.state));
    apart boolean := part IS NOT NULL OR families IS NOT NULL OR type_codes IS NOT NULL;
    ids bigint[] := '{}';
    moments timestamptz[] := '{}';
    more_ids bigint[];
    more_moments timestamptz[];
    high timestamptz := least(after_at, until, 'infinity');
    low timestamptz;
    newest timestamptz;
    oldest timestamptz;
    span interval;
    turn integer := 0;
BEGIN
    -- The scope.
    IF area IS NOT NULL THEN
        SELECT array_agg(DISTINCT CASE WHEN area ^@ a THEN area ELSE a END) INTO areas
        FROM unnest(areas) a WHERE area ^@ a OR a ^@ area;
        conditions := conditions || ' AND c.grid_code ^@ $17';
    END IF;
    own := mine <@ subjects;
    everywhere := areas = '{""}' OR cardinality(areas) = 1
        AND NOT EXISTS (SELECT FROM dispatch.cases c WHERE c.grid_code ~<~ areas[1])
        AND NOT EXISTS (SELECT FROM dispatch.cases c WHERE c.grid_code ~>=~ (areas[1] || ':'));
    IF own OR everywhere THEN
        parts := ARRAY[''];
    ELSE
        IF areas IS NOT NULL THEN
            grids := dispatch.grids_within(areas, most_grids);
            parts := array_append(parts, CASE WHEN grids IS NULL THEN ' AND c.grid_code ^@ ANY ($16)'
                                    ELSE ' AND c.grid_code = ANY ($13)' END);
        END IF;
        IF areas IS DISTINCT FROM ARRAY[area] AND subjects IS NOT NULL THEN
            parts := array_append(parts, ' AND (c.grid_code ^@ ANY ($16)) IS NOT TRUE AND EXISTS (SELECT FROM'
                ' dispatch.participations p WHERE p.case_id = c.id AND p.subject = ANY ($14)'
                ' AND (p.grid_code ^@ ANY ($16)) IS NOT TRUE'
                ' AND p.reported_at > $10 AND p.reported_at <= $11)');
        END IF;
    END IF;
    IF parts = '{}' THEN
        RETURN;
    END IF;
    -- The conditions.
    IF states IS NOT NULL THEN
        conditions := conditions || ' AND c.state = ANY ($1)';
    END IF;
    IF families IS NOT NULL OR type_codes IS NOT NULL THEN
        SELECT coalesce(array_agg(t.code), '{}') INTO types FROM dispatch.case_types t
        WHERE (families IS NULL OR t.family = ANY (families))
          AND (type_codes IS NULL OR t.code = ANY (type_codes) OR t.parent_code = ANY (type_codes));
        conditions := conditions || ' AND c.type_code = ANY ($2)';
    END IF;
    IF is_urgent IS NOT NULL THEN
        conditions := conditions || ' AND c.urgent = $3';
    END IF;
    IF part IS NOT NULL THEN
        words := dispatch.words_of(part);
        conditions := conditions || ' AND (c.number ILIKE $4 OR c.description ILIKE $4'
            ' OR c.address ILIKE $4)';
    END IF;
    IF takers IS NOT NULL THEN
        conditions := conditions || ' AND c.id IN (SELECT m.case_id FROM dispatch.assignments m'
            ' WHERE m.live AND m.person_id = ANY ($5))';
    END IF;
    IF mine IS NOT NULL THEN
        conditions := conditions || ' AND EXISTS (SELECT FROM dispatch.participations m'
            ' WHERE m.case_id = c.id AND m.subject = ANY ($15)'
            ' AND m.reported_at > $10 AND m.reported_at <= $11)';
    END IF;
    IF since IS NOT NULL THEN
        conditions := conditions || ' AND c.reported_at >= $6';
    END IF;
    IF until IS NOT NULL THEN
        conditions := conditions || ' AND c.reported_at < $7';
    END IF;
    IF after_at IS NOT NULL THEN
        conditions := conditions || ' AND (c.reported_at, c.id) < ($8, $9)';
    END IF;
    -- Open cases, if they are asked for apart: all of them at once.
    -- Then the windows.
    IF live_wanted AND (apart OR NOT settled_wanted) THEN
        turn := -1;
    END IF;
    low := '-infinity';
    LOOP
        IF turn = 0 THEN
            EXIT WHEN NOT settled_wanted;
            IF takers IS NULL THEN
                SELECT w.low, w.newest, w.oldest INTO low, newest, oldest
                FROM dispatch.first_window(high, mine, CASE WHEN own THEN NULL ELSE grids END,
                                           first_rows) w;
                span := greatest(newest - low, interval '1 minute');
            END IF;
        ELSIF turn > 0 THEN
            span := span * growth;
            low := high - span;
        END IF;
        IF turn >= 0 AND (low IS NULL OR low <= coalesce(since, '-infinity') OR low < oldest) THEN
            low := '-infinity';
        END IF;
        EXECUTE 'SELECT coalesce(array_agg(u.id), ''{}''), coalesce(array_agg(u.reported_at), ''{}'')'
            ' FROM (' || (
            SELECT string_agg('(SELECT c.id, c.reported_at FROM dispatch.cases c'
                ' WHERE c.reported_at > $10 AND c.reported_at <= $11'
                || CASE WHEN turn < 0 THEN ' AND dispatch.is_open(c.state)'
                        WHEN apart THEN ' AND NOT dispatch.is_open(c.state)' ELSE '' END
                || CASE WHEN turn > 0 AND part IS NOT NULL THEN
                       ' AND dispatch.case_words(c.number, c.description, c.address) @@ $18'
                   ELSE '' END
                || conditions || s.reach || ' ORDER BY c.reported_at DESC, c.id DESC LIMIT $12)',
                ' UNION ALL ')
            FROM unnest(parts) s (reach)) || ') u'
        INTO more_ids, more_moments
        USING states, types, is_urgent, pattern, takers, since, until, after_at, after_id, low,
              high, amount, grids, subjects, mine, areas, area, words;
        ids := ids || more_ids;
        moments := moments || more_moments;
        EXIT WHEN turn >= 0 AND (low = '-infinity'
            OR (SELECT count(*) FROM unnest(moments) m (at) WHERE m.at > low) >= amount);
        IF turn >= 0 THEN
            high := low;
        END IF;
        turn := turn + 1;
    END LOOP;
    RETURN QUERY SELECT u.id, u.at FROM unnest(ids, moments) u (id, at)
                 ORDER BY u.at DESC, u.id DESC LIMIT amount;
END
$$;
REVOKE ALL ON FUNCTION dispatch.grids_within(text[], integer),
    dispatch.first_window(timestamptz, text[], text[], integer), dispatch.cases_beyond(),
    dispatch.find_cases(text[], text[], text[], boolean, text, text, text, text[], bigint[],
        timestamptz, timestamptz, timestamptz, bigint, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dispatch.cases_beyond(),
    dispatch.find_cases(text[], text[], text[], boolean, text, text, text, text[], bigint[],
        timestamptz, timestamptz, timestamptz, bigint, integer) TO ganxin_app, ganxin_system;
