"""Cut a face of the mesh into many, smaller ones near a core, larger ones away from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from geodata.demo.chord import (
    Chord,
    Ring,
    Snap,
    Wish,
    area_of,
    bend,
    best_chord,
    encloses,
    grain_of,
    inside,
    offset_for,
    pieces_of,
)
from geodata.demo.mesh import XY, Mesh
from geodata.errors import DataFault

Line = tuple[XY, float]
REFUSAL_M = 700.0
"""A street cut passes no closer than this to a street's centre without a price."""
STEP_M = 110.0
"""A bent road has a vertex about this often."""
LEAST_SNAP_M = 9.0


@dataclass(frozen=True)
class Style:
    """How the cuts of one level are drawn."""

    level: int
    turn_deg: float
    """Standard deviation of a cut's direction from the grain."""
    sway: float
    """Sidewards amplitude of a bend, as a part of the cut's length."""
    bent: float
    """Part of the cuts that bend at all."""
    crossing: float = 0.2
    """An end this near to a junction, in sides of the final block, becomes a crossing."""


@dataclass(frozen=True)
class Site:
    """A place that must keep its own block, and the size it wants."""

    xy_m: XY
    size_m2: float
    outlying_m: XY | None = None
    """Another place that must lie in the same block."""

    def side(self, ring: Ring) -> bool | None:
        """Tell whether the site lies inside the ring; None if only a part of it does."""
        inside_ring = encloses(ring, self.xy_m)
        if self.outlying_m and encloses(ring, self.outlying_m) != inside_ring:
            return None
        return inside_ring


@dataclass(frozen=True)
class RawCut:
    """A cut as it was made: its level, the code of the area it divides, and its vertices."""

    level: int
    owner: str
    chain: tuple[int, ...]


@dataclass
class Knife:
    """Cuts faces of one mesh and remembers every cut with its level and owner."""

    mesh: Mesh
    rng: np.random.Generator
    owner: str
    """Code of the area that is being divided."""
    cuts: list[RawCut] = field(default_factory=list)

    def by_weight(self, face: int, weights: Sequence[float], core: XY, style: Style) -> list[int]:
        """Cut a face into one per weight; the weights go in order from the core outwards.

        Returns
        -------
        list of int
            Faces in the order of the weights; areas are roughly in proportion.
        """
        if len(weights) == 1:
            return [face]
        at = self._middle(weights)
        share = sum(weights[:at]) / sum(weights)
        ring = self.mesh.ring(face)
        unit_m = math.sqrt(area_of(ring) / len(weights))

        def wish(first: Ring, second: Ring) -> tuple[float, float]:
            return (share if _nearer(first, second, core) else 1 - share), 0.0

        chord = self._choose(face, share, core, unit_m, style, wish)
        near, far = self._cut(face, chord, style)
        if not _nearer(*pieces_of(ring, chord.start, chord.end), core):
            near, far = far, near
        return self.by_weight(near, weights[:at], core, style) + self.by_weight(
            far, weights[at:], core, style
        )

    def by_site(self, face: int, sites: Sequence[Site], style: Style) -> list[int]:
        """Cut a face so that every site lies in a face of its own, about as large as it wants.

        Returns
        -------
        list of int
            Faces in the order of the sites.
        """
        if len(sites) == 1:
            return [face]
        ring = self.mesh.ring(face)

        def wish(first: Ring, second: Ring) -> tuple[float, float] | None:
            held = [site.side(first) for site in sites]
            if None in held or all(held) or not any(held):
                return None
            wanted = sum(s.size_m2 for s, h in zip(sites, held, strict=True) if h)
            cost = sum(_crowding(site.xy_m, first[0], first[-1]) for site in sites)
            return wanted / sum(s.size_m2 for s in sites), cost

        lines = _fan(ring, grain_of(ring), 12, 16)
        chord = best_chord(ring, self._junctions(face), lines, wish, Snap(260.0, 120.0))
        if chord is None:
            raise DataFault("no cut keeps the streets' centres apart", sites=len(sites))
        straight, _ = pieces_of(ring, chord.start, chord.end)
        held = [site.side(straight) for site in sites]
        first, second = self._cut(face, chord, style)
        faces: dict[int, int] = {}
        for part, wanted in ((first, True), (second, False)):
            indices = [i for i, h in enumerate(held) if h is wanted]
            parts = self.by_site(part, [sites[i] for i in indices], style)
            faces.update(zip(indices, parts, strict=True))
        return [faces[i] for i in range(len(sites))]

    def _middle(self, weights: Sequence[float]) -> int:
        wanted = sum(weights) * self.rng.uniform(0.42, 0.58)
        sums = np.cumsum(weights)
        return int(np.clip(np.searchsorted(sums, wanted) + 1, 1, len(weights) - 1))

    def _choose(
        self, face: int, share: float, core: XY, unit_m: float, style: Style, wish: Wish
    ) -> Chord:
        ring = self.mesh.ring(face)
        junctions = self._junctions(face)
        snap = Snap(style.crossing * unit_m, max(LEAST_SNAP_M, 0.07 * unit_m))
        grain = grain_of(ring) + math.radians(self.rng.normal(0.0, style.turn_deg))
        chord = best_chord(ring, junctions, _straight(ring, grain, share, core), wish, snap)
        if chord is not None and chord.cost < 1.2:
            return chord
        lines = [*_straight(ring, grain, share, core), *_fan(ring, grain, 12, 15)]
        chord = best_chord(ring, junctions, lines, wish, snap)
        if chord is None:
            raise DataFault("a block cannot be cut", corners=len(ring), area=area_of(ring))
        return chord

    def _junctions(self, face: int) -> list[bool]:
        return [self.mesh.degrees[v] > 2 for v in self.mesh.faces[face]]

    def _cut(self, face: int, chord: Chord, style: Style) -> tuple[int, int]:
        ring = self.mesh.ring(face)
        between = self._bend(ring, chord, style)
        ids = self.mesh.faces[face]
        ends = []
        for at in (chord.end, chord.start):  # the later first: it moves what comes after it
            corner = None if at.corner is None else ids[at.corner]
            ends.append(self.mesh.vertex_on(face, at.edge, at.point) if corner is None else corner)
        first, second = self.mesh.cut(face, ends[1], ends[0], between)
        self.cuts.append(RawCut(style.level, self.owner, tuple(self.mesh.last_chain)))
        return first, second

    def _bend(self, ring: Ring, chord: Chord, style: Style) -> list[XY]:
        start, end = chord.start.point, chord.end.point
        length_m = math.dist(start, end)
        steps = round(length_m / STEP_M)
        waves = (self.rng.normal(0.0, style.sway * length_m, 3) / (1.0, 2.0, 4.0)).tolist()
        if self.rng.random() >= style.bent or steps < 3:
            return []
        skip = frozenset(
            ring[at.corner] for at in (chord.start, chord.end) if at.corner is not None
        ) | frozenset(
            ring[(at.edge + k) % len(ring)]
            for at in (chord.start, chord.end)
            if at.corner is None
            for k in (0, 1)
        )
        for part in (1.0, 0.5, 0.25):
            wide = [start, *bend(start, end, steps, [1.8 * part * wave for wave in waves]), end]
            if inside(ring, wide, skip):
                return bend(start, end, steps, [part * wave for wave in waves])
        return []


