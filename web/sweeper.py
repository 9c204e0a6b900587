"""``python -m web.sweeper``: tells what has come due and asks whoever is next, once a second.

Any number of sweepers may run: each mark is a transaction under the lock of its case
(dispatch/sweep.py), each turn of the roster one under the lock of its people (dispatch/turn.py).
Open cases without clocks, from before there were any, are given some at start.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from threading import Event as Signal
from types import FrameType

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from dispatch.offer import sweep_offers
from dispatch.office import Office
from dispatch.queue.sweep import QueueSweep
from dispatch.sweep import adopt, sweep
from dispatch.turn import sweep_roster
from geodata.clock import SystemClock
from geodata.db.cluster import owner_dsn
from geodata.db.pool import make_pool
from geodata.db.scope import Pool, unscoped
from geodata.road.provider import make_provider
from geodata.road.snap import Snapper
from geodata.settings import Settings
from web.log import configure_log

IDLE_S = 1.0
log = structlog.get_logger("sweeper")


def main() -> int:
    """Sweep until told to stop."""
    configure_log()
    settings = Settings.from_environ(os.environ)
    stop = Signal()

    def on_signal(number: int, where: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    dsn = settings.database_url or owner_dsn(settings)
    pool = make_pool(dsn, "ganxin_system", name="sweeper", max_size=2)
    try:
        run(pool, Office(SystemClock()), make_provider(settings, dsn).snapper, stop)
    finally:
        pool.close()
    return 0


def run(pool: Pool, office: Office, roads: Callable[[], Snapper], stop: Signal) -> None:
    """Sweep until ``stop`` is set; a lost database is waited for."""
    adopted, queue = False, QueueSweep()
    while not stop.is_set():
        try:
            adopted = adopted or adopt_all(pool, office, stop)
            moved = sweep_roster(pool, office) + sweep_offers(pool, office, roads).told
            moved += queue.sweep(pool, office, roads).told
            if not sweep(pool, office).told + moved:
                stop.wait(IDLE_S)
        except (psycopg.OperationalError, PoolTimeout) as exc:
            log.warning("database lost", error=type(exc).__name__)
            stop.wait(IDLE_S)


def adopt_all(pool: Pool, office: Office, stop: Signal) -> bool:
    """Give clocks to every open case that has none, a part at a time; tell whether it is done."""
    last: int | None = 0
    while last is not None and not stop.is_set():
        with unscoped(pool) as conn:
            last = adopt(conn, office, last)
    return last is None


if __name__ == "__main__":
    sys.exit(main())
