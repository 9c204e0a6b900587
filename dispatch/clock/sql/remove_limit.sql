-- Purpose: take one limit away, and remember it, so that no start brings it back.
-- Parameters: id. No row: there is none.
WITH gone AS (
    DELETE FROM dispatch.limits WHERE id = %(id)s
    RETURNING id, family, type_code, level, step, urgent, amount, unit, source, edited
), remembered AS (
    INSERT INTO dispatch.removed_limits (family, type_code, level, step, urgent)
    SELECT family, type_code, level, step, urgent FROM gone
    ON CONFLICT DO NOTHING
)
SELECT * FROM gone
