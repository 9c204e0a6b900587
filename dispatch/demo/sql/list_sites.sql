-- Purpose: buildings where something may happen, with what a case would call them.
-- Parameters: none. lon/lat EPSG:4326, x_m/y_m metres in the district's metric CRS.
SELECT b.id, b.grid_code, b.use, b.households,
       coalesce(b.name, a.road || a.number || '号',
                g.name || CASE b.use WHEN 'bungalow' THEN '平房' WHEN 'industrial' THEN '厂房'
                    WHEN 'commercial' THEN '商铺' WHEN 'public' THEN '公共建筑'
                    ELSE '住宅' END) AS label,
       ST_X(c.point) AS lon, ST_Y(c.point) AS lat,
       ST_X(geodata.to_metric(c.point)) AS x_m, ST_Y(geodata.to_metric(c.point)) AS y_m
FROM layers.buildings b
CROSS JOIN LATERAL (SELECT ST_PointOnSurface(b.geom) AS point) c
JOIN layers.areas g ON g.code = b.grid_code AND upper_inf(g.valid)
LEFT JOIN (SELECT DISTINCT ON (d.building_id) d.building_id, d.road, d.number
           FROM geodata.addresses d WHERE d.building_id IS NOT NULL
           ORDER BY d.building_id, d.id) a ON a.building_id = b.id
ORDER BY b.grid_code, b.id;
