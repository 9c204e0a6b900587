-- Few assets have a shape: found in the index, not by reading all assets for each tile.
CREATE INDEX assets_shape ON mapsvc.assets USING gist (shape) WHERE shape IS NOT NULL;

-- Areas much larger than the screen are no longer sent as polygons: a grid's code names them.
ALTER TABLE mapsvc.areas ADD COLUMN max_zoom smallint NOT NULL DEFAULT 24;
