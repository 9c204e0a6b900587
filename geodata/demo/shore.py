"""The sea, the neighbours' land, reservoirs and rivers of the synthetic plan.

The outline says nothing about which of its edges are coast: the arcs below do, from common
knowledge of the peninsula. The coast of the neighbours and all inland waters are invented.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geodata.demo.division import LonLat
from geodata.demo.ground import FloatArray, Water
from geodata.demo.projection import to_lonlat, to_metric


@dataclass(frozen=True)
class Arc:
    """A run of the outline's corners, both ends included, with the name of the road along it."""

    first: int
    last: int
    coast: bool
    name: str


ARCS = (
    Arc(4, 17, True, "大连湾滨海路"),
    Arc(17, 26, False, "南城界路"),
    Arc(26, 30, True, "凌水湾滨海路"),
    Arc(30, 44, False, "西郊界路"),
    Arc(44, 48, True, "营城子湾滨海路"),
    Arc(48, 56, True, "渤海滨海路"),
    Arc(56, 61, True, "空港岛环岛路"),
    Arc(61, 67, False, "北关界路"),
)
"""Corners are numbered as in the outline file; 63 and more start again at 0."""
FRAME_DEG = (120.0, 37.95, 123.6, 40.35)
"""How far the synthetic sea reaches: west, south, east, north; farther than a wall shows."""
NEIGHBOURS: tuple[tuple[int, int, tuple[LonLat, ...]], ...] = (
    (
        61,
        67,
        (
            (121.715, 39.083), (121.738, 39.079), (121.765, 39.098), (121.80, 39.088),
            (121.86, 39.10), (122.0, 39.07), (122.13, 39.16), (122.2, 39.27), (122.45, 39.39),
            (122.72, 39.52), (123.0, 39.6), (123.35, 39.73), (123.8, 39.78), (123.8, 40.5),
            (122.25, 40.5), (122.0, 40.2), (121.87, 40.02), (121.55, 39.83), (121.43, 39.62),
            (121.28, 39.52), (121.35, 39.42), (121.56, 39.4), (121.70, 39.33), (121.722, 39.22),
            (121.70, 39.17), (121.672, 39.128), (121.648, 39.104), (121.619, 39.0865),
        ),
    ),
    (
        17,
        26,
        (
            (121.563, 38.8745), (121.592, 38.877), (121.632, 38.863), (121.668, 38.861),
            (121.704, 38.879), (121.712, 38.901), (121.681, 38.922), (121.659, 38.936),
            (121.634, 38.939),
        ),
    ),
    (
        30,
        44,
        (
            (121.243, 38.953), (121.212, 38.941), (121.152, 38.921), (121.105, 38.876),
            (121.092, 38.815), (121.128, 38.742), (121.176, 38.722), (121.232, 38.748),
            (121.262, 38.786), (121.29, 38.774), (121.335, 38.785), (121.402, 38.789),
            (121.441, 38.803),
        ),
    ),
)  # fmt: skip
"""Land outside: from one outline corner to another, and back along an invented coast."""
RIVERS: tuple[tuple[str, float, tuple[LonLat, ...]], ...] = (
    (
        "牧城河",
        17.0,
        ((121.392, 38.934), (121.384, 38.958), (121.395, 38.985), (121.387, 39.012),
         (121.405, 39.040)),
    ),
    (
        "辛寨河",
        20.0,
        ((121.452, 38.912), (121.478, 38.936), (121.486, 38.962), (121.503, 38.985),
         (121.493, 39.006), (121.500, 39.034)),
    ),
    (
        "泉水河",
        15.0,
        ((121.572, 39.012), (121.598, 39.017), (121.620, 39.008), (121.641, 39.010),
         (121.662, 39.003)),
    ),
    (
        "凌水河",
        12.0,
        ((121.472, 38.884), (121.489, 38.874), (121.507, 38.868), (121.521, 38.856),
         (121.538, 38.852)),
    ),
)  # fmt: skip
"""Name, half width in metres and course of each invented river; the last point is in the sea."""
RESERVOIRS = ("北大河水库", "棠梨水库", "小磨水库")
LEAST_SEA_DEG2 = 1e-5
"""Smaller pools between the invented coasts (about 0.1 km²) are land."""
INLAND_M = 1500.0
"""No reservoir lies closer than this to the outline."""
MEANDER_M = 130.0
"""Standard deviation of an invented bend from the river's course."""


