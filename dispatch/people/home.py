"""Home posts and first fixes on the road: done once after people or roads were replaced."""

from __future__ import annotations

import numpy as np
from psycopg.rows import tuple_row

from geodata.db.column import Floats, Integers, accept_columns
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.road.profile import Mode
from geodata.road.snap import Snapper


def snap_people(conn: Conn, roads: Snapper) -> int:
    """Write the nearest street of every home post and of fixes that have none; return how many.

    Ranking works without it, only slower: it snaps what was not snapped each time. Run it as the
    system or the owner, after :func:`geodata.road.store.load_graph` of new roads.
    """
    return sum(
        _snap(conn, roads, read, write)
        for read, write in (
            ("list_unsnapped_homes", "update_homes"),
            ("list_unsnapped_fixes", "update_fixes"),
        )
    )


def _snap(conn: Conn, roads: Snapper, read: str, write: str) -> int:
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(query("dispatch.people", read)).fetchall()
    modes = {row[1] for row in rows}
    for mode in sorted(modes):
        mine = [row for row in rows if row[1] == mode]
        lonlat = np.array([row[2:4] for row in mine], np.float64)
        positions = roads.snap(lonlat[:, 0], lonlat[:, 1], None if mode == "none" else Mode(mode))
        with conn.cursor() as cursor:
            accept_columns(cursor)
            cursor.execute(
                query("dispatch.people", write),
                {
                    "person_id": Integers(np.array([row[0] for row in mine], np.int64)),
                    "edge_id": Integers(roads.graph.edge_id[positions.edge]),
                    "fraction": Floats(positions.fraction),
                    "snap_m": Floats(positions.snap_m),
                },
            )
    return len(rows)
