"""Footprints of buildings: along the roads with a front door, and in rows inside the blocks.

Every footprint lies inside its micro-grid, set back from the roads and aligned with them, clear of
other footprints and of waters. What a footprint becomes is decided in layers.demo.building.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.code import Level
from geodata.demo.chord import grain_of
from geodata.demo.frontage import HALF_WIDTH_M, Sides, make_sides
from geodata.demo.ground import Area, FloatArray, IntArray, ObjectArray, Plan, Plots, stage_rng
from geodata.demo.progress import Progress
from geodata.demo.projection import to_lonlat

CLEAR_M = 1.5
"""Least distance between two footprints."""
BANK_M = 9.0
"""Least distance from a footprint to water."""


@dataclass(frozen=True)
class Style:
    """How a fabric builds, in metres: fronts along the road, then rows inside."""

    front_m: float
    depth_m: float
    gap_m: float
    setback_m: float
    """From the pavement to the front."""
    kept: float
    """Part of the places along the road that are built."""
    inner_m: tuple[float, float] = (0.0, 0.0)
    """Length and depth of a building inside; none where it is 0."""
    pitch_m: tuple[float, float] = (1.0, 1.0)
    """Distance from one to the next along the row, and from row to row."""
    inner_kept: float = 0.9


STYLES = {
    "tower": Style(25.0, 14.0, 10.0, 7.0, 0.9, (31.0, 16.0), (60.0, 52.0)),
    "slab": Style(27.0, 12.0, 7.0, 4.0, 0.92, (50.0, 11.5), (60.0, 31.0)),
    "bungalow": Style(12.0, 8.0, 3.5, 1.5, 0.9, (13.0, 8.0), (19.0, 21.0), 0.8),
    "works": Style(50.0, 34.0, 22.0, 12.0, 0.85, (66.0, 38.0), (96.0, 76.0), 0.7),
    "centre": Style(26.0, 22.0, 5.0, 5.0, 0.97, (34.0, 26.0), (58.0, 52.0), 0.7),
    "mixed": Style(21.0, 12.0, 9.0, 5.0, 0.8, (34.0, 12.0), (74.0, 66.0), 0.6),
    "open": Style(14.0, 9.0, 46.0, 9.0, 0.33),
}
"""Chosen so that a block looks like its kind from above, and plates number over 60,000."""


@dataclass(frozen=True)
class _Boxes:
    """Candidate footprints: centre, direction of the front, and what they front."""

    block: IntArray
    xy_m: FloatArray
    along: FloatArray
    """Unit vector along the front, shape (n, 2)."""
    width_m: FloatArray
    depth_m: FloatArray
    road: IntArray
    along_m: FloatArray
    left: NDArray[np.bool_]
    door_m: FloatArray
    rank: IntArray
    """Who yields where two overlap: the higher."""


def make_plots(plan: Plan, seed: int, progress: Progress) -> Plots:
    """Place the footprints of all micro-grids, in the order of their codes."""
    progress.step("plots", 0, 3)
    blocks = plan.at(Level.MICRO_GRID)
    styles = [STYLES[block.fabric] for block in blocks]
    sides = make_sides(plan, [block.code for block in blocks])
    fronts = _fronts(sides, styles, stage_rng(seed, "fronts"))
    inner = _inner(blocks, styles, stage_rng(seed, "rows"))
    progress.step("plots", 1, 3)
    boxes = _joined(fronts, inner)
    shapes = _rectangles(boxes)
    kept = np.flatnonzero(_fits(plan, blocks, boxes, shapes))
    kept = kept[_undisputed(shapes[kept], boxes.rank[kept])]
    progress.step("plots", 2, 3)
    kept = kept[np.lexsort((boxes.along_m[kept], boxes.road[kept] < 0, boxes.block[kept]))]
    plots = _plots(blocks, boxes, shapes, kept)
    progress.step("plots", 3, 3)
    return plots


def _fronts(sides: Sides, styles: Sequence[Style], rng: np.random.Generator) -> _Boxes:
    """Line every side with footprints, wall to the road."""
    own = [styles[block] for block in sides.block]
    front, depth, gap, setback, kept = np.array(
        [(s.front_m, s.depth_m, s.gap_m, s.setback_m, s.kept) for s in own]
    ).T
    length_m, cumulative_m = _lengths(sides)
    free_from = sides.before_m + setback
    free_m = length_m - free_from - sides.after_m - setback
    count = np.maximum(0, np.floor((free_m + gap) / (front + gap))).astype(np.int64)
    side = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(side)) - np.repeat(np.cumsum(count) - count, count)
    pitch = np.divide(free_m, count, out=np.zeros_like(free_m), where=count > 0)[side]
    at_m = free_from[side] + (place + 0.5 + rng.normal(0.0, 0.04, len(side))) * pitch
    point, along = _locate(sides, cumulative_m, side, at_m)
    inward = np.column_stack([-along[:, 1], along[:, 0]])
    width = np.minimum(front[side] * rng.uniform(0.75, 1.3, len(side)), pitch - 0.6 * gap[side])
    deep = depth[side] * rng.uniform(0.85, 1.2, len(side))
    half = np.array([HALF_WIDTH_M[int(k)] for k in sides.level])
    back = (half + setback)[side] * rng.uniform(1.0, 1.12, len(side))
    forward = sides.to_m > sides.from_m
    boxes = _Boxes(
        block=sides.block[side],
        xy_m=point + inward * (back + deep / 2)[:, None],
        along=along,
        width_m=width,
        depth_m=deep,
        road=sides.road[side],
        along_m=sides.from_m[side] + np.where(forward[side], at_m, -at_m),
        left=forward[side],
        door_m=point + inward * (back - 0.8)[:, None],
        rank=sides.level[side] % 4,  # the outline's road and arterials before lanes
    )
    return _only(boxes, (rng.random(len(side)) < kept[side]) & (width > 5.0))


def _inner(blocks: Sequence[Area], styles: Sequence[Style], rng: np.random.Generator) -> _Boxes:
    """Fill the blocks with rows that face south as nearly as the block's grain allows."""
    parts = [
        _rows(number, block, style, rng)
        for number, (block, style) in enumerate(zip(blocks, styles, strict=True))
        if style.inner_m[0] > 0.0
    ]
    block = np.concatenate([np.full(len(xy), number) for number, xy, _, _ in parts])
    xy_m = np.concatenate([xy for _, xy, _, _ in parts])
    along = np.concatenate([np.tile(unit, (len(xy), 1)) for _, xy, unit, _ in parts])
    size = np.concatenate([np.tile(style.inner_m, (len(xy), 1)) for _, xy, _, style in parts])
    kept = np.concatenate([np.full(len(xy), style.inner_kept) for _, xy, _, style in parts])
    count = len(block)
    boxes = _Boxes(
        block=block,
        xy_m=xy_m,
        along=along,
        width_m=size[:, 0] * rng.uniform(0.85, 1.1, count),
        depth_m=size[:, 1] * rng.uniform(0.92, 1.08, count),
        road=np.full(count, -1),
        along_m=np.zeros(count),
        left=np.zeros(count, dtype=bool),
        door_m=xy_m.copy(),
        rank=np.full(count, 9),
    )
    return _only(boxes, rng.random(count) < kept)


