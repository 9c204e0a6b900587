"""Names of areas, kept for a minute in the process: every case that is shown wants some."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime

from geodata.db.scope import Conn
from layers.name import all_names, names_of

TTL_S = 60.0


class AreaNames:
    """Names by code; areas are public ground, so one memory serves all scopes."""

    def __init__(self, ttl_s: float = TTL_S, monotonic: Callable[[], float] = time.monotonic):
        self._ttl_s = ttl_s
        self._monotonic = monotonic
        self._until = float("-inf")
        self._names: dict[str, str] = {}
        self._asked: set[str] = set()

    def of(self, conn: Conn, codes: Iterable[str], at: datetime) -> dict[str, str]:
        """Return a mapping that holds the names of these areas and of those around them."""
        if self._until < self._monotonic():
            self._names = all_names(conn, at)
            self._asked = set(self._names) | {""}
            self._until = self._monotonic() + self._ttl_s
        missing = set(codes) - self._asked
        if missing:
            self._names.update(names_of(conn, missing, at))
            self._asked |= missing
        return self._names
