-- Purpose: people in scope who answer for the same areas in the same role, area by area.
-- Parameters: person_id, role, area_codes, at.
SELECT r.area_code, p.id, p.duty
FROM dispatch.responsibilities r
JOIN dispatch.people p ON p.id = r.person_id
WHERE r.area_code = ANY (%(area_codes)s::text[]) AND r.valid @> %(at)s::timestamptz
  AND p.role = %(role)s AND p.id <> %(person_id)s AND p.capacity > 0
GROUP BY r.area_code, p.id, p.duty
