-- Purpose: write one shipped limit, unless the district edited it or took it away. Changes no row
-- that is as shipped.
-- Parameters: family, type_code, level, step, urgent (null: all), amount in unit, source.
INSERT INTO dispatch.limits AS l (family, type_code, level, step, urgent, amount, unit, source)
SELECT n.* FROM (VALUES (%(family)s::text, %(type_code)s::text, %(level)s::text, %(step)s::text,
                         %(urgent)s::boolean, %(amount)s::integer, %(unit)s::text,
                         %(source)s::text))
              AS n (family, type_code, level, step, urgent, amount, unit, source)
WHERE NOT EXISTS (
    SELECT FROM dispatch.removed_limits r
    WHERE (r.family, r.type_code, r.level, r.step, r.urgent)
          IS NOT DISTINCT FROM (n.family, n.type_code, n.level, n.step, n.urgent))
ON CONFLICT (family, type_code, level, step, urgent) DO UPDATE
SET amount = excluded.amount, unit = excluded.unit, source = excluded.source
WHERE NOT l.edited
  AND (l.amount, l.unit, l.source) <> (excluded.amount, excluded.unit, excluded.source)