def _rows(
    number: int, block: Area, style: Style, rng: np.random.Generator
) -> tuple[int, FloatArray, FloatArray, Style]:
    ring = shapely.get_coordinates(block.geom_m.exterior)[:-1]
    grain = math.remainder(grain_of([(x, y) for x, y in ring.tolist()]), math.pi / 2)
    unit = np.array([math.cos(grain), math.sin(grain)])
    turned = ring @ np.column_stack([unit, [-unit[1], unit[0]]])
    low, high = turned.min(axis=0), turned.max(axis=0)
    u, v = (
        np.arange(low[k] + rng.uniform(0.2, 0.8) * style.pitch_m[k], high[k], style.pitch_m[k])
        for k in (0, 1)
    )
    lattice = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
    return number, lattice @ np.array([unit, [-unit[1], unit[0]]]), unit, style


def _fits(
    plan: Plan, blocks: Sequence[Area], boxes: _Boxes, shapes: ObjectArray
) -> NDArray[np.bool_]:
    """Tell which footprints lie inside their block, off the wide roads and off the water."""
    inset = shapely.buffer(
        [block.geom_m for block in blocks], -HALF_WIDTH_M[4] - 0.8, join_style="mitre"
    )
    shapely.prepare(inset)
    fits: NDArray[np.bool_] = shapely.contains_properly(inset[boxes.block], shapes)
    barriers = [
        shapely.LineString(plan.vertices_m[list(cut.chain)]).buffer(HALF_WIDTH_M[cut.level])
        for cut in plan.cuts
        if cut.level < 4
    ]
    barriers += [water.geom_m.buffer(BANK_M) for water in plan.waters if water.kind != "sea"]
    hit, _ = shapely.STRtree(barriers).query(shapes, predicate="intersects")
    fits[hit] = False
    return fits


