"""Join cuts that continue one another across a crossing, and give every road its name."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from geodata.demo.division import Street
from geodata.demo.ground import Cut, FloatArray
from geodata.demo.mesh import XY
from geodata.demo.name import (
    WORDS,
    arterial_names,
    lane_names,
    local_names,
    road_stems,
    secondary_names,
)
from geodata.demo.subdivide import RawCut

STRAIGHT_ON_DEG = 28.0
"""A road goes on across a crossing if it turns by less than this."""


@dataclass(frozen=True)
class _Tip:
    """One end of a cut: the vertex, and the direction (radians) from it into the cut."""

    cut: int
    tail: bool
    heading: float


def join_cuts(cuts: Sequence[RawCut], vertices_m: FloatArray) -> list[RawCut]:
    """Return the cuts with those of one level that run straight on into each other joined.

    The owner of a joined road is that of its oldest cut.
    """
    links = _links(cuts, vertices_m)
    joined: list[RawCut] = []
    seen: set[int] = set()
    for start in range(len(cuts)):
        if start in seen:
            continue
        parts = _walk(start, links, cuts)
        seen.update(cut for cut, _ in parts)
        chain: list[int] = []
        for cut, backwards in parts:
            piece = cuts[cut].chain[::-1] if backwards else cuts[cut].chain
            chain += piece if not chain else piece[1:]
        oldest = cuts[min(cut for cut, _ in parts)]
        joined.append(RawCut(oldest.level, oldest.owner, tuple(chain)))
    return joined


def name_roads(
    cuts: Iterable[RawCut],
    vertices_m: FloatArray,
    streets: Sequence[Street],
    centres_m: dict[str, XY],
    rng: np.random.Generator,
) -> list[Cut]:
    """Give every road a name of its own, by its level and the area it lies in.

    Parameters
    ----------
    centres_m
        Middle of every street and community by code, EPSG:4549.
    """
    stems = road_stems(streets)
    words = [WORDS[k] for k in rng.permutation(len(WORDS))]
    arterials = arterial_names()
    taken: set[str] = set()
    roads = []
    for cut in cuts:
        path = [(float(x), float(y)) for x, y in vertices_m[list(cut.chain)]]
        if cut.level == 1:
            choices: Iterator[str] = arterials
        elif cut.level == 2:
            choices = secondary_names(words, path, centres_m[cut.owner])
        elif cut.level == 3:
            choices = local_names(stems[cut.owner], path, centres_m[cut.owner])
        else:
            choices = lane_names(stems[cut.owner])
        name = next(choice for choice in choices if choice not in taken)
        taken.add(name)
        roads.append(Cut(cut.level, cut.chain, name))
    return roads


def _links(
    cuts: Sequence[RawCut], vertices_m: FloatArray
) -> dict[tuple[int, bool], tuple[int, bool]]:
    """Pair the ends of cuts that continue one another: (cut, is its tail) both ways."""
    tips: dict[tuple[int, int], list[_Tip]] = {}
    for number, cut in enumerate(cuts):
        for tail in (False, True):
            here, there = (cut.chain[-1], cut.chain[-2]) if tail else cut.chain[:2]
            dx, dy = vertices_m[there] - vertices_m[here]
            tips.setdefault((cut.level, here), []).append(
                _Tip(number, tail, math.atan2(float(dy), float(dx)))
            )
    links: dict[tuple[int, bool], tuple[int, bool]] = {}
    for meeting in tips.values():
        for _, a, b in sorted(_straight_pairs(meeting), key=lambda pair: pair[0]):
            ends = (a.cut, a.tail), (b.cut, b.tail)
            if a.cut != b.cut and ends[0] not in links and ends[1] not in links:
                links[ends[0]], links[ends[1]] = ends[1], ends[0]
    return links


def _straight_pairs(tips: Sequence[_Tip]) -> Iterator[tuple[float, _Tip, _Tip]]:
    for i, a in enumerate(tips):
        for b in tips[i + 1 :]:
            turn = abs(math.remainder(a.heading - b.heading - math.pi, math.tau))
            if turn < math.radians(STRAIGHT_ON_DEG):
                yield turn, a, b


def _walk(
    start: int,
    links: dict[tuple[int, bool], tuple[int, bool]],
    cuts: Sequence[RawCut],
) -> list[tuple[int, bool]]:
    """Return the joined cuts from one end to the other, each with whether it runs backwards."""
    first, backwards = start, False
    visited = {start}
    while (before := links.get((first, backwards))) and before[0] not in visited:
        first, backwards = before[0], not before[1]
        visited.add(first)
    parts = [(first, backwards)]
    visited = {first}
    while (after := links.get((parts[-1][0], not parts[-1][1]))) and after[0] not in visited:
        parts.append((after[0], after[1]))
        visited.add(after[0])
    return parts
