"""Rendered tiles of public layers, kept in the process; tiles under scope never come here."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

from psycopg import OperationalError

from geodata.db.scope import Conn
from geodata.errors import NotFound, Unavailable
from mapsvc.tile import PUBLIC_LAYERS, Tile, check_tile, render_tile

Borrow = Callable[[], AbstractContextManager[Conn]]
T = TypeVar("T")
Key = tuple[int, str, int, int, int]
ATTEMPTS = 5
"""A dead connection is given back and thrown away; a pool of four may hold four of them."""
ENTRY_BYTES = 400
"""What a key, an etag and their places in the dictionary weigh: empty tiles are not free."""


def read_version(conn: Conn) -> int:
    """Return the ground_version of the database, 0 without a district."""
    row = conn.execute(
        "SELECT coalesce(max(ground_version), 0) AS version FROM geodata.districts", prepare=True
    ).fetchone()
    return 0 if row is None else int(row["version"])


class TileCache:
    """Tiles of public layers, least recently used out first, one per process.

    An etag is ``<ground_version>-<digest of the body>``: equal in every process and after a
    restart, and another one when the ground has been replaced.

    Parameters
    ----------
    borrow
        Lends a connection for the time of a ``with`` block, best of all ``connection`` of a pool
        with autocommit; called only for what is not in the cache. It may be a dead one.
    max_bytes
        Bytes to hold.
    version_ttl_s
        Seconds for which the district's ground_version is believed: so old may a tile be.
    monotonic
        Clock of that time, seconds.
    """

    def __init__(
        self,
        borrow: Borrow,
        *,
        max_bytes: int = 64 << 20,
        version_ttl_s: float = 2.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._borrow = borrow
        self._max_bytes = max_bytes
        self._version_ttl_s = version_ttl_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._tiles: OrderedDict[Key, Tile] = OrderedDict()
        self._bytes = 0
        self._version = 0
        self._version_until = float("-inf")

    def get(self, layer: str, z: int, x: int, y: int) -> Tile:
        """Return a tile of a public layer, rendered if need be.

        Raises
        ------
        NotFound
            No such public layer; scoped layers are never here.
        InvalidInput
            A tile number out of range.
        """
        check_tile(layer, z, x, y)
        if layer not in PUBLIC_LAYERS:
            raise NotFound(f"Layer {layer} is not public", field="layer")
        key = (self._current_version(), layer, z, x, y)
        kept = self._find(key)
        if kept is not None:
            return kept
        fresh = self._ask(lambda conn: render_tile(conn, layer, z, x, y))
        tile = Tile(fresh.body, f"{key[0]}-{fresh.etag}")
        self._keep(key, tile)
        return tile

    @property
    def held_bytes(self) -> int:
        """Bytes held now."""
        return self._bytes

    def _current_version(self) -> int:
        now = self._monotonic()
        if now < self._version_until:
            return self._version
        version = self._ask(read_version)
        with self._lock:
            if version != self._version:
                self._tiles.clear()
                self._bytes = 0
            self._version, self._version_until = version, now + self._version_ttl_s
            return version

    def _ask(self, question: Callable[[Conn], T]) -> T:
        for _ in range(ATTEMPTS):
            with self._borrow() as conn:
                try:
                    return question(conn)
                except OperationalError:
                    if not conn.closed:
                        raise
        raise Unavailable("The database is not answering; the map is drawn when it does.")

    def _find(self, key: Key) -> Tile | None:
        with self._lock:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
            return tile

    def _keep(self, key: Key, tile: Tile) -> None:
        size = len(tile.body) + ENTRY_BYTES
        with self._lock:
            # A tile of an older ground, or one that two requests rendered, is not kept (again).
            if size > self._max_bytes or key in self._tiles or key[0] != self._version:
                return
            self._tiles[key] = tile
            self._bytes += size
            while self._bytes > self._max_bytes:
                _, oldest = self._tiles.popitem(last=False)
                self._bytes -= len(oldest.body) + ENTRY_BYTES
