-- Purpose: estates and assets by part of the name; names that begin with the text first.
-- Parameters: pattern, prefix (LIKE patterns), at (timestamptz), limit.
-- Units: lon, lat in degrees (EPSG:4326). A polygon is placed at a point inside it.
SELECT kind, id, name, area_code, lon, lat
FROM (
    (SELECT DISTINCT ON (b.estate) 'estate' AS kind, b.id, b.estate AS name,
            b.grid_code AS area_code, ST_X(ST_Centroid(b.geom)) AS lon,
            ST_Y(ST_Centroid(b.geom)) AS lat
     FROM layers.buildings b
     WHERE b.estate LIKE %(pattern)s
     ORDER BY b.estate, b.id)
    UNION ALL
    (SELECT a.kind, a.id, a.name, a.area_code, ST_X(ST_PointOnSurface(a.geom)),
            ST_Y(ST_PointOnSurface(a.geom))
     FROM layers.assets a
     WHERE a.name LIKE %(pattern)s AND a.valid @> %(at)s::timestamptz
     ORDER BY a.name LIKE %(prefix)s DESC, length(a.name), a.id
     LIMIT %(limit)s::integer)
) found
ORDER BY name LIKE %(prefix)s DESC, kind = 'estate' DESC, length(name), name, id
LIMIT %(limit)s::integer
