"""One number for the content of the demo: the same seed and as-of give the same digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from psycopg import sql

from geodata.db.query import query
from geodata.db.scope import Conn

GROUND_TABLES: dict[str, tuple[str, ...]] = {
    "geodata.districts": ("code",),
    "geodata.road_nodes": ("id",),
    "geodata.road_edges": ("id",),
    "geodata.addresses": ("id",),
}
"""Tables of the ground with the columns that order their rows."""
EVENT_TABLES: dict[str, tuple[str, ...]] = {
    "geodata.events": ("seq",),
    "geodata.event_head": ("singleton",),
}
"""The sealed chain of what has happened, and its end."""


def digest_ground(conn: Conn) -> str:
    """Return the digest of the ground's tables."""
    return digest_tables(conn, GROUND_TABLES)


def digest_tables(conn: Conn, tables: Mapping[str, Sequence[str]]) -> str:
    """Return the SHA-256 (hex) over all rows of some tables, in a stated order.

    Parameters
    ----------
    tables
        Table name with its schema -> columns that order its rows without ties. The order of the
        tables does not matter.
    """
    whole = hashlib.sha256()
    with conn.transaction():
        conn.execute("SELECT set_config('timezone', 'UTC', true)")
        for table in sorted(tables):
            whole.update(f"{table} {_digest_table(conn, table, tables[table])}\n".encode())
    return whole.hexdigest()


def _digest_table(conn: Conn, table: str, order: Sequence[str]) -> str:
    statement = sql.SQL(query("geodata.demo", "digest_table")).format(
        table=sql.Identifier(*table.split(".")),
        order=sql.SQL(", ").join(sql.Identifier(column) for column in order),
    )
    row = conn.execute(statement).fetchone()
    return str(row["digest"]) if row else ""
