"""Datums and projections: WGS-84, CGCS2000, GCJ-02, BD-09, and a metric plane such as EPSG:4549.

All functions take and return arrays of shape (n,): longitude first, degrees; plane coordinates are
(x, y) = (easting, northing) in metres. Formulas and their validation: docs/algorithms/crs.md.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, overload

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from geodata.errors import InvalidInput

FloatArray = NDArray[np.float64]
Shift = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
Geometry = TypeVar("Geometry", bound=BaseGeometry)

GEOGRAPHIC_EPSG = 4326
"""Stored geometry; CGCS2000 (EPSG:4490) differs from it by centimetres and is stored as it."""
METRIC_EPSG = 4549
"""CGCS2000 / 3-degree Gauss-Krüger CM 120E: the district's plane."""


class Datum(StrEnum):
    """The datum a longitude and latitude were measured or published in."""

    WGS84 = "WGS-84"
    CGCS2000 = "CGCS2000"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


_SPELLINGS = {
    "WGS84": Datum.WGS84,
    "EPSG4326": Datum.WGS84,
    "4326": Datum.WGS84,
    "GPS": Datum.WGS84,
    "CGCS2000": Datum.CGCS2000,
    "EPSG4490": Datum.CGCS2000,
    "4490": Datum.CGCS2000,
    "GCJ02": Datum.GCJ02,
    "GCJ": Datum.GCJ02,
    "BD09": Datum.BD09,
    "BD09LL": Datum.BD09,
}

# The Krasovsky 1940 ellipsoid: the published reconstruction of GCJ-02 measures its shift on it.
_A_M = 6_378_245.0
_EE = 0.00669342162296594323
# GCJ-02 is defined over this box around China; outside it nothing is shifted. The box is the one of
# every public reconstruction (eviltransform, gcoord, transbigdata), so results agree with theirs.
_WEST_DEG, _EAST_DEG = 72.004, 137.8347
_SOUTH_DEG, _NORTH_DEG = 0.8293, 55.8271
# BD-09 wobbles and moves GCJ-02.
_BD_ANGLE = np.pi * 3000.0 / 180.0
_BD_LON_DEG, _BD_LAT_DEG = 0.0065, 0.006
_MOST_SHIFT_DEG = 0.05  # GCJ-02 never shifts further inside the box (0.02 at its corners)
_INVERSE_TOLERANCE_DEG = 1e-12  # 0.1 µm on the ground; 1e-9 would be the 0.1 mm asked for
_INVERSE_STEPS = 30  # the iteration shrinks the error at least 20-fold a step: 8 are enough


def parse_datum(text: object, *, field: str = "location.datum") -> Datum:
    """Read the name of a datum in any usual spelling.

    A missing datum is refused, never guessed: GCJ-02 taken for WGS-84 puts a case 500 m away.

    Parameters
    ----------
    text
        Such as 'WGS-84', 'wgs84', 'gcj02', 'BD-09', 'EPSG:4490'.
    field
        Name of the input field for the error.

    Raises
    ------
    InvalidInput
        Nothing was given, or no datum known here.
    """
    known = ", ".join(Datum)
    if text is None or text == "":
        raise InvalidInput(f"{field} is missing: say one of {known}", field=field)
    if isinstance(text, str) and len(text) <= 20:
        found = _SPELLINGS.get("".join(c for c in text.upper() if c not in "-_: ./"))
        if found is not None:
            return found
    raise InvalidInput(f"{field} is no datum known here: say one of {known}", field=field)


def convert(
    lon: ArrayLike, lat: ArrayLike, source: Datum, target: Datum, *, field: str = "location"
) -> tuple[FloatArray, FloatArray]:
    """Convert longitudes and latitudes from one datum to another.

    WGS-84 and CGCS2000 are taken as equal (they differ by centimetres). GCJ-02 exists inside
    China's box only: outside it coordinates stay as they are. BD-09 is built on GCJ-02.
    The inverses are iterated until a round trip is exact to 0.1 µm.

    Parameters
    ----------
    lon, lat
        Shape (n,) or scalars, degrees in the source datum.
    source, target
        Datums.
    field
        Name of the input for errors: ``location`` gives ``location.lon``.

    Returns
    -------
    tuple
        Longitude and latitude, shape (n,), degrees in the target datum.

    Raises
    ------
    InvalidInput
        A coordinate is NaN, infinite or out of range; names the row (from 0) and the field.
    """
    lon_deg, lat_deg = check_lonlat(lon, lat, field=field)
    for step in _steps(source, target):
        lon_deg, lat_deg = step(lon_deg, lat_deg)
    return lon_deg, lat_deg


