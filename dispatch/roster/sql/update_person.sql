-- Purpose: write what is true of a person by the terms. Parameters: person_id, at, capacity, skills,
-- travel_mode. Returns whose matter it is and the new version.
WITH codes (area_codes) AS (
    SELECT coalesce(array_agg(DISTINCT r.area_code ORDER BY r.area_code), '{}')
    FROM dispatch.responsibilities r
    WHERE r.person_id = %(person_id)s AND r.valid @> %(at)s::timestamptz
)
UPDATE dispatch.people p
SET capacity = %(capacity)s, skills = %(skills)s, travel_mode = %(travel_mode)s,
    area_codes = codes.area_codes, version = p.version + 1
FROM codes
WHERE p.id = %(person_id)s
RETURNING p.home_code, p.version
