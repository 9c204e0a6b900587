-- Purpose: the building at a point, else the nearest within a radius.
-- Parameters: lon, lat (degrees, EPSG:4326), radius_m (metres).
-- Units: distance_m in metres of the district's metric CRS.
-- The index works in degrees, so the search box is the radius turned into degrees of the latitude,
-- rounded up (111 km to a degree, less one in a hundred).
WITH here AS (
    SELECT p.point, geodata.to_metric(p.point) AS point_m,
           ST_Expand(p.point, %(radius_m)s / (110000 * cos(radians(least(abs(%(lat)s), 80)))),
                     %(radius_m)s / 110000) AS box
    FROM (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS point) p
)
SELECT b.id, b.grid_code, b.name, b.estate, b.use, b.storeys, b.households, b.residents,
       ST_X(ST_PointOnSurface(b.geom)) AS lon, ST_Y(ST_PointOnSurface(b.geom)) AS lat,
       d.distance_m
FROM here
JOIN layers.buildings b ON b.geom && here.box
CROSS JOIN LATERAL (
    SELECT ST_Distance(geodata.to_metric(b.geom), here.point_m) AS distance_m
) d
WHERE d.distance_m <= %(radius_m)s
ORDER BY d.distance_m, b.id
LIMIT 1
