"""The sides of the blocks: which road each fronts, from where to where, and how wide it is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geodata.demo.ground import FloatArray, IntArray, Plan

CORNER_DEG = 24.0
"""A turn sharper than this ends a side."""
HALF_WIDTH_M = {0: 12.0, 1: 17.0, 2: 12.5, 3: 8.0, 4: 5.0}
"""Level of the cut -> from the centre line to the edge of the pavement."""


@dataclass(frozen=True)
class _Step:
    """One edge of a ring as part of a road: road number, position along it at both ends."""

    road: int
    from_m: float
    to_m: float


@dataclass(frozen=True)
class Sides:
    """Sides of all blocks; arrays of equal length n, and the points of all sides one by one.

    A side runs counter-clockwise round its block, so the block lies on its left.
    """

    block: IntArray
    road: IntArray
    level: IntArray
    from_m: FloatArray
    """Position along the road of the side's first point."""
    to_m: FloatArray
    """Position along the road of its last point: smaller where the side runs against it."""
    before_m: FloatArray
    """Half width of the road round the corner at the first point."""
    after_m: FloatArray
    """The same at the last point."""
    start: IntArray
    """Number of the first point; the side ends where the next starts. Length n + 1."""
    xy_m: FloatArray
    """Points of all sides, EPSG:4549."""


def make_sides(plan: Plan, codes: Sequence[str]) -> Sides:
    """Return the sides of the micro-grids with the given codes, in their order."""
    steps = _steps(plan)
    rows: list[tuple[int, int, int, float, float, float, float]] = []
    starts, points = [0], []
    for block, code in enumerate(codes):
        ring = plan.rings[code]
        sides = list(_split(plan, ring, steps))
        for k, side in enumerate(sides):
            first, last = steps[side[0], side[1]], steps[side[-2], side[-1]]
            before = steps[sides[k - 1][-2], sides[k - 1][-1]].road
            after = sides[(k + 1) % len(sides)]
            rows.append(
                (
                    block,
                    first.road,
                    plan.cuts[first.road].level,
                    first.from_m,
                    last.to_m,
                    _half_width(plan, before),
                    _half_width(plan, steps[after[0], after[1]].road),
                )
            )
            points += side
            starts.append(len(points))
    table = np.array(rows)
    return Sides(
        block=table[:, 0].astype(np.int64),
        road=table[:, 1].astype(np.int64),
        level=table[:, 2].astype(np.int64),
        from_m=table[:, 3],
        to_m=table[:, 4],
        before_m=table[:, 5],
        after_m=table[:, 6],
        start=np.array(starts),
        xy_m=plan.vertices_m[points],
    )


def _steps(plan: Plan) -> dict[tuple[int, int], _Step]:
    """Return for every edge of the mesh, in both directions, the road and positions on it."""
    steps = {}
    for road, cut in enumerate(plan.cuts):
        along = np.diff(plan.vertices_m[list(cut.chain)], axis=0)
        at = np.concatenate([[0.0], np.cumsum(np.hypot(along[:, 0], along[:, 1]))]).tolist()
        for k in range(len(cut.chain) - 1):
            u, v = cut.chain[k], cut.chain[k + 1]
            steps[u, v] = _Step(road, at[k], at[k + 1])
            steps[v, u] = _Step(road, at[k + 1], at[k])
    return steps


def _split(
    plan: Plan, ring: Sequence[int], steps: dict[tuple[int, int], _Step]
) -> Iterator[list[int]]:
    """Yield the sides of a ring as runs of vertices: broken at corners and where roads change."""
    count = len(ring)
    breaks = [k for k in range(count) if _breaks(plan, ring, k, steps)]
    for k, start in enumerate(breaks):
        end = breaks[(k + 1) % len(breaks)]
        end = end if end > start else end + count
        yield [ring[i % count] for i in range(start, end + 1)]


def _breaks(plan: Plan, ring: Sequence[int], k: int, steps: dict[tuple[int, int], _Step]) -> bool:
    a, b, c = ring[k - 1], ring[k], ring[(k + 1) % len(ring)]
    if steps[a, b].road != steps[b, c].road:
        return True
    p, q, r = plan.vertices_m[a], plan.vertices_m[b], plan.vertices_m[c]
    turn = math.atan2(r[1] - q[1], r[0] - q[0]) - math.atan2(q[1] - p[1], q[0] - p[0])
    return abs(math.remainder(turn, math.tau)) > math.radians(CORNER_DEG)


def _half_width(plan: Plan, road: int) -> float:
    return HALF_WIDTH_M[plan.cuts[road].level]
