"""Notices: the event of every change, with the public facts of its case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dispatch.actor import Actor
from dispatch.assign import ladder
from dispatch.assign.store import Choice, Departure, Taken, finite
from dispatch.case.store import Case
from geodata.db import event
from geodata.db.event import Event
from geodata.db.scope import Conn


def tell_assigned(conn: Conn, actor: Actor, case: Case, choice: Choice, taken: Taken) -> None:
    """Append the event of an assignment: who in which role, by which rung, how far away."""
    r = choice.responder
    tell(
        conn,
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
        travelling=taken.travelling,
    )


def tell(
    conn: Conn,
    actor: Actor,
    case: Case,
    kind: str,
    at: datetime,
    person_id: int | None = None,
    **facts: Any,
) -> None:
    """Append an event with the public facts of its case."""
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
    event.append(
        conn,
        Event(
            kind=kind,
            occurred_at=at,
            area_code=case.grid_code,
            actor=actor.subject,
            case_id=case.id,
            person_id=person_id,
            payload=payload,
        ),
    )


def tell_departed(conn: Conn, actor: Actor, departure: Departure, at: datetime) -> None:
    """Append the event of somebody who sets out on a task that waited."""
    event.append(
        conn,
        Event(
            kind="assignment.departed",
            occurred_at=at,
            area_code=departure.grid_code,
            actor=actor.subject,
            case_id=departure.case_id,
            person_id=departure.person_id,
        ),
    )
