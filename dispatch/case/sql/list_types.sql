-- Purpose: all case types, or one. Parameters: code (null: all). arrival_limit_s in seconds.
SELECT code, family, parent_code, name, name_en, urgent, arrival_limit_s, skills, source
FROM dispatch.case_types
WHERE %(code)s::text IS NULL OR code = %(code)s
ORDER BY family, code
