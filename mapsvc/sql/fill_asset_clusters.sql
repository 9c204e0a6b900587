-- Purpose: counts of assets in cells, for the zooms below the first of their kind.
-- Parameters: first_zoom (nothing below), cell_px (side of a cell in pixels of a 512-pixel tile).
-- A cell's point is the middle of its assets, so that it lies where they are.
INSERT INTO mapsvc.asset_clusters (zoom, kind, count, geom)
SELECT z.zoom, a.kind, count(*), ST_Centroid(ST_Collect(a.geom ORDER BY a.id))
FROM mapsvc.assets a
CROSS JOIN LATERAL generate_series(%(first_zoom)s::int, a.min_zoom - 1) AS z (zoom)
CROSS JOIN LATERAL (SELECT mapsvc.pixel_m(z.zoom) * %(cell_px)s AS side_m) c
GROUP BY z.zoom, a.kind, floor(ST_X(a.geom) / c.side_m), floor(ST_Y(a.geom) / c.side_m)
ORDER BY z.zoom, 4
