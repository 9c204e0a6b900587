-- Purpose: write one shipped case type; limits a district has edited stay.
-- Parameters: code, family, parent_code, name, name_en, urgent, arrival_limit_s (seconds),
-- skills, source.
INSERT INTO dispatch.case_types
    (code, family, parent_code, name, name_en, urgent, arrival_limit_s, skills, source)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (code) DO UPDATE
SET family = excluded.family, parent_code = excluded.parent_code, name = excluded.name,
    name_en = excluded.name_en, skills = excluded.skills, source = excluded.source