def make_waters(
    outline_deg: Polygon,
    corners_deg: Sequence[LonLat],
    open_blocks_m: Sequence[Polygon],
    rng: np.random.Generator,
) -> tuple[Water, ...]:
    """Return the sea, the reservoirs and the rivers.

    Parameters
    ----------
    outline_deg
        The district with every vertex that was put on its edge, EPSG:4326.
    corners_deg
        The corners of the outline file.
    open_blocks_m
        Open micro-grids (EPSG:4549), any of which may hold a reservoir.
    """
    sea = _sea(outline_deg, corners_deg, rng)
    waters = [Water("sea", "示意海域", sea, _metric(sea))]
    outline_m = _metric(outline_deg)
    for name, half_width_m, course in RIVERS:
        bed = _only_area(_river(course, half_width_m, rng).intersection(outline_m))
        waters.append(Water("river", name, _degrees(bed), bed))
    rivers = shapely.union_all([w.geom_m for w in waters[1:]])
    dry = [
        block
        for block in open_blocks_m
        if not block.intersects(rivers) and block.distance(outline_m.boundary) > INLAND_M
    ]
    chosen = _spread(dry, len(RESERVOIRS), rng)
    for name, block in zip(RESERVOIRS, chosen, strict=False):
        lake = _lake(block, rng)
        waters.append(Water("reservoir", name, _degrees(lake), lake))
    return tuple(waters)


def _sea(
    outline: Polygon, corners: Sequence[LonLat], rng: np.random.Generator
) -> Polygon | MultiPolygon:
    sea: BaseGeometry = shapely.box(*FRAME_DEG).difference(outline)
    for first, last, coast in NEIGHBOURS:
        inner = [corners[k % len(corners)] for k in range(first, last + 1)]
        ring = [*inner, *_jagged([inner[-1], *coast, inner[0]], rng)[1:-1]]
        land = shapely.make_valid(Polygon(ring))
        sea = sea.difference(land)
    return _only_area(sea, least=LEAST_SEA_DEG2)


def _jagged(path: Sequence[LonLat], rng: np.random.Generator) -> list[LonLat]:
    """Halve every part of a path three times, moving the middles sidewards a little."""
    points = np.array(path)
    for _ in range(3):
        a, b = points[:-1], points[1:]
        side = np.column_stack([a[:, 1] - b[:, 1], b[:, 0] - a[:, 0]])
        middle = (a + b) / 2 + side * rng.normal(0.0, 0.06, (len(a), 1))
        points = np.insert(points, np.arange(1, len(points)), middle, axis=0)
    return [(lon, lat) for lon, lat in np.round(points, 7).tolist()]


def _river(course: Sequence[LonLat], half_width_m: float, rng: np.random.Generator) -> Polygon:
    corners = to_metric(np.array(course))
    place = np.arange(0.0, len(corners) - 0.9, 1 / 3)
    points = np.column_stack(
        [np.interp(place, np.arange(len(corners)), corners[:, axis]) for axis in (0, 1)]
    )
    points[1:-1] += rng.normal(0.0, MEANDER_M, (len(points) - 2, 2))
    for _ in range(4):
        points = _cut_corners(points)
    return LineString(np.round(points, 2)).buffer(half_width_m, quad_segs=3)


def _cut_corners(points: FloatArray) -> FloatArray:
    """Smooth a path once by Chaikin's rule, keeping its ends."""
    a, b = points[:-1], points[1:]
    inner = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], axis=1).reshape(-1, 2)
    return np.vstack([points[:1], inner[1:-1], points[-1:]])


def _spread(blocks: Sequence[Polygon], count: int, rng: np.random.Generator) -> list[Polygon]:
    """Choose large blocks that lie at least four kilometres apart."""
    chosen: list[Polygon] = []
    large = sorted(blocks, key=lambda b: -b.area)[: len(blocks) // 2]
    for k in rng.permutation(len(large)):
        if all(large[k].distance(other) > 4000.0 for other in chosen):
            chosen.append(large[k])
        if len(chosen) == count:
            break
    return chosen


def _lake(block: Polygon, rng: np.random.Generator) -> Polygon:
    """Return a smooth lobed shape well inside a block, clear of its roads."""
    inner = block.buffer(-0.12 * math.sqrt(block.area))
    middle = inner.representative_point() if not inner.contains(inner.centroid) else inner.centroid
    angle = np.linspace(0.0, math.tau, 48, endpoint=False)
    lobes = sum(
        rng.normal(0.0, 0.13) * np.cos(k * angle + rng.uniform(0.0, math.tau)) for k in (2, 3, 4)
    )
    radius_m = 0.42 * math.sqrt(block.area) * (1.0 + lobes)
    ring = np.column_stack(
        [middle.x + radius_m * np.cos(angle), middle.y + radius_m * np.sin(angle)]
    )
    lake = Polygon(np.round(ring, 2)).intersection(inner).buffer(-25.0).buffer(25.0, quad_segs=4)
    return _largest(lake)


def _only_area(shape: BaseGeometry, least: float = 0.0) -> Polygon | MultiPolygon:
    """Return the polygons of a shape that are larger than ``least``, without lines and points."""
    parts = [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > least]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _largest(shape: BaseGeometry) -> Polygon:
    largest: Polygon = max(shapely.get_parts(shape), key=lambda part: part.area)
    return largest


def _degrees(shape_m: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
    return shapely.transform(shape_m, to_lonlat)


def _metric(shape_deg: Polygon | MultiPolygon) -> Polygon | MultiPolygon:
    return shapely.transform(shape_deg, to_metric)
