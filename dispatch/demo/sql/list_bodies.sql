-- Purpose: the bodies stationed in streets, at whose door their people wait.
-- Parameters: none. lon/lat EPSG:4326.
SELECT s.attributes ->> 'body' AS body, s.name, s.area_code,
       ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat
FROM layers.assets s
WHERE s.kind = 'stationed_body'
ORDER BY s.id;
