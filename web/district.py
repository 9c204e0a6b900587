"""The box round the district: what is far outside it was not measured here."""

from __future__ import annotations

from datetime import datetime

from geodata.code import Level
from geodata.db.scope import Conn
from geodata.errors import Unavailable
from layers.area import list_areas

Bbox = tuple[float, float, float, float]
MARGIN_DEG = 0.05
"""About 5 km: people on duty do cross the border, a phone without a fix says 0, 0."""


def read_box(conn: Conn, at: datetime) -> Bbox:
    """Return (west, south, east, north) in degrees, with the margin.

    Raises
    ------
    Unavailable
        No district is loaded.
    """
    found = list_areas(conn, at, level=Level.DISTRICT, limit=100)
    if not found:
        raise Unavailable("No district is loaded yet; try again later")
    west, south, east, north = zip(*(area.bbox for area in found), strict=True)
    return (
        min(west) - MARGIN_DEG,
        min(south) - MARGIN_DEG,
        max(east) + MARGIN_DEG,
        max(north) + MARGIN_DEG,
    )
