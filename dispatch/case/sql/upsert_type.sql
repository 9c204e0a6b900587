-- Purpose: write one shipped case type. One that the district has edited stays as it is; of others
-- urgent, arrival_limit_s and active stay. Changes no row that is as shipped.
-- Parameters: the columns by name; arrival_limit_s in seconds.
INSERT INTO dispatch.case_types AS t
    (code, family, parent_code, name, name_en, urgent, arrival_limit_s, skills, source,
     service_kind, registration_condition, registration_condition_en, closing_condition,
     closing_condition_en, responsible_post, responsible_unit)
VALUES (%(code)s, %(family)s, %(parent_code)s, %(name)s, %(name_en)s, %(urgent)s,
        %(arrival_limit_s)s, %(skills)s, %(source)s, %(service_kind)s,
        %(registration_condition)s, %(registration_condition_en)s, %(closing_condition)s,
        %(closing_condition_en)s, %(responsible_post)s, %(responsible_unit)s)
ON CONFLICT (code) DO UPDATE
SET family = excluded.family, parent_code = excluded.parent_code, name = excluded.name,
    name_en = excluded.name_en, skills = excluded.skills, source = excluded.source,
    service_kind = excluded.service_kind,
    registration_condition = excluded.registration_condition,
    registration_condition_en = excluded.registration_condition_en,
    closing_condition = excluded.closing_condition,
    closing_condition_en = excluded.closing_condition_en,
    responsible_post = excluded.responsible_post, responsible_unit = excluded.responsible_unit
WHERE NOT t.edited
  AND (t.family, t.parent_code, t.name, t.name_en, t.skills, t.source, t.service_kind,
       t.registration_condition, t.registration_condition_en, t.closing_condition,
       t.closing_condition_en, t.responsible_post, t.responsible_unit)
      IS DISTINCT FROM
      (excluded.family, excluded.parent_code, excluded.name, excluded.name_en, excluded.skills,
       excluded.source, excluded.service_kind, excluded.registration_condition,
       excluded.registration_condition_en, excluded.closing_condition,
       excluded.closing_condition_en, excluded.responsible_post, excluded.responsible_unit)
