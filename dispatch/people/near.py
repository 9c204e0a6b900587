"""Who is in a place now: people on duty by role, by their last fix if it is a fresh one."""

from __future__ import annotations

from datetime import datetime

import shapely
from shapely.geometry.base import BaseGeometry

from geodata.crs import GEOGRAPHIC_EPSG, stamp
from geodata.db.query import query
from geodata.db.scope import Conn

FRESH_S = 900
"""How old a fix may be that still tells where somebody is, seconds: on foot it is a kilometre."""


def count_people_inside(conn: Conn, outline: BaseGeometry, at: datetime) -> dict[str, int]:
    """Return how many people in scope are on duty within an outline, by role, most first.

    Who has sent no fix in the last :data:`FRESH_S`, or a suspect one, counts nowhere: neither an
    old fix nor the home post says where somebody is.

    Parameters
    ----------
    outline
        Polygon in degrees (EPSG:4326).
    at
        The moment asked about, now.
    """
    west, south, east, north = outline.bounds
    written = shapely.to_wkb(stamp(outline, GEOGRAPHIC_EPSG), include_srid=True)
    values = {"outline": written, "west": west, "south": south, "east": east, "north": north}
    rows = conn.execute(
        query("dispatch.people", "count_people_inside"), values | {"at": at, "within_s": FRESH_S}
    ).fetchall()
    return {row["role"]: row["n"] for row in rows}
