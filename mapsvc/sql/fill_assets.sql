-- Purpose: assets with the first zoom of their kind.
-- Parameters: at (timestamptz), kinds (text[]) and their first zooms (int[]).
INSERT INTO mapsvc.assets (id, min_zoom, kind, name, geom, shape)
SELECT a.id, z.min_zoom, a.kind, a.name, ST_Transform(p.place, 3857),
       CASE WHEN ST_Dimension(a.geom) > 0 THEN ST_Transform(a.geom, 3857) END
FROM layers.assets a
JOIN unnest(%(kinds)s::text[], %(zooms)s::int[]) AS z (kind, min_zoom) ON z.kind = a.kind
CROSS JOIN LATERAL (SELECT CASE WHEN ST_Dimension(a.geom) = 0 THEN a.geom
                                ELSE ST_PointOnSurface(a.geom) END AS place) p
WHERE a.valid @> %(at)s::timestamptz
ORDER BY p.place
