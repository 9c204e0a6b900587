-- Boundaries near each other are one feature: a tile of the district had 4,600 of two points each.
ALTER TABLE mapsvc.boundaries
    ALTER COLUMN geom TYPE geometry(MultiLineString, 3857) USING ST_Multi(geom);
