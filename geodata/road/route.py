"""The fastest way itself, to be drawn and told."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.crs import from_metric
from geodata.road.graph import FloatArray, RoadGraph
from geodata.road.position import Position, Positions
from geodata.road.profile import Mode
from geodata.road.shape import cut
from geodata.road.travel import SAME_PLACE, Tree, legs_of, search_to

Piece = tuple[int, float, float]
"""An edge and the fractions between which it is travelled."""


@dataclass(frozen=True)
class Route:
    """One way from a source to a target."""

    travel_s: float
    distance_m: float
    coordinates: list[tuple[float, float]]
    """(lon, lat), EPSG:4326, in the direction of travel; at least two, so that it is a line."""
    streets: list[str]
    """Names in order of travel, a name once while one stays on it; unnamed lanes are left out."""


def route(
    graph: RoadGraph,
    mode: Mode,
    source: Position,
    target: Position,
    limit_s: float = float("inf"),
) -> Route | None:
    """Return the fastest way from source to target, or None if there is none within the limit."""
    return route_along(search_to(graph, mode, target, limit_s), source)


def route_along(tree: Tree, position: Position) -> Route | None:
    """Return the way between a position and the root of a tree already searched, or None."""
    travel_s, distance_m = tree.measure(Positions.of([position]))
    if not np.isfinite(travel_s[0]):
        return None
    pieces = _pieces(tree, position, float(travel_s[0]))
    return Route(
        float(travel_s[0]),
        float(distance_m[0]),
        _coordinates(tree.graph, pieces, position),
        _streets(tree.graph, pieces),
    )


def _pieces(tree: Tree, position: Position, travel_s: float) -> list[Piece]:
    """Return the edges in order of travel, without the empty ones."""
    one = Positions.of([position])
    _, direct_s, _ = tree.direct(one)
    if len(direct_s) and direct_s[0] <= travel_s:
        pieces = [_direct(tree, position)]
    else:
        pieces = _by_nodes(tree, one)
    return [piece for piece in pieces if piece[2] - piece[1] > SAME_PLACE]


def _direct(tree: Tree, position: Position) -> Piece:
    """Return the piece of the street that both positions lie on."""
    edge = tree.root.edge
    there = position.fraction if position.edge == edge else 1.0 - position.fraction
    start, end = (tree.root.fraction, there) if tree.outward else (there, tree.root.fraction)
    if end >= start:
        return edge, start, end
    return int(tree.graph.edge_twin[edge]), 1.0 - start, 1.0 - end


def _by_nodes(tree: Tree, one: Positions) -> list[Piece]:
    """Return the pieces from the position to its best end, over the nodes, to the root."""
    legs = legs_of(tree.graph, tree.mode, one, outward=not tree.outward)
    total = legs.time_s[:, 0] + tree.time_s[legs.node[:, 0]]
    side = int(total[1] < total[0])
    nodes = _chain(tree, int(legs.node[side, 0]))
    last = tree.root_leg(nodes[-1])
    edges = tree.edge_to_before(np.array(nodes[:-1], np.intp), np.array(nodes[1:], np.int32))
    pieces = [
        _end_piece(legs.edge[side, 0], legs.share[side, 0], leaving=not tree.outward),
        *((int(edge), 0.0, 1.0) for edge in edges),
        _end_piece(last.edge, last.share, leaving=tree.outward),
    ]
    return pieces[::-1] if tree.outward else pieces


def _chain(tree: Tree, node: int) -> list[int]:
    virtual = len(tree.before) - 1
    nodes = [node]
    while (following := int(tree.before[nodes[-1]])) != virtual:
        nodes.append(following)
    return nodes


def _end_piece(edge: int, share: float, *, leaving: bool) -> Piece:
    """Return the part of an edge next to its end (leaving a position) or start (arriving)."""
    return (int(edge), 1.0 - float(share), 1.0) if leaving else (int(edge), 0.0, float(share))


def _coordinates(
    graph: RoadGraph, pieces: list[Piece], position: Position
) -> list[tuple[float, float]]:
    if not pieces:  # already there: a line needs two points all the same
        pieces = [(position.edge, position.fraction, position.fraction)]
    xy: FloatArray = np.concatenate([cut(graph, *piece) for piece in pieces])
    moved = np.abs(np.diff(xy, axis=0)).max(axis=1) > 1e-6
    moved[-1] |= not moved.any()
    xy = xy[np.concatenate([[True], moved])]
    lon, lat = from_metric(xy[:, 0], xy[:, 1], graph.epsg)
    return list(zip(lon.round(7).tolist(), lat.round(7).tolist(), strict=True))


def _streets(graph: RoadGraph, pieces: list[Piece]) -> list[str]:
    names: list[str] = []
    for edge, _, _ in pieces:
        name = graph.name_of(edge)
        if name is not None and names[-1:] != [name]:
            names.append(name)
    return names
