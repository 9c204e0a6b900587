"""Assets of the catalogue on the map: listed, counted, and found near a place. Public ground.

Secret attributes (layers/catalogue.py) are in ``Asset.attributes`` as stored; what goes to a
client passes through :func:`layers.catalogue.public_attributes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geodata.code import parse_code
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.errors import NotFound
from layers.catalogue import check_kinds

Bbox = tuple[float, float, float, float]


@dataclass(frozen=True)
class Asset:
    """One asset.

    ``lon`` and ``lat`` are the place of a point and a point inside an area, EPSG:4326 degrees.
    ``geometry`` is a GeoJSON geometry for kinds that are not points, else None. ``distance_m`` is
    to the point asked for, to the nearest edge of an area, None where none was asked for.
    """

    id: int
    kind: str
    name: str
    area_code: str
    attributes: dict[str, Any]
    lon: float
    lat: float
    geometry: dict[str, Any] | None
    distance_m: float | None


def get_asset(conn: Conn, asset_id: int, at: datetime) -> Asset:
    """Return one asset.

    Raises
    ------
    NotFound
        No such asset at that moment.
    """
    found = _select(conn, at, ids=[asset_id], limit=1)
    if not found:
        raise NotFound(f"There is no asset {asset_id}", field="id")
    return found[0]


def list_assets(
    conn: Conn,
    at: datetime,
    *,
    kinds: Sequence[str] | None = None,
    within: str | None = None,
    bbox: Bbox | None = None,
    after: int | None = None,
    limit: int = 100,
) -> list[Asset]:
    """Return assets standing at a moment, by id.

    Parameters
    ----------
    kinds
        Ids of the catalogue; None for all.
    within
        Area code: only assets in it.
    bbox
        (west, south, east, north), EPSG:4326 degrees; only assets whose geometry touches it.
    after
        Cursor: only ids greater than this one.

    Raises
    ------
    InvalidInput
        A kind that the catalogue does not know, or a malformed code.
    """
    return _select(conn, at, kinds=kinds, within=within, bbox=bbox, after=after, limit=limit)


def list_nearest(
    conn: Conn,
    at: datetime,
    lon: float,
    lat: float,
    *,
    kinds: Sequence[str],
    radius_m: float,
    per_kind: int = 3,
) -> list[Asset]:
    """Return the nearest assets of each kind within a radius, nearest first.

    Distances are straight lines in the metric CRS: a camera sees over a wall. Travel times are
    the business of the road graph.

    Parameters
    ----------
    lon, lat
        EPSG:4326 degrees.
    radius_m
        Metres; an area counts from its edge and at 0 from inside.
    per_kind
        At most so many of each kind.
    """
    rows = conn.execute(
        query("layers", "list_nearest_assets"),
        {
            "at": at,
            "lon": lon,
            "lat": lat,
            "kinds": list(check_kinds(kinds)),
            "radius_m": radius_m,
            "per_kind": per_kind,
        },
    ).fetchall()
    return [Asset(**row) for row in rows]


def count_by_kind(
    conn: Conn, at: datetime, *, areas: Sequence[str] | None = None
) -> dict[str, int]:
    """Return how many assets of each kind stand at a moment; kinds without any are left out.

    Parameters
    ----------
    areas
        Area codes, as of a :class:`geodata.db.scope.Scope`; None counts the whole district.
    """
    rows = conn.execute(
        "SELECT kind, count(*) AS n FROM layers.assets WHERE valid @> %s::timestamptz"
        " AND (%s::text[] IS NULL OR area_code ^@ ANY (%s)) GROUP BY kind ORDER BY kind",
        (at, *2 * (None if areas is None else list(areas),)),
    ).fetchall()
    return {row["kind"]: int(row["n"]) for row in rows}


def _select(
    conn: Conn,
    at: datetime,
    *,
    ids: Sequence[int] | None = None,
    kinds: Sequence[str] | None = None,
    within: str | None = None,
    bbox: Bbox | None = None,
    after: int | None = None,
    limit: int,
) -> list[Asset]:
    west, south, east, north = bbox or (None, None, None, None)
    rows: list[Row] = conn.execute(
        query("layers", "list_assets"),
        {
            "at": at,
            "ids": list(ids) if ids is not None else None,
            "kinds": list(check_kinds(kinds)) if kinds is not None else None,
            "within": parse_code(within, field="within") if within else None,
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "after": after,
            "limit": limit,
        },
    ).fetchall()
    return [Asset(**row, distance_m=None) for row in rows]
