-- Purpose: where devices that are not out of order stand, within a distance of an outline.
-- Parameters: at (timestamptz), outline (EWKB in the district's metric CRS), kinds (text[], points),
--   reach_m (metres).
-- Units: x_m, y_m in metres of the district's metric CRS.
SELECT a.kind, ST_X(a.geom_m) AS x_m, ST_Y(a.geom_m) AS y_m
FROM layers.assets a
WHERE a.kind = ANY (%(kinds)s)
  AND a.valid @> %(at)s::timestamptz
  AND a.attributes ->> 'status' IS DISTINCT FROM 'fault'
  AND ST_DWithin(a.geom_m, ST_GeomFromEWKB(%(outline)s), %(reach_m)s)
