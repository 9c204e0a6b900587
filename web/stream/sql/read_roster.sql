-- Purpose: the areas by which each person is in scope, as policy people_scope reads them.
-- Parameters: person_ids bigint[], or NULL for all. Returns (id, codes text[]).
SELECT id, array_append(area_codes, home_code) AS codes
FROM dispatch.people
WHERE %(person_ids)s::bigint[] IS NULL OR id = ANY (%(person_ids)s::bigint[]);
