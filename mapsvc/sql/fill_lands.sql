-- Purpose: the district's land, generalised for each band of zoom.
-- Parameters: at (timestamptz), tops (int[], highest zoom of bands 0, 1, 2).
INSERT INTO mapsvc.lands (band, code, geom)
SELECT b.band, a.code,
       ST_Multi(ST_SimplifyPreserveTopology(ST_Transform(a.geom, 3857), b.tolerance_m))
FROM layers.areas a,
     (SELECT n - 1 AS band, mapsvc.pixel_m(top) / 2 AS tolerance_m
      FROM unnest(%(tops)s::int[]) WITH ORDINALITY t (top, n) UNION ALL SELECT 3, 0) b
WHERE a.level = 'district' AND a.valid @> %(at)s::timestamptz
ORDER BY 1, 2
