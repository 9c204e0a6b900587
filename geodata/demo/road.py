"""The road network of the plan: every piece of a cut between two junctions, in both directions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.demo.ground import Cut, Edges, IntArray, Nodes, ObjectArray, Patch, Plan, stage_rng
from geodata.demo.progress import Progress
from geodata.errors import DataFault

WALK, EBIKE, CAR = 1, 2, 4
EVERYONE = WALK | EBIKE | CAR
SPEED_CLASS = {0: 2, 1: 1, 2: 2, 3: 3, 4: 4}
"""Level of the cut -> speed class; the road along the outline is a secondary road."""
ONE_WAY_SHARE = 0.08
"""Part of the secondary and local streets that are one-way."""
ONE_WAY_LEAST_M, ONE_WAY_MOST_M = 300.0, 2600.0
"""A one-way street is a whole named road of this length: a coherent run, not a patchwork."""
FOOTPATH_SHARE = 0.35
"""Part of the lanes of bungalow areas that are too narrow for cars."""


@dataclass(frozen=True)
class _Pieces:
    """Undirected pieces of road between junctions."""

    chains: list[tuple[int, ...]]
    road: IntArray
    """Number of the cut each belongs to."""


def make_roads(plan: Plan, seed: int, progress: Progress) -> tuple[Nodes, Edges]:
    """Turn the cuts into nodes and directed edges, with one-way streets and footpaths.

    Returns
    -------
    Nodes, Edges
        The graphs of cars and of walkers are each strongly connected over all nodes.

    Raises
    ------
    DataFault
        They are not: the plan is broken.
    """
    progress.step("roads", 0, 2)
    pieces = _pieces(plan)
    used, ends = np.unique([[c[0], c[-1]] for c in pieces.chains], return_inverse=True)
    nodes = Nodes(
        id=np.arange(1, len(used) + 1),
        lonlat=plan.vertices_deg[used],
        xy_m=plan.vertices_m[used],
    )
    edges = _edges(plan, pieces, ends.reshape(-1, 2) + 1)
    progress.step("roads", 1, 2)
    edges = _restrict(edges, plan, pieces, len(used), seed)
    for bit in (CAR, WALK):
        if not is_strong(edges, edges.access, bit, len(used)):
            raise DataFault("the demo's road graph is not one strong component", mode=bit)
    progress.step("roads", 2, 2)
    return nodes, edges


def is_strong(edges: Edges, access: IntArray, bit: int, node_count: int) -> bool:
    """Tell whether the edges open to a mode join all nodes in both directions."""
    allowed = (access & bit) > 0
    graph = coo_array(
        (
            np.ones(int(allowed.sum()), dtype=np.int8),
            (edges.from_node[allowed] - 1, edges.to_node[allowed] - 1),
        ),
        shape=(node_count, node_count),
    )
    parts, _ = connected_components(graph.tocsr(), directed=True, connection="strong")
    return bool(parts == 1)


def split_at(chain: Sequence[int], junctions: NDArray[np.bool_]) -> Iterator[tuple[int, ...]]:
    """Yield the parts of a chain of vertices between one junction and the next."""
    start = 0
    for at in range(1, len(chain)):
        if junctions[chain[at]] or at == len(chain) - 1:
            yield tuple(chain[start : at + 1])
            start = at


def _pieces(plan: Plan) -> _Pieces:
    chains, road = [], []
    for number, cut in enumerate(plan.cuts):
        for part in split_at(cut.chain, plan.junctions):
            chains.append(part)
            road.append(number)
    return _Pieces(chains, np.array(road))


def _edges(plan: Plan, pieces: _Pieces, ends: IntArray) -> Edges:
    """Return both directions of every piece, open to everyone; twins stand side by side."""
    count = 2 * len(pieces.chains)
    chains = [c for chain in pieces.chains for c in (chain, chain[::-1])]
    owners = np.repeat(np.arange(count), [len(chain) for chain in chains])
    flat = np.concatenate([np.array(chain) for chain in chains])
    geom_m: ObjectArray = shapely.linestrings(plan.vertices_m[flat], indices=owners)
    geom: ObjectArray = shapely.linestrings(plan.vertices_deg[flat], indices=owners)
    level = np.array([plan.cuts[road].level for road in pieces.road])
    number = np.arange(count)
    return Edges(
        id=number + 1,
        from_node=ends.reshape(-1),
        to_node=ends[:, ::-1].reshape(-1),
        twin_id=(number ^ 1) + 1,
        length_m=np.round(shapely.length(geom_m), 3),
        speed_class=np.repeat(np.array([SPEED_CLASS[int(k)] for k in level]), 2),
        access=np.full(count, EVERYONE),
        name=np.repeat(_names(plan.cuts, pieces.road), 2),
        grid_level=np.repeat(level, 2),
        geom=geom,
        geom_m=geom_m,
    )


def _names(cuts: Sequence[Cut], road: IntArray) -> ObjectArray:
    return np.array([cuts[k].name for k in road], dtype=object)


def _restrict(edges: Edges, plan: Plan, pieces: _Pieces, node_count: int, seed: int) -> Edges:
    """Close lanes to cars and streets in one direction while all places stay reachable."""
    rng = stage_rng(seed, "one_way")
    access = edges.access.copy()
    narrow = _in_patches(edges, plan.patches, "bungalow") & (edges.speed_class == 4)
    for piece in np.flatnonzero(narrow[::2]):
        if rng.random() < FOOTPATH_SHARE:
            closed = access.copy()
            closed[2 * piece : 2 * piece + 2] = WALK | EBIKE
            access = closed if is_strong(edges, closed, CAR, node_count) else access
    wanted = ONE_WAY_SHARE * float(np.isin(edges.speed_class, (2, 3)).sum()) / 2
    closed_count = 0
    for road in rng.permutation(_one_way_roads(edges, plan, pieces)):
        against = 2 * np.flatnonzero(pieces.road == road) + int(rng.integers(2))
        closed = access.copy()
        closed[against] = WALK
        if is_strong(edges, closed, CAR, node_count):
            access, closed_count = closed, closed_count + len(against)
        if closed_count >= wanted:
            break
    return replace(edges, access=access)


def _one_way_roads(edges: Edges, plan: Plan, pieces: _Pieces) -> IntArray:
    """Return the roads that may become one-way: in town, of two or more pieces, not too long."""
    lengths_m = np.bincount(pieces.road, weights=edges.length_m[::2], minlength=len(plan.cuts))
    counts = np.bincount(pieces.road, minlength=len(plan.cuts))
    level = np.array([cut.level for cut in plan.cuts])
    fits = (lengths_m > ONE_WAY_LEAST_M) & (lengths_m < ONE_WAY_MOST_M) & (counts >= 2)
    return np.flatnonzero(fits & np.isin(level, (2, 3)) & (lengths_m / counts < 260.0))


def _in_patches(edges: Edges, patches: Sequence[Patch], kind: str) -> NDArray[np.bool_]:
    middles = shapely.get_coordinates(
        shapely.line_interpolate_point(edges.geom_m, 0.5, normalized=True)
    )
    inside = np.zeros(len(middles), dtype=bool)
    for patch in patches:
        if patch.kind == kind:
            inside |= np.hypot(*(middles - np.array(patch.xy_m)).T) < patch.radius_m
    return inside
