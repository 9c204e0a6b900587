"""Points and pieces of the lines of edges, in the plane and on the map."""

from __future__ import annotations

import numpy as np

from geodata.crs import from_metric
from geodata.road.graph import FloatArray, RoadGraph
from geodata.road.position import Positions


def point_at(graph: RoadGraph, positions: Positions) -> tuple[FloatArray, FloatArray]:
    """Return the points of positions in the graph's plane, shape (n,), metres."""
    first = graph.shape_offset[positions.edge]
    last = graph.shape_offset[positions.edge + 1] - 1
    along = graph.shape_along_m
    wanted = along[first] + positions.fraction * (along[last] - along[first])
    before = np.clip(np.searchsorted(along, wanted, side="right") - 1, first, last - 1)
    step = along[before + 1] - along[before]
    share = np.divide(wanted - along[before], step, out=np.zeros(len(step)), where=step > 0)
    x, y = graph.shape_x_m, graph.shape_y_m
    return (
        x[before] + share * (x[before + 1] - x[before]),
        y[before] + share * (y[before + 1] - y[before]),
    )


def lonlat_at(graph: RoadGraph, positions: Positions) -> tuple[FloatArray, FloatArray]:
    """Return the points of positions on the map: longitude and latitude, shape (n,), degrees."""
    return from_metric(*point_at(graph, positions), graph.epsg)


def cut(graph: RoadGraph, edge: int, start: float, end: float) -> FloatArray:
    """Return the piece of an edge between two fractions, start before end.

    Returns
    -------
    ndarray
        Shape (k, 2), k >= 2: x and y in the graph's plane, in the direction of travel.
    """
    first, last = int(graph.shape_offset[edge]), int(graph.shape_offset[edge + 1]) - 1
    along = graph.shape_along_m
    length = along[last] - along[first]
    ends = Positions(np.full(2, edge, np.int32), np.array([start, end]), np.zeros(2))
    x, y = point_at(graph, ends)
    low = int(np.searchsorted(along, along[first] + start * length, side="right"))
    high = int(np.searchsorted(along, along[first] + end * length, side="left"))
    inner = slice(max(low, first + 1), max(min(high, last), max(low, first + 1)))
    return np.column_stack(
        [
            np.concatenate([x[:1], graph.shape_x_m[inner], x[1:]]),
            np.concatenate([y[:1], graph.shape_y_m[inner], y[1:]]),
        ]
    )
