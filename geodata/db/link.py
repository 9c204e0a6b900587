"""A connection of one's own for a process that works by name and outlives its database."""

from __future__ import annotations

import psycopg
from psycopg.rows import dict_row

from geodata.db.scope import Conn

CONNECT_TIMEOUT_S = 3


def open_link(dsn: str, name: str) -> Conn:
    """Open an autocommitting connection as the system role; a dead peer is noticed in seconds.

    Parameters
    ----------
    name
        Shown as ``application_name`` (``ganxin-<name>``) in ``pg_stat_activity``.
    """
    conn = psycopg.connect(
        dsn,
        autocommit=True,
        row_factory=dict_row,
        connect_timeout=CONNECT_TIMEOUT_S,
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=10_000,
        application_name=f"ganxin-{name}",
    )
    conn.execute("SET ROLE ganxin_system")
    conn.execute("SELECT set_config('statement_timeout', '15s', false)")
    return conn
