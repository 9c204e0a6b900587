-- Purpose: saved maps in scope that are not deleted, newest first.
-- Parameters: id (only this one) and before (only ids below it), NULL to leave out; limit (rows).
SELECT id, name, query, trust, made_by, made_by_name, areas, made_at
FROM layers.risk_maps
WHERE deleted_at IS NULL
  AND (%(id)s::bigint IS NULL OR id = %(id)s) AND (%(before)s::bigint IS NULL OR id < %(before)s)
ORDER BY id DESC
LIMIT %(limit)s::integer
