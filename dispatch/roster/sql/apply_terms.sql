-- Purpose: let what is true of a person now follow the terms. Parameters: person_id, at (when they
-- begin to hold), capacity, skills, travel_mode, area_codes (whole areas). Responsibilities for
-- buildings stay, and those beyond the scope, which nobody may move who does not see them. The codes
-- that row security reads are written afterwards (update_person): the trigger asks the clock of the
-- database, and terms may hold by another one.
WITH ended AS (
    UPDATE dispatch.responsibilities r SET valid = tstzrange(lower(r.valid), %(at)s)
    WHERE r.person_id = %(person_id)s AND r.building_id IS NULL AND r.valid @> %(at)s::timestamptz
      AND NOT r.area_code = ANY (%(area_codes)s::text[])
    RETURNING r.id
), begun AS (
    INSERT INTO dispatch.responsibilities (person_id, area_code, valid)
    SELECT %(person_id)s, a.code, tstzrange(%(at)s, NULL)
    FROM unnest(%(area_codes)s::text[]) a (code)
    WHERE (geodata.scope_areas() IS NULL OR geodata.in_scope(a.code))
      AND NOT EXISTS (SELECT FROM dispatch.responsibilities r
                      WHERE r.person_id = %(person_id)s AND r.area_code = a.code
                        AND r.building_id IS NULL AND r.valid @> %(at)s::timestamptz)
    RETURNING id
)
SELECT (SELECT count(*) FROM ended) + (SELECT count(*) FROM begun) AS moved
