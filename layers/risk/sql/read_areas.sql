-- Purpose: areas of a level as they stand, with their shape and residents, by code.
-- Parameters: at (timestamptz), level, digits (length of its codes).
-- Units: shape in metres of the district's metric CRS (WKB).
SELECT a.code, a.name, coalesce(a.name_en, a.name) AS name_en, ST_AsBinary(a.geom_m) AS shape,
       coalesce(p.residents, 0)::float8 AS residents
FROM layers.areas a
LEFT JOIN (
    SELECT left(p.grid_code, %(digits)s) AS code, sum(p.residents) AS residents
    FROM (SELECT DISTINCT ON (grid_code) grid_code, residents FROM layers.populations
          WHERE as_of <= (%(at)s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date ORDER BY grid_code, as_of DESC) p
    GROUP BY 1
) p ON p.code = a.code
WHERE a.level = %(level)s AND a.valid @> %(at)s::timestamptz
ORDER BY a.code
