-- Purpose: the ground that a report is drawn on, as it stands in the tables of the map. One row.
-- Parameters: at (timestamptz).
-- Units: GeoJSON of degrees (EPSG:4326, five decimals: a metre); roads by class 1 to 3, at the
--   bands that a screen shows at zoom 15; outlines of streets straightened by at most 4 m.
SELECT d.code, d.name, coalesce(d.name_en, d.name) AS name_en, d.synthetic,
       (SELECT ST_AsGeoJSON(ST_Transform(ST_Collect(l.geom ORDER BY l.code), 4326), 5)::jsonb
        FROM mapsvc.lands l WHERE l.band = 3) AS land,
       (SELECT ST_AsGeoJSON(ST_Transform(ST_Collect(w.geom ORDER BY w.id), 4326), 5)::jsonb
        FROM mapsvc.waters w WHERE w.band = 2) AS water,
       (SELECT coalesce(jsonb_object_agg(r.class::text, r.lines), '{}'::jsonb)
        FROM (SELECT class, ST_AsGeoJSON(ST_Transform(ST_Collect(geom ORDER BY id), 4326), 5)::jsonb
                     AS lines
              FROM mapsvc.roads WHERE class <= 3 AND band = CASE WHEN class = 3 THEN 2 ELSE 3 END
              GROUP BY class) r) AS roads,
       (SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'code', a.code, 'name', a.name, 'name_en', coalesce(a.name_en, a.name),
                   'lon', round(ST_X(a.label)::numeric, 5), 'lat', round(ST_Y(a.label)::numeric, 5),
                   'outline', ST_AsGeoJSON(ST_Transform(ST_Simplify(a.geom_m, 4), 4326), 5)::jsonb)
                   ORDER BY a.code), '[]'::jsonb)
        FROM layers.areas a
        WHERE a.level = 'street' AND a.valid @> %(at)s::timestamptz) AS streets
FROM geodata.districts d
ORDER BY d.code
LIMIT 1
