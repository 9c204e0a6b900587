"""Position reports in batches: one conversion, one snapping and one statement for all rows.

Nothing is done row by row in Python, so that a batch of 1,000 costs little more than one. Reports
may come late or out of order: the newest by the phone's clock stays. Reasons for the table's shape
(no index but its key) are in docs/decisions/0009.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dispatch.actor import Actor
from geodata.crs import Datum, convert
from geodata.db.column import Floats, Integers, accept_columns
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.errors import Forbidden, InvalidInput
from geodata.road.snap import Snapper

FloatArray = NDArray[np.float64]

MAX_BATCH = 2000
AHEAD_S = 120.0
"""A phone's clock may run ahead this far; a fix from later than that would never be replaced."""
BEHIND_S = 7 * 86_400.0
"""Older than this is not where anybody is."""
MAX_SPEED_MPS = 60.0
"""216 km/h: nobody on the roster moves faster, so a jump that asks for more is a bad fix."""
MAX_ACCURACY_M = 20_000.0
MANY = frozenset({"system", "administrator"})
"""Roles that report for others: gateways by token. Everybody else reports for oneself."""


@dataclass(frozen=True)
class Batch:
    """Fixes of many people, column by column, shape (n,); degrees in ``datum``.

    Parameters
    ----------
    person_id
        Who; a person may occur more than once, the newest fix stays.
    measured_at_s
        Seconds since 1970 by the phone's clock.
    speed_mps, heading_deg, accuracy_m
        NaN where not known; None if known for nobody.
    """

    person_id: ArrayLike
    lon: ArrayLike
    lat: ArrayLike
    measured_at_s: ArrayLike
    datum: Datum
    speed_mps: ArrayLike | None = None
    heading_deg: ArrayLike | None = None
    accuracy_m: ArrayLike | None = None


@dataclass(frozen=True)
class Receipt:
    """What became of a batch: every row is counted once.

    ``unknown``: nobody of that id within reach. ``stale``: a newer fix is known already.
    ``suspect`` of the stored ones are jumps faster than 60 m/s.
    """

    received: int
    stored: int
    stale: int
    unknown: int
    suspect: int


def report_positions(
    conn: Conn, roads: Snapper, actor: Actor, batch: Batch, now: datetime
) -> Receipt:
    """Store a batch of fixes; older fixes than the one known never overwrite it.

    Raises
    ------
    InvalidInput
        A value is NaN, infinite or out of range, or a clock runs ahead: nothing is stored.
    Forbidden
        Somebody reports for others.
    """
    fixes = _checked(batch, now)
    received = len(fixes.person_id)
    _own_only(actor, fixes.person_id)
    fixes = fixes.newest_of_each()
    row = _upsert(conn, fixes, roads, str(batch.datum), now)
    return _receipt(received, len(fixes.person_id), row)


def _upsert(conn: Conn, fixes: _Fixes, roads: Snapper, datum: str, now: datetime) -> Row | None:
    positions = roads.snap(fixes.lon, fixes.lat)
    with conn.cursor() as cursor:
        accept_columns(cursor)
        return cursor.execute(
            query("dispatch.people", "upsert_positions"),
            {
                "person_id": Integers(fixes.person_id),
                "lon": Floats(fixes.lon),
                "lat": Floats(fixes.lat),
                "measured_us": Integers(fixes.measured_us),
                "edge_id": Integers(roads.graph.edge_id[positions.edge]),
                "fraction": Floats(positions.fraction),
                "snap_m": Floats(positions.snap_m),
                "speed_mps": Floats(fixes.speed_mps),
                "heading_deg": Floats(fixes.heading_deg),
                "accuracy_m": Floats(fixes.accuracy_m),
                "datum": datum,
                "now": now,
                "max_speed_mps": MAX_SPEED_MPS,
            },
        ).fetchone()


