-- Purpose: streets as drawn: one line for both directions, joined end to end by name and class,
--   generalised for each band of zoom.
-- Parameters: tops (int[], highest zoom of bands 0, 1, 2), class_zooms (int[], first zoom of the
--   classes 1 to 4).
-- A street against whose direction cars may not go is drawn in the direction of travel.
INSERT INTO mapsvc.roads (band, id, class, min_zoom, one_way, name, geom)
WITH street AS (
    SELECT e.id, e.name, e.speed_class, e.geom,
           e.access & 4 <> 0 AND coalesce(t.access & 4, 0) = 0 AS one_way
    FROM geodata.road_edges e
    LEFT JOIN geodata.road_edges t ON t.id = e.twin_id
    WHERE t.id IS NULL
       OR CASE WHEN (e.access & 4 <> 0) = (t.access & 4 <> 0) THEN e.id < t.id
               ELSE e.access & 4 <> 0 END
), joined AS (
    SELECT min(id) AS first_id, name, speed_class, one_way,
           ST_LineMerge(ST_Collect(ST_Transform(geom, 3857) ORDER BY id), one_way) AS geom
    FROM street
    GROUP BY name, speed_class, one_way
), line AS (
    SELECT row_number() OVER (ORDER BY j.first_id, d.path) AS id, j.name, j.speed_class,
           j.one_way, d.geom
    FROM joined j, ST_Dump(j.geom) d
), band AS (
    SELECT n - 1 AS band, top, mapsvc.pixel_m(top) / 2 AS tolerance_m
    FROM unnest(%(tops)s::int[]) WITH ORDINALITY t (top, n)
    UNION ALL SELECT 3, 99, 0
)
SELECT b.band, l.id, l.speed_class, z.min_zoom, l.one_way, l.name,
       ST_Simplify(l.geom, b.tolerance_m, true)
FROM line l
JOIN unnest(%(class_zooms)s::int[]) WITH ORDINALITY z (min_zoom, class) ON z.class = l.speed_class
JOIN band b ON b.top >= z.min_zoom
ORDER BY b.band, l.geom
