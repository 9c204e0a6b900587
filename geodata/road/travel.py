"""Fastest ways between one position and many: one bounded Dijkstra search, scipy's, in C.

The search starts at a virtual node whose two entries lead to the ends of the street that the
position lies on (network.py). Writing them, and the search, happen under the graph's lock and
without giving way to another greenlet; what is returned is private to the caller.
docs/algorithms/travel-time.md explains the rules for starts and ends in the middle of an edge.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
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


class Leg(NamedTuple):
    """The way between the root of a search and one end of its street."""

    node: int
    edge: int
    share: float
    time_s: float


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
    root_legs: tuple[Leg, Leg]
    time_s: FloatArray
    """Shape (n + 1,): seconds between each node and the root; inf where not within the limit."""
    before: IndexArray
    """Shape (n + 1,): next node on the way to the root, itself n; negative where there is none."""

    def travel_s(self, positions: Positions) -> FloatArray:
        """Return the travel time between each position and the root, shape (k,), seconds.

        inf where there is no way within the limit.
        """
        return self._travel_s(positions, self._total_s(self._legs(positions)))

    def measure(self, positions: Positions) -> tuple[FloatArray, FloatArray]:
        """Return travel time and length of the fastest way between each position and the root.

        Returns
        -------
        tuple
            ``travel_s`` and ``distance_m``, shape (k,); both inf where there is no way within the
            limit. The distance is the length of the fastest way, not the shortest distance.
        """
        legs = self._legs(positions)
        total_s = self._total_s(legs)
        travel_s = self._travel_s(positions, total_s)
        if not (travel_s < np.inf).any():
            return travel_s, np.full(len(travel_s), np.inf)
        side = (total_s[TO] < total_s[FROM]).astype(np.intp)
        column = np.arange(len(side))
        distance_m = legs.share[side, column] * self.graph.length_m[legs.edge[side, column]]
        distance_m += self.node_distance_m[legs.node[side, column]]
        row, direct_s, direct_m = self.direct(positions)
        if len(row):
            straight = direct_s <= total_s.min(axis=0)[row]
            distance_m[row[straight]] = direct_m[straight]
        distance_m[travel_s == np.inf] = np.inf
        return travel_s, distance_m

    def _legs(self, positions: Positions) -> Legs:
        return legs_of(self.graph, self.mode, positions, outward=not self.outward)

    def _total_s(self, legs: Legs) -> FloatArray:
        """Return the time by way of either end of each position's street, shape (2, k)."""
        total_s: FloatArray = legs.time_s + self.time_s[legs.node]
        return total_s

    def _travel_s(self, positions: Positions, total_s: FloatArray) -> FloatArray:
        travel_s: FloatArray = np.minimum(total_s[FROM], total_s[TO])
        row, direct_s, _ = self.direct(positions)
        if len(row):
            travel_s[row] = np.minimum(travel_s[row], direct_s)
        travel_s[travel_s > self.limit_s] = np.inf
        return travel_s

    def direct(self, positions: Positions) -> tuple[NDArray[np.intp], FloatArray, FloatArray]:
        """Return the rows on the root's own street, with time and length of the way along it."""
        edge = self.root.edge
        twin = int(self.graph.edge_twin[edge])
        same = positions.edge == edge
        if twin != NONE:
            same |= positions.edge == twin
        rows = np.flatnonzero(same)
        time_s, length_m = np.empty(len(rows)), np.empty(len(rows))
        for number, row in enumerate(rows.tolist()):
            there = float(positions.fraction[row])
            if positions.edge[row] != edge:
                there = 1.0 - there
            gap = there - self.root.fraction if self.outward else self.root.fraction - there
            time_s[number], length_m[number] = self._along(edge, twin, gap)
        return rows, time_s, length_m

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
        local = np.empty(n + 1, np.intp)
        local[n], local[reached] = 0, np.arange(1, len(reached) + 1)
        parent, sum_m = np.zeros(len(reached) + 1, np.intp), np.zeros(len(reached) + 1)
        parent[1:], sum_m[1:] = local.take(before), self._step_m(reached, before)
        while parent.any():  # 0 is the root
            sum_m += sum_m.take(parent)
            parent = parent.take(parent)
        distance_m = np.full(n + 1, np.inf)
        distance_m[reached] = sum_m[1:]
        return distance_m

    def _step_m(self, node: NDArray[np.intp], before: IndexArray) -> FloatArray:
        """Return the length between nodes and the next on their way to the root."""
        length_m = self.graph.length_m
        at_root = before == len(self.before) - 1
        step_m = np.empty(len(node))
        step_m[~at_root] = length_m[self.edge_to_before(node[~at_root], before[~at_root])]
        for row in np.flatnonzero(at_root).tolist():
            leg = self.root_leg(int(node[row]))
            step_m[row] = leg.share * length_m[leg.edge]
        return step_m

    def edge_to_before(self, node: NDArray[np.intp], before: IndexArray) -> IndexArray:
        """Return the edges between nodes and the next on their way to the root."""
        network = self.graph.networks[self.mode]
        # Looked up by the row of the node: nodes come in order, so the search runs along the cache.
        matrix = network.reverse if self.outward else network.forward
        return matrix.edge_between(node.astype(np.int64), before.astype(np.int64))

    def root_leg(self, node: int) -> Leg:
        """Return the way between the root and a node next to it: the faster, if there are two."""
        return min((leg for leg in self.root_legs if leg.node == node), key=lambda leg: leg.time_s)


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
    shape = (2, len(edge))
    node, used, share = np.empty(shape, np.int32), np.empty(shape, np.int32), np.empty(shape)
    node[FROM], node[TO] = graph.edge_from[edge], graph.edge_to[edge]
    ahead, back = (TO, FROM) if outward else (FROM, TO)
    used[ahead], used[back] = edge, graph.edge_twin[edge]
    share[FROM], share[TO] = positions.fraction, 1.0 - positions.fraction
    whole_s = graph.networks[mode].edge_time_s[used]
    away = share > 0.0
    time_s = np.multiply(share, whole_s, out=np.full(shape, np.inf), where=away)
    if not away.all():
        time_s[~away & (whole_s < np.inf).any(axis=0)] = 0.0
    return Legs(node, used, share, time_s)


