-- Purpose: waters, generalised for each band of zoom; what is under four pixels is left out.
-- Parameters: tops (int[], highest zoom of bands 0, 1, 2).
INSERT INTO mapsvc.waters (band, id, kind, geom)
SELECT b.band, w.id, w.kind,
       ST_Multi(ST_SimplifyPreserveTopology(ST_Transform(w.geom, 3857), b.pixel_m / 2))
FROM layers.waters w,
     (SELECT n - 1 AS band, mapsvc.pixel_m(top) AS pixel_m
      FROM unnest(%(tops)s::int[]) WITH ORDINALITY t (top, n) UNION ALL SELECT 3, 0) b
WHERE ST_Area(ST_Transform(w.geom, 3857)) > 4 * b.pixel_m ^ 2
ORDER BY b.band, w.geom
