"""The demo can be loaded by an owner who is no superuser, and leaves row security as it was."""

from __future__ import annotations

import psycopg
from psycopg.rows import dict_row

from geodata.db.scope import Conn
from web.demo import owner_unbound

FORCED = "SELECT oid FROM pg_class WHERE relforcerowsecurity ORDER BY oid"


def forced(conn: Conn) -> list[int]:
    return [row["oid"] for row in conn.execute(FORCED).fetchall()]


def test_owner_copies_and_is_bound_again(empty_db: str) -> None:
    with psycopg.connect(empty_db, row_factory=dict_row) as conn:
        before = forced(conn)
        assert before
        with owner_unbound(conn):
            assert forced(conn) == []
        assert forced(conn) == before
