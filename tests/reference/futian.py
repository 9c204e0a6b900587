"""The real road graph of Futian (OSMnx, ODbL), as networkx reads it and as rows for our graph."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import shapely

from geodata.road.graph import RoadGraph
from geodata.road.profile import class_of_highway

FOOT = {"footway", "path", "pedestrian", "steps"}


@dataclass(frozen=True)
class Row:
    """One directed edge of the file; ``twin`` is the row of the other direction or None."""

    u: str
    v: str
    length_m: float
    highway: str
    name: str | None
    access: int
    line: shapely.LineString
    twin: int | None = None


def read_futian(path: Path) -> tuple[nx.MultiDiGraph, list[Row]]:
    """Return the networkx graph and its edges as rows, twins found."""
    graph = nx.read_graphml(path)
    rows = [_row(graph, u, v, data) for u, v, data in graph.edges(data=True)]
    return graph, _with_twins(rows)


def _first(value: str) -> str:
    return value.strip("[]").split(",")[0].strip("' ")


def _row(graph: nx.MultiDiGraph, u: str, v: str, data: dict[str, Any]) -> Row:
    ends = [(float(graph.nodes[n]["x"]), float(graph.nodes[n]["y"])) for n in (u, v)]
    line = shapely.from_wkt(data["geometry"]) if "geometry" in data else shapely.LineString(ends)
    highway = _first(data["highway"])
    access = 7 if highway not in FOOT else 3
    return Row(u, v, float(data["length"]), highway, data.get("name"), access, line)


def _with_twins(rows: list[Row]) -> list[Row]:
    """Pair rows whose lines are each other backwards."""
    waiting: dict[Any, int] = {}
    twin: dict[int, int] = {}
    for index, row in enumerate(rows):
        backwards = waiting.pop((row.v, row.u, row.length_m, tuple(row.line.coords[::-1])), None)
        if backwards is None:
            waiting[row.u, row.v, row.length_m, tuple(row.line.coords)] = index
        else:
            twin[index], twin[backwards] = backwards, index
    return [Row(**{**vars(row), "twin": twin.get(index)}) for index, row in enumerate(rows)]


def build(graph: nx.MultiDiGraph, rows: list[Row], epsg: int = 4549) -> RoadGraph:
    """Build our graph; the id of an edge is its row number + 1."""
    nodes = list(graph.nodes)
    number = {node: index for index, node in enumerate(nodes)}
    return RoadGraph.build(
        node_id=np.arange(len(nodes)),
        node_lon=[float(graph.nodes[n]["x"]) for n in nodes],
        node_lat=[float(graph.nodes[n]["y"]) for n in nodes],
        edge_id=np.arange(1, len(rows) + 1),
        from_node=[number[row.u] for row in rows],
        to_node=[number[row.v] for row in rows],
        twin_id=[None if row.twin is None else row.twin + 1 for row in rows],
        length_m=[row.length_m for row in rows],
        speed_class=[class_of_highway(row.highway) for row in rows],
        access=[row.access for row in rows],
        name=[row.name for row in rows],
        geometry=[row.line for row in rows],
        epsg=epsg,
    )
