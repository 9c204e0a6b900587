-- Purpose: terms of people that hold, the earliest first; who has none is told what holds now.
-- Parameters: person_ids, at (now). Row security limits people.
SELECT t.person_id, t.id, t.from_at, t.capacity, t.skills, t.travel_mode, t.area_codes
FROM dispatch.terms t
WHERE t.person_id = ANY (%(person_ids)s::bigint[]) AND t.removed_in IS NULL
UNION ALL
SELECT p.id, NULL, NULL, p.capacity, p.skills, p.travel_mode,
       ARRAY(SELECT DISTINCT r.area_code FROM dispatch.responsibilities r
             WHERE r.person_id = p.id AND r.building_id IS NULL AND r.valid @> %(at)s
             ORDER BY r.area_code)
FROM dispatch.people p
WHERE p.id = ANY (%(person_ids)s::bigint[])
  AND NOT EXISTS (SELECT FROM dispatch.terms t WHERE t.person_id = p.id AND t.removed_in IS NULL)
ORDER BY 1, 3 NULLS FIRST
