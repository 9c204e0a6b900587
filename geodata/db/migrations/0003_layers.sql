-- What stands on the map: areas of four levels (and micro-grids), waters, buildings, assets,
-- population. Public ground: no row-level security. Positions are EPSG:4326; geom_m is metres.

CREATE TABLE layers.areas (
    code text NOT NULL CHECK (code ~ '^([0-9]{6}|[0-9]{9}|[0-9]{12}|[0-9]{15}|[0-9]{17})$'),
    level text NOT NULL CHECK (level IN ('district', 'street', 'community', 'grid', 'micro_grid')),
    parent_code text,
    name text NOT NULL,
    name_en text,
    valid tstzrange NOT NULL DEFAULT tstzrange('2016-01-01 00:00:00+08', NULL),
    geom geometry(MultiPolygon, 4326) NOT NULL,
    geom_m geometry GENERATED ALWAYS AS (geodata.to_metric(geom)) STORED,
    label geometry(Point, 4326) NOT NULL,
    CONSTRAINT areas_one_at_a_time EXCLUDE USING gist (code WITH =, valid WITH &&),
    CHECK (ST_XMin(geom) >= -180 AND ST_XMax(geom) <= 180
           AND ST_YMin(geom) >= -90 AND ST_YMax(geom) <= 90)
);
CREATE INDEX areas_geom ON layers.areas USING gist (geom);
CREATE INDEX areas_grid_geom ON layers.areas USING gist (geom) WHERE level = 'grid';
CREATE INDEX areas_level ON layers.areas (level, code);

-- Grids that share an edge (not only a corner), both ways round.
CREATE TABLE layers.area_neighbors (
    code text NOT NULL,
    neighbor_code text NOT NULL,
    shared_m double precision NOT NULL CHECK (shared_m > 0),
    PRIMARY KEY (code, neighbor_code)
);

CREATE TABLE layers.waters (
    id integer PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('sea', 'reservoir', 'river')),
    name text,
    geom geometry(MultiPolygon, 4326) NOT NULL
);
CREATE INDEX waters_geom ON layers.waters USING gist (geom);

CREATE TABLE layers.buildings (
    id integer PRIMARY KEY,
    grid_code text NOT NULL CHECK (grid_code ~ '^[0-9]{15}$'),
    name text,                           -- '泡崖七区3号楼'
    estate text,                         -- '泡崖七区'
    use text NOT NULL CHECK (use IN ('residential', 'old_estate', 'bungalow', 'commercial',
                                     'industrial', 'public')),
    storeys smallint NOT NULL,
    households integer NOT NULL,
    residents integer NOT NULL,
    geom geometry(Polygon, 4326) NOT NULL
);
CREATE INDEX buildings_geom ON layers.buildings USING gist (geom);
CREATE INDEX buildings_grid ON layers.buildings (grid_code);

-- One table for every kind of the catalogue (layers/catalogue.py): adding a kind is a declaration.
CREATE TABLE layers.assets (
    id integer PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL,
    area_code text NOT NULL CHECK (area_code ~ '^[0-9]{15,17}$'),
    attributes jsonb NOT NULL DEFAULT '{}',
    valid tstzrange NOT NULL DEFAULT tstzrange('2016-01-01 00:00:00+08', NULL),
    geom geometry(Geometry, 4326) NOT NULL,
    geom_m geometry GENERATED ALWAYS AS (geodata.to_metric(geom)) STORED
);
CREATE INDEX assets_geom ON layers.assets USING gist (geom);
CREATE INDEX assets_kind ON layers.assets (kind, area_code);

CREATE TABLE layers.populations (
    grid_code text NOT NULL CHECK (grid_code ~ '^[0-9]{15}$'),
    as_of date NOT NULL,
    households integer NOT NULL,
    residents integer NOT NULL,
    elders integer NOT NULL,             -- 60 and over
    children integer NOT NULL,           -- under 14
    PRIMARY KEY (grid_code, as_of)
);

GRANT SELECT ON ALL TABLES IN SCHEMA layers TO ganxin_app, ganxin_system;
