-- What dispatch needs beside its tables: posts snapped to the road, skills of case types, the
-- role a person was assigned in, and the functions that locate, list candidates and take slots.
-- Functions in plpgsql keep their plans: planning these queries costs more than running them.

ALTER TABLE dispatch.people ADD COLUMN home_edge_id integer;         -- the home post on the road:
ALTER TABLE dispatch.people ADD COLUMN home_fraction double precision -- used until a first fix
    CHECK (home_fraction BETWEEN 0 AND 1);
ALTER TABLE dispatch.case_types ADD COLUMN skills text[] NOT NULL DEFAULT '{}';
ALTER TABLE dispatch.assignments ADD COLUMN person_role text NOT NULL;

-- Prefix scans of areas of responsibility without the info officers' buildings.
CREATE INDEX responsibilities_prefix ON dispatch.responsibilities
    (area_code text_pattern_ops, person_id) WHERE building_id IS NULL;

GRANT INSERT, UPDATE ON dispatch.case_types TO ganxin_system;

-- Locate a point: the grid of that time, the distance to its edge, and the grid that is next.
-- lon, lat EPSG:4326; distances in metres of the metric CRS. No row outside every grid. A point
-- on an edge belongs to the lowest code that touches it; the other is the runner-up at 0 m.
CREATE FUNCTION dispatch.locate_point(lon double precision, lat double precision, at timestamptz)
    RETURNS TABLE (grid_code text, edge_m double precision, runner_up_code text,
                   runner_up_m double precision, building_id integer)
    LANGUAGE plpgsql STABLE ROWS 1 SET plan_cache_mode = force_generic_plan AS
$$
DECLARE
    point geometry := ST_SetSRID(ST_MakePoint(lon, lat), 4326);
    point_m geometry := geodata.to_metric(point);
    outline_m geometry;
BEGIN
    SELECT a.code, a.geom_m INTO grid_code, outline_m
    FROM layers.areas a
    WHERE a.level = 'grid' AND a.valid @> at AND ST_Intersects(a.geom, point)
    ORDER BY a.code LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    edge_m := ST_Distance(ST_Boundary(outline_m), point_m);
    -- In degrees the nearest eight surely hold the nearest in metres.
    SELECT n.code, n.distance_m INTO runner_up_code, runner_up_m
    FROM (SELECT a.code, ST_Distance(a.geom_m, point_m) AS distance_m
          FROM layers.areas a
          -- coalesce keeps the planner on the nearest-first index: 0.1 ms instead of 2 ms.
          WHERE a.level = 'grid' AND coalesce(a.valid @> at, false) AND a.code <> grid_code
          ORDER BY a.geom <-> point LIMIT 8) n
    ORDER BY round(n.distance_m::numeric, 6), n.code LIMIT 1;
    SELECT b.id INTO building_id
    FROM layers.buildings b WHERE ST_Intersects(b.geom, point) ORDER BY b.id LIMIT 1;
    RETURN NEXT;
END
$$;

