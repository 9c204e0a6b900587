-- Purpose: buildings with the first zoom at which they are more than a speck.
-- Parameters: small_m2 (square metres of Web Mercator; smaller ones wait), zoom (first zoom).
INSERT INTO mapsvc.buildings (id, min_zoom, use, storeys, geom)
SELECT b.id, CASE WHEN ST_Area(p.geom) < %(small_m2)s THEN %(zoom)s + 1 ELSE %(zoom)s END,
       b.use, b.storeys, p.geom
FROM layers.buildings b, LATERAL (SELECT ST_Transform(b.geom, 3857) AS geom) p
ORDER BY p.geom
