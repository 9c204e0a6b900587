"""Locating: a point of any declared datum, or a door plate → the grid of that time.

The result says how sure it is: the distance to the nearest edge, the grid that is next, and
whether that one is within the stated accuracy. docs/decisions/0004 has the reasons.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from geodata.address import find_address
from geodata.crs import Datum, convert, parse_datum
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.errors import InvalidInput

ON_EDGE_M = 0.05
"""Nearer than this to the next grid a point is on the edge: degrees are rounded, and an edge that
is straight in degrees is up to 2 cm beside the straight line on the plane (1 km long)."""
MAX_ACCURACY_M = 20_000.0
"""A fix worse than this says nothing about a district of some 450 km²."""


@dataclass(frozen=True)
class Location:
    """A point as it was sent; bad values are refused when it is made.

    Parameters
    ----------
    lon, lat
        Degrees in ``datum``.
    datum
        Declared by the sender, never guessed; any spelling :func:`parse_datum` knows.
    accuracy_m
        Radius within which the true place lies, None if not stated.

    Raises
    ------
    InvalidInput
        Names ``location.lon``, ``location.lat``, ``location.datum`` or ``location.accuracy_m``.
    """

    lon: float
    lat: float
    datum: Datum
    accuracy_m: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "datum", parse_datum(self.datum))
        object.__setattr__(self, "lon", _degrees(self.lon, "lon", 180))
        object.__setattr__(self, "lat", _degrees(self.lat, "lat", 90))
        if self.accuracy_m is not None:
            object.__setattr__(self, "accuracy_m", _accuracy_m(self.accuracy_m))

    def to_wgs84(self) -> tuple[float, float]:
        """Return (lon, lat) in WGS-84 degrees."""
        if self.datum in (Datum.WGS84, Datum.CGCS2000):
            return self.lon, self.lat
        lon, lat = convert(self.lon, self.lat, self.datum, Datum.WGS84)
        return float(lon[0]), float(lat[0])


@dataclass(frozen=True)
class Place:
    """Where something is, and how sure that is; lon and lat are EPSG:4326.

    ``ambiguous``: the runner-up lies within the stated accuracy (or the point is on the edge).
    """

    lon: float
    lat: float
    grid_code: str
    edge_m: float
    runner_up_code: str | None
    ambiguous: bool
    building_id: int | None


def _degrees(value: object, name: str, limit_deg: int) -> float:
    field = f"location.{name}"
    number = _number(value, field)
    if not abs(number) <= limit_deg:
        raise InvalidInput(
            f"{field} must be from -{limit_deg} to {limit_deg} degrees; order is lon, lat",
            field=field,
        )
    return number


def _accuracy_m(value: object) -> float:
    number = _number(value, "location.accuracy_m")
    if not 0 <= number <= MAX_ACCURACY_M:
        raise InvalidInput(
            f"location.accuracy_m must be from 0 to {MAX_ACCURACY_M:.0f} metres",
            field="location.accuracy_m",
        )
    return number


def _number(value: object, field: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInput(f"{field} must be a number", field=field)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InvalidInput(f"{field} must be a finite number", field=field)
    return number


def locate(conn: Conn, location: Location, at: datetime) -> Place:
    """Return the grid a point lay in at a moment.

    On an edge the lowest code wins and the other grid is the runner-up.

    Raises
    ------
    InvalidInput
        ``location``: outside every grid; says so if lon and lat seem swapped.
    """
    lon, lat = location.to_wgs84()
    row = _locate_row(conn, lon, lat, at)
    if row is None:
        raise outside(conn, location, at)
    return make_place(row, lon, lat, location.accuracy_m)


def make_place(row: Row, lon: float, lat: float, accuracy_m: float | None) -> Place:
    """Return the place of a row of ``dispatch.locate_point``."""
    runner_up_m = row["runner_up_m"]
    return Place(
        lon=lon,
        lat=lat,
        grid_code=row["grid_code"],
        edge_m=row["edge_m"],
        runner_up_code=row["runner_up_code"],
        ambiguous=runner_up_m is not None and is_ambiguous(runner_up_m, accuracy_m),
        building_id=row["building_id"],
    )


def is_ambiguous(runner_up_m: float, accuracy_m: float | None) -> bool:
    """Tell whether the next grid is as likely: within the accuracy, or touched by the point.

    >>> is_ambiguous(12.0, 15.0), is_ambiguous(12.0, None), is_ambiguous(1e-9, None)
    (True, False, True)
    """
    return runner_up_m <= max(accuracy_m or 0.0, ON_EDGE_M)


def outside(conn: Conn, location: Location, at: datetime) -> InvalidInput:
    """Return the error for a point outside every grid, with a hint if lon and lat are swapped."""
    problem = "The place lies outside the district"
    if abs(location.lon) <= 90:
        swapped = Location(location.lat, location.lon, location.datum)
        if _locate_row(conn, *swapped.to_wgs84(), at) is not None:
            problem += "; with lon and lat exchanged it would lie inside: order is lon, lat"
    return InvalidInput(problem, field="location")


def locate_address(conn: Conn, text: str, at: datetime) -> Place:
    """Return the place of a door plate; the plate stands exactly, so nothing is ambiguous.

    Raises
    ------
    InvalidInput
        ``address``: unknown or ambiguous; lists what could be meant.
    """
    address = find_address(conn, text)
    row = _locate_row(conn, address.lon, address.lat, at)
    if row is None:
        raise InvalidInput("The door plate lies outside the district's grids", field="address")
    if address.building_id is not None:
        row["building_id"] = address.building_id
    return make_place(row, address.lon, address.lat, None)


def _locate_row(conn: Conn, lon: float, lat: float, at: datetime) -> Row | None:
    return conn.execute(query("dispatch.case", "locate_point"), (lon, lat, at)).fetchone()
