"""Travel times from everywhere to many places within a limit, kept, so that a mover is looked up.

The field of a place holds each crossing from which it is reached within the limit, and the time.
Whoever moves is then two look-ups per place and no search. Times are those of travel.py to the
last bit (tests/unit/test_road_field.py): the same search, compiled for short limits, where
scipy's would write an array over all crossings for every place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

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

AT_ONCE = 256
"""Positions looked up at a time: with 2,000 places 8 MB of answers."""


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


class _Graph(NamedTuple):
    """What the loops read of a road graph, for one mode."""

    row_start: IndexArray
    target: IndexArray
    weight_s: FloatArray
    edge_from: IndexArray
    edge_to: IndexArray
    edge_twin: IndexArray
    edge_time_s: FloatArray


class _Near(NamedTuple):
    """Positions, and which of them lie on a street that ends at a crossing."""

    start: CountArray
    position: IndexArray
    edge: IndexArray
    fraction: FloatArray


class _Pool(NamedTuple):
    """Fields one after the other, each in order of nodes; over places where theirs stands."""

    node: IndexArray
    time_s: FloatArray
    begin: CountArray
    end: CountArray


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
            np.asarray(against.row_start),
            np.asarray(against.target),
            np.asarray(against.weight_s),
            np.asarray(graph.edge_from),
            np.asarray(graph.edge_to),
            np.asarray(graph.edge_twin),
            np.asarray(network.edge_time_s),
        )
        self._limit_s = float(limit_s)
        none = np.zeros(0, np.int64)
        self._pool = _Pool(np.empty(ROOM, np.int32), np.empty(ROOM), none, none.copy())
        self._used = 0
        self._edge, self._fraction = np.zeros(0, np.int32), np.zeros(0)

    @property
    def nbytes(self) -> int:
        """Return the memory that the fields take."""
        return self._pool.node.nbytes + self._pool.time_s.nbytes

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
        # Neighbours one after the other find the streets still in the processor's cache.
        place = place[np.argsort(self._graph.edge_from[target.edge], kind="stable")]
        near = self._near(position)
        found, done = list[Pairs](), 0
        room = max(ROOM, 4 * len(position))
        while done < len(place):
            out = Pairs.empty(room)
            last, self._used, count = _search(
                self._graph, place, done, self._edge, self._fraction, self._limit_s,
                near, self._pool, self._used, out,
            )  # fmt: skip
            found.append(out.take(slice(count)))
            if last < len(place) and count + len(position) <= room:
                self._grow()
            done = last
        return Pairs.join(found)

    def look_up(self, position: Positions) -> Pairs:
        """Return which places the positions reach: no search, the fields know."""
        found = list[Pairs]()
        for first in range(0, len(position), AT_ONCE):
            some = np.arange(first, min(first + AT_ONCE, len(position)))
            pairs = self._look_up(position.take(some))
            found.append(pairs._replace(position=pairs.position + np.int32(first)))
        return Pairs.join(found)

    def _look_up(self, position: Positions) -> Pairs:
        edge, fraction = _arrays(position)
        out = Pairs.empty(len(self._edge) * len(position))
        count = _look_up(
            self._graph, self._edge, self._fraction, self._limit_s, edge, fraction, self._pool, out
        )
        return out.take(slice(count))

    def forget(self, place: IndexArray) -> None:
        """Give up the fields of places; their memory comes back when half of it is unused."""
        begin, end = self._pool.begin, self._pool.end
        begin[place] = end[place] = 0
        self._edge[place] = -1
        if 2 * int((end - begin).sum()) + ROOM < self._used:
            self._compact()

    def _compact(self) -> None:
        length = self._pool.end - self._pool.begin
        end = np.cumsum(length)
        begin = end - length
        source = np.repeat(self._pool.begin - begin, length) + np.arange(int(length.sum()))
        self._pool = _Pool(self._pool.node[source], self._pool.time_s[source], begin, end)
        self._used = len(source)

    def _widen(self, count: int) -> None:
        more = count - len(self._edge)
        if more > 0:
            begin, end = (np.append(part, np.zeros(more, np.int64)) for part in self._pool[2:])
            self._pool = self._pool._replace(begin=begin, end=end)
            self._edge = np.append(self._edge, np.full(more, -1, np.int32))
            self._fraction = np.append(self._fraction, np.zeros(more))

    def _grow(self) -> None:
        """Make room for at least one more field, whichever it is."""
        room = len(self._pool.node) + max(len(self._pool.node), len(self._graph.row_start))
        node, time_s = np.empty(room, np.int32), np.empty(room)
        node[: self._used] = self._pool.node[: self._used]
        time_s[: self._used] = self._pool.time_s[: self._used]
        self._pool = self._pool._replace(node=node, time_s=time_s)

    def _near(self, position: Positions) -> _Near:
        """Return the positions by the crossings at both ends of their streets."""
        edge, fraction = _arrays(position)
        node = np.concatenate([self._graph.edge_from[edge], self._graph.edge_to[edge]])
        count = np.bincount(node, minlength=len(self._graph.row_start))
        start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        order = np.argsort(node, kind="stable") % max(1, len(position))
        return _Near(start, order.astype(np.int32), edge, fraction)


def _arrays(position: Positions) -> tuple[IndexArray, FloatArray]:
    return (
        np.ascontiguousarray(position.edge, np.int32),
        np.ascontiguousarray(position.fraction, np.float64),
    )


@native
def _leg_s(graph: _Graph, edge: int, used: int, share: float) -> float:
    """Return the time of a share of an edge between a position and an end of its street."""
    if share > 0.0:
        return share * float(graph.edge_time_s[used])
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
    near: _Near,
    pool: _Pool,
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
def _keep(time_s: FloatArray, reached: IndexArray, pool: _Pool, used: int) -> int:
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
    graph: _Graph,
    root: int,
    at: float,
    limit_s: float,
    time_s: FloatArray,
    reached: IndexArray,
    near: _Near,
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
def _known_s(pool: _Pool, row: int, node: int) -> float:
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
def _look_up(
    graph: _Graph,
    root_edge: IndexArray,
    root_fraction: FloatArray,
    limit_s: float,
    edge: IndexArray,
    fraction: FloatArray,
    pool: _Pool,
    out: Pairs,
) -> int:
    """Write the pairs of all places and the positions; return how many."""
    found = 0
    for row in range(len(root_edge)):
        root, at = root_edge[row], root_fraction[row]
        if root < 0:
            continue
        for p in range(len(edge)):
            from_s = _known_s(pool, row, graph.edge_from[edge[p]])
            to_s = _known_s(pool, row, graph.edge_to[edge[p]])
            way_s = _way_s(graph, edge[p], fraction[p], from_s, to_s, root, at)
            if way_s <= limit_s:
                out.place[found], out.position[found], out.travel_s[found] = row, p, way_s
                found += 1
    return found
