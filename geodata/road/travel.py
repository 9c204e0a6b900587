"""Fastest ways between one position and many: one bounded Dijkstra search, scipy's, in C.

The search starts at a virtual node whose two entries lead to the ends of the street that the
position lies on (network.py). Writing them, and the search, happen under the graph's lock and
without giving way to another greenlet; what is returned is private to the caller.
docs/algorithms/travel-time.md explains the rules for starts and ends in the middle of an edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse.csgraph import dijkstra

from geodata.errors import InvalidInput
from geodata.road.graph import NONE, FloatArray, IndexArray, RoadGraph
from geodata.road.network import TAILS, Matrix, Network
from geodata.road.position import Position, Positions
from geodata.road.profile import Mode

SAME_PLACE = 1e-12
"""Fractions closer than this are one place: 1 nm on a street of 1 km. ``1 - (1 - f)`` is not f."""
FROM, TO = 0, 1
"""The two ends of an edge; first axis of :class:`Legs`."""


@dataclass(frozen=True, eq=False)
class Legs:
    """The ways between positions and the two ends of their streets; arrays of shape (2, k)."""

    node: IndexArray
    edge: IndexArray
    """Edge travelled: the position's own or its twin (NONE where there is none)."""
    share: FloatArray
    """How much of that edge."""
    time_s: FloatArray
    """inf where the mode may not travel it."""


@dataclass(frozen=True, eq=False)
class Tree:
    """All fastest ways to (or from) one position within a limit of time.

    Made by :func:`search_to` and :func:`search_from`; measures any number of positions and draws
    their routes (route.py) without searching again.
    """

    graph: RoadGraph
    mode: Mode
    root: Position
    outward: bool
    """The search ran from the root along travel (True), or towards it (False)."""
    limit_s: float
    root_legs: Legs
    time_s: FloatArray
    """Shape (n + 1,): seconds between each node and the root; inf where not within the limit."""
    before: IndexArray
    """Shape (n + 1,): next node on the way to the root, itself n; negative where there is none."""

    def measure(self, positions: Positions) -> tuple[FloatArray, FloatArray]:
        """Return travel time and length of the fastest way between each position and the root.

        Returns
        -------
        tuple
            ``travel_s`` and ``distance_m``, shape (k,); both inf where there is no way within the
            limit. The distance is the length of the fastest way, not the shortest distance.
        """
        legs = legs_of(self.graph, self.mode, positions, outward=not self.outward)
        side, travel_s = self._best_side(legs)
        column = np.arange(len(positions))
        length_m = legs.share * self.graph.length_m[legs.edge]
        distance_m = length_m[side, column] + self.node_distance_m[legs.node[side, column]]
        direct_s, direct_m = self.direct(positions)
        straight = direct_s <= travel_s
        travel_s = np.where(straight, direct_s, travel_s)
        beyond = ~(travel_s <= self.limit_s) | np.isinf(travel_s)
        travel_s[beyond] = np.inf
        return travel_s, np.where(beyond, np.inf, np.where(straight, direct_m, distance_m))

    def _best_side(self, legs: Legs) -> tuple[IndexArray, FloatArray]:
        total = legs.time_s + self.time_s[legs.node]
        side = (total[TO] < total[FROM]).astype(np.int32)
        return side, np.where(side == TO, total[TO], total[FROM])

    def direct(self, positions: Positions) -> tuple[FloatArray, FloatArray]:
        """Return time and length of the way along the root's own street; inf on other streets."""
        time_s, length_m = np.full(len(positions), np.inf), np.full(len(positions), np.inf)
        edge = self.root.edge
        twin = int(self.graph.edge_twin[edge])
        back = (positions.edge == twin) & (twin != NONE)
        for row in np.flatnonzero((positions.edge == edge) | back):
            there = 1.0 - positions.fraction[row] if back[row] else positions.fraction[row]
            gap = there - self.root.fraction if self.outward else self.root.fraction - there
            time_s[row], length_m[row] = self._along(edge, twin, float(gap))
        return time_s, length_m

    def _along(self, edge: int, twin: int, gap: float) -> tuple[float, float]:
        """Return time and length of a signed share of the root's street."""
        edge_time_s = self.graph.networks[self.mode].edge_time_s
        if abs(gap) <= SAME_PLACE:
            usable = min(edge_time_s[edge], edge_time_s[twin]) < np.inf
            return (0.0, 0.0) if usable else (np.inf, np.inf)
        used = edge if gap > 0 else twin
        if np.isinf(edge_time_s[used]):
            return np.inf, np.inf
        return float(abs(gap) * edge_time_s[used]), float(abs(gap) * self.graph.length_m[used])

    @cached_property
    def node_distance_m(self) -> FloatArray:
        """Return the length of the fastest way between each node and the root, shape (n + 1,).

        Sums up the tree by doubling: each pass adds what the node reached so far knows, and looks
        twice as far, so a way of 1,000 edges takes 10 passes over arrays.
        """
        n = len(self.before) - 1
        reached = np.flatnonzero(self.before >= 0)
        before = self.before[reached]
        local = np.empty(n + 1, np.int64)
        local[reached], local[n] = np.arange(len(reached)), len(reached)
        parent = np.append(local[before], len(reached))
        sum_m = np.append(self._step_m(reached, before), 0.0)
        while (parent != len(reached)).any():
            sum_m += sum_m[parent]
            parent = parent[parent]
        distance_m = np.full(n + 1, np.inf)
        distance_m[reached] = sum_m[:-1]
        return distance_m

    def _step_m(self, node: np.ndarray, before: IndexArray) -> FloatArray:
        """Return the length between nodes and the next on their way to the root."""
        step_m = np.empty(len(node))
        at_root = before == len(self.before) - 1
        legs = self.root_legs
        for row in np.flatnonzero(at_root):
            side = self.root_side(int(node[row]))
            step_m[row] = legs.share[side, 0] * self.graph.length_m[legs.edge[side, 0]]
        inner = ~at_root
        step_m[inner] = self.graph.length_m[self.edge_to_before(node[inner], before[inner])]
        return step_m

    def edge_to_before(self, node: np.ndarray, before: np.ndarray) -> IndexArray:
        """Return the edges between nodes and the next on their way to the root."""
        network = self.graph.networks[self.mode]
        # Looked up by the row of the node: nodes come in order, so the search runs along the cache.
        matrix = network.reverse if self.outward else network.forward
        return matrix.edge_between(node.astype(np.int64), before.astype(np.int64))

    def root_side(self, node: int) -> int:
        """Return the end of the root's street (FROM or TO) that a node next to the root is."""
        legs = self.root_legs
        time_s = np.where(legs.node[:, 0] == node, legs.time_s[:, 0], np.inf)
        return int(time_s[TO] < time_s[FROM])


