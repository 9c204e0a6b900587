"""Sweeping: marks of clocks that have come due are told, late cases go up, suspended ones go on.

Any number of sweepers may run. Each mark is one transaction under the lock of its case, so it is
told once, whoever is killed when; a case somebody else works on is left for the next round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from dispatch.action import act, run_clocks
from dispatch.actor import system_actor
from dispatch.case import store as cases
from dispatch.case.facts import Facts
from dispatch.case.facts_store import read_facts
from dispatch.case.wish import Wish
from dispatch.clock.running import Running, after_mark
from dispatch.clock.running_store import read_running, write_running
from dispatch.effect import Deed
from dispatch.notice import notice, tell
from dispatch.office import Office
from geodata.code import Level
from geodata.db.query import query
from geodata.db.scope import Conn, Pool, Row, unscoped

BATCH = 200
ADOPT_BATCH = 500
log = structlog.get_logger("sweeper")
SWEEPER = system_actor("sweeper")
TOLD = {"yellow": "clock.yellow", "red": "clock.red"}
"""Event of each mark; the third, ``resume``, is an action of its own."""
REASON = "超时自动升级"
"""The remark of a case that went up by itself: overdue, escalated automatically."""


@dataclass(frozen=True)
class Swept:
    """What one round did."""

    told: int
    left: int
    """Of cases somebody else held, or that cannot be told; due again in the next round."""


def sweep(pool: Pool, office: Office) -> Swept:
    """Tell every mark that has come due; one transaction each.

    A mark that cannot be told is logged and stays due: one bad case does not hold up the others.

    Parameters
    ----------
    pool
        Connections as ``ganxin_system``.
    """
    with unscoped(pool) as conn:
        due = conn.execute(
            query("dispatch", "list_due"), {"now": office.now(), "limit": BATCH}
        ).fetchall()
    return sweep_each(
        pool, due, lambda conn, row: _tell_mark(conn, office, row["case_id"], row["id"])
    )


def sweep_each(pool: Pool, due: Sequence[Row], take: Callable[[Conn, Row], bool]) -> Swept:
    """Take each of what is due, one transaction each; one that fails is logged and stays due.

    Parameters
    ----------
    take
        Tells whether it was taken: False leaves it for the next round.
    """
    taken = 0
    for row in due:
        try:
            with unscoped(pool) as conn:
                taken += take(conn, row)
        except (psycopg.OperationalError, PoolTimeout):
            raise  # the database is away, for all of them
        except Exception:  # whatever is wrong with one must not hold up the others
            log.exception("not swept", **row)
    return Swept(taken, len(due) - taken)


def _tell_mark(conn: Conn, office: Office, case_id: int, clock_id: int) -> bool:
    """Tell the mark of one clock, if it is still due and nobody holds the case."""
    if not lock_free(conn, case_id):
        return False
    now = office.now()
    before = read_running(conn, case_id)
    clock = next((one for one in before if one.id == clock_id), None)
    if clock is None or clock.paused_at is not None or not clock.next_at or clock.next_at > now:
        return False
    write_running(conn, case_id, before, [after_mark(clock)])
    _carry_out(conn, office, read_facts(conn, SWEEPER, case_id, None), clock, now)
    return True


def lock_free(conn: Conn, case_id: int) -> bool:
    """Lock a case until the end of the transaction; False if somebody else holds it."""
    found = conn.execute(
        "SELECT id FROM dispatch.cases WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED", (case_id,)
    ).fetchone()
    return found is not None


def _carry_out(conn: Conn, office: Office, facts: Facts, clock: Running, now: datetime) -> None:
    if clock.next_mark == "resume":
        act(conn, office, SWEEPER, facts.id, Wish("resume", facts.version))
        return
    case = cases.get_case(conn, facts.id)
    kind = TOLD[clock.next_mark or ""]
    due_at, holder = clock.due_at.isoformat(), clock.holder_code
    tell(conn, notice(SWEEPER, case, kind, now, step=clock.step, holder=holder, due_at=due_at))
    if clock.next_mark == "red" and _goes_up(office, conn, facts, clock):
        act(conn, office, SWEEPER, facts.id, Wish("escalate", facts.version, reason=REASON))


def _goes_up(office: Office, conn: Conn, facts: Facts, clock: Running) -> bool:
    loop = office.rules(conn).loop
    known = loop.row(facts.family, "escalate", facts.state) is not None
    return loop.escalates.get(clock.step, False) and known and facts.level is not Level.DISTRICT


def adopt(conn: Conn, office: Office, after: int = 0, *, since_state: bool = False) -> int | None:
    """Give clocks to open cases that have none: those of before there were clocks.

    Parameters
    ----------
    after
        Only cases with a higher id: what has no limits gets no clock, and is not asked again.
    since_state
        Whether they begin when the case came into its state (a history that is loaded), or now.

    Returns
    -------
    int
        Highest id looked at, None if none is left.
    """
    rules, now = office.rules(conn), office.now()
    rows = conn.execute(
        query("dispatch", "list_unclocked"), {"limit": ADOPT_BATCH, "after": after}
    ).fetchall()
    for row in rows:
        facts = read_facts(conn, SWEEPER, row["id"], None)
        at = facts.state_since if since_state else now
        deed = Deed(facts, Wish("adopt", facts.version), SWEEPER, at, facts.version)
        lit = run_clocks(conn, rules, deed, {})
        conn.execute(
            "UPDATE dispatch.cases SET yellow_at = %s, due_at = %s WHERE id = %s",
            (lit["yellow_at"], lit["due_at"], facts.id),
        )
    return rows[-1]["id"] if rows else None
