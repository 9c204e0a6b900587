"""Choose where to cut a block: along its grain, near the wanted share, into well-shaped parts.

Pure functions over rings of (x, y) in metres, counter-clockwise and not closed. The grain of a
block is the common direction, modulo a right angle, of what bounds it: coast and older cuts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from geodata.demo.mesh import XY

Ring = Sequence[XY]
SHARE_WEIGHT = 2.5
"""Cost of missing the wanted share by the factor e; an elongation of 1:4 costs 0.56."""
CROSSING_BONUS = 0.06
"""Worth of an end that meets a junction: crossings instead of staggered T-junctions."""
LEAST_ANGLE_RAD = math.radians(32)
"""No corner of a block is sharper than this unless the outline is."""


@dataclass(frozen=True)
class End:
    """Where a chord meets the ring: edge number, point, and the ring position if at a corner."""

    edge: int
    point: XY
    corner: int | None = None

    def place(self) -> float:
        """Return how far along the ring this is, in corners."""
        return self.edge + 0.5 if self.corner is None else self.corner


@dataclass(frozen=True)
class Chord:
    """A straight cut between two places of a ring, with what it costs."""

    start: End
    end: End
    cost: float


class Wish(Protocol):
    """What is wanted of a cut beyond its shape."""

    def __call__(self, first: Ring, second: Ring) -> tuple[float, float] | None:
        """Return the share of the area wanted in the first piece and an extra cost.

        The first piece goes from the chord's start along the ring to its end.

        None refuses the cut.
        """
        ...


@dataclass(frozen=True)
class Snap:
    """How far an end may be moved to meet a corner of the ring, in metres."""

    junction_m: float
    corner_m: float


def area_of(ring: Ring) -> float:
    """Return the signed area in square metres (positive when counter-clockwise)."""
    total = 0.0
    x0, y0 = ring[-1]
    for x, y in ring:
        total += x0 * y - x * y0
        x0, y0 = x, y
    return total / 2


def length_of(ring: Ring) -> float:
    """Return the perimeter in metres."""
    return sum(math.dist(a, b) for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))


def elongation_of(ring: Ring) -> float:
    """Return 0 for a square, 0.13 for 1:2, 0.56 for 1:4, more for what is ragged."""
    area = area_of(ring)
    return length_of(ring) ** 2 / (16 * area) - 1 if area > 1 else 1e3


def grain_of(ring: Ring) -> float:
    """Return the common direction of the edges modulo a right angle, in radians."""
    re = im = 0.0
    x0, y0 = ring[-1]
    for x, y in ring:
        length, angle = math.hypot(x - x0, y - y0), math.atan2(y - y0, x - x0)
        re += length * math.cos(4 * angle)
        im += length * math.sin(4 * angle)
        x0, y0 = x, y
    return math.atan2(im, re) / 4


def offset_for(ring: Ring, normal: XY, share: float) -> float:
    """Return the offset along ``normal`` below which ``share`` of the ring's area lies."""
    heights = [x * normal[0] + y * normal[1] for x, y in ring]
    low, high, wanted = min(heights), max(heights), share * area_of(ring)
    miss_low, miss_high, total = -wanted, area_of(ring) - wanted, area_of(ring)
    for _ in range(12):  # regula falsi with the Illinois rule
        middle = (low * miss_high - high * miss_low) / (miss_high - miss_low)
        miss = _area_below(ring, heights, middle) - wanted
        if abs(miss) < 2e-3 * total:
            break
        if miss < 0:
            low, miss_low, miss_high = middle, miss, miss_high / 2
        else:
            high, miss_high, miss_low = middle, miss, miss_low / 2
    return middle


