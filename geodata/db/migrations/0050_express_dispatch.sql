-- What one dispatch costs the database, cut by half:
-- 1. The load of a person is looked up by person. assignments_one_role was as good an answer to
--    "this person's live assignments" while few were live, and a plan made then read all live
--    assignments once per candidate ever after (7 of 8 ms at 1,500 open cases).
-- 2. Candidates are sought on the rungs that the rules name and on no others.
-- 3. An express dispatch climbs rung by rung and stops at the first with somebody on it.
-- 4. A case that is dispatched as it comes in is written once, assigned, not pending first.

DROP INDEX dispatch.assignments_one_role;
-- Said by state, not by "live", so that no question about a person's live assignments implies it.
CREATE UNIQUE INDEX assignments_one_role ON dispatch.assignments (case_id, role)
    WHERE state IN ('assigned', 'acknowledged', 'arrived');

DROP FUNCTION dispatch.candidates(bigint, text, integer, text, text[], timestamptz, text[],
    smallint[], text[], boolean[], text[]);

-- People who answer for a place, each on the nearest rung of the responsibility ladder, of the
-- rungs from lowest to highest. Sees beyond the caller's scope, so it tells no name: the caller
-- joins dispatch.people, whose row security decides. Rungs: 1 building, 2 grid, 3 neighbouring
-- grid, 4 community, 5 street, 6 district. rule_*: the ladder (dispatch/assign/rung.py), one
-- element per rule; "within" means: answers for any part of the area, not only for the whole of it.
-- Times of travel are the caller's business: edge_id and fraction say where on the road.
-- OFFSET 0 keeps the planner from turning the lookups round: it believes "valid @> at" to hold for
-- one row in many, and would read all people first (300 ms instead of 1).
CREATE FUNCTION dispatch.candidates(case_id bigint, grid text, building integer, family text,
    type_skills text[], at timestamptz, rule_family text[], rule_rung smallint[],
    rule_role text[], rule_within boolean[], rule_skill text[],
    lowest smallint DEFAULT 1, highest smallint DEFAULT 6)
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
          AND u.rung BETWEEN lowest AND highest
    ), whole (code, rung, shared_m) AS MATERIALIZED (
        SELECT left(grid, CASE d.rung WHEN 4 THEN 12 WHEN 5 THEN 9 ELSE 6 END), d.rung,
               NULL::double precision
        FROM (SELECT DISTINCT rule.rung FROM rule WHERE rule.rung >= 4) d
        UNION ALL
        SELECT n.neighbor_code, 3, n.shared_m
        FROM layers.area_neighbors n
        WHERE n.code = grid AND EXISTS (SELECT FROM rule WHERE rule.rung = 3)
    ), part (code, rung) AS MATERIALIZED (
        SELECT left(grid, CASE d.rung WHEN 4 THEN 12 WHEN 5 THEN 9 END), d.rung
        FROM (SELECT DISTINCT rule.rung FROM rule WHERE within AND rule.rung IN (4, 5)) d
    ), reach AS MATERIALIZED (
        SELECT r.person_id, 1 AS rung, r.area_code, NULL::double precision AS shared_m,
               false AS within
        FROM dispatch.responsibilities r
        WHERE r.building_id = building AND r.valid @> at
          AND EXISTS (SELECT FROM rule WHERE rule.rung = 1)
        UNION ALL
        -- Of the own grid, its buildings' officers too: once each, not once per building.
        SELECT DISTINCT r.person_id, 2, r.area_code, NULL::double precision, false
        FROM dispatch.responsibilities r
        WHERE r.area_code = grid AND r.valid @> at
          AND EXISTS (SELECT FROM rule WHERE rule.rung = 2)
        UNION ALL
        SELECT r.person_id, w.rung, r.area_code, w.shared_m, false
        FROM whole w
        CROSS JOIN LATERAL (
            SELECT x.person_id, x.area_code FROM dispatch.responsibilities x
            WHERE x.area_code = w.code AND x.building_id IS NULL AND x.valid @> at
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

-- The people of the lowest rung that has anybody with room on duty; nobody if no rung has.
CREATE FUNCTION dispatch.first_candidates(case_id bigint, grid text, building integer, family text,
    type_skills text[], at timestamptz, rule_family text[], rule_rung smallint[],
    rule_role text[], rule_within boolean[], rule_skill text[])
    RETURNS TABLE (person_id bigint, role text, rung smallint, area_code text,
                   shared_m double precision, mode text, edge_id integer,
                   fraction double precision, lon double precision, lat double precision,
                   measured_at timestamptz, load integer, capacity smallint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
    SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan SET jit = off AS
$$
#variable_conflict use_column
DECLARE
    step smallint;
BEGIN
    FOR step IN SELECT DISTINCT u.rung FROM unnest(rule_family, rule_rung) AS u (family, rung)
                WHERE u.family = first_candidates.family ORDER BY u.rung
    LOOP
        CONTINUE WHEN step = 1 AND building IS NULL;
        RETURN QUERY
        SELECT c.* FROM dispatch.candidates(case_id, grid, building, family, type_skills, at,
            rule_family, rule_rung, rule_role, rule_within, rule_skill, step, step) c;
        EXIT WHEN FOUND;
    END LOOP;
END
$$;

-- Take in a case that is assigned at once: all or nothing. The person is locked and asked for a slot
-- (dispatch.take_slot); if there is none nothing is written and the row says what stood in the way.
-- Otherwise case, assignment, participations and events are written, the case in its final state.
-- The case is new, so nobody waits for it: locking the person alone keeps the order of locks.
-- who: the person, from the caller's join on dispatch.people, so that row security comes first.
-- new_case, chosen: the columns of dispatch.cases and dispatch.assignments as JSON; point_lon,
-- point_lat: EPSG:4326. tidings: the events, in order; the one about the person is told whether
-- that one sets out.
CREATE FUNCTION dispatch.take_in_assigned(who bigint, new_case jsonb, point_lon double precision,
    point_lat double precision, chosen jsonb, subjects text[], tidings jsonb)
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
            reported_at, state_since)
        VALUES (c.id, c.number, c.type_code, c.state, c.version, c.urgent, c.channel,
            c.description, c.address, c.building_id, c.grid_code, c.runner_up_code, c.edge_m,
            c.edge_ambiguous, c.source_lon, c.source_lat, c.source_datum, c.accuracy_m,
            ST_SetSRID(ST_MakePoint(point_lon, point_lat), 4326), c.edge_id, c.fraction,
            c.reported_by, c.reported_at, c.state_since);
        INSERT INTO dispatch.assignments AS made (case_id, person_id, person_role, role, slot,
            state, travelling, rung, reasons, rank, travel_s, distance_m, assigned_by, assigned_at)
        VALUES (c.id, who, role, a.role, slot, 'assigned', sets_out, a.rung, a.reasons,
            a.rank, a.travel_s, a.distance_m, a.assigned_by, a.assigned_at)
        RETURNING made.id INTO assignment_id;
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

-- Who took a person's last slot, and when; no case is named. If that one has given it back since,
-- still that one: whoever was refused for it is told who was first.
CREATE OR REPLACE FUNCTION dispatch.slot_holder(who bigint)
    RETURNS TABLE (case_id bigint, assigned_by text, assigned_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, public AS
$$
    SELECT a.case_id, a.assigned_by, a.assigned_at FROM dispatch.assignments a
    WHERE a.person_id = who ORDER BY a.live DESC, a.assigned_at DESC, a.id DESC LIMIT 1
$$;

DO $$
DECLARE
    target text;
BEGIN
    FOREACH target IN ARRAY ARRAY[
        'dispatch.candidates(bigint, text, integer, text, text[], timestamptz, text[], smallint[],'
        ' text[], boolean[], text[], smallint, smallint)',
        'dispatch.first_candidates(bigint, text, integer, text, text[], timestamptz, text[],'
        ' smallint[], text[], boolean[], text[])',
        'dispatch.take_in_assigned(bigint, jsonb, double precision, double precision, jsonb,'
        ' text[], jsonb)']
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', target);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO ganxin_app, ganxin_system', target);
    END LOOP;
END
$$;
