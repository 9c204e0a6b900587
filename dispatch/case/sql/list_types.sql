-- Purpose: all case types, or one. Parameters: code (null: all). arrival_limit_s in seconds.
SELECT code, family, parent_code, name, name_en, urgent, arrival_limit_s, skills, source,
       service_kind, registration_condition, registration_condition_en, closing_condition,
       closing_condition_en, responsible_post, responsible_unit, active, version
FROM dispatch.case_types
WHERE %(code)s::text IS NULL OR code = %(code)s
ORDER BY family, code
