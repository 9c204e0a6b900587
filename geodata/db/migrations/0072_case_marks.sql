-- Searches of small areas among a million cases (docs/decisions/0020), measured: bench/case_list.py.

-- 1. One inverted index of settled cases. Beside its words a case is marked by its street, community
-- and grid, its state, its type and whether it is urgent, so that what is rare in a small area is
-- read from the index alone, however much the area holds. A mark begins with a character that no
-- text holds; who types it finds nothing else, the text being compared afterwards.
CREATE FUNCTION dispatch.case_mark(kind text, value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT E'\x01' || kind || value $$;
CREATE FUNCTION dispatch.case_marks(number text, description text, address text, grid_code text,
    state text, type_code text, urgent boolean) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 1000 AS
$$
    SELECT dispatch.case_words(number, description, address) || array_to_tsvector(
        ARRAY[dispatch.case_mark('a', left(grid_code, 9)), dispatch.case_mark('a', left(grid_code, 12)),
              dispatch.case_mark('a', left(grid_code, 15)), dispatch.case_mark('s', state),
              dispatch.case_mark('t', type_code)]
        || CASE WHEN urgent THEN ARRAY[dispatch.case_mark('u', '')] ELSE '{}' END)
$$;
-- Any of some values of one kind; values that there are no marks of (a district) leave it NULL.
CREATE FUNCTION dispatch.marked(kind text, given text[]) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$
    SELECT string_agg(quote_literal(dispatch.case_mark(kind, v)), ' | ')::tsquery
    FROM unnest(given) v
    HAVING kind <> 'a' OR bool_and(length(v) IN (9, 12, 15))
$$;
-- As 0063 has it, but fewer words, for each costs a look per hit of the rarest: of an ASCII text, such
-- as a number, the last three, the others being those of its year and district; of a text of more
-- than three words every other one of the last eight.
CREATE OR REPLACE FUNCTION dispatch.words_of(part text) RETURNS tsquery
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS
$$
DECLARE
    t constant text := lower(part);
    most constant integer := CASE WHEN octet_length(t) = length(t) THEN 3 ELSE 8 END;
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
    words := words[greatest(1, cardinality(words) - most + 1):];
    RETURN (SELECT string_agg('''' || replace(replace(w, '\', '\\'), '''', '''''') || ''''
                              || CASE WHEN last IS NULL THEN ':*' ELSE '' END, ' & ')
            FROM unnest(words) WITH ORDINALITY u (w, place)
            WHERE cardinality(words) <= 3 OR place % 2 = 1)::tsquery;
END
$$;
-- What both say; NULL says nothing.
CREATE FUNCTION dispatch.both(a tsquery, b tsquery) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT coalesce(a && b, a, b) $$;
CREATE INDEX cases_settled_marks ON dispatch.cases USING gin
    (dispatch.case_marks(number, description, address, grid_code, state, type_code, urgent))
    WITH (fastupdate = on, gin_pending_list_limit = 512) WHERE NOT dispatch.is_open(state);
DROP INDEX dispatch.cases_settled_words;

-- 2. What somebody took part in beyond their areas, with the grid: for a search of one area.
DROP FUNCTION dispatch.parts_beyond();
CREATE FUNCTION dispatch.parts_beyond()
    RETURNS TABLE (case_id bigint, reported_at timestamptz, grid_code text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, dispatch, geodata SET plan_cache_mode = force_generic_plan AS
$$
#variable_conflict use_column
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
        RETURN QUERY SELECT p.case_id, CASE WHEN p.grid_code <> '' THEN p.reported_at END, p.grid_code
            FROM participations p
            WHERE p.subject = ANY (subjects) AND p.grid_code ~>=~ behind AND p.grid_code ~<~ area;
        behind := area || ':';  -- after every code that begins so
    END LOOP;
    RETURN QUERY SELECT p.case_id, CASE WHEN p.grid_code <> '' THEN p.reported_at END, p.grid_code
        FROM participations p WHERE p.subject = ANY (subjects) AND p.grid_code ~>=~ behind;
END
$$;
REVOKE ALL ON FUNCTION dispatch.parts_beyond() FROM PUBLIC;

-- 3. One page of a list: ids in the scope of the transaction, newest first.
-- Definer, so that indexes serve what is not leakproof and the scope is a condition like others;
-- whoever asks joins dispatch.cases as themselves, under row security.
-- Parameters: NULL is no condition. part: text as typed, pattern: the same for LIKE. mine: subjects
-- that took part, takers: people whose live assignments. since (included), until (not included).
-- after_at, after_id: the last row of the page before. amount: rows wanted.
-- ganxin.first_look: so many rows of the first window, 1000 if not set; tests walk all stages by it.
--
-- Open cases are few and looked at all at once. Settled ones are cut into windows of time, from the
-- newest on: what is common is found in the first by looking at every case.
-- A wide scope has windows 64 times as long as the one before: for rare things the planner has the
-- indexes of settled cases, and a window keeps it from fetching every hit of the past to sort them.
-- Words are looked for in the text of the first two, some four thousand cases, and by their marks
-- after that: in a window as long as the page needs, of rare ones in the whole past at once.
-- A narrow scope is one of few grids. What the looks have found so far tells which reads fewer rows:
-- one more look, as long as the page needs, or all that bears the marks, the whole past at once.
-- What lies beyond the areas comes after them: it need not be older than the page they fill.
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
    wide_rows constant integer := coalesce(current_setting('ganxin.first_look', true)::integer, 1000);
    narrow_rows constant double precision := 0.4 * wide_rows;
    dearer constant integer := 4;         -- a row that bears the marks, than one that is looked at
    growth constant integer := 64;
    most_grids constant integer := 128;   -- a street has some ninety: more is wide
    rare_hits constant integer := 5;      -- of a word in the looks of a wide scope
    most_looks constant integer := 3;     -- of a narrow scope
    seldom constant text[] := '{void,merged}';  -- need no look to know that they are rare
    bears constant text := ' AND dispatch.case_marks(c.number, c.description, c.address,'
        ' c.grid_code, c.state, c.type_code, c.urgent) @@ ';
    settled constant text := ' AND NOT dispatch.is_open(c.state)';
    outside constant text := ' AND (c.grid_code ^@ ANY ($16)) IS NOT TRUE';
    asker constant text := CASE current_setting('role') WHEN 'none' THEN session_user::text
                                ELSE current_setting('role') END;
    unbound constant boolean := asker IN ('ganxin_system', current_user);  -- by row security, too
    beyond bigint[];       -- what the subjects took part in outside the areas, and when it came in
    beyond_at timestamptz[];
    areas text[] := CASE WHEN unbound THEN '{""}' ELSE geodata.scope_areas() END;
    grids text[];
    narrow boolean;
    types text[];
    likeness text;
    marks tsquery;         -- what case_marks hold of what is asked; of a wide scope only the words
    area_marks tsquery;
    own boolean;           -- mine: whoever took part may see it
    everywhere boolean;    -- no case lies beyond the areas
    conditions text := '';
    parts text[] := '{}';  -- of the scope, without overlap: in the areas, and beyond them
    reach text;
    live_wanted boolean := states IS NULL
        OR EXISTS (SELECT FROM unnest(states) s (state) WHERE dispatch.is_open(s.state));
    settled_wanted boolean := states IS NULL
        OR EXISTS (SELECT FROM unnest(states) s (state) WHERE NOT dispatch.is_open(s.state));
    apart boolean;         -- open cases are looked at by themselves
    ids bigint[] := '{}';
    moments timestamptz[] := '{}';
    more_ids bigint[];
    more_moments timestamptz[];
    high timestamptz := least(after_at, until, 'infinity');
    low timestamptz := '-infinity';
    newest timestamptz;
    oldest timestamptz;
    span interval;
    needed_from timestamptz;        -- older rows are not on the page
    looked double precision;        -- rows of a narrow scope that were looked at
    hits integer := 0;              -- found among them
    length double precision;        -- of the next look, in that of all before
    stage text := 'live';           -- live: open cases, look: each of a window, marks: by the index
    looks integer := 0;
    source text;
    wanted text;
BEGIN
    -- The scope.
    IF area IS NOT NULL THEN
        SELECT array_agg(DISTINCT CASE WHEN area ^@ a THEN area ELSE a END) INTO areas
        FROM unnest(areas) a WHERE area ^@ a OR a ^@ area;
        conditions := conditions || ' AND c.grid_code ^@ $17';
    END IF;
    IF NOT unbound THEN
        SELECT array_agg(b.case_id), array_agg(b.reported_at) INTO beyond, beyond_at
        FROM dispatch.parts_beyond() b
        WHERE area IS NULL OR b.grid_code = '' OR b.grid_code ^@ area;
    END IF;
    own := mine <@ geodata.scope_subjects();
    everywhere := areas = '{""}' OR cardinality(areas) = 1
        AND NOT EXISTS (SELECT FROM dispatch.cases c WHERE c.grid_code ~<~ areas[1])
        AND NOT EXISTS (SELECT FROM dispatch.cases c WHERE c.grid_code ~>=~ (areas[1] || ':'));
    IF own OR everywhere THEN
        parts := ARRAY['all'];
    ELSE
        IF areas IS NOT NULL THEN
            grids := dispatch.grids_within(areas, most_grids);
            parts := array_append(parts, 'areas');
        END IF;
        IF areas IS DISTINCT FROM ARRAY[area] AND beyond IS NOT NULL THEN
            parts := array_append(parts, 'beyond');
        END IF;
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
    IF parts = '{}' OR types = '{}' THEN
        RETURN;
    END IF;
    IF is_urgent IS NOT NULL THEN
        conditions := conditions || ' AND c.urgent = $3';
    END IF;
    IF part IS NOT NULL THEN
        marks := dispatch.words_of(part);
        -- Of characters without case, which ILIKE would fold all the same: half of a look's time.
        likeness := CASE WHEN part ~ '^[ -@[-`{-~⺀-鿿!-@]*$' THEN ' LIKE $4' ELSE ' ILIKE $4' END;
        conditions := conditions || ' AND (c.description' || likeness || ' OR c.address' || likeness
            || CASE WHEN part ~ '^[-0-9]*$' THEN ' OR c.number' || likeness ELSE '' END || ')';
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
    area_marks := dispatch.marked('a', areas);
    narrow := grids IS NOT NULL AND area_marks IS NOT NULL AND mine IS NULL AND takers IS NULL
        AND coalesce(part, states[1], types[1], is_urgent::text) IS NOT NULL;
    IF narrow THEN
        -- What most of the past bears is looked up dearer than looked at.
        marks := dispatch.both(marks, dispatch.marked('t', types));
        marks := dispatch.both(marks, CASE WHEN 'closed' <> ALL (states)
                                           THEN dispatch.marked('s', states) END);
        marks := coalesce(marks, CASE WHEN is_urgent THEN dispatch.marked('u', '{""}') END);
    END IF;
    apart := narrow OR part IS NOT NULL OR types IS NOT NULL;
    -- Open cases, if they are asked for apart: all of them at once. Then the windows.
    IF NOT live_wanted OR settled_wanted AND NOT apart THEN
        stage := 'look';
    END IF;
    LOOP
        IF stage <> 'live' THEN
            EXIT WHEN NOT settled_wanted;
            looks := looks + 1;
            IF takers IS NOT NULL OR parts = '{beyond}' THEN
                low := '-infinity';
            ELSIF narrow AND looks = 1 AND states <@ seldom THEN
                stage := 'marks';
                low := '-infinity';
            ELSIF looks = 1 THEN
                SELECT w.low, w.newest, w.oldest INTO low, newest, oldest
                FROM dispatch.first_window(high, mine, CASE WHEN own THEN NULL ELSE grids END,
                                           CASE WHEN narrow THEN narrow_rows::integer ELSE wide_rows END) w;
                span := greatest(newest - low, interval '1 minute');
                IF narrow THEN  -- which is a rough guess: as long as it takes for the rows wanted
                    SELECT greatest(count(*), 1) INTO looked
                    FROM unnest(grids) g (code) JOIN dispatch.cases c ON c.grid_code = g.code
                    WHERE c.reported_at > low AND c.reported_at <= high;
                    span := span * greatest(1, narrow_rows / looked);
                    low := newest - span;
                    looked := greatest(looked, narrow_rows);
                END IF;
            ELSIF narrow THEN
                length := greatest(0.5, 1.25 * (amount - cardinality(ids)) / greatest(hits, 0.1));
                IF looks <= most_looks AND length * looked < hits * dearer
                    * extract(epoch FROM high - oldest) / extract(epoch FROM span) THEN
                    low := high - span * length;
                    span := span * (1 + length);
                    looked := looked * (1 + length);
                ELSE
                    stage := 'marks';
                    low := '-infinity';
                END IF;
            ELSIF looks = 2 AND part IS NOT NULL THEN
                SELECT w.low INTO low
                FROM dispatch.first_window(high, mine, CASE WHEN own THEN NULL ELSE grids END,
                                           wide_rows * 3) w;
                span := span + (high - low);
            ELSIF part IS NOT NULL AND mine IS NULL AND hits < rare_hits THEN
                stage := 'marks';
                low := '-infinity';
            ELSE
                stage := CASE WHEN part IS NULL THEN 'look' ELSE 'marks' END;
                length := CASE WHEN part IS NULL OR mine IS NOT NULL THEN growth
                               ELSE least(growth, 1.5 * amount / hits) END;
                span := span * length;
                low := high - span;
            END IF;
            IF low IS NULL OR low <= coalesce(since, '-infinity') OR low < oldest THEN
                low := '-infinity';
            END IF;
        END IF;
        needed_from := low;
        FOREACH reach IN ARRAY parts LOOP
            source := 'dispatch.cases c WHERE true';
            IF reach = 'areas' AND stage = 'look' AND grids IS NOT NULL AND takers IS NULL THEN
                -- Grid by grid: the planner would rather walk everybody's newest cases.
                source := 'unnest($13) g (code) CROSS JOIN LATERAL (SELECT c.* FROM dispatch.cases c'
                    ' WHERE c.grid_code = g.code AND c.reported_at > $10 AND c.reported_at <= $11'
                    ' OFFSET 0) c WHERE true';
            ELSIF reach <> 'beyond' AND stage = 'marks' THEN
                wanted := settled || bears || CASE reach WHEN 'areas' THEN '$18' ELSE '$20' END;
                -- By the marks alone: other indexes may look cheaper and are not.
                source := CASE WHEN low = '-infinity' AND mine IS NULL
                    THEN '(SELECT c.* FROM dispatch.cases c WHERE true' || wanted || ' OFFSET 0) c'
                         ' WHERE true'
                    ELSE source || wanted END
                    || CASE reach WHEN 'areas' THEN ' AND c.grid_code ^@ ANY ($16)' ELSE '' END;
            ELSIF reach = 'areas' THEN
                source := source || ' AND c.grid_code ^@ ANY ($16)';
            ELSIF reach = 'beyond' AND stage = 'live' THEN
                -- Open cases are few: they are looked at, and not looked up one by one.
                source := source || outside || ' AND c.id + 0 = ANY ($14)';
            ELSIF reach = 'beyond' AND stage = 'marks' AND marks IS NOT NULL
                AND narrow AND needed_from = low
                -- So many would bear the marks if the areas are like all others.
                AND (cardinality(more_ids) + 1) * (
                    SELECT k.reltuples FROM pg_class k WHERE k.oid = 'dispatch.cases'::regclass)
                    / greatest(looked * extract(epoch FROM newest - oldest)
                               / extract(epoch FROM span), 1) < cardinality(beyond) THEN
                source := '(SELECT c.* FROM dispatch.cases c WHERE true' || settled || bears || '$20'
                    ' OFFSET 0) c WHERE c.id = ANY ($14)' || outside;
            ELSIF reach = 'beyond' THEN
                source := source || outside || ' AND c.id IN (SELECT b.id'
                    ' FROM unnest($14, $19) b (id, at) WHERE b.at IS NULL OR b.at > $10 AND b.at <= $11)';
            END IF;
            EXECUTE 'SELECT coalesce(array_agg(u.id), ''{}''), coalesce(array_agg(u.reported_at), ''{}'')'
                ' FROM (SELECT c.id, c.reported_at FROM ' || source
                || ' AND c.reported_at > $10 AND c.reported_at <= $11'
                || CASE WHEN stage = 'live' THEN ' AND dispatch.is_open(c.state)'
                        WHEN apart THEN settled ELSE '' END
                || conditions || ' ORDER BY c.reported_at DESC, c.id DESC LIMIT $12) u'
            INTO more_ids, more_moments
            USING states, types, is_urgent, pattern, takers, since, until, after_at, after_id,
                  needed_from, high, amount, grids, beyond, mine, areas, area,
                  dispatch.both(area_marks, marks), beyond_at, marks;
            ids := ids || more_ids;
            moments := moments || more_moments;
            IF stage = 'look' THEN
                hits := hits + cardinality(more_ids);
            END IF;
            IF stage <> 'live' AND cardinality(ids) >= amount THEN
                SELECT m.at - interval '1 microsecond' INTO needed_from FROM unnest(moments) m (at)
                ORDER BY m.at DESC OFFSET amount - 1 LIMIT 1;
                needed_from := greatest(needed_from, low);
            END IF;
        END LOOP;
        EXIT WHEN stage <> 'live' AND (low = '-infinity'
            OR (SELECT count(*) FROM unnest(moments) m (at) WHERE m.at > low) >= amount);
        IF stage = 'live' THEN
            stage := 'look';
        ELSE
            high := low;
        END IF;
    END LOOP;
    RETURN QUERY SELECT u.id, u.at FROM unnest(ids, moments) u (id, at)
                 ORDER BY u.at DESC, u.id DESC LIMIT amount;
END
$$;
