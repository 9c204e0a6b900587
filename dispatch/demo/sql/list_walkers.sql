-- Purpose: who is on duty, how they travel, and where they were last.
-- Parameters: none. lon/lat EPSG:4326.
SELECT p.id, p.travel_mode,
       coalesce(f.lon, ST_X(p.home)) AS lon, coalesce(f.lat, ST_Y(p.home)) AS lat
FROM dispatch.people p
LEFT JOIN dispatch.positions f ON f.person_id = p.id
WHERE p.duty = 'on_duty'
ORDER BY p.id;
