-- Purpose: who may lead which of many cases, all at once; nobody beyond the caller's scope.
-- Parameters: case_ids, now. Composed in: rules (the ladder without those who only join, rung.py).
-- Columns: the case, then those of Responder (ladder.py); lon/lat EPSG:4326, shared_m metres.
-- The upper rungs (street, district) are the same for all cases of a street, family and skills, and
-- most of the work: they are read once for these. Each person stands on their nearest rung.
-- OFFSET 0: names are looked up once each, not once per case.
WITH asked AS MATERIALIZED (
    SELECT c.id, c.grid_code, c.building_id, left(c.grid_code, 9) AS street, t.family, t.skills
    FROM dispatch.cases c
    JOIN dispatch.case_types t ON t.code = c.type_code
    WHERE c.id = ANY (%(case_ids)s::bigint[])
), upper AS MATERIALIZED (
    SELECT s.street, s.family, s.skills, k.*
    FROM (SELECT street, family, skills, min(grid_code) AS grid_code FROM asked
          GROUP BY street, family, skills) s
    CROSS JOIN LATERAL dispatch.candidates(
        NULL, s.grid_code, NULL, s.family, s.skills, %(now)s, {rules},
        5::smallint, 6::smallint) k
), answering AS MATERIALIZED (
    SELECT DISTINCT ON (case_id, person_id) *
    FROM (
        SELECT a.id AS case_id, k.*
        FROM asked a
        CROSS JOIN LATERAL dispatch.candidates(
            a.id, a.grid_code, a.building_id, a.family, a.skills, %(now)s, {rules},
            1::smallint, 4::smallint) k
        UNION ALL
        SELECT a.id, u.person_id, u.role, u.rung, u.area_code, u.shared_m, u.mode, u.edge_id,
               u.fraction, u.lon, u.lat, u.measured_at, u.load, u.capacity
        FROM asked a
        JOIN upper u ON u.street = a.street AND u.family = a.family AND u.skills = a.skills
        WHERE NOT EXISTS (SELECT FROM dispatch.recusals x
                          WHERE x.person_id = u.person_id AND x.case_id = a.id)
    ) every
    ORDER BY case_id, person_id, rung
), known AS MATERIALIZED (
    SELECT p.id, p.name FROM dispatch.people p
    WHERE p.id IN (SELECT person_id FROM answering) OFFSET 0
)
SELECT a.case_id, a.person_id, a.role, a.rung, a.area_code, a.shared_m, a.mode, a.edge_id,
       a.fraction, a.lon, a.lat, a.measured_at, a.load, a.capacity, true, p.name, NULL::text
FROM answering a
JOIN known p ON p.id = a.person_id
