-- Purpose: all limits, from the most general to the most special. No parameters.
SELECT id, family, type_code, level, step, urgent, amount, unit, source, edited
FROM dispatch.limits
ORDER BY type_code NULLS FIRST, family NULLS FIRST, step, level NULLS FIRST, urgent NULLS FIRST
