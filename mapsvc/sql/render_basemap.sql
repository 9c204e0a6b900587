-- Purpose: one basemap tile: land, water, road, building, place.
-- Parameters: z, x, y (tile numbers, checked by the caller).
-- Units: 4,096 units to a side and 256 of buffer on each: features are looked for in the tile with
--   its buffer, so that those across an edge are whole on both sides of it.
-- Rows are ordered, so that the same ground gives the same bytes.
WITH tile AS MATERIALIZED (
    SELECT %(z)s::int AS z, mapsvc.band(%(z)s::int) AS band,
           ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int) AS box,
           ST_TileEnvelope(%(z)s::int, %(x)s::int, %(y)s::int, margin => 256 / 4096.0) AS wide
)
SELECT coalesce((
    SELECT ST_AsMVT(q, 'land', 4096, 'geom') FROM (
        SELECT l.code, ST_AsMVTGeom(l.geom, t.box, 4096, 256) AS geom
        FROM tile t JOIN mapsvc.lands l ON l.band = t.band AND l.geom && t.wide
        ORDER BY l.code) q), '')
|| coalesce((
    SELECT ST_AsMVT(q, 'water', 4096, 'geom', 'id') FROM (
        SELECT w.id, w.kind, ST_AsMVTGeom(w.geom, t.box, 4096, 256) AS geom
        FROM tile t JOIN mapsvc.waters w ON w.band = t.band AND w.geom && t.wide
        ORDER BY w.id) q), '')
|| coalesce((
    SELECT ST_AsMVT(q, 'road', 4096, 'geom', 'id') FROM (
        SELECT r.id, r.class, CASE WHEN r.one_way THEN true END AS one_way,
               CASE WHEN t.z >= 13 THEN r.name END AS name,
               ST_AsMVTGeom(r.geom, t.box, 4096, 256) AS geom
        FROM tile t JOIN mapsvc.roads r ON r.band = t.band AND r.geom && t.wide
        WHERE r.min_zoom <= t.z
        ORDER BY r.class DESC, r.id) q), '')
|| coalesce((
    SELECT ST_AsMVT(q, 'building', 4096, 'geom', 'id') FROM (
        SELECT b.id, b.use, b.storeys, ST_AsMVTGeom(b.geom, t.box, 4096, 256) AS geom
        FROM tile t JOIN mapsvc.buildings b ON b.geom && t.wide
        WHERE t.z >= 14 AND b.min_zoom <= t.z
        ORDER BY b.id) q), '')
|| coalesce((
    SELECT ST_AsMVT(q, 'place', 4096, 'geom', 'id') FROM (
        SELECT p.id, p.kind, p.name, p.name_en, ST_AsMVTGeom(p.geom, t.box, 4096, 256) AS geom
        FROM tile t JOIN mapsvc.places p ON p.geom && t.wide
        WHERE p.min_zoom <= t.z
        ORDER BY p.min_zoom, p.id) q), '') AS body
