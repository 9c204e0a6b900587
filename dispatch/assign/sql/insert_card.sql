-- Purpose: write a new run card. Parameters: the columns by name; needs as JSON, edited.
-- No row if there is a card of that code already.
INSERT INTO dispatch.run_cards (code, name, name_en, stage, family, type_code, levels, scales,
    needs, source, edited)
VALUES (%(code)s, %(name)s, %(name_en)s, %(stage)s,
        CASE WHEN %(type_code)s::text IS NULL THEN %(family)s END, %(type_code)s, %(levels)s,
        %(scales)s, %(needs)s, %(source)s, %(edited)s)
ON CONFLICT (code) DO NOTHING
RETURNING id
