-- Purpose: write a new case type of the district. No row if the code is taken.
-- Parameters: the columns by name; arrival_limit_s in seconds.
INSERT INTO dispatch.case_types
    (code, family, parent_code, name, name_en, urgent, arrival_limit_s, skills, source,
     service_kind, registration_condition, registration_condition_en, closing_condition,
     closing_condition_en, responsible_post, responsible_unit, active, edited)
VALUES (%(code)s, %(family)s, %(parent_code)s, %(name)s, %(name_en)s, %(urgent)s,
        %(arrival_limit_s)s, %(skills)s, %(source)s, %(service_kind)s,
        %(registration_condition)s, %(registration_condition_en)s, %(closing_condition)s,
        %(closing_condition_en)s, %(responsible_post)s, %(responsible_unit)s, %(active)s, true)
ON CONFLICT (code) DO NOTHING
RETURNING code
