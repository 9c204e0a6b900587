"""What a report is drawn on: land, water, roads, streets of the district, and names of case types.

All of it is public ground: it is read without a scope.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dispatch.case.type import CaseType, list_types
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import NotFound

GeoJson = dict[str, Any]


@dataclass(frozen=True)
class Street:
    """A street: its label point (degrees, EPSG:4326) and its outline."""

    code: str
    name: str
    name_en: str
    lon: float
    lat: float
    outline: GeoJson


@dataclass(frozen=True)
class Base:
    """The ground of one district.

    Parameters
    ----------
    synthetic
        Whether everything in it is made up, which every page has to say.
    land, water
        GeoJSON geometries of degrees (EPSG:4326); None where the map has none.
    roads
        By class, 1 (main roads) to 3: GeoJSON geometries.
    """

    code: str
    name: str
    name_en: str
    synthetic: bool
    land: GeoJson | None
    water: GeoJson | None
    roads: dict[int, GeoJson]
    streets: tuple[Street, ...]
    types: tuple[CaseType, ...]


def read_base(conn: Conn, at: datetime) -> Base:
    """Read the ground as the map draws it.

    Raises
    ------
    NotFound
        No district is loaded.
    """
    row = conn.execute(query("mapsvc.report", "read_base"), {"at": at}).fetchone()
    if row is None:
        raise NotFound("No district is loaded yet", field="area")
    rest = {
        "roads": {int(rank): lines for rank, lines in row["roads"].items()},
        "streets": tuple(Street(**street) for street in row["streets"]),
        "types": tuple(list_types(conn)),
    }
    return Base(**{**row, **rest})
