"""Notices: the event of every change, with the public facts of its case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dispatch.actor import Actor
from dispatch.assign import ladder
from dispatch.assign.store import Choice, Departure, finite
from dispatch.case.store import Case
from geodata.db import event
from geodata.db.event import Event
from geodata.db.scope import Conn


def tell(conn: Conn, *events: Event) -> None:
    """Append what happened, in the transaction in which it did."""
    event.append(conn, *events)


def assigned(actor: Actor, case: Case, choice: Choice, *, travelling: bool = False) -> Event:
    """Return the event of an assignment: who in which role, by which rung, how far away."""
    r = choice.responder
    return notice(
        actor,
        case,
        "assignment.assigned",
        choice.at,
        person_id=r.person_id,
        role=choice.role,
        person_role=r.role,
        rung=ladder.rung_code(r.rung),
        rank=choice.rank,
        travel_s=finite(r.travel_s, 1),
        travelling=travelling,
    )


def reported(actor: Actor, case: Case) -> Event:
    """Return the event of a case that was taken in."""
    return notice(actor, case, "case.reported", case.reported_at, channel=case.channel)


def notice(
    actor: Actor, case: Case, kind: str, at: datetime, person_id: int | None = None, **facts: Any
) -> Event:
    """Return an event with the public facts of its case."""
    payload: Mapping[str, Any] = {
        "number": case.number,
        "type": case.type_code,
        "family": case.family,
        "urgent": case.urgent,
        "state": case.state,
        "version": case.version,
        "lon": case.lon,
        "lat": case.lat,
        **facts,
    }
    return Event(
        kind=kind,
        occurred_at=at,
        area_code=case.grid_code,
        actor=actor.subject,
        case_id=case.id,
        person_id=person_id,
        payload=payload,
    )


def departed(actor: Actor, departure: Departure, at: datetime) -> Event:
    """Return the event of somebody who sets out on a task that waited."""
    return Event(
        kind="assignment.departed",
        occurred_at=at,
        area_code=departure.grid_code,
        actor=actor.subject,
        case_id=departure.case_id,
        person_id=departure.person_id,
    )