def check_lonlat(
    lon: ArrayLike, lat: ArrayLike, *, field: str = "location"
) -> tuple[FloatArray, FloatArray]:
    """Return private float arrays of shape (n,), refusing what is no place on earth.

    Raises
    ------
    InvalidInput
        NaN, infinity, longitude beyond ±180 or latitude beyond ±90 (often the two are swapped).
    """
    lon_deg = np.array(lon, dtype=np.float64, ndmin=1)
    lat_deg = np.array(lat, dtype=np.float64, ndmin=1)
    if lon_deg.shape != lat_deg.shape or lon_deg.ndim != 1:
        raise InvalidInput(f"{field} needs as many longitudes as latitudes", field=field)
    _refuse(~(np.abs(lon_deg) <= 180.0), lon_deg, f"{field}.lon", 180)
    _refuse(~(np.abs(lat_deg) <= 90.0), lat_deg, f"{field}.lat", 90)
    return lon_deg, lat_deg


def _refuse(bad: NDArray[np.bool_], values: FloatArray, field: str, limit_deg: int) -> None:
    if not bad.any():
        return
    row = int(bad.argmax())
    where = f"{field}, row {row}," if len(values) > 1 else field
    raise InvalidInput(
        f"{where} must be a number of degrees from -{limit_deg} to {limit_deg}; order is lon, lat",
        field=field,
        row=row,
        value=float(values[row]),
    )


def _steps(source: Datum, target: Datum) -> list[Shift]:
    """Return the shifts from source to target: down to WGS-84 and up again, no further than due."""
    rank = {Datum.WGS84: 0, Datum.CGCS2000: 0, Datum.GCJ02: 1, Datum.BD09: 2}
    down: list[Shift] = [wgs84_from_gcj02, _gcj02_from_bd09]
    up: list[Shift] = [gcj02_from_wgs84, _bd09_from_gcj02]
    here, there = rank[source], rank[target]
    return up[here:there] if here <= there else down[there:here][::-1]