def chords_at(ring: Ring, normal: XY, offset: float) -> Iterator[tuple[End, End]]:
    """Yield the parts of a line that lie inside the ring, as pairs of ends."""
    along = (normal[1], -normal[0])
    hits: list[tuple[float, End]] = []
    count = len(ring)
    heights = [x * normal[0] + y * normal[1] - offset for x, y in ring]
    for i in range(count):
        j = (i + 1) % count
        if (heights[i] < 0) != (heights[j] < 0):
            part = heights[i] / (heights[i] - heights[j])
            x = ring[i][0] + part * (ring[j][0] - ring[i][0])
            y = ring[i][1] + part * (ring[j][1] - ring[i][1])
            hits.append((x * along[0] + y * along[1], End(i, (x, y))))
    hits.sort(key=lambda hit: hit[0])
    for (_, a), (_, b) in zip(hits[::2], hits[1::2], strict=True):
        yield (a, b) if a.edge < b.edge else (b, a)


def best_chord(
    ring: Ring,
    junctions: Sequence[bool],
    lines: Iterable[tuple[XY, float]],
    wish: Wish,
    snap: Snap,
) -> Chord | None:
    """Return the cheapest valid chord on any of the lines, None if there is none.

    Parameters
    ----------
    junctions
        For each corner of the ring, whether another cut already meets it.
    lines
        Pairs of unit normal and offset in metres.
    wish
        What is wanted of the piece from the chord's start to its end along the ring.
    """
    best: Chord | None = None
    for normal, offset in lines:
        for start, end in chords_at(ring, normal, offset):
            for tolerance in (snap, Snap(0.0, snap.corner_m / 2)):
                chord = _judged(ring, junctions, (start, end), wish, tolerance)
                if chord is None:
                    continue
                if best is not None and chord.cost >= best.cost:
                    break
                if _free(ring, chord.start, chord.end):
                    best = chord
                    break
    return best


def pieces_of(ring: Ring, start: End, end: End) -> tuple[list[XY], list[XY]]:
    """Return the two rings a chord makes: from start to end along the ring, and the rest."""
    i = start.edge + 1 if start.corner is None else start.corner + 1
    j = end.edge + 1 if end.corner is None else end.corner
    first = [start.point, *ring[i:j], end.point]
    k = j if end.corner is None else j + 1
    h = i if start.corner is None else i - 1
    return first, [end.point, *ring[k:], *ring[:h], start.point]


def bend(start: XY, end: XY, steps: int, sway: Sequence[float]) -> list[XY]:
    """Return points between two ends on a gentle curve.

    Parameters
    ----------
    steps
        Number of parts; one point less is returned.
    sway
        Sidewards amplitudes in metres of half a wave, a whole wave, one and a half...
    """
    length = math.dist(start, end)
    ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    points = []
    for k in range(1, steps):
        t = k / steps
        side = sum(a * math.sin(math.pi * (n + 1) * t) for n, a in enumerate(sway))
        points.append(
            (
                start[0] + ux * length * t - uy * side,
                start[1] + uy * length * t + ux * side,
            )
        )
    return points


