-- Geometry made ready for vector tiles: projected to Web Mercator, generalised, labelled once after
-- a load (mapsvc/generalise.py), so that a tile only clips and encodes. Derived data: every row can
-- be made again from geodata.* and layers.*. Public ground, no row-level security.

CREATE SCHEMA mapsvc;
GRANT USAGE ON SCHEMA mapsvc TO ganxin_app, ganxin_system;

-- Bands of zoom share one generalisation, half a pixel at the band's highest zoom:
-- 0: z <= 10, 1: z 11-12, 2: z 13-14, 3: z >= 15 (as surveyed). Pixels are 1/512 of a tile.
CREATE FUNCTION mapsvc.band(z integer) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN z <= 10 THEN 0 WHEN z <= 12 THEN 1 WHEN z <= 14 THEN 2 ELSE 3 END::smallint $$;

-- Side of one pixel of a 512-pixel tile, metres of Web Mercator (1 / cos(latitude) times those on
-- the ground).
CREATE FUNCTION mapsvc.pixel_m(z integer) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT 40075016.685578488 / 512 / 2 ^ z $$;

CREATE TABLE mapsvc.lands (
    band smallint NOT NULL,
    code text NOT NULL,
    geom geometry(MultiPolygon, 3857) NOT NULL
);

CREATE TABLE mapsvc.waters (
    band smallint NOT NULL,
    id integer NOT NULL,
    kind text NOT NULL,
    geom geometry(MultiPolygon, 3857) NOT NULL
);

-- Streets of one name and class, joined end to end; both directions are one line.
CREATE TABLE mapsvc.roads (
    band smallint NOT NULL,
    id integer NOT NULL,
    class smallint NOT NULL,             -- 1 arterial, 2 secondary, 3 local, 4 lane
    min_zoom smallint NOT NULL,
    one_way boolean NOT NULL,            -- for cars, in the direction of the line
    name text,
    geom geometry(LineString, 3857) NOT NULL
);

CREATE TABLE mapsvc.buildings (
    id integer NOT NULL,
    min_zoom smallint NOT NULL,
    use text NOT NULL,
    storeys smallint NOT NULL,
    geom geometry(Polygon, 3857) NOT NULL
);

-- Names on the basemap: streets, communities, estates, waters.
CREATE TABLE mapsvc.places (
    id integer NOT NULL,
    kind text NOT NULL,
    min_zoom smallint NOT NULL,
    name text NOT NULL,
    name_en text,
    geom geometry(Point, 3857) NOT NULL
);

CREATE TABLE mapsvc.areas (
    band smallint NOT NULL,
    level text NOT NULL,
    min_zoom smallint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    geom geometry(MultiPolygon, 3857) NOT NULL
);

-- Each stretch of boundary once, at the level of the areas it parts.
CREATE TABLE mapsvc.boundaries (
    band smallint NOT NULL,
    id integer NOT NULL,
    level text NOT NULL,
    min_zoom smallint NOT NULL,
    geom geometry(LineString, 3857) NOT NULL
);

CREATE TABLE mapsvc.area_labels (
    level text NOT NULL,
    min_zoom smallint NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    name_en text,
    geom geometry(Point, 3857) NOT NULL
);

CREATE TABLE mapsvc.assets (
    id integer NOT NULL,
    min_zoom smallint NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    geom geometry(Point, 3857) NOT NULL, -- of an area: a point inside
    shape geometry(Geometry, 3857)       -- of an area: its polygon
);

-- Below the first zoom of its kind an asset is counted in a cell of 64 pixels.
CREATE TABLE mapsvc.asset_clusters (
    zoom smallint NOT NULL,
    kind text NOT NULL,
    count integer NOT NULL,
    geom geometry(Point, 3857) NOT NULL
);

CREATE INDEX lands_geom ON mapsvc.lands USING gist (band, geom);
CREATE INDEX waters_geom ON mapsvc.waters USING gist (band, geom);
CREATE INDEX roads_geom ON mapsvc.roads USING gist (band, geom);
CREATE INDEX buildings_geom ON mapsvc.buildings USING gist (geom);
CREATE INDEX places_geom ON mapsvc.places USING gist (geom);
CREATE INDEX areas_geom ON mapsvc.areas USING gist (band, geom);
CREATE INDEX boundaries_geom ON mapsvc.boundaries USING gist (band, geom);
CREATE INDEX area_labels_geom ON mapsvc.area_labels USING gist (level, geom);
CREATE INDEX assets_geom ON mapsvc.assets USING gist (geom);
CREATE INDEX asset_clusters_geom ON mapsvc.asset_clusters USING gist (zoom, geom);

-- The nearest assets of a kind, in metres.
CREATE INDEX assets_kind_geom_m ON layers.assets USING gist (kind, geom_m);

-- Where the event stream stands, for a snapshot of any scope. STABLE: it sees what the statement
-- around it sees, so rows and seq are of one moment. A number tells nothing about any case.
CREATE FUNCTION geodata.last_seq() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, geodata
    AS $$ SELECT h.seq FROM geodata.event_head h $$;

GRANT SELECT ON ALL TABLES IN SCHEMA mapsvc TO ganxin_app, ganxin_system;
