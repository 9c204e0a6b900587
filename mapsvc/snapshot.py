"""The live picture to start from: people on duty and open cases in scope.

Its ``seq`` is where the event stream goes on from, without a gap.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from geodata.db.query import query
from geodata.db.scope import Conn, Scope
from geodata.errors import DataFault

MOST_SCOPES = 256
"""Snapshots held at once; the oldest goes first."""


@dataclass(frozen=True)
class Snapshot:
    """A snapshot as it goes to the browser.

    ``body`` is UTF-8 JSON::

        {"seq": 812, "server_time": "2026-02-15T08:42:07.123456+00:00",
         "roles": ["grid_worker", ...],
         "people": {"origin_e6": [lon, lat], "id": [...], "dlon_e6": [...], "dlat_e6": [...],
                    "heading_deg": [...], "speed_dmps": [...], "age_s": [...], "role": [...],
                    "busy": [...]},
         "cases": [{"id", "number", "type", "type_name", "type_name_en", "family", "state",
                    "version", "urgent", "channel", "lon", "lat", "grid_code", "address",
                    "reported_at", "state_since", "yellow_at", "due_at",
                    "lead": {"person_id", "name", "role", "state", "travel_s"} or null}]}

    Columns are of equal length: dlon and dlat from the origin in millionths of a degree
    (EPSG:4326), heading in whole degrees (null unknown), speed in tenths of a metre per second (0
    standing or unknown), age of the fix in seconds (9,999 stands for all above), role an index into
    ``roles``, busy 1 with a live assignment.
    Nobody off duty is in it. Columns are by id, cases newest first. A lead from beyond the scope
    has nulls for id and name.
    """

    seq: int
    body: bytes


def take_snapshot(conn: Conn) -> Snapshot:
    """Read the snapshot within the scope of the connection's transaction.

    One statement reads seq and rows, so both are of one moment: an event sealed up to ``seq`` is
    in the rows, one sealed later follows on the stream (perhaps for a change already seen: to
    apply it twice does no harm).
    """
    row = conn.execute(query("mapsvc", "take_snapshot"), prepare=True).fetchone()
    if row is None:
        raise DataFault("The snapshot has no row")
    return Snapshot(int(row["seq"]), row["body"].encode())


class SnapshotCache:
    """Snapshots of at most ``ttl_s`` seconds, kept apart by :attr:`Scope.key`.

    A wall that reconnects brings fifty browsers of the same scope at once: they share one reading.

    Parameters
    ----------
    borrow
        Lends a scoped connection: ``functools.partial(scoped, pool)``.
    ttl_s
        Seconds, at most 1: what is older is not the live picture.
    monotonic
        Clock of that time, seconds.
    """

    def __init__(
        self,
        borrow: Callable[[Scope], AbstractContextManager[Conn]],
        *,
        ttl_s: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._borrow = borrow
        self._ttl_s = ttl_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._taken: dict[str, tuple[float, Snapshot]] = {}

    def get(self, scope: Scope) -> Snapshot:
        """Return a snapshot for the scope, taken within the last ``ttl_s`` seconds."""
        started = self._monotonic()
        with self._lock:
            at, kept = self._taken.get(scope.key, (float("-inf"), None))
        if kept is not None and started - at < self._ttl_s:
            return kept
        with self._borrow(scope) as conn:
            fresh = take_snapshot(conn)
        with self._lock:
            self._taken.pop(scope.key, None)
            self._taken[scope.key] = (started, fresh)
            while len(self._taken) > MOST_SCOPES:
                del self._taken[next(iter(self._taken))]
        return fresh
