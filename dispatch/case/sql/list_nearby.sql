-- Purpose: cases near a point in space and time, nearest first, at most 20.
-- Parameters: lon, lat (EPSG:4326), radius_m, since. distance_m in the metric CRS.
-- The box in degrees finds them by the index on geom; ST_DWithin in metres decides.
SELECT c.id, ST_Distance(c.geom_m, p.geom_m) AS distance_m
FROM (SELECT q.geom, geodata.to_metric(q.geom) AS geom_m
      FROM (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS geom) q) p
JOIN dispatch.cases c
  ON c.geom && ST_Expand(p.geom, %(radius_m)s / (111000.0 * cos(radians(%(lat)s))),
                         %(radius_m)s / 110000.0)
WHERE c.reported_at >= %(since)s AND c.state <> ALL ('{void,merged}')
  AND ST_DWithin(c.geom_m, p.geom_m, %(radius_m)s)
ORDER BY distance_m, c.id
LIMIT 20
