-- Purpose: terms of people that hold, the earliest first; who has none is told what holds now: of
-- the areas those that are not of buildings. Parameters: person_ids, at (now). Row security limits
-- people; what somebody seen answers for is told whole, whoever asks, as dispatch.people tells it.
SELECT t.person_id, t.id, t.from_at, t.capacity, t.skills, t.travel_mode, t.area_codes
FROM dispatch.terms t
WHERE t.person_id = ANY (%(person_ids)s::bigint[]) AND t.removed_in IS NULL
UNION ALL
SELECT p.id, NULL, NULL, p.capacity, p.skills, p.travel_mode,
       ARRAY(SELECT a.code FROM unnest(p.area_codes) a (code)
             WHERE NOT EXISTS (SELECT FROM dispatch.responsibilities r
                               WHERE r.person_id = p.id AND r.area_code = a.code
                                 AND r.building_id IS NOT NULL AND r.valid @> %(at)s::timestamptz))
FROM dispatch.people p
WHERE p.id = ANY (%(person_ids)s::bigint[])
  AND NOT EXISTS (SELECT FROM dispatch.terms t WHERE t.person_id = p.id AND t.removed_in IS NULL)
ORDER BY 1, 3 NULLS FIRST
