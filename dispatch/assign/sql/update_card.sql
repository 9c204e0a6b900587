-- Purpose: write a run card as the district edited it, if it is as the district saw it.
-- Parameters: id, version as seen, removed, and the columns by name. No row: it has moved on.
UPDATE dispatch.run_cards
SET name = %(name)s, name_en = %(name_en)s, stage = %(stage)s,
    family = CASE WHEN %(type_code)s::text IS NULL THEN %(family)s END,
    type_code = %(type_code)s, levels = %(levels)s, scales = %(scales)s, needs = %(needs)s,
    source = %(source)s, removed = %(removed)s, version = version + 1, edited = true
WHERE id = %(id)s AND version = %(version)s
RETURNING version
