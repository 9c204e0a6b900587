-- Purpose: cases in one line each, newest first; row security decides which are told.
-- Parameters: ids (bigint[]).
SELECT c.id, c.number, c.type_code, t.name AS type_name, t.name_en AS type_name_en, c.state,
       c.urgent, c.reported_at
FROM dispatch.cases c
JOIN dispatch.case_types t ON t.code = c.type_code
WHERE c.id = ANY (%(ids)s::bigint[])
ORDER BY c.reported_at DESC, c.id DESC
