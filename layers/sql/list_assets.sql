-- Purpose: assets standing at a moment, by id.
-- Parameters: at (timestamptz); ids (int[]), kinds (text[]), within (code prefix), after (id), and
--   west, south, east, north (degrees, EPSG:4326): each may be NULL and then does not narrow; limit.
SELECT a.id, a.kind, a.name, a.area_code, a.attributes,
       ST_X(p.place) AS lon, ST_Y(p.place) AS lat,
       CASE WHEN ST_Dimension(a.geom) > 0 THEN ST_AsGeoJSON(a.geom, 7)::jsonb END AS geometry
FROM layers.assets a,
     LATERAL (SELECT CASE WHEN ST_Dimension(a.geom) = 0 THEN a.geom
                          ELSE ST_PointOnSurface(a.geom) END AS place) p
WHERE a.valid @> %(at)s::timestamptz
  AND (%(ids)s::int[] IS NULL OR a.id = ANY (%(ids)s))
  AND (%(kinds)s::text[] IS NULL OR a.kind = ANY (%(kinds)s))
  AND (%(within)s::text IS NULL OR a.area_code ^@ %(within)s)
  AND (%(after)s::int IS NULL OR a.id > %(after)s)
  AND (%(west)s::float8 IS NULL OR ST_Intersects(a.geom, ST_MakeEnvelope(
           %(west)s::float8, %(south)s::float8, %(east)s::float8, %(north)s::float8, 4326)))
ORDER BY a.id
LIMIT %(limit)s::integer
