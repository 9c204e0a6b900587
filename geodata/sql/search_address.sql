-- Purpose: door plates whose road, and number if any, begin as given.
-- Parameters: road, road_end (bounds of the prefix, bytewise), exact_road, number, exact_number,
-- street ('' for any: name of the street the full text must hold), limit. lon/lat EPSG:4326.
SELECT a.id, a.road, a.number, a.full_text, a.grid_code, a.building_id,
       ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat
FROM geodata.addresses a
WHERE a.road ~>=~ %(road)s AND a.road ~<~ %(road_end)s
  AND (NOT %(exact_road)s OR a.road = %(road)s)
  AND CASE WHEN %(exact_number)s THEN a.number = %(number)s ELSE a.number ^@ %(number)s END
  AND (%(street)s = '' OR position(%(street)s IN a.full_text) > 0)
ORDER BY a.number <> %(number)s, a.road, substring(a.number FROM '^[0-9]+')::bigint NULLS LAST,
         a.number, a.full_text, a.id
LIMIT %(limit)s
