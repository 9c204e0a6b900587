"""Connection pools: checked on lending, timeouts set, one role per pool.

gevent: psycopg 3 waits through Python's selectors and psycopg_pool through threading, both of
which gevent's monkey-patching turns cooperative; call ``patch_all`` before importing this.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Literal

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from geodata.db.scope import Conn, Pool
from geodata.errors import Unavailable

DbRole = Literal["ganxin_app", "ganxin_system"]
IDLE_TRANSACTION_TIMEOUT_S = 30
SEARCH_PATH = "pg_catalog, public"
"""That of our functions. A function without a path of its own is planned anew whenever it is
called under another one than before, so to_metric was twice in each dispatch: 15 % of its time."""


class _Stack(deque[Conn]):
    """Idle connections, the one that came back last on top."""

    def append(self, conn: Conn, /) -> None:
        self.appendleft(conn)


class HotPool(ConnectionPool[Conn]):
    """Lends the connection that came back last, whose server process is still in the caches.

    psycopg_pool lends the one that rested longest, so every process of the pool is woken in turn:
    a dispatch then took 1.5 ms of the database's time over 16 connections, 1.0 over one. It knows
    no other order; a test holds that it still takes ours.
    """

    _pool: deque[Conn]

    def __init__(self, conninfo: str, **options: Any) -> None:
        super().__init__(conninfo, open=False, **options)
        self._pool = _Stack()
        self.open()

    def _shrink_pool(self) -> None:
        """Let the coldest go, every ``max_idle``; if none need go it is lent next and looked at."""
        with self._lock:
            self._pool.rotate(1)
        super()._shrink_pool()


def make_pool(
    dsn: str,
    role: DbRole,
    *,
    name: str,
    max_size: int = 8,
    min_size: int = 1,
    statement_timeout_s: int = 15,
    autocommit: bool = False,
    connection_class: type[Conn] = psycopg.Connection,
) -> Pool:
    """Open a pool whose every connection acts as ``role`` and is checked before it is lent.

    The check costs no round trip: it looks whether the server has hung up (:func:`check_open`).
    With ``autocommit`` it is for single statements that read public ground: no transaction and no
    check, so one statement is one round trip (four otherwise). Whoever borrows asks again when the
    connection turns out to be dead.

    Parameters
    ----------
    dsn
        libpq connection string of a login that is, or may become, ``role``.
    name
        Shown as ``application_name`` in ``pg_stat_activity``.
    connection_class
        How connections wait for the server, if not as psycopg does.
    autocommit
        One statement at a time, nothing under a scope: row security needs a transaction.
    """

    def configure(conn: Conn) -> None:
        conn.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))
        conn.execute(
            "SELECT set_config('statement_timeout', %s, false),"
            " set_config('idle_in_transaction_session_timeout', %s, false),"
            " set_config('application_name', %s, false), set_config('timezone', 'UTC', false),"
            " set_config('search_path', %s, false)",
            (
                f"{statement_timeout_s}s",
                f"{IDLE_TRANSACTION_TIMEOUT_S}s",
                f"ganxin-{name}",
                SEARCH_PATH,
            ),
        )
        if not conn.autocommit:
            conn.commit()

    return HotPool(
        dsn,
        connection_class=connection_class,
        kwargs={"row_factory": dict_row, "autocommit": autocommit},
        configure=configure,
        check=None if autocommit else check_open,
        min_size=min_size,
        max_size=max_size,
        timeout=5.0,
        max_idle=300.0,
        max_lifetime=1800.0,
        reconnect_timeout=60.0,
        name=name,
    )


def check_open(conn: Conn) -> None:
    """Look whether the server has hung up: a backend ended, or the whole server.

    Reads what has come without waiting: first perhaps its last words, then the end itself. A
    network that swallows everything is found by nobody but TCP's own timeouts.

    Raises
    ------
    psycopg.OperationalError
        The connection is dead.
    """
    for _ in range(2):
        conn.pgconn.consume_input()


def unavailable(exc: psycopg.Error | PoolTimeout) -> Unavailable:
    """Turn a lost or exhausted database into the error people see."""
    return Unavailable(
        "The database is not answering. What was confirmed is stored; send this again in a moment:"
        " with the same Idempotency-Key nothing is done twice.",
        cause=type(exc).__name__,
    )
