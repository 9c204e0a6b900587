"""Waiting until somebody waits for a lock: for tests of two who want the same."""

from __future__ import annotations

from threading import Event
from time import monotonic

from geodata.db.scope import Conn, unscoped
from tests.db.world import World

PATIENCE_S = 20.0


def wait_for_lock(world: World, holder: Conn | None = None) -> None:
    """Wait until somebody waits for a lock: of a connection, if one is named."""
    pid = None if holder is None else holder.info.backend_pid
    deadline = monotonic() + PATIENCE_S
    while monotonic() < deadline:
        with unscoped(world.system) as conn:
            row = conn.execute(
                "SELECT count(*) AS n FROM pg_stat_activity a"
                " CROSS JOIN LATERAL unnest(pg_blocking_pids(a.pid)) b (pid)"
                " WHERE a.datname = current_database() AND b.pid = coalesce(%s, b.pid)",
                (pid,),
            ).fetchone()
        if row is not None and row["n"]:
            return
        Event().wait(0.02)
    raise TimeoutError("nobody waits for a lock")
