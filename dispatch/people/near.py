"""Who is in a place now: people on duty by role, by their last fix."""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry

from geodata.crs import GEOGRAPHIC_EPSG, stamp
from geodata.db.query import query
from geodata.db.scope import Conn


def count_people_inside(conn: Conn, outline: BaseGeometry) -> dict[str, int]:
    """Return how many people in scope are on duty within an outline, by role, most first.

    Who has sent no fix yet counts nowhere: the home post says nothing about today.

    Parameters
    ----------
    outline
        Polygon in degrees (EPSG:4326).
    """
    west, south, east, north = outline.bounds
    written = shapely.to_wkb(stamp(outline, GEOGRAPHIC_EPSG), include_srid=True)
    rows = conn.execute(
        query("dispatch.people", "count_people_inside"),
        {"outline": written, "west": west, "south": south, "east": east, "north": north},
    ).fetchall()
    return {row["role"]: row["n"] for row in rows}
