"""Finding things on the map by name: areas, estates, assets. Public ground.

For now a plain part-of-the-name search over names of one district (tens of thousands of rows,
a few milliseconds); names that begin with the text come first, then shorter ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geodata.code import Level
from geodata.db.query import query
from geodata.db.scope import Conn
from layers.area import Area, list_areas


@dataclass(frozen=True)
class Place:
    """Something with a name and a place, EPSG:4326 degrees.

    ``kind`` is ``estate`` or a kind of the asset catalogue; ``id`` is a building's for an estate.
    """

    kind: str
    id: int
    name: str
    area_code: str
    lon: float
    lat: float


def search_areas(
    conn: Conn, text: str, at: datetime, *, level: Level | None = None, limit: int = 10
) -> list[Area]:
    """Return areas whose name holds the text or whose code begins with it."""
    rows = conn.execute(
        query("layers", "search_areas"),
        {
            "text": text,
            "pattern": like(text),
            "at": at,
            "level": level.value if level else None,
            "limit": limit,
        },
    ).fetchall()
    order = [row["code"] for row in rows]
    found = {area.code: area for area in list_areas(conn, at, codes=order, limit=limit)}
    return [found[code] for code in order]


def search_places(conn: Conn, text: str, at: datetime, *, limit: int = 10) -> list[Place]:
    """Return estates and assets whose name holds the text."""
    rows = conn.execute(
        query("layers", "search_places"),
        {"pattern": like(text), "prefix": like(text)[1:], "at": at, "limit": limit},
    ).fetchall()
    return [Place(**row) for row in rows]


def like(text: str) -> str:
    """Return a LIKE pattern that finds the text anywhere, its own wildcards taken as text."""
    plain = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{plain}%"
