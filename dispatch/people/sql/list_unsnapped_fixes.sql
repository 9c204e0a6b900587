-- Purpose: last fixes that have no street yet. Parameters: none. lon/lat EPSG:4326.
SELECT f.person_id, p.travel_mode, f.lon, f.lat
FROM dispatch.positions f JOIN dispatch.people p ON p.id = f.person_id WHERE f.edge_id IS NULL
