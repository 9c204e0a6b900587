"""Coverage: which part of a place is farther from a camera or an alarm pillar than it reaches.

An assumption, and told as one: distances are straight lines, a camera sees in every direction and
over every wall. What is out of order covers nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import shapely
from scipy.spatial import KDTree
from shapely.geometry.base import BaseGeometry

from geodata.crs import METRIC_EPSG, stamp
from geodata.db.query import query
from geodata.db.scope import Conn
from layers.asset import Asset, list_nearest
from layers.catalogue import ALARM_PILLAR, CAMERA
from layers.risk.density.frame import FloatArray

REACH_M: Mapping[str, float] = {CAMERA.id: 100.0, ALARM_PILLAR.id: 300.0}
"""How far a device serves, an assumption: at 100 m a fixed camera of four megapixels still tells
what somebody does, and 300 m is a run of two minutes to a pillar."""
SEARCH_M = 5000.0
"""No device is looked for farther away."""
TRIED = 20
"""So many of the nearest devices are looked at for one that works."""


@dataclass(frozen=True)
class Device:
    """The nearest device of a kind that works, straight metres from the middle of a place."""

    asset: Asset
    distance_m: float


@dataclass(frozen=True)
class Coverage:
    """One kind of device in a place.

    Parameters
    ----------
    nearest
        None where there is none within :data:`SEARCH_M`.
    gap
        Share of the cells farther than ``reach_m`` from every device; None without a cell.
    """

    kind: str
    reach_m: float
    nearest: Device | None
    gap: float | None


@dataclass(frozen=True, eq=False)
class Devices:
    """What may cover a place.

    Parameters
    ----------
    near
        Of each kind those nearest to its middle, working or not, the nearest first.
    places_m
        Where those that work stand, by kind, shape (n, 2), metres (EPSG:4549).
    """

    near: list[Asset]
    places_m: Mapping[str, FloatArray]


def count_inside(conn: Conn, at: datetime, outline: BaseGeometry) -> dict[str, int]:
    """Return how many assets of each kind stand in or touch an outline, metres (EPSG:4549)."""
    rows = conn.execute(
        query("layers.risk", "count_assets_inside"), {"at": at, "outline": _written(outline)}
    ).fetchall()
    return {row["kind"]: row["n"] for row in rows}


def read_devices(
    conn: Conn, at: datetime, outline: BaseGeometry, middle: tuple[float, float]
) -> Devices:
    """Read what may cover a place. Public ground.

    Parameters
    ----------
    outline
        Metres (EPSG:4549).
    middle
        (lon, lat) from which the nearest is told, degrees (EPSG:4326).
    """
    near = list_nearest(conn, at, *middle, kinds=list(REACH_M), radius_m=SEARCH_M, per_kind=TRIED)
    return Devices(near, _read_places(conn, at, outline))


def measure_coverage(devices: Devices, cells: tuple[FloatArray, FloatArray]) -> list[Coverage]:
    """Measure how cameras and alarm pillars cover a place; needs no database.

    Parameters
    ----------
    cells
        Centres of its cells, metres, shape (cells,) each.
    """
    return [
        Coverage(
            kind, reach_m, _first(devices.near, kind),
            share_beyond(cells, devices.places_m[kind], reach_m),
        )
        for kind, reach_m in REACH_M.items()
    ]  # fmt: skip


def share_beyond(
    cells: tuple[FloatArray, FloatArray], devices: FloatArray, reach_m: float
) -> float | None:
    """Return the share of the cells with no device within reach; None without a cell.

    Parameters
    ----------
    devices
        Shape (n, 2), metres.
    """
    if not len(cells[0]):
        return None
    if not len(devices):
        return 1.0
    distance_m, _ = KDTree(devices).query(np.column_stack(cells))
    return float((distance_m > reach_m).mean())


def _read_places(conn: Conn, at: datetime, outline: BaseGeometry) -> dict[str, FloatArray]:
    """Return where the working devices of each kind stand, as far as they may cover the place."""
    rows = conn.execute(
        query("layers.risk", "list_devices_near"),
        {
            "at": at,
            "outline": _written(outline),
            "kinds": list(REACH_M),
            "reach_m": max(REACH_M.values()),
        },
    ).fetchall()
    return {
        kind: np.array([(r["x_m"], r["y_m"]) for r in rows if r["kind"] == kind]).reshape(-1, 2)
        for kind in REACH_M
    }


def _first(near: list[Asset], kind: str) -> Device | None:
    for asset in near:
        if asset.kind == kind and asset.attributes.get("status") != "fault":
            return Device(asset, asset.distance_m or 0.0)
    return None


def _written(outline: BaseGeometry) -> bytes:
    made: bytes = shapely.to_wkb(stamp(outline, METRIC_EPSG), include_srid=True)
    return made
