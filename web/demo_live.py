"""``python -m web.demo_live``: the synthetic district lives, one step a second.

Plays everybody but those for whom there is an account: what somebody at a screen is responsible
for waits for that somebody. Refuses a database that holds a real district.
"""

from __future__ import annotations

import os
import signal
import time
from threading import Event as Signal
from types import FrameType

import numpy as np
import psycopg
import structlog
from psycopg_pool import PoolTimeout

from dispatch.case.type import list_types
from dispatch.demo.crowd import Crowd
from dispatch.demo.echo import Echo
from dispatch.demo.life import Life, World
from dispatch.demo.place import read_district
from dispatch.office import Office
from geodata.clock import SystemClock
from geodata.db.cluster import owner_dsn
from geodata.db.pool import make_pool
from geodata.db.scope import Pool, unscoped
from geodata.errors import Conflict
from geodata.road.provider import make_provider
from geodata.road.snap import Snapper
from geodata.settings import Settings
from web.log import configure_log

STEP_S = 1.0
log = structlog.get_logger("demo")


def main() -> int:
    """Live until told to stop."""
    configure_log()
    settings = Settings.from_environ(os.environ)
    stop = Signal()

    def on_signal(number: int, where: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    dsn = settings.database_url or owner_dsn(settings)
    pool = make_pool(dsn, "ganxin_system", name="demo", max_size=2)
    try:
        run(make_life(pool, make_provider(settings, dsn).snapper()), stop)
    finally:
        pool.close()
    return 0


def make_life(pool: Pool, roads: Snapper) -> Life:
    """Gather the district; the seed of its life is that of its making and the newest case.

    Raises
    ------
    Conflict
        The district is a real one.
    """
    with unscoped(pool) as conn:
        row = conn.execute(
            "SELECT d.seed, d.synthetic, (SELECT max(id) FROM dispatch.cases) AS newest"
            " FROM geodata.districts d"
        ).fetchone()
        if row is None or not row["synthetic"]:
            raise Conflict("Only a synthetic district can be played")
        manned = conn.execute("SELECT person_id FROM web.users WHERE person_id IS NOT NULL")
        world = World(
            pool=pool,
            roads=roads,
            office=Office(SystemClock()),
            echo=Echo.read(conn, read_district(conn).sites),
            types={kind.code: kind for kind in list_types(conn)},
            manned={found["person_id"] for found in manned.fetchall()},
        )
        crowd = Crowd.read(conn, roads)
    return Life(world, crowd, np.random.default_rng([row["seed"], row["newest"] or 0]))


def run(life: Life, stop: Signal) -> None:
    """Step once a second until ``stop`` is set; a database that is away is waited for."""
    due = time.monotonic()
    while not stop.is_set():
        try:
            life.step()
        except (psycopg.OperationalError, PoolTimeout) as exc:
            log.warning("database lost", error=type(exc).__name__)
        due = max(due + STEP_S, time.monotonic() - STEP_S)
        stop.wait(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    raise SystemExit(main())
