"""Offers: a case goes down its ladder by itself until somebody acknowledges it.

Whoever stands first is assigned and has so long to answer; who does not, or gives it back, is
passed over and the next one is asked: on the same rung, then one up. Nobody is asked twice on one
ladder. With nobody left the ladder ends with why, by name and number. Times are rows of
dispatch.offers, so any number of sweepers may run: each step is one transaction under the lock of
its case. docs/algorithms/offer.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from dispatch.action import act
from dispatch.case import store as cases
from dispatch.case.facts import Facts
from dispatch.case.facts_store import read_facts
from dispatch.case.loop import LEAD
from dispatch.case.wish import Wish
from dispatch.clock.due import due_at
from dispatch.clock.limit import Limit, Unit
from dispatch.clock.limit_table import Step
from dispatch.notice import notice, tell
from dispatch.office import Office, limits_for
from dispatch.sending import send_first
from dispatch.sweep import BATCH, SWEEPER, Swept, lock_free, sweep_each
from dispatch.turnout import explain_lead, read_lead
from geodata.db.query import query
from geodata.db.scope import Conn, Pool, unscoped
from geodata.road.snap import Snapper

ANSWER = Limit(10, Unit.MINUTES)
"""How long somebody has to answer where the district's limits say nothing."""


@dataclass(frozen=True)
class Offer:
    """The ladder a case is on, or was on last.

    Parameters
    ----------
    state
        ``running``, ``accepted``, ``exhausted`` or ``stopped``.
    next_at
        When the next is asked, None while nobody is asked and when it has ended.
    asked
        How many people were asked on it.
    shortfall
        Why nobody is left: ``area`` and people by ``causes``; None unless exhausted.
    """

    state: str
    begun_at: datetime
    next_at: datetime | None
    ended_at: datetime | None
    asked: int
    shortfall: dict[str, Any] | None


def read_offer(conn: Conn, case_id: int) -> Offer | None:
    """Return the ladder of a case in scope, None if it never was on one."""
    row = conn.execute(
        "SELECT o.state, o.begun_at, o.next_at, o.ended_at, o.shortfall,"
        " (SELECT count(*) FROM dispatch.assignments a WHERE a.case_id = o.case_id"
        "  AND a.role = 'lead' AND a.assigned_at >= o.begun_at"
        "  AND a.assigned_at <= coalesce(o.ended_at, 'infinity')) AS asked"
        " FROM dispatch.offers o WHERE o.case_id = %s",
        (case_id,),
    ).fetchone()
    return None if row is None else Offer(**row)


def sweep_offers(pool: Pool, office: Office, roads: Callable[[], Snapper]) -> Swept:
    """Take every ladder one step on that stands still; one transaction each.

    Parameters
    ----------
    pool
        Connections as ``ganxin_system``.
    roads
        Read only when somebody has to be found.
    """
    now = office.now()
    with unscoped(pool) as conn:
        conn.execute(query("dispatch", "end_offers"), {"now": now})
        due = conn.execute(
            query("dispatch", "list_offers"), {"now": now, "limit": BATCH}
        ).fetchall()
    return sweep_each(pool, due, lambda conn, row: step(conn, office, roads, row["case_id"]))


def step(conn: Conn, office: Office, roads: Callable[[], Snapper], case_id: int) -> bool:
    """Go on with one ladder, if it stands still and nobody holds the case; tell whether it did."""
    if not lock_free(conn, case_id):
        return False
    offer = conn.execute(
        "SELECT next_at, begun_at FROM dispatch.offers WHERE case_id = %s AND state = 'running'",
        (case_id,),
    ).fetchone()
    facts = read_facts(conn, SWEEPER, case_id, None)
    if offer is None or facts.state not in ("pending", "assigned"):
        return False
    if facts.state == "assigned":
        if offer["next_at"] is None or offer["next_at"] > office.now():
            return False
        act(conn, office, SWEEPER, case_id, Wish("lapse", facts.version))
        facts = read_facts(conn, SWEEPER, case_id, None)
    if not _ask_next(conn, office, roads(), facts, offer["begun_at"]):
        _exhaust(conn, office, roads(), facts, offer["begun_at"])
    return True


def _ask_next(conn: Conn, office: Office, roads: Snapper, facts: Facts, begun_at: datetime) -> bool:
    """Assign the next on the ladder; tell whether there was one."""
    passed = _passed(conn, facts.id, begun_at)
    call = read_lead(conn, roads, facts.id, office.now(), passed)
    if send_first(conn, office, SWEEPER, facts, call) is None:
        return False
    conn.execute(
        "UPDATE dispatch.offers SET next_at = %s WHERE case_id = %s",
        (_answer_by(conn, office, facts), facts.id),
    )
    return True


def _answer_by(conn: Conn, office: Office, facts: Facts) -> datetime:
    rules = office.rules(conn)
    limit = limits_for(rules, facts, facts.holder_code)(Step.ANSWER) or ANSWER
    return due_at(rules.calendar, office.now(), limit).at


def _passed(conn: Conn, case_id: int, begun_at: datetime) -> dict[int, str]:
    """Return who was asked on this ladder and is not on the case, with how that ended."""
    rows = conn.execute(
        "SELECT person_id, state FROM dispatch.assignments WHERE case_id = %s AND role = %s"
        " AND assigned_at >= %s AND state IN ('returned', 'lapsed')",
        (case_id, LEAD, begun_at),
    ).fetchall()
    return {row["person_id"]: row["state"] for row in rows}


def _exhaust(conn: Conn, office: Office, roads: Snapper, facts: Facts, begun_at: datetime) -> None:
    """End a ladder on which nobody is left, and tell the desk why."""
    now = office.now()
    passed = _passed(conn, facts.id, begun_at)
    ended = Counter(passed.values())
    asked = {"declined": ended["returned"], "lapsed": ended["lapsed"]}
    found = explain_lead(conn, roads, facts.id, now, passed)
    causes = {name: n for name, n in {**asked, **found.causes}.items() if n}
    causes = causes or dict(found.causes)
    conn.execute(
        "UPDATE dispatch.offers SET state = 'exhausted', next_at = NULL, ended_at = %s,"
        " shortfall = %s WHERE case_id = %s",
        (now, Jsonb({"area": found.area, "causes": causes}), facts.id),
    )
    case = cases.get_case(conn, facts.id)
    tell(conn, notice(SWEEPER, case, "case.offer_exhausted", now, area=found.area, causes=causes))
