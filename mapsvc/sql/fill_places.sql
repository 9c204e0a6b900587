-- Purpose: names on the basemap: streets, communities, estates, waters.
-- Parameters: at (timestamptz), street_zoom, community_zoom, estate_zoom, water_zoom (first zooms).
INSERT INTO mapsvc.places (id, kind, min_zoom, name, name_en, geom)
WITH named AS (
    SELECT a.level AS kind,
           CASE a.level WHEN 'street' THEN %(street_zoom)s ELSE %(community_zoom)s END AS min_zoom,
           a.name, a.name_en, a.label AS geom
    FROM layers.areas a
    WHERE a.level IN ('street', 'community') AND a.valid @> %(at)s::timestamptz
    UNION ALL
    SELECT 'estate', %(estate_zoom)s, b.estate, NULL,
           ST_Centroid(ST_Collect(ST_Centroid(b.geom) ORDER BY b.id))
    FROM layers.buildings b
    WHERE b.estate IS NOT NULL
    GROUP BY b.estate, left(b.grid_code, 12)
    UNION ALL
    SELECT 'water', %(water_zoom)s, w.name, NULL, ST_PointOnSurface(w.geom)
    FROM layers.waters w
    WHERE w.name IS NOT NULL
)
SELECT row_number() OVER (ORDER BY kind, name, geom), kind, min_zoom, name, name_en,
       ST_Transform(geom, 3857)
FROM named
ORDER BY geom
