"""The demo district's ground in memory: what the plan, roads, plots and addresses hand on.

Everything is a pure function of ``(seed, as_of)``: no wall clock, one numpy Generator per stage
(:func:`stage_rng`), so that a stage that draws more numbers does not disturb the next. See make.py
for :func:`geodata.demo.make.make_ground`, which fills these in.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from shapely import MultiPolygon, Point, Polygon

from geodata.code import Level

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ObjectArray = NDArray[np.object_]


def stage_rng(seed: int, stage: str) -> np.random.Generator:
    """Return the stage's own stream of random numbers.

    Parameters
    ----------
    seed
        Seed of the whole district.
    stage
        Name of the stage: the same pair gives the same stream on every machine.
    """
    return np.random.default_rng([seed, zlib.crc32(stage.encode())])


@dataclass(frozen=True)
class Area:
    """One area of any level, from the district down to the micro-grid.

    ``geom`` is EPSG:4326, ``geom_m`` EPSG:4549 in metres; neighbours share identical vertices in
    both. ``label`` is a point (lon, lat) inside. ``rural`` marks villages and what lies in them.
    """

    code: str
    level: Level
    parent_code: str | None
    name: str
    name_en: str | None
    geom: Polygon
    geom_m: Polygon
    label: Point
    rural: bool
    fabric: str
    """What is built here: tower, slab, bungalow, works, centre, mixed, open (see fabric.py).

    For micro-grids their own; for larger areas the commonest by area among their micro-grids."""


@dataclass(frozen=True)
class Water:
    """A water body of the plan; names are synthetic."""

    kind: str
    """'sea', 'reservoir' or 'river', as layers.waters has it."""
    name: str
    geom: Polygon | MultiPolygon
    """EPSG:4326."""
    geom_m: Polygon | MultiPolygon
    """EPSG:4549."""


@dataclass(frozen=True)
class Plan:
    """The areas of all levels and the mesh of cuts between them.

    Parameters
    ----------
    areas
        District first, then streets, communities, grids, micro-grids, each level by code.
    vertices_m, vertices_deg
        Shape (n, 2): every vertex of every area, EPSG:4549 metres and EPSG:4326 (lon, lat).
    cuts
        Chains of vertex indices; each is one road from end to end.
    waters
        Sea around the coast, reservoirs and rivers inside.
    """

    areas: tuple[Area, ...]
    vertices_m: FloatArray
    vertices_deg: FloatArray
    cuts: tuple[Cut, ...]
    rings: dict[str, tuple[int, ...]]
    """For each micro-grid code its ring of vertex indices, counter-clockwise, not closed."""
    junctions: NDArray[np.bool_]
    """For each vertex, whether roads meet or change their name there."""
    patches: tuple[Patch, ...]
    waters: tuple[Water, ...]

    def at(self, level: Level) -> tuple[Area, ...]:
        """Return the areas of one level, by code."""
        return tuple(area for area in self.areas if area.level is level)


@dataclass(frozen=True)
class Cut:
    """One cut of the plan: a road from end to end, with one name."""

    level: int
    """0 the outline, 1 street cut (arterial), 2 community, 3 grid, 4 micro-grid (lane)."""
    chain: tuple[int, ...]
    """Vertex indices along the cut."""
    name: str
    """Synthetic road name, unique in the district: '兴华东路', '玉山三巷'."""


@dataclass(frozen=True)
class Patch:
    """A coherent part of the town with its own way of building: what gives trouble its place."""

    kind: str
    """'bungalow', 'slab' (old estates), 'works' (industry) or 'centre'."""
    xy_m: tuple[float, float]
    radius_m: float


@dataclass(frozen=True)
class Nodes:
    """Road nodes (geodata.road_nodes); arrays of equal length n."""

    id: IntArray
    """1..n."""
    lonlat: FloatArray
    """Shape (n, 2), EPSG:4326."""
    xy_m: FloatArray
    """Shape (n, 2), EPSG:4549."""


@dataclass(frozen=True)
class Edges:
    """Directed road edges (geodata.road_edges); arrays of equal length n.

    A street is two rows, twins of one another; against a one-way street the twin may be walked
    (access 1) but not ridden or driven.
    """

    id: IntArray
    """1..n."""
    from_node: IntArray
    to_node: IntArray
    twin_id: IntArray
    length_m: FloatArray
    speed_class: IntArray
    """1 arterial, 2 secondary, 3 local, 4 lane."""
    access: IntArray
    """Bits: 1 walk, 2 e-bike, 4 car."""
    name: ObjectArray
    grid_level: IntArray
    """Level of the cut (0 the outline .. 4 micro-grid)."""
    geom: ObjectArray
    """shapely LineString, EPSG:4326, in the direction of travel."""
    geom_m: ObjectArray
    """The same in EPSG:4549."""


@dataclass(frozen=True)
class Plots:
    """Footprints of buildings with what they stand on; arrays of equal length n.

    ``layers.demo.building`` decides what a plot becomes; ids are those of layers.buildings.
    """

    id: IntArray
    """1..n."""
    geom: ObjectArray
    """shapely Polygon, EPSG:4326."""
    xy_m: FloatArray
    """Centre, EPSG:4549."""
    lonlat: FloatArray
    """Centre, EPSG:4326."""
    area_m2: FloatArray
    micro_code: ObjectArray
    """17-digit code of the micro-grid it stands in; the first 15 are its grid."""
    fabric: ObjectArray
    """Fabric of the micro-grid."""
    frontage: NDArray[np.bool_]
    """Stands along the road and has a door plate (True), or inside the block (False)."""
    road: IntArray
    """Number of the cut the building fronts, -1 inside the block."""
    along_m: FloatArray
    """Where along the cut its middle lies, metres from the cut's first vertex."""
    left: NDArray[np.bool_]
    """Stands on the left of the cut, looking along it."""
    door_m: FloatArray
    """Its front door on the road's side, EPSG:4549, shape (n, 2)."""
    width_m: FloatArray
    """Length of the front."""


@dataclass(frozen=True)
class Addresses:
    """Door plates (geodata.addresses); arrays of equal length n."""

    id: IntArray
    road: ObjectArray
    number: ObjectArray
    """As written on the plate: '25' or '25-1'."""
    full_text: ObjectArray
    """'甘井子区泡崖街道兴华东路25号'."""
    grid_code: ObjectArray
    building_id: IntArray
    """Id of the plot; every door plate has one."""
    lonlat: FloatArray
    """Shape (n, 2), EPSG:4326; strictly inside the grid."""
    edge_id: IntArray
    """Directed edge that has the house on its right-hand side."""


@dataclass(frozen=True)
class Ground:
    """All of the demo's ground: areas, roads, plots and addresses."""

    seed: int
    as_of: datetime
    plan: Plan
    nodes: Nodes
    edges: Edges
    plots: Plots
    addresses: Addresses
