"""Travel times by another way: edges really split at the points, searched by networkx.

Shares no code with ``geodata.road``: the tests compare the two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import networkx as nx


@dataclass(frozen=True)
class Street:
    """One directed edge; ``time_s`` is None where the mode may not go."""

    u: Any
    v: Any
    time_s: float | None
    length_m: float
    twin: int | None


def split(streets: Sequence[Street], points: Sequence[tuple[int, float]]) -> nx.MultiDiGraph:
    """Return a graph in which point ``i``, (edge, fraction), is the node ``("point", i)``."""
    graph = nx.MultiDiGraph()
    stops = _stops(streets, points)
    for index, street in enumerate(streets):
        graph.add_nodes_from([street.u, street.v])
        if street.time_s is not None:
            between = sorted(stops[index], key=lambda stop: stop[0])
            _add_chain(graph, street, [(0.0, street.u), *between, (1.0, street.v)])
    for index, (edge, fraction) in enumerate(points):
        _join_same_place(graph, streets, index, edge, fraction)
        if _usable(streets, edge):
            _join_same_points(graph, streets, points, index)
    return graph


def _stops(
    streets: Sequence[Street], points: Sequence[tuple[int, float]]
) -> dict[int, list[tuple[float, Any]]]:
    stops: dict[int, list[tuple[float, Any]]] = defaultdict(list)
    for index, (edge, fraction) in enumerate(points):
        stops[edge].append((fraction, ("point", index)))
        twin = streets[edge].twin
        if twin is not None:
            stops[twin].append((1.0 - fraction, ("point", index)))
    return stops


def _add_chain(graph: nx.MultiDiGraph, street: Street, chain: list[tuple[float, Any]]) -> None:
    for (start, a), (end, b) in pairwise(chain):
        share = end - start
        graph.add_edge(
            a, b, time_s=share * (street.time_s or 0.0), length_m=share * street.length_m
        )


def _usable(streets: Sequence[Street], edge: int) -> bool:
    twin = streets[edge].twin
    return streets[edge].time_s is not None or (
        twin is not None and streets[twin].time_s is not None
    )


def _join_same_place(
    graph: nx.MultiDiGraph, streets: Sequence[Street], index: int, edge: int, fraction: float
) -> None:
    """Join a point at the end of a street to the crossing there."""
    graph.add_node(("point", index))
    if fraction in (0.0, 1.0) and _usable(streets, edge):
        crossing = streets[edge].u if fraction == 0.0 else streets[edge].v
        graph.add_edge(crossing, ("point", index), time_s=0.0, length_m=0.0)
        graph.add_edge(("point", index), crossing, time_s=0.0, length_m=0.0)


def _join_same_points(
    graph: nx.MultiDiGraph,
    streets: Sequence[Street],
    points: Sequence[tuple[int, float]],
    index: int,
) -> None:
    """Join points at one place of one street: on a one-way street neither is past the other."""
    if len(points) > 50:  # random fractions of a large sample never meet
        return
    for other in range(index):
        if _place(streets, *points[other]) == _place(streets, *points[index]):
            for a, b in ((index, other), (other, index)):
                graph.add_edge(("point", a), ("point", b), time_s=0.0, length_m=0.0)


def _place(streets: Sequence[Street], edge: int, fraction: float) -> tuple[int, float]:
    twin = streets[edge].twin
    return (edge, fraction) if twin is None or edge < twin else (twin, 1.0 - fraction)


def fastest(graph: nx.MultiDiGraph, source: Any, target: Any) -> tuple[float, float]:
    """Return time and length of the fastest way, inf where there is none."""
    try:
        time_s, path = nx.bidirectional_dijkstra(graph, source, target, weight="time_s")
    except nx.NetworkXNoPath:
        return float("inf"), float("inf")
    length_m = 0.0
    for a, b in pairwise(path):
        length_m += min((data["time_s"], data["length_m"]) for data in graph[a][b].values())[1]
    return float(time_s), length_m
