-- Purpose: label points of the areas of every level.
-- Parameters: at (timestamptz), levels (text[]) and their first zooms (int[]).
INSERT INTO mapsvc.area_labels (level, min_zoom, code, name, name_en, geom)
SELECT a.level, z.min_zoom, a.code, a.name, a.name_en, ST_Transform(a.label, 3857)
FROM layers.areas a
JOIN unnest(%(levels)s::text[], %(zooms)s::int[]) AS z (level, min_zoom) ON z.level = a.level
WHERE a.valid @> %(at)s::timestamptz
ORDER BY a.level, a.label
