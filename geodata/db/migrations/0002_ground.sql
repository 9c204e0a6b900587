-- The ground: roads, addresses, and facts about the district. Public to every signed-in user.

CREATE TABLE geodata.districts (
    code text PRIMARY KEY CHECK (code ~ '^[0-9]{6}$'),
    name text NOT NULL,
    name_en text NOT NULL,
    synthetic boolean NOT NULL,          -- a synthetic district says so on every page
    seed bigint,
    as_of timestamptz,
    ground_version bigint NOT NULL DEFAULT 1,  -- raised when roads, areas or assets are replaced
    geom geometry(MultiPolygon, 4326) NOT NULL
);

CREATE TABLE geodata.road_nodes (
    id integer PRIMARY KEY,
    geom geometry(Point, 4326) NOT NULL
);

-- One row per direction. A street in two directions is two rows that name each other as twins.
CREATE TABLE geodata.road_edges (
    id integer PRIMARY KEY,
    from_node integer NOT NULL REFERENCES geodata.road_nodes,
    to_node integer NOT NULL REFERENCES geodata.road_nodes,
    twin_id integer,                     -- the same street the other way, whoever may use it
    length_m double precision NOT NULL CHECK (length_m > 0),
    speed_class smallint NOT NULL CHECK (speed_class BETWEEN 1 AND 4), -- 1 arterial 2 secondary 3 local 4 lane
    access smallint NOT NULL CHECK (access BETWEEN 1 AND 7),           -- bits: 1 walk, 2 e-bike, 4 car
    name text,
    grid_level smallint NOT NULL DEFAULT 4,  -- level of the cut that made it, for drawing order
    geom geometry(LineString, 4326) NOT NULL -- in the direction of travel
);
CREATE INDEX road_edges_geom ON geodata.road_edges USING gist (geom);
CREATE INDEX road_edges_name ON geodata.road_edges (name);

CREATE TABLE geodata.addresses (
    id integer PRIMARY KEY,
    road text NOT NULL,
    number text NOT NULL,                -- the door plate as written: '25', '25-1'
    full_text text NOT NULL,             -- '甘井子区泡崖街道兴华东路25号'
    grid_code text NOT NULL CHECK (grid_code ~ '^[0-9]{15}$'),
    building_id integer,
    geom geometry(Point, 4326) NOT NULL
);
CREATE INDEX addresses_plate ON geodata.addresses (road text_pattern_ops, number);
CREATE INDEX addresses_full ON geodata.addresses (full_text text_pattern_ops);
CREATE INDEX addresses_grid ON geodata.addresses (grid_code);

GRANT SELECT ON ALL TABLES IN SCHEMA geodata TO ganxin_app, ganxin_system;
