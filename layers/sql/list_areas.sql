-- Purpose: areas valid at a moment, by code.
-- Parameters: at (timestamptz); level, within (code prefix), parent, codes (text[]), after (code),
--   limit: each may be NULL and then does not narrow.
-- Units: lon, lat, west, south, east, north in degrees (EPSG:4326); area_m2 in square metres.
SELECT a.code, a.level, a.parent_code, a.name, a.name_en,
       ST_X(a.label) AS lon, ST_Y(a.label) AS lat,
       ST_XMin(a.geom) AS west, ST_YMin(a.geom) AS south,
       ST_XMax(a.geom) AS east, ST_YMax(a.geom) AS north,
       ST_Area(a.geom_m) AS area_m2,
       lower(a.valid) AS valid_from, upper(a.valid) AS valid_to
FROM layers.areas a
WHERE a.valid @> %(at)s::timestamptz
  AND (%(level)s::text IS NULL OR a.level = %(level)s)
  AND (%(within)s::text IS NULL OR a.code ^@ %(within)s)
  AND (%(parent)s::text IS NULL OR a.parent_code = %(parent)s)
  AND (%(codes)s::text[] IS NULL OR a.code = ANY (%(codes)s))
  AND (%(after)s::text IS NULL OR a.code > %(after)s)
ORDER BY a.code
LIMIT %(limit)s::integer