-- People who answer for a place, each on the nearest rung of the responsibility ladder.
-- Sees beyond the caller's scope, so it tells no name: the caller joins dispatch.people, whose
-- row security decides. Rungs: 1 building, 2 grid, 3 neighbouring grid, 4 community, 5 street,
-- 6 district. rule_*: the ladder (dispatch/assign/ladder.py), one element per rule; "within"
-- means: answers for any part of the area, not only for the whole of it.
-- Times of travel are the caller's business: edge_id and fraction say where on the road.
-- OFFSET 0 keeps the planner from turning the lookups round: it believes "valid @> at" to hold for
-- one row in many, and would read all people first (300 ms instead of 1).
CREATE FUNCTION dispatch.candidates(case_id bigint, grid text, building integer, family text,
    type_skills text[], at timestamptz, rule_family text[], rule_rung smallint[],
    rule_role text[], rule_within boolean[], rule_skill text[])
    RETURNS TABLE (person_id bigint, role text, rung smallint, area_code text,
                   shared_m double precision, mode text, edge_id integer,
                   fraction double precision, lon double precision, lat double precision,
                   measured_at timestamptz, load integer, capacity smallint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 60
    SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan SET jit = off AS
$$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH rule AS MATERIALIZED (
        SELECT u.rung, u.role, u.within
        FROM unnest(rule_family, rule_rung, rule_role, rule_within, rule_skill)
             AS u (family, rung, role, within, skill)
        WHERE u.family = candidates.family AND (u.skill IS NULL OR u.skill = ANY (type_skills))
    ), whole (code, rung, shared_m) AS MATERIALIZED (
        SELECT grid, 2, NULL::double precision
        UNION ALL SELECT n.neighbor_code, 3, n.shared_m
                  FROM layers.area_neighbors n WHERE n.code = grid
        UNION ALL SELECT left(grid, 12), 4, NULL
        UNION ALL SELECT left(grid, 9), 5, NULL
        UNION ALL SELECT left(grid, 6), 6, NULL
    ), part (code, rung) AS MATERIALIZED (
        SELECT left(grid, CASE d.rung WHEN 4 THEN 12 WHEN 5 THEN 9 END), d.rung
        FROM (SELECT DISTINCT rule.rung FROM rule WHERE within AND rule.rung IN (4, 5)) d
    ), reach AS MATERIALIZED (
        SELECT r.person_id, 1 AS rung, r.area_code, NULL::double precision AS shared_m,
               false AS within
        FROM dispatch.responsibilities r
        WHERE r.building_id = building AND r.valid @> at
        UNION ALL
        SELECT r.person_id, w.rung, r.area_code, w.shared_m, false
        FROM whole w
        CROSS JOIN LATERAL (
            SELECT x.person_id, x.area_code FROM dispatch.responsibilities x
            WHERE x.area_code = w.code AND (w.rung = 2 OR x.building_id IS NULL) AND x.valid @> at
            OFFSET 0) r
        UNION ALL
        SELECT r.person_id, p.rung, r.area_code, NULL, true
        FROM part p
        CROSS JOIN LATERAL (
            SELECT x.person_id, x.area_code FROM dispatch.responsibilities x
            WHERE x.area_code ~>=~ p.code AND x.area_code ~<~ (p.code || ':')
              AND x.building_id IS NULL AND x.valid @> at
            OFFSET 0) r
        UNION ALL
        SELECT r.person_id, 6, r.area_code, NULL, true
        FROM rule d
        CROSS JOIN LATERAL (SELECT x.id FROM dispatch.people x WHERE x.role = d.role OFFSET 0) p
        CROSS JOIN LATERAL (
            SELECT x.person_id, x.area_code FROM dispatch.responsibilities x
            WHERE x.person_id = p.id AND x.building_id IS NULL
              AND x.area_code ^@ left(grid, 6) AND x.valid @> at
            OFFSET 0) r
        WHERE d.within AND d.rung = 6
    ), known AS MATERIALIZED (
        SELECT p.id, p.role, reach.rung, reach.within, reach.area_code, reach.shared_m,
               p.travel_mode, p.home_edge_id, p.home_fraction, p.home, p.capacity
        FROM reach
        CROSS JOIN LATERAL (SELECT x.* FROM dispatch.people x
                            WHERE x.id = reach.person_id AND x.duty = 'on_duty' OFFSET 0) p
    ), nearest AS (
        SELECT DISTINCT ON (k.id) k.*
        FROM known k
        JOIN rule ON rule.rung = k.rung AND rule.role = k.role AND (rule.within OR NOT k.within)
        WHERE NOT EXISTS (SELECT FROM dispatch.recusals x
                          WHERE x.person_id = k.id AND x.case_id = candidates.case_id)
        ORDER BY k.id, k.rung, k.shared_m DESC NULLS LAST, k.area_code
    )
    SELECT n.id, n.role, n.rung::smallint, n.area_code, n.shared_m, n.travel_mode,
           CASE WHEN f.person_id IS NULL THEN n.home_edge_id ELSE f.edge_id END,
           CASE WHEN f.person_id IS NULL THEN n.home_fraction ELSE f.fraction END,
           coalesce(f.lon, ST_X(n.home)), coalesce(f.lat, ST_Y(n.home)),
           f.measured_at, l.load, n.capacity
    FROM nearest n
    LEFT JOIN dispatch.positions f ON f.person_id = n.id
    CROSS JOIN LATERAL (SELECT count(*)::integer AS load FROM dispatch.assignments a
                        WHERE a.person_id = n.id AND a.live) l
    WHERE l.load < n.capacity;
END
$$;

-- Lock a person and say which slot is free (NULL: none) and whether the road is free to set out.
-- VOLATILE on purpose: each query sees what was committed while the lock was waited for.
-- Whoever cannot be taken is unlocked at once (the exception block is a subtransaction), so that a
-- caller who goes on to the next person never holds two.
CREATE FUNCTION dispatch.take_slot(who bigint, for_case bigint)
    RETURNS TABLE (slot smallint, sets_out boolean, role text, duty text, recused boolean,
                   load integer, capacity smallint)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan AS
$$
#variable_conflict use_column
DECLARE
    taken smallint[];
    travels boolean;
    on_the_way boolean;
    known boolean;
BEGIN
    BEGIN
        SELECT p.role, p.duty, p.capacity, p.travel_mode <> 'none'
        INTO role, duty, capacity, travels
        FROM dispatch.people p WHERE p.id = who FOR NO KEY UPDATE;
        known := FOUND;
        SELECT coalesce(array_agg(a.slot), '{}'), coalesce(bool_or(a.travelling), false)
        INTO taken, on_the_way
        FROM dispatch.assignments a WHERE a.person_id = who AND a.live;
        SELECT min(s.n) INTO slot
        FROM generate_series(1, capacity) s (n) WHERE s.n <> ALL (taken);
        recused := EXISTS (SELECT FROM dispatch.recusals x
                           WHERE x.person_id = who AND x.case_id = for_case);
        sets_out := travels AND NOT on_the_way;
        load := cardinality(taken);
        IF slot IS NULL OR duty <> 'on_duty' OR recused THEN
            RAISE EXCEPTION USING ERRCODE = 'GX001', MESSAGE = 'cannot be taken';
        END IF;
    EXCEPTION WHEN SQLSTATE 'GX001' THEN
        NULL;
    END;
    IF known THEN
        RETURN NEXT;
    END IF;
END
$$;

-- Let each of these people, whose journey has ended, set out on the oldest task that waits.
CREATE FUNCTION dispatch.next_journey(who bigint[])
    RETURNS TABLE (assignment_id bigint, case_id bigint, person_id bigint, grid_code text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, public AS
$$
#variable_conflict use_column
DECLARE
    one bigint;
BEGIN
    FOR one IN SELECT p.id FROM dispatch.people p
               WHERE p.id = ANY (who) AND p.travel_mode <> 'none'
               ORDER BY p.id FOR NO KEY UPDATE
    LOOP
        RETURN QUERY
        UPDATE dispatch.assignments a SET travelling = true
        FROM dispatch.cases c
        WHERE c.id = a.case_id AND a.id = (SELECT b.id FROM dispatch.assignments b
                      WHERE b.person_id = one AND b.state IN ('assigned', 'acknowledged')
                      ORDER BY b.assigned_at, b.id LIMIT 1)
          AND NOT EXISTS (SELECT FROM dispatch.assignments t
                          WHERE t.person_id = one AND t.travelling)
        RETURNING a.id, a.case_id, a.person_id, c.grid_code;
    END LOOP;
END
$$;

-- Who took a person's last slot, and when; no case is named.
CREATE FUNCTION dispatch.slot_holder(who bigint)
    RETURNS TABLE (case_id bigint, assigned_by text, assigned_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public AS
$$
    SELECT a.case_id, a.assigned_by, a.assigned_at FROM dispatch.assignments a
    WHERE a.person_id = who AND a.live ORDER BY a.assigned_at DESC, a.id DESC LIMIT 1
$$;

DO $$
DECLARE
    target text;
BEGIN
    FOREACH target IN ARRAY ARRAY[
        'dispatch.candidates(bigint, text, integer, text, text[], timestamptz, text[], smallint[],'
        ' text[], boolean[], text[])',
        'dispatch.take_slot(bigint, bigint)', 'dispatch.next_journey(bigint[])',
        'dispatch.slot_holder(bigint)']
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', target);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO ganxin_app, ganxin_system', target);
    END LOOP;
END
$$;
