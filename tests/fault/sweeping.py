"""Sweepers in processes of their own, on a clock that the test moves: killed and started again.

They run :func:`web.sweeper.run` as ``python -m web.sweeper`` does, but for the clock and a shorter
rest. They are forked from a server that has imported everything, so that one is there again within
milliseconds: what is killed is then nearly always at work.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from dispatch.office import Office
from geodata.db.pool import make_pool
from geodata.db.scope import unscoped
from geodata.road.provider import make_provider
from geodata.settings import Settings
from tests.db.world import World
from tests.stream_rig import owner, wait_until
from web.sweeper import run

REST_S = 0.02
PATIENCE_S = 60.0
"""Far beyond what it takes; a test that waits so long has failed."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DUE = """
SELECT (SELECT count(*) FROM dispatch.offers o JOIN dispatch.cases c ON c.id = o.case_id
        WHERE o.state = 'running' AND (c.state <> 'assigned' OR o.next_at <= %(now)s))
     + (SELECT count(*) FROM dispatch.clocks WHERE next_at <= %(now)s AND paused_at IS NULL)
     + (SELECT count(*) FROM dispatch.rosters WHERE turn_at <= %(now)s) AS n
"""
CONTEXT = multiprocessing.get_context("forkserver")


class SharedClock:
    """A clock that one process puts and all read; a process that is killed leaves it whole."""

    def __init__(self, at: datetime) -> None:
        self._us = CONTEXT.RawValue("q", 0)
        self.at = at

    @property
    def at(self) -> datetime:
        return EPOCH + self._us.value * MICROSECOND

    @at.setter
    def at(self, moment: datetime) -> None:
        self._us.value = (moment - EPOCH) // MICROSECOND

    def now(self) -> datetime:
        return self.at


class Restless(threading.Event):
    """Never set; whoever waits for it is awake again at once."""

    def wait(self, timeout: float | None = None) -> bool:
        return super().wait(REST_S)


def work(dsn: str, home: Path, name: str, clock: SharedClock) -> None:
    """Sweep until killed."""
    log = os.open(home / "sweeper.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    pool = make_pool(dsn, "ganxin_system", name=name, max_size=2)
    run(pool, Office(clock), make_provider(Settings(home=home), dsn).snapper, Restless())


class Sweepers:
    """Some sweepers of one world.

    Parameters
    ----------
    clock
        The world's, too.
    """

    def __init__(
        self, world: World, clock: SharedClock, home: Path, dice: random.Random, count: int
    ) -> None:
        self._world, self._clock, self._home, self._dice = world, clock, home, dice
        self._started = self.blows = self.hits = 0
        CONTEXT.set_forkserver_preload([__name__])
        self._at_work = [self._start() for _ in range(count)]

    def _start(self) -> BaseProcess:
        self._started += 1
        name = f"sweeper-{self._started}"
        arguments: Any = (self._world.dsn, self._home, name, self._clock)
        process = CONTEXT.Process(target=work, args=arguments, name=name, daemon=True)
        process.start()
        return process

    def blow(self) -> None:
        """Kill a sweeper and start another; one in the midst of a transaction if there is one."""
        amid = self.amid()
        struck = [one for one in self._at_work if one.name in amid] or self._at_work
        victim = self._dice.choice(struck)
        self.blows += 1
        self.hits += victim.name in amid
        self._at_work.remove(victim)
        victim.kill()
        victim.join()
        self._at_work.append(self._start())

    def amid(self, *, stuck: bool = False) -> set[str]:
        """Return who is in the midst of a transaction: of all, or of those that wait for a lock."""
        with owner(self._world.dsn) as conn:  # others are not shown what a session does
            rows = conn.execute(
                "SELECT application_name AS name FROM pg_stat_activity"
                " WHERE xact_start IS NOT NULL AND datname = current_database()"
                " AND (wait_event_type = 'Lock' OR NOT %s)",
                (stuck,),
            ).fetchall()
        names = {row["name"].removeprefix("ganxin-") for row in rows}  # as pools are called
        return names & {one.name for one in self._at_work}

    def stuck(self) -> bool:
        """Tell whether one waits for somebody else's lock."""
        return bool(self.amid(stuck=True))

    def due(self) -> int:
        """Return how many timers are due: of offers, clocks and the roster."""
        now = self._clock.now()
        with unscoped(self._world.system) as conn:
            row = conn.execute(DUE, {"now": now}).fetchone()
        assert row is not None
        return int(row["n"])

    def wait_quiet(self, meanwhile: Callable[[], object]) -> None:
        """Wait until nothing is due, doing something meanwhile."""

        def quiet() -> bool:
            meanwhile()
            return self.due() == 0

        wait_until(quiet, "everything due is swept", PATIENCE_S)

    def stop(self) -> None:
        """End them all."""
        for one in self._at_work:
            one.kill()
            one.join()

    def log(self) -> str:
        """Return what they wrote."""
        path = self._home / "sweeper.log"
        return path.read_text("utf-8") if path.exists() else ""
