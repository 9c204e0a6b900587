-- Purpose: the matter of a case, its place, and the parts people have in it. Of ended parts those
-- count as done that were done beside the present lead: another lead begins another round.
-- Parameters: case_id. lon/lat EPSG:4326, arrival_limit_s seconds. Row security decides.
SELECT c.id, c.version, c.state, c.type_code, t.parent_code, t.family, t.skills, c.level, c.scale,
       c.failed_mediations, c.grid_code, c.building_id, ST_X(c.geom) AS lon, ST_Y(c.geom) AS lat,
       t.arrival_limit_s,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('person_id', a.person_id,
                   'person_role', a.person_role, 'role', a.role, 'live', a.live,
                   'done', a.state = 'done' AND a.assigned_at >= (
                       SELECT l.assigned_at FROM dispatch.assignments l
                       WHERE l.case_id = c.id AND l.live AND l.role = 'lead'))
                   ORDER BY a.id), '[]')
        FROM dispatch.assignments a WHERE a.case_id = c.id) AS held
FROM dispatch.cases c
JOIN dispatch.case_types t ON t.code = c.type_code
WHERE c.id = %(case_id)s