def _receipt(received: int, kept: int, row: Row | None) -> Receipt:
    known, stored, suspect = (row["known"], row["stored"], row["suspect"]) if row else (0, 0, 0)
    unknown = kept - known
    return Receipt(
        received=received,
        stored=stored,
        stale=received - unknown - stored,
        unknown=unknown,
        suspect=suspect,
    )


@dataclass(frozen=True, eq=False)
class _Fixes:
    """Checked columns, shape (n,), WGS-84."""

    person_id: NDArray[np.int64]
    lon: FloatArray
    lat: FloatArray
    measured_us: NDArray[np.int64]
    speed_mps: FloatArray
    heading_deg: FloatArray
    accuracy_m: FloatArray

    def newest_of_each(self) -> _Fixes:
        """Return one fix per person, ordered by id: all batches lock rows in the same order."""
        order = np.lexsort((self.measured_us, self.person_id))
        person = self.person_id[order]
        last = np.append(person[1:] != person[:-1], True) if len(person) else person.astype(bool)
        return _Fixes(*(column[order[last]] for column in vars(self).values()))


def _checked(batch: Batch, now: datetime) -> _Fixes:
    person_id = _integers(batch.person_id, "person_id")
    count = len(person_id)
    if not 1 <= count <= MAX_BATCH:
        raise InvalidInput(f"A batch has 1 to {MAX_BATCH} positions", field="positions")
    lon, lat = convert(batch.lon, batch.lat, batch.datum, Datum.WGS84, field="positions")
    measured_s = _column(batch.measured_at_s, count, "measured_at")
    late_s = now.timestamp() - measured_s
    _refuse(~np.isfinite(measured_s), "measured_at", "must be a moment")
    _refuse(late_s < -AHEAD_S, "measured_at", f"is over {AHEAD_S:.0f} s ahead of our clock")
    _refuse(late_s > BEHIND_S, "measured_at", "is over a week old")
    fixes = _Fixes(
        person_id=person_id,
        lon=lon,
        lat=lat,
        measured_us=np.rint(measured_s * 1e6).astype(np.int64),
        speed_mps=_optional(batch.speed_mps, count, "speed_mps", 0, 200),
        heading_deg=_optional(batch.heading_deg, count, "heading_deg", 0, 360),
        accuracy_m=_optional(batch.accuracy_m, count, "accuracy_m", 0, MAX_ACCURACY_M),
    )
    if len(lon) != count:
        raise InvalidInput("positions needs as many points as people", field="positions")
    return fixes


def _own_only(actor: Actor, person_id: NDArray[np.int64]) -> None:
    if actor.role in MANY:
        return
    if actor.person_id is None or bool((person_id != actor.person_id).any()):
        raise Forbidden("You may report your own position only", person_id=actor.person_id)


def _integers(values: ArrayLike, name: str) -> NDArray[np.int64]:
    numbers = np.atleast_1d(np.asarray(values))
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise InvalidInput(f"positions.{name} must be whole numbers", field=f"positions.{name}")
    return numbers.astype(np.int64)


def _column(values: ArrayLike, count: int, name: str) -> FloatArray:
    numbers = np.atleast_1d(np.asarray(values, np.float64))
    if numbers.shape != (count,):
        raise InvalidInput(f"positions.{name} must be one for each person", field="positions")
    return numbers


def _optional(
    values: ArrayLike | None, count: int, name: str, least: float, most: float
) -> FloatArray:
    """Return a column in which NaN stands for unknown."""
    if values is None:
        return np.full(count, np.nan)
    numbers = _column(values, count, name)
    known = ~np.isnan(numbers)
    bad = known & ~((numbers >= least) & (numbers <= most))
    _refuse(bad, name, f"must be from {least:g} to {most:g}")
    return numbers


def _refuse(bad: NDArray[np.bool_], name: str, problem: str) -> None:
    if bad.any():
        row = int(bad.argmax())
        raise InvalidInput(
            f"positions.{name}, row {row}, {problem}", field=f"positions.{name}", row=row
        )
