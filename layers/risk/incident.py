"""Incidents as columns: what was reported where and when, as risk is measured from it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cached_property

import h3
import numpy as np
from numpy.typing import NDArray

from geodata.crs import from_metric
from geodata.db.query import query
from geodata.db.scope import Conn
from layers.risk.density.frame import FloatArray

HEXAGON_LEVEL = 8
"""H3 resolution: in Dalian hexagons of some 0.44 km², the size of a grid."""
DAY_S = 86_400


@dataclass(frozen=True, eq=False)
class Incidents:
    """Incidents column by column, arrays of shape (n,).

    Parameters
    ----------
    x_m, y_m
        Metres of the district's plane (EPSG:4549).
    at_s
        Seconds since 1970 at which it was reported; ``local_s`` the same of the local wall clock.
    type_code, class_code, family, grid_code
        Bytes, as the case has them; the class of a type that has none is the type.
    found
        Found by staff on their rounds rather than reported by somebody: such cases follow the
        patrols, not only what happens.
    """

    id: NDArray[np.int64]
    x_m: FloatArray
    y_m: FloatArray
    at_s: FloatArray
    local_s: FloatArray
    type_code: NDArray[np.bytes_]
    class_code: NDArray[np.bytes_]
    family: NDArray[np.bytes_]
    grid_code: NDArray[np.bytes_]
    urgent: NDArray[np.bool_]
    found: NDArray[np.bool_]
    read_at: datetime

    def __len__(self) -> int:
        return len(self.x_m)

    def take(self, chosen: NDArray[np.bool_]) -> Incidents:
        """Return the chosen incidents."""
        rest = [column.name for column in fields(self) if column.name != "read_at"]
        return Incidents(
            **{name: getattr(self, name)[chosen] for name in rest}, read_at=self.read_at
        )

    @cached_property
    def community_code(self) -> NDArray[np.bytes_]:
        """First twelve digits of the grid's code."""
        return self.grid_code.astype("S12")

    @cached_property
    def hour(self) -> NDArray[np.int64]:
        """Hour of the local day, 0 to 23."""
        return (self.local_s // 3600 % 24).astype(np.int64)

    @cached_property
    def day(self) -> NDArray[np.int64]:
        """Local days since 1970-01-01."""
        return (self.local_s // DAY_S).astype(np.int64)

    @cached_property
    def weekday(self) -> NDArray[np.int64]:
        """ISO weekday, 1 (Monday) to 7."""
        return weekday_of(self.day)

    @cached_property
    def month(self) -> NDArray[np.int64]:
        """Month of the local year, 1 to 12."""
        return month_of(self.day)

    @cached_property
    def hexagon(self) -> NDArray[np.str_]:
        """H3 cell each incident lies in."""
        lon, lat = from_metric(self.x_m, self.y_m)
        return name_hexagons(lon, lat)


def day_number(day: date) -> int:
    """Return the days from 1970-01-01 to a day, as :attr:`Incidents.day` counts them."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def weekday_of(day: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the ISO weekday of days since 1970-01-01, which was a Thursday."""
    return (day + 3) % 7 + 1


def month_of(day: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the month, 1 to 12, of days since 1970-01-01."""
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months % 12 + 1


def name_hexagons(lon: FloatArray, lat: FloatArray) -> NDArray[np.str_]:
    """Return the H3 cell of each point, degrees (EPSG:4326)."""
    pairs = zip(lat.tolist(), lon.tolist(), strict=True)
    return np.array([h3.latlng_to_cell(y, x, HEXAGON_LEVEL) for y, x in pairs], dtype="U15")


_COLUMNS = {
    "id": ">i8",
    "x_m": ">f8",
    "y_m": ">f8",
    "at_s": ">f8",
    "local_s": ">f8",
    "type_code": "S8",
    "class_code": "S8",
    "family": "S16",
    "grid_code": "S15",
    "urgent": "S1",
    "found": "S1",
}


def read_incidents(conn: Conn, now: datetime) -> Incidents:
    """Return all incidents within the connection's scope, read in one statement."""
    row = conn.execute(query("layers.risk", "read_incidents"), binary=True).fetchone()
    if row is None:
        raise AssertionError("an aggregate always answers")
    columns = {name: _column(row[name] or b"", kind) for name, kind in _COLUMNS.items()}
    return Incidents(**columns, read_at=now)  # type: ignore[arg-type] # by _COLUMNS


def _column(raw: bytes, kind: str) -> NDArray[np.generic]:
    values = np.frombuffer(raw, dtype=kind)
    if kind == "S1":
        return np.asarray(values == b"1")
    if kind.startswith("S"):
        return np.asarray(np.char.rstrip(values))
    return values.astype(kind.replace(">", ""))
