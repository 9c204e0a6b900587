"""Turns of the roster: shifts and leave that begin or end switch the duty, terms begin to hold.

Any number of sweepers may run. Each takes people that nobody else works on, some at a time in one
transaction, and moves their next turn on with the duty: so every turn is taken once, whoever is
killed when. What somebody switched on the phone holds until the plan next turns.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from dispatch.actor import Actor
from dispatch.notice import tell
from dispatch.office import Office
from dispatch.people.store import duty_changed
from dispatch.roster import store
from dispatch.roster.plan import Plan
from dispatch.roster.store import Turn
from dispatch.sweep import SWEEPER
from geodata.db.event import Event
from geodata.db.scope import Conn, Pool, unscoped

BATCH = 200
_JUST_BEFORE = timedelta(microseconds=1)


def sweep_roster(pool: Pool, office: Office) -> int:
    """Take the turns that have come due; return of how many people.

    Parameters
    ----------
    pool
        Connections as ``ganxin_system``.
    """
    taken = 0
    while True:
        with unscoped(pool) as conn:
            found = take_turns(conn, office.now())
        taken += found
        if found < BATCH:
            return taken


def take_turns(conn: Conn, now: datetime) -> int:
    """Take the turns of some people, in the transaction of the connection; return how many."""
    due = store.take_due(conn, now, BATCH)
    if not due:
        return 0
    plans = store.read_plans(conn, [turn.person_id for turn in due], now)
    told: list[Event] = []
    for turn in due:
        told += _begin_terms(conn, plans[turn.person_id], turn, now)
    duties = {turn.person_id: duty for turn in due if (duty := _turned(plans, turn, now))}
    told += duty_events(conn, SWEEPER, duties, now)
    store.move_turns(conn, {who: plan.next_turn(now) for who, plan in plans.items()})
    tell_all(conn, told)
    return len(due)


def duty_events(conn: Conn, actor: Actor, duties: dict[int, str], now: datetime) -> list[Event]:
    """Write the duty of people; return the events of those it changed."""
    if not duties:
        return []
    changed = sorted(store.write_duties(conn, duties, now), key=lambda row: int(row["id"]))
    return [duty_changed(actor, row, now) for row in changed]


def terms_event(conn: Conn, actor: Actor, plan: Plan, now: datetime) -> list[Event]:
    """Let what is true of a person follow the terms that hold now; return the event."""
    terms = plan.terms_at(now)
    if terms is None:
        return []
    row = store.apply_terms(conn, plan.person_id, terms, now)
    if row is None:
        return []
    payload = {
        "capacity": terms.capacity,
        "travel_mode": terms.travel_mode,
        "areas": list(terms.area_codes),
        "version": row["version"],
    }
    return [
        Event(
            kind="person.terms_changed",
            occurred_at=now,
            area_code=row["home_code"],
            actor=actor.subject,
            person_id=plan.person_id,
            payload=payload,
        )
    ]


def tell_all(conn: Conn, told: Iterable[Event]) -> None:
    """Append events, if there are any."""
    events = list(told)
    if events:
        tell(conn, *events)


def _turned(plans: dict[int, Plan], turn: Turn, now: datetime) -> str | None:
    """Return the duty that the plan turned to; None where it did not turn: the switch holds."""
    plan = plans[turn.person_id]
    duty = plan.duty_at(now)
    return None if plan.duty_at(turn.turn_at - _JUST_BEFORE) == duty else duty


def _begin_terms(conn: Conn, plan: Plan, turn: Turn, now: datetime) -> list[Event]:
    began = plan.terms_at(now) != plan.terms_at(turn.turn_at - _JUST_BEFORE)
    return terms_event(conn, SWEEPER, plan, now) if began else []
