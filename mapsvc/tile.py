"""Vector tiles from PostGIS: one round trip a tile, several MVT layers in one answer.

Layers
------
basemap
    ``water``, ``road``, ``building``, ``place`` (names). Public.
areas
    ``area`` (polygons), ``boundary`` (each line once), ``area_label`` (points). Public.
assets
    ``asset`` (points), ``asset_area`` (polygons), ``asset_cluster`` (counts below a kind's zoom).
    Public.
cases
    ``case`` (points, from z 13), ``case_cluster`` (counts by area below). Row-level security: the
    connection is scoped, and nothing is kept between two requests.

Zoom, column and row are checked before any SQL runs.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from geodata.db.scope import Conn

PUBLIC_LAYERS = ("basemap", "areas", "assets")
LAYERS = (*PUBLIC_LAYERS, "cases")
MAX_ZOOM = 18
MEDIA_TYPE = "application/vnd.mapbox-vector-tile"

Borrow = Callable[[], AbstractContextManager[Conn]]


@dataclass(frozen=True)
class Tile:
    """One tile. ``body`` is empty where nothing lies; ``etag`` has no quotation marks."""

    body: bytes
    etag: str


@dataclass(frozen=True)
class CaseFilter:
    """Which cases a tile shows: open ones only, or all reported in [since, until)."""

    open_only: bool = True
    since: datetime | None = None
    until: datetime | None = None


def check_tile(layer: str, z: int, x: int, y: int) -> None:
    """Refuse a tile that cannot exist.

    Raises
    ------
    NotFound
        There is no such layer.
    InvalidInput
        ``z`` is not 0..18, or ``x`` or ``y`` not 0..2**z - 1; ``field`` names the first.
    """
    raise NotImplementedError


def render_tile(conn: Conn, layer: str, z: int, x: int, y: int) -> Tile:
    """Render a tile of a public layer; any connection will do."""
    raise NotImplementedError


def render_cases(
    conn: Conn,
    z: int,
    x: int,
    y: int,
    chosen: CaseFilter = CaseFilter(),
) -> Tile:
    """Render a tile of cases within the scope of the connection's transaction."""
    raise NotImplementedError


class TileCache:
    """Tiles of public layers, least recently used out first, one per process.

    Parameters
    ----------
    borrow
        Lends a connection for the time of a ``with`` block, as
        ``functools.partial(unscoped, pool)`` does; called only for what is not in the cache.
    max_bytes
        Bytes of bodies to hold.
    version_ttl_s
        Seconds for which the district's ground_version is believed: so old may a tile be.
    """

    def __init__(
        self, borrow: Borrow, *, max_bytes: int = 64 << 20, version_ttl_s: float = 2.0
    ) -> None:
        self._borrow = borrow

    def get(self, layer: str, z: int, x: int, y: int) -> Tile:
        """Return a tile of a public layer, rendered if need be.

        Raises
        ------
        NotFound
            No such public layer; scoped layers are never here.
        InvalidInput
            A tile number out of range.
        """
        raise NotImplementedError
