-- Purpose: everybody on the roster with their post, by id. Parameters: none. lon/lat EPSG:4326;
-- edge_id and fraction: the post on the road, null where it was never snapped.
SELECT p.id, p.role, p.travel_mode, p.capacity, p.duty, p.home_edge_id AS edge_id,
       p.home_fraction AS fraction, ST_X(p.home) AS lon, ST_Y(p.home) AS lat
FROM dispatch.people p
ORDER BY p.id
