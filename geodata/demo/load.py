"""Write the demo's ground into geodata.*, by COPY, as the owner of the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from psycopg import sql

from geodata.crs import GEOGRAPHIC_EPSG, stamp
from geodata.db.scope import Conn
from geodata.demo.ground import Ground, ObjectArray
from geodata.demo.progress import Progress

CHUNK = 20_000
"""Rows between two words to the listener."""


def load_ground(conn: Conn, ground: Ground, progress: Progress) -> None:
    """Write the district, its roads and addresses into empty tables, in the open transaction.

    Progress is told as stage 'load ground', in rows.
    """
    nodes, edges, addresses = ground.nodes, ground.edges, ground.addresses
    rows = len(nodes.id) + len(edges.id) + len(addresses.id)
    done = 0
    _insert_district(conn, ground)
    tables: tuple[tuple[str, dict[str, Iterable[Any]]], ...] = (
        ("geodata.road_nodes", {"id": nodes.id, "geom": points(nodes.lonlat)}),
        (
            "geodata.road_edges",
            {
                "id": edges.id,
                "from_node": edges.from_node,
                "to_node": edges.to_node,
                "twin_id": edges.twin_id,
                "length_m": edges.length_m,
                "speed_class": edges.speed_class,
                "access": edges.access,
                "name": edges.name,
                "grid_level": edges.grid_level,
                "geom": hex_of(edges.geom),
            },
        ),
        (
            "geodata.addresses",
            {
                "id": addresses.id,
                "road": addresses.road,
                "number": addresses.number,
                "full_text": addresses.full_text,
                "grid_code": addresses.grid_code,
                "building_id": addresses.building_id,
                "geom": points(addresses.lonlat),
            },
        ),
    )
    for table, columns in tables:
        progress.step("load ground", done, rows)
        done += copy_columns(conn, table, columns)
        conn.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(*table.split("."))))
    progress.step("load ground", done, rows)


def copy_columns(conn: Conn, table: str, columns: dict[str, Iterable[Any]]) -> int:
    """Copy columns of equal length into a table; return the number of rows.

    Parameters
    ----------
    table
        Name with its schema.
    columns
        Values by column name; numpy arrays are fastest. Geometry as from :func:`hex_of`.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(sql.Identifier(name) for name in columns),
    )
    values = [c.tolist() if hasattr(c, "tolist") else list(c) for c in columns.values()]
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        for row in zip(*values, strict=True):
            copy.write_row(row)
    return len(values[0])


def hex_of(shapes: ObjectArray | Sequence[Any]) -> ObjectArray:
    """Return shapes in EPSG:4326 as PostGIS reads them: hexadecimal EWKB with the SRID."""
    stamped = stamp(np.asarray(shapes, dtype=object), GEOGRAPHIC_EPSG)
    return np.array(shapely.to_wkb(stamped, hex=True, include_srid=True), dtype=object)


def multi_hex_of(shapes: Sequence[shapely.Polygon | shapely.MultiPolygon]) -> ObjectArray:
    """Return polygons in EPSG:4326 as multipolygons in hexadecimal EWKB."""
    multi = [
        shape if isinstance(shape, shapely.MultiPolygon) else shapely.MultiPolygon([shape])
        for shape in shapes
    ]
    return hex_of(multi)


def points(lonlat: Any) -> ObjectArray:
    """Return points (shape (n, 2), EPSG:4326) in hexadecimal EWKB."""
    return hex_of(shapely.points(lonlat))


def _insert_district(conn: Conn, ground: Ground) -> None:
    district = ground.plan.areas[0]
    conn.execute(
        "INSERT INTO geodata.districts (code, name, name_en, synthetic, seed, as_of, geom)"
        " VALUES (%s, %s, %s, true, %s, %s, %s::geometry)",
        (
            district.code,
            district.name,
            district.name_en,
            ground.seed,
            ground.as_of,
            str(multi_hex_of([district.geom])[0]),
        ),
    )
