"""What stands on the demo's ground: areas, buildings, population, waters and causes of trouble."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from geodata.demo.ground import Area, FloatArray, Ground, IntArray, ObjectArray, Water


@dataclass(frozen=True)
class Grids:
    """Facts about each grid, in the order of its code; arrays of equal length (1,570)."""

    code: ObjectArray
    xy_m: FloatArray
    """Label point, EPSG:4549."""
    lonlat: FloatArray
    area_m2: FloatArray
    dense: NDArray[np.bool_]
    """Built up densely (300-500 households) or loosely."""
    bungalow_share: FloatArray
    """Part of the grid's residents who live in bungalows, 0..1."""
    old_estate_share: FloatArray
    """Part of the grid's residents who live in old estates, 0..1."""
    works_share: FloatArray
    """Part of the grid's buildings that are industrial, 0..1."""


@dataclass(frozen=True)
class Buildings:
    """Rows of layers.buildings; arrays of equal length n, ids 1..n as the plots."""

    id: IntArray
    grid_code: ObjectArray
    micro_code: ObjectArray
    name: ObjectArray
    """'泡崖七区3号楼'; None where a building is known by its door plate only."""
    estate: ObjectArray
    """'泡崖七区' or None."""
    use: ObjectArray
    """residential, old_estate, bungalow, commercial, industrial, public."""
    storeys: IntArray
    households: IntArray
    residents: IntArray
    geom: ObjectArray
    """shapely Polygon, EPSG:4326."""
    lonlat: FloatArray
    xy_m: FloatArray


@dataclass(frozen=True)
class Population:
    """Rows of layers.populations, one per grid in the order of ``Grids``; the sum of buildings."""

    as_of: date
    grid_code: ObjectArray
    households: IntArray
    residents: IntArray
    elders: IntArray
    """60 and over."""
    children: IntArray
    """Under 14."""


@dataclass(frozen=True)
class Cause:
    """A place where trouble has a reason, so that cases can cluster round something true."""

    kind: str
    """'bungalow', 'old_estate', 'works', 'market', 'construction', 'night_street'."""
    name: str
    xy_m: tuple[float, float]
    lonlat: tuple[float, float]
    radius_m: float
    """Standard deviation of the cluster around the centre."""
    weight: float
    """Strength relative to the other causes; they sum to 1."""
    grid_codes: tuple[str, ...]
    """Grids touched within two radii."""


@dataclass(frozen=True)
class Town:
    """All of the demo that layers puts on the ground, before assets."""

    areas: tuple[Area, ...]
    grids: Grids
    buildings: Buildings
    population: Population
    waters: tuple[Water, ...]
    causes: tuple[Cause, ...]


__all__ = ["Area", "Buildings", "Cause", "Grids", "Ground", "Population", "Town", "Water"]
