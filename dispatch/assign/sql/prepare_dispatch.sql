-- Purpose: all that one dispatch needs to know, in one round trip: the type, a new id, the place,
-- and who stands on the lowest rung that the rules find anybody on.
-- Parameters: type_code, lon, lat (EPSG:4326), building (of the door plate; null: that of the
-- point), at (of the report: which grids held), now (who is responsible).
-- Composed in: rules (the ladder, rung.py). No row: no such type, or none for new cases.
-- grid_code is null outside the district; then there is nobody either.
WITH new AS MATERIALIZED (SELECT nextval('dispatch.case_ids') AS id)
SELECT n.id, t.code, t.family, t.parent_code, t.name, t.name_en, t.urgent, t.arrival_limit_s,
       t.skills, t.source, l.grid_code, l.edge_m, l.runner_up_code, l.runner_up_m,
       coalesce(%(building)s::integer, l.building_id),
       k.person_id, k.role, k.rung, k.area_code, k.shared_m, k.mode, k.edge_id, k.fraction,
       k.lon, k.lat, k.measured_at, k.load, k.capacity, p.id IS NOT NULL, p.name, p.phone
FROM dispatch.case_types t
CROSS JOIN new n
LEFT JOIN LATERAL dispatch.locate_point(%(lon)s, %(lat)s, %(at)s) l ON true
LEFT JOIN LATERAL dispatch.first_candidates(
    n.id, l.grid_code, coalesce(%(building)s::integer, l.building_id), t.family, t.skills,
    %(now)s, {rules}) k ON l.grid_code IS NOT NULL
LEFT JOIN dispatch.people p ON p.id = k.person_id
WHERE t.code = %(type_code)s AND t.active
