-- Purpose: how many assets of each kind stand in or touch an outline at a moment.
-- Parameters: at (timestamptz), outline (EWKB in the district's metric CRS).
SELECT a.kind, count(*)::int AS n
FROM layers.assets a
WHERE a.valid @> %(at)s::timestamptz
  AND ST_Intersects(a.geom_m, ST_GeomFromEWKB(%(outline)s))
GROUP BY a.kind ORDER BY a.kind