def _root_legs(graph: RoadGraph, mode: Mode, root: Position, *, outward: bool) -> tuple[Leg, Leg]:
    """Return the same for one position, in plain numbers: ten times faster for one."""
    edge, twin = root.edge, int(graph.edge_twin[root.edge])
    edge_time_s = graph.networks[mode].edge_time_s
    usable = min(edge_time_s[edge], edge_time_s[twin]) < np.inf

    def leg(node: int, used: int, share: float) -> Leg:
        if share > 0.0:
            return Leg(node, used, share, share * float(edge_time_s[used]))
        return Leg(node, used, 0.0, 0.0 if usable else np.inf)

    start, end = int(graph.edge_from[edge]), int(graph.edge_to[edge])
    from_edge, to_edge = (twin, edge) if outward else (edge, twin)
    return leg(start, from_edge, root.fraction), leg(end, to_edge, 1.0 - root.fraction)


def _search(graph: RoadGraph, mode: Mode, root: Position, limit_s: float, *, outward: bool) -> Tree:
    if not limit_s >= 0.0:
        raise InvalidInput("limit_s must be zero or more", field="limit_s")
    network = graph.networks[mode]
    legs = _root_legs(graph, mode, root, outward=outward)
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


def _set_tails(matrix: Matrix, legs: tuple[Leg, Leg]) -> None:
    """Let the virtual node lead to the ends of the street; what cannot be used leads to itself."""
    virtual = len(matrix.row_start) - 2
    for slot, leg in enumerate(legs, start=-TAILS):
        usable = leg.time_s < np.inf
        matrix.target[slot] = leg.node if usable else virtual
        matrix.weight_s[slot] = leg.time_s if usable else 0.0
