-- Purpose: fill the emptied layers.area_neighbors with the grids that share an edge, both ways.
-- Parameters: %(at)s moment at which the grids are valid; %(least_m)s metres below which a shared
-- edge counts as a corner.
-- Units: shared_m in metres of the district's metric CRS.
WITH shared AS MATERIALIZED (
    SELECT a.code, b.code AS neighbor_code,
           ST_Length(ST_Intersection(a.geom_m, b.geom_m)) AS shared_m
    FROM layers.areas a
    JOIN layers.areas b ON b.level = 'grid' AND b.geom && a.geom AND a.code < b.code
                       AND b.valid @> %(at)s::timestamptz
    WHERE a.level = 'grid' AND a.valid @> %(at)s::timestamptz)
INSERT INTO layers.area_neighbors (code, neighbor_code, shared_m)
SELECT code, neighbor_code, shared_m FROM shared WHERE shared_m >= %(least_m)s
UNION ALL
SELECT neighbor_code, code, shared_m FROM shared WHERE shared_m >= %(least_m)s
