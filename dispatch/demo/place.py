"""What the roster and the history need to know of the district, read from the shared tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from geodata.db.query import query
from geodata.db.scope import Conn

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Hotspot(Protocol):
    """A cause that cases cluster round; ``layers.demo.town.Cause`` is one."""

    @property
    def kind(self) -> str:
        """Return 'bungalow', 'old_estate', 'works', 'market', 'construction', 'night_street'."""
        ...

    @property
    def lonlat(self) -> tuple[float, float]:
        """Return the centre, EPSG:4326."""
        ...

    @property
    def radius_m(self) -> float:
        """Return the standard deviation of the cluster."""
        ...

    @property
    def weight(self) -> float:
        """Return the strength relative to the other causes."""
        ...


@dataclass(frozen=True)
class Places:
    """Codes, names and points of one kind of area or building; arrays of equal length n."""

    code: list[str]
    name: list[str]
    lonlat: FloatArray
    """Shape (n, 2), EPSG:4326."""


@dataclass(frozen=True)
class Sites:
    """Buildings, lived in or not, by grid and id; arrays of equal length n."""

    id: IntArray
    grid_code: list[str]
    label: list[str]
    """Door plate or estate name, for the text of a case."""
    lonlat: FloatArray
    xy_m: FloatArray
    """Shape (n, 2), the district's metric CRS."""
    households: IntArray
    """0 where nobody lives."""
    use: list[str]


@dataclass(frozen=True)
class District:
    """All the places people belong to."""

    code: str
    name: str
    streets: Places
    communities: Places
    grids: Places
    sites: Sites
    bodies: Sequence[tuple[str, str, float, float, str]]
    """Stationed bodies: (kind, name, lon, lat, area_code)."""


def read_district(conn: Conn) -> District:
    """Read the loaded district; the order of every list is that of its codes or ids."""
    row = conn.execute("SELECT code, name FROM geodata.districts").fetchone()
    if row is None:
        raise LookupError("no district is loaded")
    return District(
        code=row["code"],
        name=row["name"],
        streets=_places(conn, "street"),
        communities=_places(conn, "community"),
        grids=_places(conn, "grid"),
        sites=_sites(conn),
        bodies=_bodies(conn),
    )


def _places(conn: Conn, level: str) -> Places:
    rows = conn.execute(
        "SELECT code, name, ST_X(label) AS lon, ST_Y(label) AS lat FROM layers.areas"
        " WHERE level = %s AND valid @> now() ORDER BY code",
        (level,),
    ).fetchall()
    return Places(
        code=[r["code"] for r in rows],
        name=[r["name"] for r in rows],
        lonlat=np.array([(r["lon"], r["lat"]) for r in rows]),
    )


def _sites(conn: Conn) -> Sites:
    rows = conn.execute(query("dispatch.demo", "list_sites")).fetchall()
    return Sites(
        id=np.array([r["id"] for r in rows], dtype=np.int64),
        grid_code=[r["grid_code"] for r in rows],
        label=[r["label"] for r in rows],
        lonlat=np.array([(r["lon"], r["lat"]) for r in rows]),
        xy_m=np.array([(r["x_m"], r["y_m"]) for r in rows]),
        households=np.array([r["households"] for r in rows], dtype=np.int64),
        use=[r["use"] for r in rows],
    )


def _bodies(conn: Conn) -> list[tuple[str, str, float, float, str]]:
    rows = conn.execute(query("dispatch.demo", "list_bodies")).fetchall()
    return [(r["body"], r["name"], r["lon"], r["lat"], r["area_code"]) for r in rows]