def inside(ring: Ring, path: Sequence[XY], skip: frozenset[XY]) -> bool:
    """Tell whether a path between two ring points stays inside without touching the ring.

    ``skip`` holds the ring's corners at the ends of the path: their edges may be touched there.
    """
    for a, b in pairwise(path):
        for c, d in zip(ring, [*ring[1:], ring[0]], strict=True):
            if c in skip or d in skip:
                continue
            if _cross(a, b, c, d):
                return False
    middle = path[len(path) // 2]
    if len(path) == 2:
        middle = ((path[0][0] + path[1][0]) / 2, (path[0][1] + path[1][1]) / 2)
    return encloses(ring, middle)


def encloses(ring: Ring, point: XY) -> bool:
    """Tell whether the point lies inside the ring (even-odd rule)."""
    x, y = point
    odd = False
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            odd = not odd
        x0, y0 = x1, y1
    return odd


def _judged(
    ring: Ring,
    junctions: Sequence[bool],
    ends: tuple[End, End],
    wish: Wish,
    snap: Snap,
) -> Chord | None:
    start, end = sorted((_snapped(ring, junctions, at, snap) for at in ends), key=End.place)
    if start.place() == end.place() or not _open(ring, start, end):
        return None
    first, second = pieces_of(ring, start, end)
    areas = area_of(first), area_of(second)
    if min(areas) < 0.02 * sum(areas):
        return None
    wanted = wish(first, second)
    if wanted is None:
        return None
    share = areas[0] / sum(areas)
    crossings = sum(junctions[at.corner] for at in (start, end) if at.corner is not None)
    cost = (
        wanted[1]
        + SHARE_WEIGHT * abs(_logit(share) - _logit(wanted[0])) / 2
        + elongation_of(first) * areas[0] / sum(areas)
        + elongation_of(second) * areas[1] / sum(areas)
        - CROSSING_BONUS * crossings
    )
    return Chord(start, end, cost)


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


def _snapped(ring: Ring, junctions: Sequence[bool], at: End, snap: Snap) -> End:
    best, best_m = at, math.inf
    for corner in (at.edge, (at.edge + 1) % len(ring)):
        distance_m = math.dist(ring[corner], at.point)
        reach_m = snap.junction_m if junctions[corner] else snap.corner_m
        if distance_m < max(reach_m, snap.corner_m) and distance_m < best_m:
            best, best_m = End(corner, ring[corner], corner), distance_m
    return best


def _open(ring: Ring, start: End, end: End) -> bool:
    """Tell whether the chord leaves the ring at no sharp angle."""
    if start.corner is None and end.corner is None and start.edge == end.edge:
        return False
    return _open_angle(ring, start, end.point) and _open_angle(ring, end, start.point)


def _free(ring: Ring, start: End, end: End) -> bool:
    """Tell whether the chord stays inside the ring after its ends were moved."""
    if start.corner is None and end.corner is None:
        return True  # as found on its line: inside already
    touched = {ring[at.corner] for at in (start, end) if at.corner is not None}
    edges = [at.edge for at in (start, end) if at.corner is None]
    others = [(ring[k - 1], ring[k]) for k in range(len(ring)) if (k - 1) % len(ring) not in edges]
    for c, d in others:
        if c not in touched and d not in touched and _cross(start.point, end.point, c, d):
            return False
    middle = (start.point[0] + end.point[0]) / 2, (start.point[1] + end.point[1]) / 2
    return encloses(ring, middle)


def _open_angle(ring: Ring, at: End, towards: XY) -> bool:
    count = len(ring)
    before = at.edge if at.corner is None else (at.corner - 1) % count
    after = (at.edge + 1) % count if at.corner is None else (at.corner + 1) % count
    heading = math.atan2(towards[1] - at.point[1], towards[0] - at.point[0])
    for corner in (before, after):
        other = math.atan2(ring[corner][1] - at.point[1], ring[corner][0] - at.point[0])
        if abs(math.remainder(heading - other, math.tau)) < LEAST_ANGLE_RAD:
            return False
    return True


def _area_below(ring: Ring, heights: Sequence[float], offset: float) -> float:
    clipped: list[XY] = []
    h0, p0 = heights[-1] - offset, ring[-1]
    for height, p in zip(heights, ring, strict=True):
        h = height - offset
        if (h0 < 0) != (h < 0):
            part = h0 / (h0 - h)
            clipped.append((p0[0] + part * (p[0] - p0[0]), p0[1] + part * (p[1] - p0[1])))
        if h < 0:
            clipped.append(p)
        h0, p0 = h, p
    return area_of(clipped) if len(clipped) > 2 else 0.0


def _cross(a: XY, b: XY, c: XY, d: XY) -> bool:
    if (
        max(a[0], b[0]) < min(c[0], d[0])
        or max(c[0], d[0]) < min(a[0], b[0])
        or max(a[1], b[1]) < min(c[1], d[1])
        or max(c[1], d[1]) < min(a[1], b[1])
    ):
        return False
    return _side(a, b, c) * _side(a, b, d) <= 0 and _side(c, d, a) * _side(c, d, b) <= 0


def _side(a: XY, b: XY, p: XY) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
