-- Purpose: write what the district changed in a case type, if it is as the district saw it.
-- Parameters: code, version as seen, and the columns by name; arrival_limit_s in seconds. Family,
-- class and source stay. No row: there is no such type, or its version has moved on.
UPDATE dispatch.case_types
SET name = %(name)s, name_en = %(name_en)s, urgent = %(urgent)s,
    arrival_limit_s = %(arrival_limit_s)s, skills = %(skills)s, service_kind = %(service_kind)s,
    registration_condition = %(registration_condition)s,
    registration_condition_en = %(registration_condition_en)s,
    closing_condition = %(closing_condition)s, closing_condition_en = %(closing_condition_en)s,
    responsible_post = %(responsible_post)s, responsible_unit = %(responsible_unit)s,
    active = %(active)s, version = version + 1, edited = true
WHERE code = %(code)s AND version = %(version)s
RETURNING version
