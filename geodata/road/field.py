"""Travel times from everywhere to many places within a limit, kept, so that a mover is looked up.

The field of a place holds each crossing from which it is reached within the limit, and the time.
Whoever moves is then two look-ups per place and no search. Times are those of travel.py to the
last bit (tests/unit/test_road_field.py): the same search, compiled for short limits, where
scipy's would write an array over all crossings for every place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.errors import InvalidInput
from geodata.heap import drop, push
from geodata.native import native
from geodata.road.graph import FloatArray, IndexArray, RoadGraph
from geodata.road.position import Positions
from geodata.road.profile import Mode
from geodata.road.travel import SAME_PLACE

CountArray = NDArray[np.int64]
ROOM = 4096
"""Entries that a store begins with; it doubles when it is full."""


class Pairs(NamedTuple):
    """Place and position, by index, that a way joins within the limit; shape (k,)."""

    place: IndexArray
    position: IndexArray
    travel_s: FloatArray


class _Graph(NamedTuple):
    """What the loops read of a road graph, for one mode."""

    row_start: IndexArray
    target: IndexArray
    weight_s: FloatArray
    edge_from: IndexArray
    edge_to: IndexArray
    edge_twin: IndexArray
    edge_time_s: FloatArray


class Fields:
    """The fields of places, by index, for one mode and one limit.

    Parameters
    ----------
    graph, mode
        Whose network.
    limit_s
        Most seconds of travel; finite: without a limit every field is the whole graph.

    Raises
    ------
    InvalidInput
        The limit is negative or not finite.
    """

    def __init__(self, graph: RoadGraph, mode: Mode, limit_s: float) -> None:
        if not 0.0 <= limit_s < np.inf:
            raise InvalidInput("limit_s must be a finite number of zero or more", field="limit_s")
        network = graph.networks[mode]
        against = network.reverse
        # Plain arrays: the loops are compiled for them, and not for maps of files.
        self._graph = _Graph(
            *(
                np.asarray(array)
                for array in (
                    against.row_start,
                    against.target,
                    against.weight_s,
                    graph.edge_from,
                    graph.edge_to,
                    graph.edge_twin,
                    network.edge_time_s,
                )
            )
        )
        self._limit_s = float(limit_s)
        self._node = np.empty(ROOM, np.int32)
        self._time_s = np.empty(ROOM)
        self._used = 0
        self._begin, self._end = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self._edge, self._fraction = np.zeros(0, np.int32), np.zeros(0)

    @property
    def nbytes(self) -> int:
        """Return the memory that the fields take."""
        return self._node.nbytes + self._time_s.nbytes

    def search(self, place: IndexArray, target: Positions, position: Positions) -> Pairs:
        """Search the fields of places anew; return who of the positions reaches them.

        Parameters
        ----------
        place
            Shape (n,): indices from 0, new or known; none twice.
        target
            Shape (n,): where they are, on streets that the mode may use.
        position
            Shape (p,): where people are, on streets that the mode may use.
        """
        self._widen(int(place.max(initial=-1)) + 1)
        self.forget(place)
        self._edge[place], self._fraction[place] = target.edge, target.fraction
        near_start, near = self._by_node(position)
        edge, fraction = _arrays(position)
        found, done = list[Pairs](), 0
        room = max(ROOM, 4 * len(position))
        while done < len(place):
            out = Pairs(np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room))
            last, self._used, count = _search(
                self._graph, place, done, self._edge, self._fraction, self._limit_s,
                near_start, near, edge, fraction,
                self._node, self._time_s, self._used, self._begin, self._end, out,
            )  # fmt: skip
            found.append(Pairs(*(part[:count] for part in out)))
            if last < len(place) and count + len(position) <= room:
                self._grow()
            done = last
        return _join(found)

    def look_up(self, position: Positions) -> Pairs:
        """Return which places the positions reach: no search, the fields know."""
        edge, fraction = _arrays(position)
        room = len(self._begin) * len(position)
        out = Pairs(np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room))
        count = _look_up(
            self._graph, self._edge, self._fraction, self._limit_s, edge, fraction,
            self._node, self._time_s, self._begin, self._end, out,
        )  # fmt: skip
        return Pairs(*(part[:count].copy() for part in out))

    def forget(self, place: IndexArray) -> None:
        """Give up the fields of places; their memory comes back when half of it is unused."""
        self._begin[place] = self._end[place] = 0
        self._edge[place] = -1
        kept = int((self._end - self._begin).sum())
        if 2 * kept + ROOM < self._used:
            self._compact()

    def _compact(self) -> None:
        length = self._end - self._begin
        end = np.cumsum(length)
        begin = end - length
        source = np.repeat(self._begin - begin, length) + np.arange(int(length.sum()))
        self._node, self._time_s = self._node[source], self._time_s[source]
        self._begin, self._end, self._used = begin, end, len(source)

    def _widen(self, count: int) -> None:
        more = count - len(self._begin)
        if more > 0:
            none = np.zeros(more, np.int64)
            self._begin = np.append(self._begin, none)
            self._end = np.append(self._end, none)
            self._edge = np.append(self._edge, np.full(more, -1, np.int32))
            self._fraction = np.append(self._fraction, np.zeros(more))

    def _grow(self) -> None:
        nodes = len(self._graph.row_start)
        room = max(2 * len(self._node), self._used + nodes)
        node, time_s = np.empty(room, np.int32), np.empty(room)
        node[: self._used] = self._node[: self._used]
        time_s[: self._used] = self._time_s[: self._used]
        self._node, self._time_s = node, time_s

    def _by_node(self, position: Positions) -> tuple[CountArray, IndexArray]:
        """Return the positions by the crossings at both ends of their streets."""
        graph = self._graph
        node = np.concatenate([graph.edge_from[position.edge], graph.edge_to[position.edge]])
        count = np.bincount(node, minlength=len(graph.row_start))
        start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        order = np.argsort(node, kind="stable") % max(1, len(position))
        return start, order.astype(np.int32)


def _arrays(position: Positions) -> tuple[IndexArray, FloatArray]:
    return (
        np.ascontiguousarray(position.edge, np.int32),
        np.ascontiguousarray(position.fraction, np.float64),
    )


def _join(found: list[Pairs]) -> Pairs:
    if not found:
        return Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    return Pairs(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


@native
def _leg_s(graph: _Graph, edge: int, used: int, share: float) -> float:
    """Return the time of a share of an edge between a position and an end of its street."""
    if share > 0.0:
        return share * graph.edge_time_s[used]
    usable = min(graph.edge_time_s[edge], graph.edge_time_s[graph.edge_twin[edge]]) < np.inf
    return 0.0 if usable else np.inf


@native
def _way_s(
    graph: _Graph, edge: int, fraction: float, from_s: float, to_s: float, root: int, at: float
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
    graph: _Graph,
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
def _search(
    graph: _Graph,
    place: IndexArray,
    done: int,
    root_edge: IndexArray,
    root_fraction: FloatArray,
    limit_s: float,
    near_start: CountArray,
    near: IndexArray,
    edge: IndexArray,
    fraction: FloatArray,
    pool_node: IndexArray,
    pool_s: FloatArray,
    used: int,
    begin: CountArray,
    end: CountArray,
    out: Pairs,
) -> tuple[int, int, int]:
    """Search from ``done`` on, as far as there is room; return where it stopped and what it used.

    A search that finds no room is left to the next call.
    """
    n = len(graph.row_start) - 1
    time_s = np.full(n, np.inf)
    keys, items = np.empty(len(graph.target) + 2), np.empty(len(graph.target) + 2, np.int32)
    reached = np.empty(n, np.int32)
    seen = np.full(len(edge), -1, np.int32)
    out_place, out_position, out_s = out
    found = 0
    for number in range(done, len(place)):
        row = place[number]
        root, at = root_edge[row], root_fraction[row]
        if found + len(edge) > len(out_s):
            return number, used, found
        count = _reach(graph, root, at, limit_s, time_s, keys, items, reached)
        if used + count > len(pool_node):
            return number, used, found
        low, high = n, -1
        for k in range(count):
            low, high = min(low, reached[k]), max(high, reached[k])
        begin[row] = used
        for node in range(low, high + 1):  # in order of nodes, so that they can be searched
            if time_s[node] < np.inf:
                pool_node[used], pool_s[used] = node, time_s[node]
                used += 1
        end[row] = used
        # Its own street's ends stand in for whoever comes along the street alone.
        for k in range(count + 2):
            node = reached[k] if k < count else graph.edge_from[root]
            if k == count + 1:
                node = graph.edge_to[root]
            for p in near[near_start[node] : near_start[node + 1]]:
                if seen[p] == number:
                    continue
                seen[p] = number
                from_s, to_s = time_s[graph.edge_from[edge[p]]], time_s[graph.edge_to[edge[p]]]
                way_s = _way_s(graph, edge[p], fraction[p], from_s, to_s, root, at)
                if way_s <= limit_s:
                    out_place[found], out_position[found], out_s[found] = row, p, way_s
                    found += 1
        for k in range(count):
            time_s[reached[k]] = np.inf
    return len(place), used, found


@native
def _known_s(pool_node: IndexArray, pool_s: FloatArray, low: int, high: int, node: int) -> float:
    """Return the time of a node in the field from low to high; inf if it is not there."""
    last = high
    while low < high:
        middle = (low + high) >> 1
        if pool_node[middle] < node:
            low = middle + 1
        else:
            high = middle
    return pool_s[low] if low < last and pool_node[low] == node else np.inf


@native
def _look_up(
    graph: _Graph,
    root_edge: IndexArray,
    root_fraction: FloatArray,
    limit_s: float,
    edge: IndexArray,
    fraction: FloatArray,
    pool_node: IndexArray,
    pool_s: FloatArray,
    begin: CountArray,
    end: CountArray,
    out: Pairs,
) -> int:
    """Write the pairs of all places and the positions; return how many."""
    out_place, out_position, out_s = out
    found = 0
    for row in range(len(begin)):
        root, at = root_edge[row], root_fraction[row]
        if root < 0:
            continue
        for p in range(len(edge)):
            from_s = _known_s(pool_node, pool_s, begin[row], end[row], graph.edge_from[edge[p]])
            to_s = _known_s(pool_node, pool_s, begin[row], end[row], graph.edge_to[edge[p]])
            way_s = _way_s(graph, edge[p], fraction[p], from_s, to_s, root, at)
            if way_s <= limit_s:
                out_place[found], out_position[found], out_s[found] = row, p, way_s
                found += 1
    return found
