-- Purpose: cases, area and density of every area of a level over a period, by code.
-- Parameters: since, until (timestamptz, half-open), level, digits (length of its codes), and
--   families (text[]), within (code prefix), weekdays (ISO, int[]), hours (int[]): NULL for all.
-- Units: area_km2 in square kilometres of the metric CRS; per_km2 in cases per square kilometre.
-- Row-level security of dispatch.cases decides which cases count. Areas, cases and people are
-- added up by code and never joined: the planner cannot guess how many cases a scope has, and took
-- nested loops over all areas.
WITH part AS (
    SELECT a.code, a.name, ST_Area(a.geom_m) / 1e6 AS area_km2, 0 AS cases, 0 AS residents
    FROM layers.areas a
    WHERE a.level = %(level)s
      AND a.valid @> (%(until)s::timestamptz - interval '1 microsecond')
      AND (%(within)s::text IS NULL OR a.code ^@ %(within)s)
    UNION ALL
    SELECT left(c.grid_code, %(digits)s), NULL, NULL, 1, 0
    FROM dispatch.cases c
    JOIN dispatch.case_types t ON t.code = c.type_code
    WHERE c.state <> 'void' AND c.reported_at >= %(since)s AND c.reported_at < %(until)s
      AND (%(families)s::text[] IS NULL OR t.family = ANY (%(families)s))
      AND (%(within)s::text IS NULL OR c.grid_code ^@ %(within)s)
      AND (%(weekdays)s::int[] IS NULL OR extract(isodow FROM c.reported_at
               AT TIME ZONE 'Asia/Shanghai')::int = ANY (%(weekdays)s))
      AND (%(hours)s::int[] IS NULL OR extract(hour FROM c.reported_at
               AT TIME ZONE 'Asia/Shanghai')::int = ANY (%(hours)s))
    UNION ALL
    SELECT left(p.grid_code, %(digits)s), NULL, NULL, 0, p.residents
    FROM (SELECT DISTINCT ON (grid_code) grid_code, residents FROM layers.populations
          WHERE as_of <= %(until)s ORDER BY grid_code, as_of DESC) p
)
SELECT code, max(name) AS name, sum(cases)::int AS count, max(area_km2) AS area_km2,
       sum(cases) / max(area_km2) AS per_km2, sum(residents)::int AS residents
FROM part
GROUP BY code
HAVING max(name) IS NOT NULL
ORDER BY code
