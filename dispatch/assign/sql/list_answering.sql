-- Purpose: who answers for a place, before there is a case, in the candidate columns.
-- Parameters: case_id (of the case to be: its recusals count), grid, building, family, skills, now.
-- Composed in: rules (the ladder, dispatch/assign/rung.py). A person beyond the scope joins as nulls.
SELECT k.person_id, k.role, k.rung, k.area_code, k.shared_m, k.mode, k.edge_id, k.fraction,
       k.lon, k.lat, k.measured_at, k.load, k.capacity, p.id IS NOT NULL, p.name, p.phone
FROM dispatch.candidates(
    %(case_id)s, %(grid)s, %(building)s, %(family)s, %(skills)s, %(now)s, {rules}) k
LEFT JOIN dispatch.people p ON p.id = k.person_id
