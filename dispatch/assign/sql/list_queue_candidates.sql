-- Purpose: who may lead which of many cases, all at once; nobody beyond the caller's scope.
-- Parameters: case_ids, now. Composed in: rules (the ladder without those who only join, rung.py).
-- Columns: the case, then those of Responder (ladder.py); lon/lat EPSG:4326, shared_m metres.
-- OFFSET 0: names are looked up once each, not once per case.
WITH answering AS MATERIALIZED (
    SELECT c.id AS case_id, k.*
    FROM dispatch.cases c
    JOIN dispatch.case_types t ON t.code = c.type_code
    CROSS JOIN LATERAL dispatch.candidates(
        c.id, c.grid_code, c.building_id, t.family, t.skills, %(now)s, {rules}) k
    WHERE c.id = ANY (%(case_ids)s::bigint[])
), known AS MATERIALIZED (
    SELECT p.id, p.name FROM dispatch.people p
    WHERE p.id IN (SELECT person_id FROM answering) OFFSET 0
)
SELECT a.case_id, a.person_id, a.role, a.rung, a.area_code, a.shared_m, a.mode, a.edge_id,
       a.fraction, a.lon, a.lat, a.measured_at, a.load, a.capacity, true, p.name, NULL::text
FROM answering a
JOIN known p ON p.id = a.person_id
