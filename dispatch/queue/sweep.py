"""Types for which the whole queue's proposals are carried out by themselves.

The whole queue is solved, so that nobody is taken from a case that needs them more; of the
proposal only the lines of automatic types are kept and accepted, each in a transaction of its own
(dispatch/queue/acceptance.py). It is solved again when something has changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from dispatch.assign.memory import TravelMemory
from dispatch.office import Office
from dispatch.queue.acceptance import accept
from dispatch.queue.mode import Mode
from dispatch.queue.proposal import keep, new_memory, plan_queue
from dispatch.sweep import SWEEPER, Swept
from geodata.db.query import query
from geodata.db.scope import Conn, Pool, unscoped
from geodata.road.snap import Snapper

AGAIN = timedelta(seconds=60)
"""People move without an event: a queue in which nothing else changed is solved again then."""
TIDY, KEPT = timedelta(minutes=10), timedelta(days=30)
"""Proposals are kept so long, and looked through so often."""
UNTOUCHED_KEPT = timedelta(hours=1)
"""Of one that nobody decided anything of: an open panel asks for a new one every few seconds."""
BATCH = 100
"""Cases sent in one round, so that clocks are not told late; the others in the next one."""
log = structlog.get_logger("queue")

Sight = tuple[object, ...]


@dataclass
class QueueSweep:
    """What a sweeper remembers of the queue that it solved last."""

    _seen: Sight | None = field(default=None, repr=False)
    _at: datetime | None = field(default=None, repr=False)
    _tidied: datetime | None = field(default=None, repr=False)
    _memory: TravelMemory = field(default_factory=new_memory, repr=False)

    def sweep(self, pool: Pool, office: Office, roads: Callable[[], Snapper]) -> Swept:
        """Send people to waiting cases of automatic types, if there are any and something changed.

        Parameters
        ----------
        pool
            Connections as ``ganxin_system``.
        roads
            Read only when there is something to solve.
        """
        now = office.now()
        with unscoped(pool) as conn:
            self._tidy(conn, now)
            row = conn.execute(query("dispatch.queue", "see_queue")).fetchone() or {}
        sight = tuple(row.values())
        fresh = self._at is not None and now - self._at < AGAIN
        if not row.get("automatic") or (fresh and sight == self._seen):
            return Swept(0, 0)
        self._seen, self._at = sight, now
        try:
            return _carry_out(pool, office, roads(), self._memory)
        except (psycopg.OperationalError, PoolTimeout):
            self._seen = None
            raise  # the database is away, for all of them
        except Exception:
            log.exception("queue stands still")
            return Swept(0, int(row["automatic"]))

    def _tidy(self, conn: Conn, now: datetime) -> None:
        """Take old proposals away, at start and now and then."""
        if self._tidied is None or now - self._tidied >= TIDY:
            conn.execute(
                query("dispatch.queue", "delete_proposals"),
                {"before": now - KEPT, "untouched_before": now - UNTOUCHED_KEPT},
            )
            self._tidied = now


def _carry_out(pool: Pool, office: Office, roads: Snapper, memory: TravelMemory) -> Swept:
    """Solve the queue and accept what is proposed for automatic types."""
    with unscoped(pool) as conn:
        plan, queue = plan_queue(conn, roads, memory, None, office.now())
        automatic = {case.id for case in queue.cases if case.mode == Mode.AUTOMATIC}
        able = [one.case_id for one in plan.lines if one.person_id and one.case_id in automatic]
        if not able:
            return Swept(0, len(automatic))
        made = keep(conn, office, SWEEPER, plan, queue, None, {Mode.AUTOMATIC})
    lines = accept(partial(unscoped, pool), office, SWEEPER, roads, made, able[:BATCH])
    sent = sum(line.why is None for line in lines)
    return Swept(sent, len(automatic) - sent)
