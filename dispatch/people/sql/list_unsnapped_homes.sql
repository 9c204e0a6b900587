-- Purpose: home posts that have no street yet. Parameters: none. lon/lat EPSG:4326.
SELECT p.id, p.travel_mode, ST_X(p.home), ST_Y(p.home)
FROM dispatch.people p WHERE p.home_edge_id IS NULL
