-- Purpose: codes of areas by part of the name or beginning of the code, best match first.
-- Parameters: text, pattern (LIKE pattern of the text), at (timestamptz), level or NULL, limit.
SELECT a.code
FROM layers.areas a
WHERE a.valid @> %(at)s::timestamptz
  AND (%(level)s::text IS NULL OR a.level = %(level)s)
  AND (a.name LIKE %(pattern)s OR a.name_en ILIKE %(pattern)s OR a.code ^@ %(text)s)
ORDER BY a.name ^@ %(text)s DESC, length(a.code), length(a.name), a.code
LIMIT %(limit)s::integer
