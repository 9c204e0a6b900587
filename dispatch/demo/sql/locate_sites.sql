-- Purpose: locate many points at once as the desk locates one (dispatch.locate_point).
-- Parameters: lon[], lat[] EPSG:4326 degrees; at timestamptz. One row a point, in order.
SELECT u.row, l.grid_code, l.edge_m, l.runner_up_code
FROM unnest(%(lon)s::float8[], %(lat)s::float8[]) WITH ORDINALITY u (lon, lat, row)
CROSS JOIN LATERAL dispatch.locate_point(u.lon, u.lat, %(at)s) l
ORDER BY u.row;