def gcj02_from_wgs84(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shift WGS-84 degrees to GCJ-02, inside China's box only."""
    inside = _in_box(lon, lat)
    shifted_lon, shifted_lat = _shifted(lon, lat)
    return np.where(inside, shifted_lon, lon), np.where(inside, shifted_lat, lat)


def wgs84_from_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Undo the shift of GCJ-02; what no point of the box is shifted to stays as it is."""
    near = _in_box(lon, lat, margin_deg=_MOST_SHIFT_DEG)
    found_lon, found_lat = lon.copy(), lat.copy()
    found_lon[near], found_lat[near] = _inverse(_shifted, lon[near], lat[near])
    inside = near & _in_box(found_lon, found_lat)
    return np.where(inside, found_lon, lon), np.where(inside, found_lat, lat)


def _in_box(lon: FloatArray, lat: FloatArray, margin_deg: float = 0.0) -> NDArray[np.bool_]:
    return (
        (lon >= _WEST_DEG - margin_deg)
        & (lon <= _EAST_DEG + margin_deg)
        & (lat >= _SOUTH_DEG - margin_deg)
        & (lat <= _NORTH_DEG + margin_deg)
    )


def _shifted(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return GCJ-02 as reconstructed in public (the formula is not published by the state)."""
    east, north = _shift_m(lon - 105.0, lat - 35.0)
    phi = np.radians(lat)
    magic = 1.0 - _EE * np.sin(phi) ** 2
    meridian_m = _A_M * (1.0 - _EE) / (magic * np.sqrt(magic))
    parallel_m = _A_M / np.sqrt(magic) * np.cos(phi)
    return lon + np.degrees(east / parallel_m), lat + np.degrees(north / meridian_m)


def _shift_m(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the shift to the east and north; x, y in degrees from 105 E 35 N."""
    root, pi = np.sqrt(np.abs(x)), np.pi
    ripple = 20.0 * np.sin(6.0 * x * pi) + 20.0 * np.sin(2.0 * x * pi)
    wave_x = 20.0 * np.sin(x * pi) + 40.0 * np.sin(x / 3.0 * pi)
    wave_y = 20.0 * np.sin(y * pi) + 40.0 * np.sin(y / 3.0 * pi)
    swell_x = 150.0 * np.sin(x / 12.0 * pi) + 300.0 * np.sin(x / 30.0 * pi)
    swell_y = 160.0 * np.sin(y / 12.0 * pi) + 320.0 * np.sin(y / 30.0 * pi)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    return (
        east + (ripple + wave_x + swell_x) * 2.0 / 3.0,
        north + (ripple + wave_y + swell_y) * 2.0 / 3.0,
    )


def _bd09_from_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_ANGLE)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_ANGLE)
    return radius * np.cos(theta) + _BD_LON_DEG, radius * np.sin(theta) + _BD_LAT_DEG


def _gcj02_from_bd09(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    return _inverse(_bd09_from_gcj02, lon, lat)


def _inverse(forward: Shift, lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Find what ``forward`` maps to (lon, lat): walk back by the miss until there is none."""
    found_lon, found_lat = lon.copy(), lat.copy()
    for _ in range(_INVERSE_STEPS):
        there_lon, there_lat = forward(found_lon, found_lat)
        miss_lon, miss_lat = there_lon - lon, there_lat - lat
        found_lon -= miss_lon
        found_lat -= miss_lat
        worst = max(np.abs(miss_lon).max(initial=0.0), np.abs(miss_lat).max(initial=0.0))
        if worst < _INVERSE_TOLERANCE_DEG:
            break
    return found_lon, found_lat


@cache
def _transformer(source_epsg: int, target_epsg: int) -> Transformer:
    """Return a transformer in (lon, lat) order; pyproj's are safe to share between threads."""
    return Transformer.from_crs(source_epsg, target_epsg, always_xy=True)


def to_metric(
    lon: ArrayLike, lat: ArrayLike, epsg: int = METRIC_EPSG
) -> tuple[FloatArray, FloatArray]:
    """Project longitudes and latitudes to a plane.

    Parameters
    ----------
    lon, lat
        Shape (n,), degrees, EPSG:4326 (or CGCS2000).
    epsg
        A plane with axes in metres.

    Returns
    -------
    tuple
        Easting and northing, shape (n,), metres.

    Raises
    ------
    InvalidInput
        A coordinate is NaN, infinite or out of range.
    """
    lon_deg, lat_deg = check_lonlat(lon, lat)
    x_m, y_m = _transformer(GEOGRAPHIC_EPSG, epsg).transform(lon_deg, lat_deg)
    return np.asarray(x_m, np.float64), np.asarray(y_m, np.float64)


def from_metric(
    x_m: ArrayLike, y_m: ArrayLike, epsg: int = METRIC_EPSG
) -> tuple[FloatArray, FloatArray]:
    """Undo :func:`to_metric`: shape (n,) metres to degrees, EPSG:4326.

    Raises
    ------
    InvalidInput
        A coordinate is NaN or infinite, or lies off the projection.
    """
    x = np.array(x_m, dtype=np.float64, ndmin=1)
    y = np.array(y_m, dtype=np.float64, ndmin=1)
    lon, lat = _transformer(epsg, GEOGRAPHIC_EPSG).transform(x, y)
    return check_lonlat(lon, lat, field="metric")


@overload
def stamp(geometry: Geometry, epsg: int) -> Geometry: ...
@overload
def stamp(geometry: NDArray[Any], epsg: int) -> NDArray[Any]: ...
def stamp(geometry: Any, epsg: int) -> Any:
    """Return the shapely geometry (or array of them) with its SRID, ready to be written.

    The one place where an SRID is stamped. shapely geometry has SRID 0 and psycopg labels that
    silently with the column's SRID, metres and all; ``union_all`` and ``transform`` drop it. So
    whatever is written goes through here, in the SRID its coordinates really have.

    Raises
    ------
    InvalidInput
        Coordinates that cannot be degrees are declared as EPSG:4326 or 4490.
    """
    if epsg in (GEOGRAPHIC_EPSG, 4490):
        _refuse_metres(geometry)
    return shapely.set_srid(geometry, epsg)


def _refuse_metres(geometry: Any) -> None:
    xy = shapely.get_coordinates(geometry)
    if not bool(np.all((np.abs(xy[:, 0]) <= 180.0) & (np.abs(xy[:, 1]) <= 90.0))):
        raise InvalidInput("geometry in degrees has coordinates beyond ±180, ±90", field="geom")
