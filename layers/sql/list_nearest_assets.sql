-- Purpose: the nearest assets of each kind within a radius, nearest first.
-- Parameters: at (timestamptz), lon, lat (degrees, EPSG:4326), kinds (text[]), radius_m (metres),
--   per_kind (rows).
-- Units: distance_m in metres of the district's metric CRS.
WITH here AS (
    SELECT geodata.to_metric(ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)) AS point_m
)
SELECT n.id, n.kind, n.name, n.area_code, n.attributes,
       ST_X(n.place) AS lon, ST_Y(n.place) AS lat,
       CASE WHEN ST_Dimension(n.geom) > 0 THEN ST_AsGeoJSON(n.geom, 7)::jsonb END AS geometry,
       n.distance_m
FROM here, unnest(%(kinds)s::text[]) AS wanted (kind),
     LATERAL (
         SELECT a.id, a.kind, a.name, a.area_code, a.attributes, a.geom,
                CASE WHEN ST_Dimension(a.geom) = 0 THEN a.geom
                     ELSE ST_PointOnSurface(a.geom) END AS place,
                a.geom_m <-> here.point_m AS distance_m
         FROM layers.assets a
         WHERE a.kind = wanted.kind
           AND a.valid @> %(at)s::timestamptz
           AND ST_DWithin(a.geom_m, here.point_m, %(radius_m)s)
         ORDER BY a.geom_m <-> here.point_m, a.id
         LIMIT %(per_kind)s
     ) n
ORDER BY n.distance_m, n.id
