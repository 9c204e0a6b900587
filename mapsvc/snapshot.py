"""The live picture to start from: people on duty and open cases in scope.

Its ``seq`` is where the event stream goes on from, without a gap.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from geodata.db.scope import Conn, Scope


@dataclass(frozen=True)
class Snapshot:
    """A snapshot as it goes to the browser.

    ``body`` is UTF-8 JSON::

        {"seq": 812, "server_time": "2026-02-15T08:42:07.123456Z",
         "roles": ["grid_worker", ...],
         "people": {"id": [...], "lon_e6": [...], "lat_e6": [...], "heading_deg": [...],
                    "speed_dmps": [...], "age_s": [...], "role": [...], "busy": [...]},
         "cases": [{"id", "number", "type", "type_name", "type_name_en", "family", "state",
                    "version", "urgent", "channel", "lon", "lat", "grid_code", "address",
                    "reported_at", "state_since",
                    "lead": {"person_id", "name", "role", "state", "travel_s"} or null}]}

    Columns are of equal length: lon and lat in millionths of a degree (EPSG:4326), heading in
    whole degrees (null unknown), speed in tenths of a metre per second, age of the fix in seconds,
    role an index into ``roles``, busy 1 with a live assignment. Nobody off duty is in it. Columns
    are by id, cases newest first.
    """

    seq: int
    body: bytes


def take_snapshot(conn: Conn) -> Snapshot:
    """Read the snapshot within the scope of the connection's transaction.

    One statement reads seq and rows, so both are of one moment: an event sealed up to ``seq`` is
    in the rows, one sealed later follows on the stream (perhaps for a change already seen: to
    apply it twice does no harm).
    """
    raise NotImplementedError


class SnapshotCache:
    """Snapshots of at most ``ttl_s`` seconds, kept apart by :attr:`Scope.key`.

    Parameters
    ----------
    borrow
        Lends a scoped connection: ``functools.partial(scoped, pool)``.
    """

    def __init__(
        self, borrow: Callable[[Scope], AbstractContextManager[Conn]], *, ttl_s: float = 1.0
    ) -> None:
        self._borrow = borrow

    def get(self, scope: Scope) -> Snapshot:
        """Return a snapshot for the scope, taken within the last ``ttl_s`` seconds."""
        raise NotImplementedError
