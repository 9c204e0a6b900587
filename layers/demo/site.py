"""Where an asset of the demo can stand: door plates and buildings, looked up by area."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree

from geodata.code import Level
from geodata.demo.ground import FloatArray, Ground, IntArray
from layers.demo.town import Area, Town


@dataclass(frozen=True)
class NewAsset:
    """One asset before it has an id. ``geom`` is EPSG:4326."""

    kind: str
    name: str
    area_code: str
    attributes: dict[str, Any]
    geom: shapely.Point | shapely.Polygon


@dataclass(frozen=True)
class Sites:
    """Places of the town by the questions that assets ask."""

    ground: Ground
    town: Town

    @property
    def seed(self) -> int:
        """Seed of the whole district."""
        return self.ground.seed

    @cached_property
    def buildings_in(self) -> Mapping[str, IntArray]:
        """Rows of ``town.buildings`` by every code that contains them, 17 to 9 digits."""
        groups: dict[str, list[int]] = defaultdict(list)
        for row, micro in enumerate(self.town.buildings.micro_code.tolist()):
            for digits in (17, 15, 12, 9):
                groups[micro[:digits]].append(row)
        return {code: np.array(rows, dtype=np.int64) for code, rows in groups.items()}

    @cached_property
    def plate_of(self) -> Mapping[int, str]:
        """Road and number by building id: '兴华东路25号'."""
        plates = self.ground.addresses
        return {
            int(building): f"{road}{number}号"
            for building, road, number in zip(
                plates.building_id.tolist(), plates.road.tolist(), plates.number.tolist(),
                strict=True,
            )
        }  # fmt: skip

    @cached_property
    def plate_class(self) -> IntArray:
        """Speed class of the street of each door plate: 1 arterial .. 4 lane."""
        rank = dict(
            zip(self.ground.edges.id.tolist(), self.ground.edges.speed_class.tolist(), strict=True)
        )
        return np.array([rank[edge] for edge in self.ground.addresses.edge_id.tolist()])

    @cached_property
    def plate_xy_m(self) -> FloatArray:
        """Place of each door plate as that of its building, EPSG:4549."""
        plots = self.ground.plots
        at = {int(plot): row for row, plot in enumerate(plots.id.tolist())}
        rows = [at[building] for building in self.ground.addresses.building_id.tolist()]
        place: FloatArray = plots.xy_m[rows]
        return place

    @cached_property
    def area_name(self) -> Mapping[str, str]:
        """Name of every area by code."""
        return {area.code: area.name for area in self.town.areas}

    def areas(self, level: Level) -> list[Area]:
        """Return the areas of a level, by code."""
        return [area for area in self.town.areas if area.level is level]

    def residents_near(self, xy_m: tuple[float, float], radius_m: float) -> int:
        """Return how many people live within a radius (centres of buildings)."""
        rows = self._building_tree.query_ball_point(xy_m, radius_m)
        return int(self.town.buildings.residents[rows].sum())

    @cached_property
    def _building_tree(self) -> cKDTree:
        return cKDTree(self.town.buildings.xy_m)

    def plate_point(self, row: int) -> shapely.Point:
        """Return the place of a door plate, strictly inside its grid."""
        return shapely.Point(self.ground.addresses.lonlat[row])

    def building_point(self, row: int) -> shapely.Point:
        """Return the middle of a building."""
        return shapely.Point(self.town.buildings.lonlat[row])

    def building_label(self, row: int) -> str:
        """Return what people call a building: its name, its plate, or its grid."""
        buildings = self.town.buildings
        name = buildings.name[row] or self.plate_of.get(int(buildings.id[row]))
        return str(name or self.area_name[buildings.grid_code[row]])


def spread(order: Iterable[int], xy_m: FloatArray, count: int, apart_m: float) -> list[int]:
    """Take places in order that keep a distance from those taken; less distance if it must be.

    Parameters
    ----------
    order
        Rows of ``xy_m``, the most wanted first.
    xy_m
        Places, metres.
    count
        How many to take.
    apart_m
        Least distance, metres; halved until ``count`` are found.

    Raises
    ------
    ValueError
        There are fewer than ``count`` places.
    """
    wanted = list(order)
    if len(wanted) < count:
        raise ValueError(f"{count} places wanted of {len(wanted)}")
    taken: list[int] = []
    while len(taken) < count:
        taken_set = set(taken)
        for row in wanted:
            if len(taken) == count:
                break
            if row not in taken_set and _is_apart(xy_m[row], xy_m[taken], apart_m):
                taken.append(row)
        apart_m = apart_m / 2 if apart_m > 1 else 0.0
    return taken


def _is_apart(place: FloatArray, others: FloatArray, apart_m: float) -> bool:
    if len(others) == 0 or apart_m == 0:
        return True
    return bool(np.hypot(*(others - place).T).min() >= apart_m)