def search_to(graph: RoadGraph, mode: Mode, target: Position, limit_s: float) -> Tree:
    """Search against travel from a target: the ways TO it from everywhere within the limit.

    Parameters
    ----------
    graph
        Road graph.
    mode
        Way of travelling.
    target
        A position on a street; if the mode may use it in neither direction nothing reaches it.
    limit_s
        Most seconds of travel; inf for all.
    """
    return _search(graph, mode, target, limit_s, outward=False)


def search_from(graph: RoadGraph, mode: Mode, source: Position, limit_s: float) -> Tree:
    """Search along travel from a source: the ways FROM it to everywhere within the limit."""
    return _search(graph, mode, source, limit_s, outward=True)


def times_to(
    graph: RoadGraph, mode: Mode, target: Position, sources: Positions, limit_s: float
) -> tuple[FloatArray, FloatArray]:
    """Return travel time (s) and distance (m) TO a target from each source, shape (k,).

    Both are inf where there is no way within the limit.
    """
    return search_to(graph, mode, target, limit_s).measure(sources)


def times_from(
    graph: RoadGraph, mode: Mode, source: Position, targets: Positions, limit_s: float
) -> tuple[FloatArray, FloatArray]:
    """Return travel time (s) and distance (m) FROM a source to each target, shape (k,)."""
    return search_from(graph, mode, source, limit_s).measure(targets)


def legs_of(graph: RoadGraph, mode: Mode, positions: Positions, *, outward: bool) -> Legs:
    """Return the ways between positions and the ends of their streets.

    Outward (leaving) the end TO is reached along the edge and the end FROM along its twin; inward
    (arriving) it is the other way round. A position at a crossing (fraction 0 or 1) is there
    already, whatever the directions of its street.
    """
    edge = positions.edge
    twin = graph.edge_twin[edge]
    edge_time_s = graph.networks[mode].edge_time_s
    used = np.stack([twin, edge] if outward else [edge, twin])
    share = np.stack([positions.fraction, 1.0 - positions.fraction])
    whole_s = edge_time_s[used]
    time_s = np.multiply(share, whole_s, out=np.full(share.shape, np.inf), where=share > 0.0)
    usable = np.isfinite(whole_s).any(axis=0)
    time_s[(share == 0.0) & usable] = 0.0
    return Legs(np.stack([graph.edge_from[edge], graph.edge_to[edge]]), used, share, time_s)


def _search(graph: RoadGraph, mode: Mode, root: Position, limit_s: float, *, outward: bool) -> Tree:
    if not limit_s >= 0.0:
        raise InvalidInput("limit_s must be zero or more", field="limit_s")
    network = graph.networks[mode]
    legs = legs_of(graph, mode, Positions.of([root]), outward=outward)
    matrix = _matrix(network, outward=outward)
    with graph.lock:
        _set_tails(matrix, legs)
        time_s, before = dijkstra(
            matrix.csr,
            indices=[len(graph.node_id)],
            return_predecessors=True,
            limit=limit_s,
        )
    return Tree(graph, mode, root, outward, limit_s, legs, time_s[0], before[0])


def _matrix(network: Network, *, outward: bool) -> Matrix:
    return network.forward if outward else network.reverse


def _set_tails(matrix: Matrix, legs: Legs) -> None:
    """Let the virtual node lead to the ends of the street; what cannot be used leads to itself."""
    virtual = len(matrix.row_start) - 2
    time_s = legs.time_s[:, 0]
    usable = np.isfinite(time_s)
    matrix.target[-TAILS:] = np.where(usable, legs.node[:, 0], virtual)
    matrix.weight_s[-TAILS:] = np.where(usable, time_s, 0.0)
