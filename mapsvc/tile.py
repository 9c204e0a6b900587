"""Vector tiles from PostGIS: one round trip a tile, several MVT layers in one answer.

Layers
------
basemap
    ``land``, ``water``, ``road``, ``building``, ``place`` (names). Public.
areas
    ``area`` (polygons), ``boundary`` (each stretch once), ``area_label`` (points). Public.
assets
    ``asset`` (points), ``asset_area`` (polygons), ``asset_cluster`` (counts below the first zoom
    of a kind). Public.
cases
    ``case`` (points, from z 13), ``case_cluster`` (counts by area below). Row-level security: the
    connection is scoped, and nothing is kept between two requests.

Zoom, column and row are checked before any SQL runs. Tiles of public layers that were rendered
once are kept by :class:`mapsvc.tile_cache.TileCache`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import tuple_row
from psycopg.types.numeric import Int4

from geodata.code import DIGITS, Level
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import InvalidInput, NotFound

PUBLIC_LAYERS = ("basemap", "areas", "assets")
LAYERS = (*PUBLIC_LAYERS, "cases")
MAX_ZOOM = 18
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
CASE_POINT_ZOOM = 13
"""From here on cases are points: 500,000 raw points made a tile of 6 MB below."""


@dataclass(frozen=True)
class Tile:
    """One tile. ``body`` is empty where nothing lies; ``etag`` has no quotation marks."""

    body: bytes
    etag: str


@dataclass(frozen=True)
class CaseFilter:
    """Which cases a tile shows: open ones only, or all, reported in [since, until)."""

    open_only: bool = True
    since: datetime | None = None
    until: datetime | None = None


OPEN_CASES = CaseFilter()


def check_tile(layer: str, z: int, x: int, y: int) -> None:
    """Refuse a tile that cannot exist.

    Raises
    ------
    NotFound
        There is no such layer.
    InvalidInput
        ``z`` is not 0..18, or ``x`` or ``y`` not 0..2**z - 1; ``field`` names the first.
    """
    if layer not in LAYERS:
        raise NotFound(f"There is no tile layer {layer[:40]!r}", field="layer")
    if not 0 <= z <= MAX_ZOOM:
        raise InvalidInput(f"z must be 0 to {MAX_ZOOM}", field="z")
    most = (1 << z) - 1
    for field, value in (("x", x), ("y", y)):
        if not 0 <= value <= most:
            raise InvalidInput(f"{field} must be 0 to {most} at z {z}", field=field)


def render_tile(conn: Conn, layer: str, z: int, x: int, y: int) -> Tile:
    """Render a tile of a public layer; any connection will do.

    Raises
    ------
    NotFound
        No such public layer.
    InvalidInput
        A tile number out of range.
    """
    check_tile(layer, z, x, y)
    if layer not in PUBLIC_LAYERS:
        raise NotFound(f"Layer {layer} is not public", field="layer")
    return _render(conn, f"render_{layer}", _numbers(z, x, y))


def render_cases(conn: Conn, z: int, x: int, y: int, chosen: CaseFilter = OPEN_CASES) -> Tile:
    """Render a tile of cases within the scope of the connection's transaction.

    Raises
    ------
    InvalidInput
        A tile number out of range.
    """
    check_tile("cases", z, x, y)
    values = {
        **_numbers(z, x, y),
        "open_only": chosen.open_only,
        "since": chosen.since,
        "until": chosen.until,
    }
    if z >= CASE_POINT_ZOOM:
        return _render(conn, "render_cases", values)
    level = cluster_level(z)
    counted_by = {"level": level.value, "digits": Int4(DIGITS[level])}
    return _render(conn, "render_case_clusters", {**values, **counted_by})


def cluster_level(z: int) -> Level:
    """Return the level of area by which cases are counted below z 13.

    A bubble wants about 40 pixels: streets of 6 km up to z 8, communities of 1.5 km at z 9 and 10,
    grids of 500 m at z 11 and 12.
    """
    if z <= 8:
        return Level.STREET
    return Level.COMMUNITY if z <= 10 else Level.GRID


def _numbers(z: int, x: int, y: int) -> dict[str, Any]:
    # One integer type, so that each connection prepares a statement once and not once per width.
    return {"z": Int4(z), "x": Int4(x), "y": Int4(y)}


def _render(conn: Conn, name: str, values: Mapping[str, Any]) -> Tile:
    with conn.cursor(binary=True, row_factory=tuple_row) as cursor:
        row = cursor.execute(query("mapsvc", name), values, prepare=True).fetchone()
    body = b"" if row is None else bytes(row[0])
    return Tile(body, hashlib.sha256(body).hexdigest()[:20])
