-- Purpose: the grid a point lies in as of a time; no row outside the district.
-- Parameters: lon, lat (degrees, EPSG:4326), at. Result in metres (migration 0010).
SELECT grid_code, edge_m, runner_up_code, runner_up_m, building_id
FROM dispatch.locate_point(%s, %s, %s)
