"""From points to positions on the nearest street that a mode may use."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geodata.crs import to_metric
from geodata.errors import DataFault
from geodata.road.graph import NONE, FloatArray, IndexArray, RoadGraph
from geodata.road.position import Position, Positions
from geodata.road.profile import PROFILES, Mode

AT_NODE_M = 0.01
"""Closer than this to a crossing is at the crossing: it decides whether one must go round a
one-way block, which a centimetre of rounding must not."""


class Snapper:
    """Nearest streets of one graph; the index of a mode is built when it is first asked for.

    Safe to share between threads and greenlets.
    """

    def __init__(self, graph: RoadGraph) -> None:
        self.graph = graph
        self._streets: dict[Mode | None, _Streets] = {}
        self._lock = Lock()

    def snap(self, lon: ArrayLike, lat: ArrayLike, mode: Mode | None = None) -> Positions:
        """Return the nearest position on a street for each point.

        A street in two directions is one street: the position names the edge with the lower id
        (of those the mode may use). Of streets at exactly the same distance the one with the
        lowest edge id wins, so the same point always snaps alike.

        Parameters
        ----------
        lon, lat
            Shape (n,), degrees, EPSG:4326.
        mode
            Only streets this mode may use, in either direction; None for all.

        Returns
        -------
        Positions
            Shape (n,), with ``snap_m``, the distance in metres; how far is too far, the caller
            decides.

        Raises
        ------
        InvalidInput
            A coordinate is NaN, infinite or out of range.
        DataFault
            The graph has no street for this mode.
        """
        x_m, y_m = to_metric(lon, lat, self.graph.epsg)
        return self.snap_metric(x_m, y_m, mode)

    def snap_metric(self, x_m: FloatArray, y_m: FloatArray, mode: Mode | None = None) -> Positions:
        """Do as :meth:`snap` for points in the graph's plane, shape (n,), metres."""
        return self._of(mode).snap(np.asarray(shapely.points(x_m, y_m)))

    def snap_one(self, lon: float, lat: float, mode: Mode | None = None) -> Position:
        """Do as :meth:`snap` for one point, in plain numbers: four times faster for one."""
        (x_m,), (y_m,) = to_metric(lon, lat, self.graph.epsg)
        return self._of(mode).snap_one(x_m, y_m)

    def _of(self, mode: Mode | None) -> _Streets:
        with self._lock:
            if mode not in self._streets:
                self._streets[mode] = _Streets.build(self.graph, mode)
            return self._streets[mode]


@dataclass(frozen=True, eq=False)
class _Streets:
    """The streets of one mode, one line for both directions, by edge id."""

    edge: IndexArray
    lines: NDArray[np.object_]
    length_m: FloatArray
    tree: shapely.STRtree

    @classmethod
    def build(cls, graph: RoadGraph, mode: Mode | None) -> _Streets:
        edge = _one_way_each(graph, mode)
        if not len(edge):
            raise DataFault(f"the road graph has no street for {mode or 'anybody'}")
        lines = _lines(graph, edge)
        return cls(edge, lines, shapely.length(lines), shapely.STRtree(lines))

    def snap(self, points: NDArray[np.object_]) -> Positions:
        """Return the nearest positions; lines are ordered by edge id, so the first match wins."""
        (row, line), far_m = self.tree.query_nearest(points, return_distance=True)
        order = np.lexsort((line, row))
        first = order[np.diff(row[order], prepend=-1) > 0]
        line, far_m = line[first], far_m[first]
        along_m = shapely.line_locate_point(self.lines[line], points)
        return Positions(self.edge[line], _fraction(along_m, self.length_m[line]), far_m)

    def snap_one(self, x_m: float, y_m: float) -> Position:
        """Return the nearest position to one point."""
        point = shapely.Point(x_m, y_m)
        found, far_m = self.tree.query_nearest(point, return_distance=True)
        line = int(found.min())
        along_m, length_m = shapely.line_locate_point(self.lines[line], point), self.length_m[line]
        fraction = _fraction(np.array([along_m]), np.array([length_m]))
        return Position(int(self.edge[line]), float(fraction[0]), float(far_m[0]))


def _fraction(along_m: FloatArray, length_m: FloatArray) -> FloatArray:
    share = np.divide(along_m, length_m, out=np.zeros(len(along_m)), where=length_m > 0)
    share[along_m < AT_NODE_M] = 0.0
    share[length_m - along_m < AT_NODE_M] = 1.0
    return share


def _one_way_each(graph: RoadGraph, mode: Mode | None) -> IndexArray:
    """Return one edge per street that the mode may use, by edge id: the lower id it may travel."""
    bits = 7 if mode is None else PROFILES[mode].access_bit
    allowed = (graph.access & bits) != 0
    twin = graph.edge_twin
    paired = (twin != NONE) & allowed[twin]
    kept = np.flatnonzero(allowed & (~paired | (graph.edge_id < graph.edge_id[twin])))
    return kept[np.argsort(graph.edge_id[kept])].astype(np.int32)


def _lines(graph: RoadGraph, edge: IndexArray) -> NDArray[np.object_]:
    offset = graph.shape_offset
    count = offset[edge + 1] - offset[edge]
    owner = np.repeat(np.arange(len(edge)), count)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    vertex = np.repeat(offset[edge], count) + within
    xy = np.column_stack([graph.shape_x_m[vertex], graph.shape_y_m[vertex]])
    return np.asarray(shapely.linestrings(xy, indices=owner))
