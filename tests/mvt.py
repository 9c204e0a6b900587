"""Vector tiles taken apart: features with their geometry in tile units, y down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import mapbox_vector_tile
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

EXTENT = 4096
BUFFER = 256
EARTH_M = 40_075_016.685578488


@dataclass(frozen=True)
class Feature:
    """One feature; coordinates are tile units, 0..4096 and the buffer, x east and y south."""

    id: int | None
    properties: dict[str, Any]
    geom: BaseGeometry


def decode(body: bytes) -> dict[str, list[Feature]]:
    """Return the features of each MVT layer of a tile."""
    if not body:
        return {}
    layers = mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})
    return {
        name: [
            Feature(f.get("id"), f["properties"], shape(f["geometry"])) for f in layer["features"]
        ]
        for name, layer in layers.items()
    }


def tile_at(lon: float, lat: float, z: int) -> tuple[int, int]:
    """Return column and row of the tile that holds a point."""
    x, y = to_units(lon, lat, z)
    return int(x // EXTENT), int(y // EXTENT)


def to_units(lon: float, lat: float, z: int) -> tuple[float, float]:
    """Return a point in units of a zoom, from the north-west corner of the world."""
    world = EXTENT * 2**z
    x = (lon + 180) / 360 * world
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * world
    return x, y
