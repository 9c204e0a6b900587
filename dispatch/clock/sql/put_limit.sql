-- Purpose: write one limit of the district, in the place of one for the same.
-- Parameters: family, type_code, level, step, urgent (null: all), amount in unit, source.
INSERT INTO dispatch.limits (family, type_code, level, step, urgent, amount, unit, source, edited)
VALUES (%(family)s, %(type_code)s, %(level)s, %(step)s, %(urgent)s, %(amount)s, %(unit)s,
        %(source)s, true)
ON CONFLICT (family, type_code, level, step, urgent) DO UPDATE
SET amount = excluded.amount, unit = excluded.unit, source = excluded.source, edited = true
RETURNING id, family, type_code, level, step, urgent, amount, unit, source, edited
