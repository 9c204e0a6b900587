-- Purpose: the entries that came with a version of a roster and still hold; who held terms "since
-- ever" keeps them. Parameters: person_id, version.
SELECT 'shifts' AS what, id FROM dispatch.shifts
WHERE person_id = %(person_id)s AND made_in = %(version)s AND removed_in IS NULL
UNION ALL
SELECT 'leaves', id FROM dispatch.leaves
WHERE person_id = %(person_id)s AND made_in = %(version)s AND removed_in IS NULL
UNION ALL
SELECT 'terms', id FROM dispatch.terms
WHERE person_id = %(person_id)s AND made_in = %(version)s AND removed_in IS NULL
  AND from_at IS NOT NULL
