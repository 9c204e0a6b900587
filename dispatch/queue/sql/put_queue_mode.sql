-- Purpose: set what is done with proposals for a type or a family, in the place of what was set
-- for the same before. Parameters: family or type_code (the other null), mode (null: take it away).
WITH gone AS (
    DELETE FROM dispatch.queue_modes
    WHERE %(mode)s::text IS NULL
      AND (family = %(family)s::text OR type_code = %(type_code)s::text)
)
INSERT INTO dispatch.queue_modes (family, type_code, mode)
SELECT %(family)s::text, %(type_code)s::text, %(mode)s::text
WHERE %(mode)s::text IS NOT NULL
ON CONFLICT (family, type_code) DO UPDATE SET mode = excluded.mode
