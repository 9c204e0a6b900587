-- Purpose: one tile of assets: asset_area (polygons), asset (points), asset_cluster (counts).
-- Parameters: z, x, y (tile numbers, checked by the caller).
-- Units: 4,096 units to a side and 256 of buffer on each (see render_basemap.sql).
WITH tile AS MATERIALIZED (
    SELECT %(z)s::int AS z,
           ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int) AS box,
           ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int, margin => 256 / 4096.0) AS wide
)
SELECT coalesce((
    SELECT ST_AsMVT(q, 'asset_area', 4096, 'geom', 'id') FROM (
        SELECT a.id, a.kind, a.name, ST_AsMVTGeom(a.shape, t.box, 4096, 256) AS geom
        FROM tile t JOIN mapsvc.assets a ON a.shape && t.wide
        WHERE a.min_zoom <= t.z
        ORDER BY a.id) q), '')
|| coalesce((
    SELECT ST_AsMVT(q, 'asset', 4096, 'geom', 'id') FROM (
        SELECT a.id, a.kind, a.name, ST_AsMVTGeom(a.geom, t.box, 4096, 256) AS geom
        FROM tile t JOIN mapsvc.assets a ON a.geom && t.wide
        WHERE a.min_zoom <= t.z
        ORDER BY a.id) q), '')
|| coalesce((
    SELECT ST_AsMVT(q, 'asset_cluster', 4096, 'geom') FROM (
        SELECT c.kind, c.count, ST_AsMVTGeom(c.geom, t.box, 4096, 256) AS geom
        FROM tile t JOIN mapsvc.asset_clusters c ON c.zoom = t.z AND c.geom && t.wide
        ORDER BY c.kind, c.geom) q), '') AS body
