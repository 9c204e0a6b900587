"""Icons of the map as one signed-distance sprite, drawn from the shapes in style/icon.json.

Distance fields take their colour from the style, so day and night share one picture. A shape is a
polygon, a disc or a broad line in a box of 24 x 24, y down; ``cut`` takes it away from those
before it.
"""

from __future__ import annotations

import json
import struct
import zlib
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

BOX = 24
PADDING = 4
"""Room round the box for the outer side of the field, in which halos are drawn."""
COLUMNS = 6
RADIUS = 8.0
CUTOFF = 0.25
"""MapLibre's convention: alpha 255 * (1 - CUTOFF) is the edge, RADIUS units fade from 255 to 0."""


@cache
def icon_shapes() -> dict[str, list[dict[str, Any]]]:
    """Return the shapes of each icon, by name."""
    shapes: dict[str, list[dict[str, Any]]] = json.loads(
        (files("mapsvc.style") / "icon.json").read_text("utf-8")
    )
    return shapes


@cache
def sprite_png(pixel_ratio: int = 1) -> bytes:
    """Return the sprite as PNG: ``/styles/sprite.png``, ``/styles/sprite@2x.png``."""
    side = (BOX + 2 * PADDING) * pixel_ratio
    names = list(icon_shapes())
    rows = -(-len(names) // COLUMNS)
    sheet = np.zeros((rows * side, COLUMNS * side), dtype=np.uint8)
    for index, name in enumerate(names):
        top, left = index // COLUMNS * side, index % COLUMNS * side
        sheet[top : top + side, left : left + side] = distance_field(
            draw(icon_shapes()[name]), pixel_ratio
        )
    return _png(sheet)


@cache
def sprite_json(pixel_ratio: int = 1) -> bytes:
    """Return where each icon lies: ``/styles/sprite.json``, ``/styles/sprite@2x.json``."""
    side = (BOX + 2 * PADDING) * pixel_ratio
    index = {
        name: {
            "x": number % COLUMNS * side,
            "y": number // COLUMNS * side,
            "width": side,
            "height": side,
            "pixelRatio": pixel_ratio,
            "sdf": True,
        }
        for number, name in enumerate(icon_shapes())
    }
    return json.dumps(index, separators=(",", ":")).encode()


def draw(shapes: list[dict[str, Any]]) -> BaseGeometry:
    """Return the outline that a list of shapes adds up to."""
    drawn: BaseGeometry = shapely.Polygon()
    for shape in shapes:
        part = _part(shape)
        drawn = drawn.difference(part) if shape.get("cut") else drawn.union(part)
    return drawn


def distance_field(drawn: BaseGeometry, pixel_ratio: int) -> NDArray[np.uint8]:
    """Return the signed distance to an outline as alpha, one value per pixel.

    Parameters
    ----------
    drawn
        Outline in the box of 24 x 24 units.
    pixel_ratio
        Pixels per unit.
    """
    side = (BOX + 2 * PADDING) * pixel_ratio
    middles = (np.arange(side) + 0.5) / pixel_ratio - PADDING
    x, y = np.meshgrid(middles, middles)
    points = shapely.points(x, y)
    distance = shapely.distance(points, drawn.boundary)
    signed = np.where(shapely.contains_xy(drawn, x, y), -distance, distance)
    alpha = 255 * (1 - CUTOFF) - 255 * signed / RADIUS
    clipped: NDArray[np.uint8] = np.clip(np.round(alpha), 0, 255).astype(np.uint8)
    return clipped


def _part(shape: dict[str, Any]) -> BaseGeometry:
    if "circle" in shape:
        x, y, radius = shape["circle"]
        return shapely.Point(x, y).buffer(radius)
    if "line" in shape:
        return shapely.LineString(shape["line"]).buffer(shape["width"] / 2)
    return shapely.Polygon(shape["polygon"])


def _png(alpha: NDArray[np.uint8]) -> bytes:
    height, width = alpha.shape
    pixels = np.full((height, width, 4), 255, dtype=np.uint8)
    pixels[..., 3] = alpha
    # Every line of a PNG begins with the number of its filter; 0 is none.
    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
