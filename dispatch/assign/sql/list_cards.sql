-- Purpose: run cards with the family and class of their type, oldest first.
-- Parameters: id (null: all), removed (whether those taken away are told, too).
SELECT r.id, r.code, r.name, r.name_en, r.stage, coalesce(r.family, t.family) AS family,
       r.type_code, t.parent_code, r.levels, r.scales, r.needs, r.source, r.version, r.edited,
       r.removed
FROM dispatch.run_cards r
LEFT JOIN dispatch.case_types t ON t.code = r.type_code
WHERE (%(id)s::bigint IS NULL OR r.id = %(id)s) AND (NOT r.removed OR %(removed)s)
ORDER BY r.id
