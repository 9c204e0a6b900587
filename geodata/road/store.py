"""Reading the road graph from the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from psycopg import Connection
from psycopg.rows import tuple_row

from geodata.crs import METRIC_EPSG
from geodata.db.query import query
from geodata.errors import DataFault
from geodata.road.graph import RoadGraph

NO_ROADS = "The database holds no roads: load a district with `ganxin demo`."


@dataclass(frozen=True)
class Edition:
    """Which roads the database holds: equal editions are equal graphs."""

    code: str
    """District, six digits."""
    version: int
    """``ground_version``; not part of what makes editions equal roads."""
    fingerprint: str
    """Digest of every node and edge."""

    def same_roads(self, other: Edition | None) -> bool:
        """Tell whether the roads are the same, whatever the version."""
        return other is not None and (self.code, self.fingerprint) == (
            other.code,
            other.fingerprint,
        )


def read_version(conn: Connection[Any]) -> int:
    """Return ``ground_version``; 0 without a district. Cheap: asked again and again."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute("SELECT max(ground_version) FROM geodata.districts").fetchone()
    return 0 if row is None or row[0] is None else int(row[0])


def read_edition(conn: Connection[Any]) -> Edition:
    """Return which roads the database holds.

    Raises
    ------
    DataFault
        None.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(query("geodata.road", "fingerprint_roads")).fetchone()
    if row is None or row[0] is None or not row[3]:
        raise DataFault(NO_ROADS)
    code, version, nodes, edges, fingerprint = row
    return Edition(code, int(version), f"{nodes}:{edges}:{fingerprint}")


def load_graph(conn: Connection[Any], *, epsg: int = METRIC_EPSG, version: int = 0) -> RoadGraph:
    """Read all roads and build the graph (about 0.3 s for 20,000 edges).

    Parameters
    ----------
    conn
        Any role that may read ``geodata``.
    epsg
        The plane to work in; the district's.
    version
        ``ground_version`` to note in the graph.

    Raises
    ------
    DataFault
        There are no roads, or they break a rule (:meth:`RoadGraph.build`).
    """
    node_id, node_wkb = _columns(
        conn, "SELECT id, ST_AsBinary(geom) FROM geodata.road_nodes ORDER BY id", 2
    )
    edges = _columns(
        conn,
        "SELECT id, from_node, to_node, twin_id, length_m, speed_class, access, name,"
        " ST_AsBinary(geom) FROM geodata.road_edges ORDER BY id",
        9,
    )
    if not edges[0]:
        raise DataFault(NO_ROADS)
    lonlat = shapely.get_coordinates(shapely.from_wkb(node_wkb))
    return RoadGraph.build(
        node_id=node_id,
        node_lon=lonlat[:, 0],
        node_lat=lonlat[:, 1],
        edge_id=edges[0],
        from_node=edges[1],
        to_node=edges[2],
        twin_id=edges[3],
        length_m=edges[4],
        speed_class=edges[5],
        access=edges[6],
        name=edges[7],
        geometry=np.asarray(shapely.from_wkb(edges[8])),
        version=version,
        epsg=epsg,
    )


def _columns(conn: Connection[Any], statement: Any, width: int) -> list[list[Any]]:
    """Return the columns of a query, read in PostgreSQL's binary format."""
    with conn.cursor(binary=True, row_factory=tuple_row) as cursor:
        rows = cursor.execute(statement).fetchall()
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
