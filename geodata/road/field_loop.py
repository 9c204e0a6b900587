"""The compiled loops of the fields (field.py), and the arrays that they work on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.heap import drop, push
from geodata.native import native
from geodata.road.graph import FloatArray, IndexArray
from geodata.road.travel import SAME_PLACE

CountArray = NDArray[np.int64]


class Pairs(NamedTuple):
    """Place and position, by index, that a way joins within the limit; shape (k,)."""

    place: IndexArray
    position: IndexArray
    travel_s: FloatArray

    def take(self, rows: Any) -> Pairs:
        """Return the chosen rows, as copies."""
        return Pairs(
            self.place[rows].copy(), self.position[rows].copy(), self.travel_s[rows].copy()
        )

    @classmethod
    def empty(cls, count: int = 0) -> Pairs:
        """Return room for some."""
        return cls(np.empty(count, np.int32), np.empty(count, np.int32), np.empty(count))

    @classmethod
    def join(cls, parts: Sequence[Pairs]) -> Pairs:
        """Return all parts in one."""
        parts = [cls.empty(), *parts]
        return cls(
            np.concatenate([part.place for part in parts]),
            np.concatenate([part.position for part in parts]),
            np.concatenate([part.travel_s for part in parts]),
        )


class Graph(NamedTuple):
    """What the loops read of a road graph, for one mode."""

    row_start: IndexArray
    target: IndexArray
    weight_s: FloatArray
    edge_from: IndexArray
    edge_to: IndexArray
    edge_twin: IndexArray
    edge_time_s: FloatArray


class Near(NamedTuple):
    """Positions, and which of them lie on a street that ends at a crossing."""

    start: CountArray
    position: IndexArray
    edge: IndexArray
    fraction: FloatArray


class Pool(NamedTuple):
    """Fields one after the other, each in order of nodes; over places where theirs stands."""

    node: IndexArray
    time_s: FloatArray
    begin: CountArray
    end: CountArray


@native
def _leg_s(graph: Graph, edge: int, used: int, share: float) -> float:
    """Return the time of a share of an edge between a position and an end of its street."""
    if share > 0.0:
        return share * float(graph.edge_time_s[used])
    usable = min(graph.edge_time_s[edge], graph.edge_time_s[graph.edge_twin[edge]]) < np.inf
    return 0.0 if usable else np.inf


@native
def _way_s(
    graph: Graph, edge: int, fraction: float, from_s: float, to_s: float, root: int, at: float
) -> float:
    """Return the time from a position to a root, given those from the ends of its street."""
    twin = graph.edge_twin[edge]
    best = min(
        _leg_s(graph, edge, twin, fraction) + from_s,
        _leg_s(graph, edge, edge, 1.0 - fraction) + to_s,
    )
    root_twin = graph.edge_twin[root]
    if edge == root or (root_twin >= 0 and edge == root_twin):
        there = fraction if edge == root else 1.0 - fraction
        gap = at - there
        if abs(gap) <= SAME_PLACE:
            best = min(best, _leg_s(graph, root, root, 0.0))
        else:
            best = min(best, abs(gap) * graph.edge_time_s[root if gap > 0.0 else root_twin])
    return best


@native
def _reach(
    graph: Graph,
    root: int,
    at: float,
    limit_s: float,
    time_s: FloatArray,
    keys: FloatArray,
    items: IndexArray,
    reached: IndexArray,
) -> int:
    """Search against travel; write times, all inf before, and who was reached; return how many."""
    size = count = 0
    for side in range(2):
        node = graph.edge_to[root] if side else graph.edge_from[root]
        used = graph.edge_twin[root] if side else root
        first_s = _leg_s(graph, root, used, 1.0 - at if side else at)
        if first_s <= limit_s and first_s < time_s[node]:
            if time_s[node] == np.inf:
                reached[count] = node
                count += 1
            time_s[node] = first_s
            size = push(keys, items, size, first_s, node)
    while size > 0:
        now_s, node = keys[0], items[0]
        size = drop(keys, items, size)
        if now_s > time_s[node]:
            continue
        for entry in range(graph.row_start[node], graph.row_start[node + 1]):
            other = graph.target[entry]
            there_s = now_s + graph.weight_s[entry]
            if there_s <= limit_s and there_s < time_s[other]:
                if time_s[other] == np.inf:
                    reached[count] = other
                    count += 1
                time_s[other] = there_s
                size = push(keys, items, size, there_s, other)
    return count


@native
def search(
    graph: Graph,
    place: IndexArray,
    done: int,
    root_edge: IndexArray,
    root_fraction: FloatArray,
    limit_s: float,
    near: Near,
    pool: Pool,
    used: int,
    out: Pairs,
) -> tuple[int, int, int]:
    """Search from ``done`` on, as far as there is room; return where it stopped and what it used.

    A search that finds no room is left to the next call.
    """
    n = len(graph.row_start) - 1
    time_s, reached = np.full(n, np.inf), np.empty(n + 2, np.int32)
    keys, items = np.empty(len(graph.target) + 2), np.empty(len(graph.target) + 2, np.int32)
    seen = np.full(len(near.edge), -1, np.int32)
    found = 0
    for number in range(done, len(place)):
        row = place[number]
        root, at = root_edge[row], root_fraction[row]
        if found + len(near.edge) > len(out.place):
            return number, used, found
        count = _reach(graph, root, at, limit_s, time_s, keys, items, reached)
        if used + count > len(pool.node):
            return number, used, found
        pool.begin[row] = used
        used = _keep(time_s, reached[:count], pool, used)
        pool.end[row] = used
        # Its own street's ends, reached or not: somebody may come along the street alone.
        reached[count], reached[count + 1] = graph.edge_from[root], graph.edge_to[root]
        first = found
        found = _meet(
            graph, root, at, limit_s, time_s, reached[: count + 2], near, seen, number, out, found
        )
        out.place[first:found] = row
        time_s[reached[:count]] = np.inf
    return len(place), used, found


@native
def _keep(time_s: FloatArray, reached: IndexArray, pool: Pool, used: int) -> int:
    """Write a field in order of nodes, so that it can be searched; return what is used then."""
    low, high = len(time_s), -1
    for node in reached:
        low, high = min(low, node), max(high, node)
    for node in range(low, high + 1):
        if time_s[node] < np.inf:
            pool.node[used], pool.time_s[used] = node, time_s[node]
            used += 1
    return used


@native
def _meet(
    graph: Graph,
    root: int,
    at: float,
    limit_s: float,
    time_s: FloatArray,
    reached: IndexArray,
    near: Near,
    seen: IndexArray,
    number: int,
    out: Pairs,
    found: int,
) -> int:
    """Write who on the streets of the crossings reached is within the limit; return how many."""
    for node in reached:
        for slot in range(near.start[node], near.start[node + 1]):
            p = near.position[slot]
            if seen[p] == number:
                continue
            seen[p] = number
            edge = near.edge[p]
            from_s, to_s = time_s[graph.edge_from[edge]], time_s[graph.edge_to[edge]]
            way_s = _way_s(graph, edge, near.fraction[p], from_s, to_s, root, at)
            if way_s <= limit_s:
                out.position[found], out.travel_s[found] = p, way_s
                found += 1
    return found


@native
def _known_s(pool: Pool, row: int, node: int) -> float:
    """Return the time of a node in the field of a place; inf if it is not there."""
    low, high = pool.begin[row], pool.end[row]
    while low < high:
        middle = (low + high) >> 1
        if pool.node[middle] < node:
            low = middle + 1
        else:
            high = middle
    return pool.time_s[low] if low < pool.end[row] and pool.node[low] == node else np.inf


@native
def _kept_s(
    graph: Graph, pool: Pool, row: int, root: int, at: float, edge: int, fraction: float
) -> float:
    """Return the time from a position to a place whose field is known."""
    from_s = _known_s(pool, row, graph.edge_from[edge])
    to_s = _known_s(pool, row, graph.edge_to[edge])
    return _way_s(graph, edge, fraction, from_s, to_s, root, at)


@native
def measure(
    graph: Graph,
    root_edge: IndexArray,
    root_fraction: FloatArray,
    limit_s: float,
    place: IndexArray,
    edge: IndexArray,
    fraction: FloatArray,
    pool: Pool,
    travel_s: FloatArray,
) -> None:
    """Write the time of each position to its place, where it is within the limit."""
    for p in range(len(edge)):
        row = place[p]
        root, at = root_edge[row], root_fraction[row]
        way_s = _kept_s(graph, pool, row, root, at, edge[p], fraction[p])
        if way_s <= limit_s:
            travel_s[p] = way_s


@native
def look_up(
    graph: Graph,
    root_edge: IndexArray,
    root_fraction: FloatArray,
    limit_s: float,
    edge: IndexArray,
    fraction: FloatArray,
    pool: Pool,
    out: Pairs,
) -> int:
    """Write the pairs of all places and the positions; return how many."""
    found = 0
    for row in range(len(root_edge)):
        root, at = root_edge[row], root_fraction[row]
        if root < 0:
            continue
        for p in range(len(edge)):
            way_s = _kept_s(graph, pool, row, root, at, edge[p], fraction[p])
            if way_s <= limit_s:
                out.place[found], out.position[found], out.travel_s[found] = row, p, way_s
                found += 1
    return found
