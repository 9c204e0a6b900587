-- Lists and searches of a million cases (docs/decisions/0020), measured: bench/case_list.py.

-- 1. What somebody took part in beyond their areas is told by the gaps between them: who has sat at a
-- desk for years took part in a hundred thousand cases of their own street, which were read to find
-- the few elsewhere (20 ms for every page). reported_at is NULL where it is not known for sure.
CREATE INDEX participations_place ON dispatch.participations
    (subject, grid_code text_pattern_ops) INCLUDE (case_id, reported_at);
CREATE FUNCTION dispatch.parts_beyond() RETURNS TABLE (case_id bigint, reported_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, dispatch, geodata SET plan_cache_mode = force_generic_plan AS
$$
DECLARE
    subjects constant text[] := geodata.scope_subjects();
    area text;
    behind text := '';  -- what lies before it has been looked at
BEGIN
    IF subjects IS NULL THEN
        RETURN;
    END IF;
    FOR area IN SELECT a FROM unnest(geodata.scope_areas()) a ORDER BY a USING ~<~ LOOP
        CONTINUE WHEN area ~<~ behind;  -- within the one before
        RETURN QUERY SELECT p.case_id, CASE WHEN p.grid_code <> '' THEN p.reported_at END
            FROM participations p
            WHERE p.subject = ANY (subjects) AND p.grid_code ~>=~ behind AND p.grid_code ~<~ area;
        behind := area || ':';  -- after every code that begins so
    END LOOP;
    RETURN QUERY SELECT p.case_id, CASE WHEN p.grid_code <> '' THEN p.reported_at END
        FROM participations p WHERE p.subject = ANY (subjects) AND p.grid_code ~>=~ behind;
END
$$;
CREATE OR REPLACE FUNCTION dispatch.cases_beyond() RETURNS bigint[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, dispatch AS
$$ SELECT array_agg(b.case_id) FROM dispatch.parts_beyond() b $$;
REVOKE ALL ON FUNCTION dispatch.parts_beyond() FROM PUBLIC;
ALTER POLICY events_scope ON geodata.events
    USING (area_code ^@ ANY ((SELECT geodata.scope_areas())::text[])
        OR case_id IN (SELECT unnest(dispatch.cases_beyond())));

-- 2. One page of a list: ids in the scope of the transaction, newest first.
-- Definer, so that indexes serve what is not leakproof and the scope is a condition like others;
-- whoever asks joins dispatch.cases as themselves, under row security.
-- Parameters: NULL is no condition. part: text as typed, pattern: the same for ILIKE. mine: subjects
-- that took part, takers: people whose live assignments. since (included), until (not included).
-- after_at, after_id: the last row of the page before. amount: rows wanted.
--
-- Time is cut into windows, from the newest on and each 64 times as long as the one before:
-- common things are found in the first by looking at every case; for rare ones the planner has the
-- indexes of settled cases, and a window keeps it from fetching every hit of the past to sort them.
-- Words are looked for in the text of the first two windows, some four thousand cases, and by their
-- index after that: a word of every twentieth case is found before the index is asked for all.
-- Planned anew each time: from the sixth call on one plan for all areas would read every case to
-- find that none lies beyond the district (1.7 s of a million).
CREATE OR REPLACE FUNCTION dispatch.find_cases(states text[], families text[], type_codes text[],
    is_urgent boolean, area text, part text, pattern text, mine text[], takers bigint[],
    since timestamptz, until timestamptz, after_at timestamptz, after_id bigint, amount integer)
    RETURNS TABLE (id bigint, reported_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
    SET search_path = pg_catalog, public SET jit = off SET plan_cache_mode = force_custom_plan AS
$$
#variable_conflict use_column
DECLARE
    first_rows constant integer := 1000;  -- cases in the first window, 1 ms to look at each
    growth constant integer := 64;
    most_grids constant integer := 128;   -- a street has some ninety: more are looked up by prefix
    asker constant text := CASE current_setting('role') WHEN 'none' THEN session_user::text
                                ELSE current_setting('role') END;
    unbound constant boolean := asker IN ('ganxin_system', current_user);  -- by row security, too
    beyond bigint[];       -- what the subjects took part in outside the areas, and when it came in
    beyond_at timestamptz[];
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
    IF NOT unbound THEN
        SELECT array_agg(b.case_id), array_agg(b.reported_at) INTO beyond, beyond_at
        FROM dispatch.parts_beyond() b;
    END IF;
    own := mine <@ geodata.scope_subjects();
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
        IF areas IS DISTINCT FROM ARRAY[area] AND beyond IS NOT NULL THEN
            parts := array_append(parts, ' AND (c.grid_code ^@ ANY ($16)) IS NOT TRUE');
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
        ELSIF turn = 1 AND part IS NOT NULL AND takers IS NULL THEN
            SELECT w.low INTO low
            FROM dispatch.first_window(high, mine, CASE WHEN own THEN NULL ELSE grids END,
                                       first_rows * CASE WHEN grids IS NULL THEN 3 ELSE 36 END) w;
            span := span + (high - low);
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
                || CASE WHEN turn > 1 AND part IS NOT NULL THEN
                       ' AND dispatch.case_words(c.number, c.description, c.address) @@ $18'
                   ELSE '' END
                || conditions || s.reach
                || CASE WHEN s.reach NOT LIKE '%IS NOT TRUE' THEN ''
                        -- Open cases are few: they are looked at, and not looked up one by one.
                        WHEN turn < 0 THEN ' AND c.id + 0 = ANY ($14)'
                        ELSE ' AND c.id IN (SELECT b.id FROM unnest($14, $19) b (id, at)'
                             ' WHERE b.at IS NULL OR b.at > $10 AND b.at <= $11)' END
                || ' ORDER BY c.reported_at DESC, c.id DESC LIMIT $12)',
                ' UNION ALL ')
            FROM unnest(parts) s (reach)) || ') u'
        INTO more_ids, more_moments
        USING states, types, is_urgent, pattern, takers, since, until, after_at, after_id, low,
              high, amount, grids, beyond, mine, areas, area, words, beyond_at;
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