def _undisputed(shapes: ObjectArray, rank: IntArray) -> NDArray[np.bool_]:
    """Tell which footprints stay where some are too near to each other: the lower rank first."""
    order = np.lexsort((np.arange(len(rank)), rank))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    near, of = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=CLEAR_M)
    first = place[near] < place[of]
    near, of = near[first], of[first]
    stays = np.ones(len(shapes), dtype=bool)
    for k in np.lexsort((place[of], place[near])):
        if stays[near[k]]:
            stays[of[k]] = False
    return stays


def _plots(blocks: Sequence[Area], boxes: _Boxes, shapes: ObjectArray, kept: IntArray) -> Plots:
    codes = np.array([block.code for block in blocks], dtype=object)
    fabrics = np.array([block.fabric for block in blocks], dtype=object)
    return Plots(
        id=np.arange(1, len(kept) + 1),
        geom=shapely.transform(shapes[kept], to_lonlat),
        xy_m=boxes.xy_m[kept],
        lonlat=to_lonlat(boxes.xy_m[kept]),
        area_m2=shapely.area(shapes[kept]),
        micro_code=codes[boxes.block[kept]],
        fabric=fabrics[boxes.block[kept]],
        frontage=boxes.road[kept] >= 0,
        road=boxes.road[kept],
        along_m=boxes.along_m[kept],
        left=boxes.left[kept],
        door_m=boxes.door_m[kept],
        width_m=boxes.width_m[kept],
    )


def _rectangles(boxes: _Boxes) -> ObjectArray:
    along = boxes.along * (boxes.width_m / 2)[:, None]
    across = np.column_stack([-boxes.along[:, 1], boxes.along[:, 0]])
    across *= (boxes.depth_m / 2)[:, None]
    corners = [-along - across, along - across, along + across, across - along]
    rings = np.stack([boxes.xy_m + corner for corner in corners], axis=1)
    return np.asarray(shapely.polygons(np.round(rings, 2)), dtype=object)


def _lengths(sides: Sides) -> tuple[FloatArray, FloatArray]:
    """Return each side's length, and at each point the length of all points before it."""
    steps = np.hypot(*np.diff(sides.xy_m, axis=0).T)
    steps[sides.start[1:-1] - 1] = 0.0  # from one side's end to the next side's start
    cumulative_m = np.concatenate([[0.0], np.cumsum(steps)])
    return cumulative_m[sides.start[1:] - 1] - cumulative_m[sides.start[:-1]], cumulative_m


def _locate(
    sides: Sides, cumulative_m: FloatArray, side: IntArray, at_m: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the points at given distances along sides, and the sides' direction there."""
    target = cumulative_m[sides.start[side]] + at_m
    k = np.searchsorted(cumulative_m, target, side="right") - 1
    k = np.clip(k, sides.start[side], sides.start[side + 1] - 2)
    step = sides.xy_m[k + 1] - sides.xy_m[k]
    along = step / np.hypot(step[:, 0], step[:, 1])[:, None]
    return sides.xy_m[k] + along * (target - cumulative_m[k])[:, None], along


def _only(boxes: _Boxes, kept: NDArray[np.bool_]) -> _Boxes:
    return _Boxes(**{name: value[kept] for name, value in vars(boxes).items()})


def _joined(a: _Boxes, b: _Boxes) -> _Boxes:
    return _Boxes(**{name: np.concatenate([vars(a)[name], vars(b)[name]]) for name in vars(a)})
