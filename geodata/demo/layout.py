"""The geometry of the plan: the outline cut into areas along the grain of coast and older cuts.

Every cut of each level is a road of that level, every block is bounded by roads, and the areas
nest, because the same mesh is cut further at each level (see mesh.py, subdivide.py).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geodata.demo.chord import area_of
from geodata.demo.division import (
    DISTRICT_CODE,
    Community,
    LonLat,
    Street,
    read_outline,
    read_streets,
)
from geodata.demo.ground import FloatArray, stage_rng
from geodata.demo.mesh import XY, Mesh
from geodata.demo.projection import to_metric
from geodata.demo.subdivide import Knife, RawCut, Site, Style

GRIDS = 1570
MICRO_GRIDS = 3452
STYLES = {
    1: Style(level=1, turn_deg=0.0, sway=0.022, bent=1.0),
    2: Style(level=2, turn_deg=3.0, sway=0.022, bent=0.7, crossing=0.2),
    3: Style(level=3, turn_deg=2.0, sway=0.02, bent=0.3, crossing=0.26),
    4: Style(level=4, turn_deg=1.5, sway=0.015, bent=0.1, crossing=0.26),
}
"""Arterials sway most, lanes are straight; numbers chosen by looking at the drawn result."""
VILLAGE_SIZE = 4.0
"""A village covers about this many times the area of an urban community of its street."""


@dataclass(frozen=True)
class Block:
    """A face of the mesh with its place in the order of areas."""

    face: int
    ring: tuple[int, ...]
    """The ring when the block was whole; later vertices are added at the end."""
    rural: bool


@dataclass(frozen=True)
class Layout:
    """The mesh after the last cut, with the blocks of each level."""

    mesh: Mesh
    mesh_corners: tuple[int, ...]
    """Vertex of each corner of the outline file: the file's ring runs clockwise, the mesh's not."""
    cuts: list[RawCut]
    streets: list[tuple[Street, Block]]
    communities: list[tuple[Community, Block]]
    grids: list[tuple[Block, ...]]
    """For each community, its grids."""
    micro_grids: list[list[tuple[Block, ...]]]
    """For each community, for each of its grids, its micro-grids."""

    def corner_vertex(self, corner: int) -> int:
        """Return the vertex of a corner of the outline file; 63 and more start again at 0."""
        return self.mesh_corners[corner % len(self.mesh_corners)]


def lay_out(seed: int) -> Layout:
    """Cut the outline into streets, communities, grids and micro-grids."""
    streets = read_streets()
    ring = [(x, y) for x, y in to_metric(np.array(read_outline())).tolist()]
    corners = range(len(ring)) if area_of(ring) > 0 else range(len(ring))[::-1]
    mesh = Mesh.of_outline([ring[k] for k in corners])
    knife = Knife(mesh, stage_rng(seed, "streets"), DISTRICT_CODE)
    blocks = _cut_streets(knife, streets)
    knife.rng = stage_rng(seed, "communities")
    communities = [
        pair
        for street, block in zip(streets, blocks, strict=True)
        for pair in _cut_communities(knife, street, block)
    ]
    knife.rng = stage_rng(seed, "grids")
    grids = _cut_grids(knife, [c for c, _ in communities], [b for _, b in communities])
    knife.rng = stage_rng(seed, "micro_grids")
    micro_grids = _cut_micro_grids(knife, [c for c, _ in communities], grids)
    return Layout(
        mesh,
        tuple(corners),
        knife.cuts,
        list(zip(streets, blocks, strict=True)),
        communities,
        grids,
        micro_grids,
    )


def _metric(lonlat: LonLat) -> XY:
    x, y = to_metric(np.array([lonlat]))[0].tolist()
    return x, y


def _block(mesh: Mesh, face: int, rural: bool) -> Block:
    return Block(face, tuple(mesh.faces[face]), rural)


def _cut_streets(knife: Knife, streets: Sequence[Street]) -> list[Block]:
    sites = [
        Site(_metric(s.site), s.size_km2 * 1e6, _metric(s.outlying) if s.outlying else None)
        for s in streets
    ]
    faces = knife.by_site(0, sites, STYLES[1])
    return [_block(knife.mesh, face, False) for face in faces]


def _cut_communities(knife: Knife, street: Street, block: Block) -> list[tuple[Community, Block]]:
    knife.owner = street.code
    weights = {
        c.code: float(knife.rng.lognormal(0.0, 0.35)) * (VILLAGE_SIZE if c.rural else 1.0)
        for c in street.communities
    }
    ordered = sorted(street.communities, key=lambda c: (weights[c.code], c.code))
    faces = knife.by_weight(
        block.face, [weights[c.code] for c in ordered], _metric(street.site), STYLES[2]
    )
    pairs = [(c, _block(knife.mesh, f, c.rural)) for c, f in zip(ordered, faces, strict=True)]
    return sorted(pairs, key=lambda pair: pair[0].code)


def _cut_grids(
    knife: Knife, communities: Sequence[Community], blocks: Sequence[Block]
) -> list[tuple[Block, ...]]:
    people = [
        float(knife.rng.lognormal(0.0, 0.28)) * (0.8 if c.rural else 1.0) for c in communities
    ]
    counts = apportion(people, GRIDS, least=3)
    grids = []
    for community, block, count in zip(communities, blocks, counts, strict=True):
        knife.owner = community.code
        spread = 0.75 if block.rural else 0.22
        weights = sorted(knife.rng.lognormal(0.0, spread, count).tolist())
        core = _inner_point(knife.mesh.ring(block.face), knife.rng)
        faces = knife.by_weight(block.face, weights, core, STYLES[3])
        grids.append(tuple(_block(knife.mesh, face, block.rural) for face in faces))
    return grids


def _cut_micro_grids(
    knife: Knife, communities: Sequence[Community], grids: Sequence[tuple[Block, ...]]
) -> list[list[tuple[Block, ...]]]:
    flat = [block for members in grids for block in members]
    wishes = [math.exp(knife.rng.normal(0.0, 0.3)) for _ in flat]
    counts = iter(apportion(wishes, MICRO_GRIDS, least=1))
    result = []
    for community, members in zip(communities, grids, strict=True):
        knife.owner = community.code
        rows = []
        for block in members:
            weights = sorted(knife.rng.lognormal(0.0, 0.15, next(counts)).tolist())
            core = _inner_point(knife.mesh.ring(block.face), knife.rng)
            faces = knife.by_weight(block.face, weights, core, STYLES[4])
            rows.append(tuple(_block(knife.mesh, face, block.rural) for face in faces))
        result.append(rows)
    return result


def apportion(weights: Sequence[float], total: int, *, least: int) -> list[int]:
    """Divide a whole number in proportion to weights by the largest remainders.

    Each gets at least ``least``; the sum is exactly ``total``.
    """
    spare = total - least * len(weights)
    shares = np.array(weights, dtype=float)
    shares *= spare / shares.sum()
    counts = np.floor(shares).astype(int)
    rest = spare - int(counts.sum())
    counts[np.argsort(counts - shares, kind="stable")[:rest]] += 1
    return [int(count) + least for count in counts]


def _inner_point(ring: Sequence[XY], rng: np.random.Generator) -> XY:
    """Return a point between the ring's middle and one of its corners."""
    middle: FloatArray = np.mean(np.array(ring), axis=0)
    corner = np.array(ring[int(rng.integers(len(ring)))])
    x, y = middle + 0.6 * (corner - middle)
    return float(x), float(y)
