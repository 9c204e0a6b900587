-- Purpose: all case types. Parameters: none. arrival_limit_s in seconds.
SELECT code, family, parent_code, name, name_en, urgent, arrival_limit_s, skills, source
FROM dispatch.case_types
ORDER BY family, code
