-- Purpose: one tile of areas: area (polygons), boundary (lines), area_label (points).
-- Parameters: z, x, y (tile numbers, checked by the caller).
-- Units: 4,096 units to a side and 256 of buffer on each (see render_basemap.sql).
WITH tile AS MATERIALIZED (
    SELECT %(z)s::int AS z, mapsvc.band(%(z)s::int) AS band,
           ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int) AS box,
           ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int, margin => 256 / 4096.0) AS wide
)
SELECT coalesce((
    SELECT ST_AsMVT(q, 'area', 4096, 'geom') FROM (
        SELECT a.code, a.level, ST_AsMVTGeom(a.geom, t.box, 4096, 256) AS geom
        FROM tile t JOIN mapsvc.areas a ON a.band = t.band AND a.geom && t.wide
        WHERE t.z BETWEEN a.min_zoom AND a.max_zoom
        ORDER BY a.code) q), '')
|| coalesce((
    SELECT ST_AsMVT(q, 'boundary', 4096, 'geom') FROM (
        SELECT b.level, ST_AsMVTGeom(b.geom, t.box, 4096, 256) AS geom
        FROM tile t JOIN mapsvc.boundaries b ON b.band = t.band AND b.geom && t.wide
        WHERE b.min_zoom <= t.z
        ORDER BY b.min_zoom DESC, b.id) q), '')
|| coalesce((
    SELECT ST_AsMVT(q, 'area_label', 4096, 'geom') FROM (
        SELECT l.code, l.level, l.name, l.name_en,
               ST_AsMVTGeom(l.geom, t.box, 4096, 256) AS geom
        FROM tile t JOIN mapsvc.area_labels l ON l.geom && t.wide
        WHERE l.min_zoom <= t.z
        ORDER BY l.code) q), '') AS body
