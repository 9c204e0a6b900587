"""Buildings: the one a point lies in, or the nearest. Public ground."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.db.query import query
from geodata.db.scope import Conn

NEAREST_M = 50.0
"""How far a reported point may lie from the building it means: the width of a street, and the
error of a phone between houses (typically 10-30 m)."""


@dataclass(frozen=True)
class Building:
    """One building; ``distance_m`` is from the point asked for, 0 inside."""

    id: int
    grid_code: str
    name: str | None
    estate: str | None
    use: str
    storeys: int
    households: int
    residents: int
    lon: float
    lat: float
    distance_m: float


def find_building(
    conn: Conn, lon: float, lat: float, radius_m: float = NEAREST_M
) -> Building | None:
    """Return the building at a point, else the nearest within a radius, else None.

    Of several at the same distance (a shared wall) the least id, every time.

    Parameters
    ----------
    lon, lat
        EPSG:4326 degrees.
    radius_m
        Metres in the metric CRS.
    """
    row = conn.execute(
        query("layers", "find_building"), {"lon": lon, "lat": lat, "radius_m": radius_m}
    ).fetchone()
    return None if row is None else Building(**row)
