"""Areas of the four levels and micro-grids, each valid for a period. Public ground: no scope.

Who may see an area's cases is another matter; that an area exists is printed on its signboard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geodata.code import Level, parse_code
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.errors import InvalidInput, NotFound


@dataclass(frozen=True)
class Area:
    """One area as it stands at the moment asked for.

    ``lon`` and ``lat`` are its label point, strictly inside; ``bbox`` is (west, south, east,
    north); all EPSG:4326 degrees. ``valid_to`` is None while the area stands.
    """

    code: str
    level: Level
    parent_code: str | None
    name: str
    name_en: str | None
    lon: float
    lat: float
    bbox: tuple[float, float, float, float]
    area_m2: float
    valid_from: datetime | None
    valid_to: datetime | None


@dataclass(frozen=True)
class Neighbor:
    """An area that shares an edge (not only a corner) of ``shared_m`` metres."""

    code: str
    name: str
    shared_m: float


def get_area(conn: Conn, code: str, at: datetime) -> Area:
    """Return the area that bears a code at a moment.

    Raises
    ------
    InvalidInput
        The code is malformed.
    NotFound
        No such area, or none at that moment: codes change.
    """
    code = parse_code(code)
    found = _select(conn, at, codes=[code], limit=1)
    if not found:
        raise NotFound(f"There is no area {code} at that time", field="code")
    return found[0]


def require_area(conn: Conn, code: str | None, field: str = "area") -> None:
    """Refuse a code that no area bears or has ever borne; None asks for nothing.

    An area of the past may be asked for: what happened in it bears its code.

    Raises
    ------
    InvalidInput
        Names ``field``.
    """
    if code is None:
        return
    if conn.execute("SELECT FROM layers.areas WHERE code = %s LIMIT 1", (code,)).rowcount == 0:
        raise InvalidInput(f"There is no area {code}", field=field)


def list_areas(
    conn: Conn,
    at: datetime,
    *,
    level: Level | None = None,
    within: str | None = None,
    codes: Sequence[str] | None = None,
    after: str | None = None,
    limit: int = 100,
) -> list[Area]:
    """Return areas valid at a moment, by code.

    Parameters
    ----------
    level
        Only this level.
    within
        Only the area of this code and what lies in it.
    codes
        Only these codes; what does not exist is left out.
    after
        Cursor: only codes that sort after this one.
    limit
        At most so many.
    """
    return _select(conn, at, level=level, within=within, codes=codes, after=after, limit=limit)


def list_children(conn: Conn, code: str, at: datetime) -> list[Area]:
    """Return the areas one level below, by code."""
    return _select(conn, at, parent=parse_code(code), limit=None)


def list_neighbors(conn: Conn, code: str, at: datetime) -> list[Neighbor]:
    """Return the areas that share an edge with this one, the longest edge first."""
    rows = conn.execute(
        "SELECT n.neighbor_code AS code, a.name, n.shared_m FROM layers.area_neighbors n"
        " JOIN layers.areas a ON a.code = n.neighbor_code AND a.valid @> %s::timestamptz"
        " WHERE n.code = %s ORDER BY n.shared_m DESC, n.neighbor_code",
        (at, parse_code(code)),
    ).fetchall()
    return [Neighbor(**row) for row in rows]


def count_by_level(conn: Conn, at: datetime, within: str | None = None) -> dict[Level, int]:
    """Return how many areas of each level stand at a moment; levels without any count 0."""
    rows = conn.execute(
        "SELECT level, count(*) AS n FROM layers.areas WHERE valid @> %s::timestamptz"
        " AND (%s::text IS NULL OR code ^@ %s) GROUP BY level",
        (at, within, within),
    ).fetchall()
    counts = {row["level"]: int(row["n"]) for row in rows}
    return {level: counts.get(level.value, 0) for level in Level}


def get_outline(conn: Conn, code: str, at: datetime) -> dict[str, Any]:
    """Return the area's polygon as a GeoJSON geometry (EPSG:4326, 7 decimals: about 1 cm).

    Raises
    ------
    NotFound
        No such area at that moment.
    """
    row = conn.execute(
        "SELECT ST_AsGeoJSON(geom, 7)::jsonb AS outline FROM layers.areas"
        " WHERE code = %s AND valid @> %s::timestamptz",
        (parse_code(code), at),
    ).fetchone()
    if row is None:
        raise NotFound(f"There is no area {code} at that time", field="code")
    outline: dict[str, Any] = row["outline"]
    return outline


def _select(
    conn: Conn,
    at: datetime,
    *,
    level: Level | None = None,
    within: str | None = None,
    parent: str | None = None,
    codes: Sequence[str] | None = None,
    after: str | None = None,
    limit: int | None,
) -> list[Area]:
    rows = conn.execute(
        query("layers", "list_areas"),
        {
            "at": at,
            "level": level.value if level else None,
            "within": parse_code(within, field="within") if within else None,
            "parent": parent,
            "codes": list(codes) if codes is not None else None,
            "after": after,
            "limit": limit,
        },
    ).fetchall()
    return [_area(row) for row in rows]


def _area(row: Row) -> Area:
    bbox = (row["west"], row["south"], row["east"], row["north"])
    kept = {key: row[key] for key in row if key not in ("west", "south", "east", "north", "level")}
    return Area(level=Level(row["level"]), bbox=bbox, **kept)
