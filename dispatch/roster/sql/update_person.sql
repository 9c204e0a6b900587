-- Purpose: write what is true of a person by the terms. Parameters: person_id, at, capacity, skills,
-- travel_mode, area_codes (whole areas). Returns whose matter it is and the new version. The areas
-- are those of the terms and of buildings, not those of the rows in sight: a judge's communities
-- elsewhere are not.
UPDATE dispatch.people p
SET capacity = %(capacity)s, skills = %(skills)s, travel_mode = %(travel_mode)s,
    area_codes = ARRAY(
        SELECT a.code FROM unnest(%(area_codes)s::text[]) a (code)
        UNION
        SELECT r.area_code FROM dispatch.responsibilities r
        WHERE r.person_id = p.id AND r.building_id IS NOT NULL AND r.valid @> %(at)s::timestamptz
        ORDER BY 1),
    version = p.version + 1
WHERE p.id = %(person_id)s
RETURNING p.home_code, p.version
