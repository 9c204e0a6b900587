-- Purpose: a case's place and limit, and who answers for it; one row of nulls where nobody does.
-- Parameters: case_id, now. Composed in: rules (the ladder, rung.py). lon/lat EPSG:4326,
-- arrival_limit_s seconds, shared_m metres. Row security decides whether the case is seen and
-- whose name is told: a person beyond the scope joins as nulls.
SELECT c.grid_code, ST_X(c.geom), ST_Y(c.geom), t.arrival_limit_s,
       k.person_id, k.role, k.rung, k.area_code, k.shared_m, k.mode, k.edge_id, k.fraction,
       k.lon, k.lat, k.measured_at, k.load, k.capacity, p.id IS NOT NULL, p.name, p.phone
FROM dispatch.cases c
JOIN dispatch.case_types t ON t.code = c.type_code
LEFT JOIN LATERAL dispatch.candidates(
    c.id, c.grid_code, c.building_id, t.family, t.skills, %(now)s, {rules}) k ON true
LEFT JOIN dispatch.people p ON p.id = k.person_id
WHERE c.id = %(case_id)s
