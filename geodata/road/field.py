"""Travel times from everywhere to many places within a limit, kept, so that a mover is looked up.

The field of a place holds each crossing from which it is reached within the limit, and the time.
Whoever moves is then two look-ups per place and no search. Times are those of travel.py to the
last bit (tests/unit/test_road_field.py): the same search, compiled for short limits, where
scipy's would write an array over all crossings for every place.
"""

from __future__ import annotations

import numpy as np

from geodata.errors import InvalidInput
from geodata.road import field_loop
from geodata.road.field_loop import Graph, Near, Pairs, Pool
from geodata.road.graph import FloatArray, IndexArray, RoadGraph
from geodata.road.position import Positions
from geodata.road.profile import Mode

ROOM = 4096
"""Entries that a store begins with; it doubles when it is full."""

AT_ONCE = 256
"""Positions looked up at a time: with 2,000 places 8 MB of answers."""


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
        self._graph = Graph(
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
        self._pool = Pool(np.empty(ROOM, np.int32), np.empty(ROOM), none, none.copy())
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
            last, self._used, count = field_loop.search(
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

    def between(self, place: IndexArray, position: Positions) -> FloatArray:
        """Return the time from one position each to one place each, shape (k,); inf if beyond.

        Parameters
        ----------
        place
            Shape (k,): places that were searched.
        position
            Shape (k,): on streets that the mode may use.
        """
        edge, fraction = _arrays(position)
        travel_s = np.full(len(edge), np.inf)
        field_loop.measure(
            self._graph, self._edge, self._fraction, self._limit_s,
            np.ascontiguousarray(place, np.int32), edge, fraction, self._pool, travel_s,
        )  # fmt: skip
        return travel_s

    def _look_up(self, position: Positions) -> Pairs:
        edge, fraction = _arrays(position)
        out = Pairs.empty(len(self._edge) * len(position))
        count = field_loop.look_up(
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
        self._pool = Pool(self._pool.node[source], self._pool.time_s[source], begin, end)
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

    def _near(self, position: Positions) -> Near:
        """Return the positions by the crossings at both ends of their streets."""
        edge, fraction = _arrays(position)
        node = np.concatenate([self._graph.edge_from[edge], self._graph.edge_to[edge]])
        count = np.bincount(node, minlength=len(self._graph.row_start))
        start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        order = np.argsort(node, kind="stable") % max(1, len(position))
        return Near(start, order.astype(np.int32), edge, fraction)


def _arrays(position: Positions) -> tuple[IndexArray, FloatArray]:
    return (
        np.ascontiguousarray(position.edge, np.int32),
        np.ascontiguousarray(position.fraction, np.float64),
    )