def _straight(ring: Ring, grain: float, share: float, core: XY) -> list[Line]:
    lines = []
    for quarter in (0.0, math.pi / 2):
        normal = math.cos(grain + quarter), math.sin(grain + quarter)
        low = share if _core_is_low(ring, core, normal) else 1 - share
        lines.append((normal, offset_for(ring, normal, low)))
    return lines


def _fan(ring: Ring, grain: float, directions: int, offsets: int) -> list[Line]:
    lines = []
    for k in range(directions):
        angle = grain + math.pi * k / directions
        normal = math.cos(angle), math.sin(angle)
        heights = [x * normal[0] + y * normal[1] for x, y in ring]
        low, high = min(heights), max(heights)
        lines += [(normal, low + (high - low) * (i + 0.5) / offsets) for i in range(offsets)]
    return lines


def _core_is_low(ring: Ring, core: XY, normal: XY) -> bool:
    middle = sum(x * normal[0] + y * normal[1] for x, y in ring) / len(ring)
    return core[0] * normal[0] + core[1] * normal[1] < middle


def _nearer(first: Ring, second: Ring, core: XY) -> bool:
    return _distance(first, core) < _distance(second, core)


def _distance(ring: Ring, core: XY) -> float:
    x = sum(p[0] for p in ring) / len(ring)
    y = sum(p[1] for p in ring) / len(ring)
    return math.dist((x, y), core)


def _crowding(site: XY, start: XY, end: XY) -> float:
    """Price of a cut that passes close to a street's centre."""
    length = math.dist(start, end)
    ux, uy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    t = min(max((site[0] - start[0]) * ux + (site[1] - start[1]) * uy, 0.0), length)
    gap_m = math.dist(site, (start[0] + ux * t, start[1] + uy * t))
    return max(0.0, 1.0 - gap_m / REFUSAL_M)
