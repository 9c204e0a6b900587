-- Purpose: cases, area and density of every area of a level over a period, by code.
-- Parameters: since, until (timestamptz, half-open), level, digits (length of its codes), and
--   families (text[]), within (code prefix), weekdays (ISO, int[]), hours (int[]): NULL for all.
-- Units: area_km2 in square kilometres of the metric CRS; per_km2 in cases per square kilometre.
-- Row-level security of dispatch.cases decides which cases count.
WITH counted AS (
    SELECT left(c.grid_code, %(digits)s) AS code, count(*)::int AS n
    FROM dispatch.cases c
    JOIN dispatch.case_types t ON t.code = c.type_code
    WHERE c.reported_at >= %(since)s AND c.reported_at < %(until)s
      AND (%(families)s::text[] IS NULL OR t.family = ANY (%(families)s))
      AND (%(within)s::text IS NULL OR c.grid_code ^@ %(within)s)
      AND (%(weekdays)s::int[] IS NULL OR extract(isodow FROM c.reported_at
               AT TIME ZONE 'Asia/Shanghai')::int = ANY (%(weekdays)s))
      AND (%(hours)s::int[] IS NULL OR extract(hour FROM c.reported_at
               AT TIME ZONE 'Asia/Shanghai')::int = ANY (%(hours)s))
    GROUP BY 1
), peopled AS (
    SELECT left(p.grid_code, %(digits)s) AS code, sum(p.residents)::int AS residents
    FROM (SELECT DISTINCT ON (grid_code) grid_code, residents FROM layers.populations
          WHERE as_of <= %(until)s ORDER BY grid_code, as_of DESC) p
    GROUP BY 1
)
SELECT a.code, a.name, coalesce(c.n, 0) AS count, s.area_km2,
       coalesce(c.n, 0) / s.area_km2 AS per_km2, coalesce(p.residents, 0) AS residents
FROM layers.areas a
CROSS JOIN LATERAL (SELECT ST_Area(a.geom_m) / 1e6 AS area_km2) s
LEFT JOIN counted c ON c.code = a.code
LEFT JOIN peopled p ON p.code = a.code
WHERE a.level = %(level)s
  AND a.valid @> (%(until)s::timestamptz - interval '1 microsecond')
  AND (%(within)s::text IS NULL OR a.code ^@ %(within)s)
ORDER BY a.code
