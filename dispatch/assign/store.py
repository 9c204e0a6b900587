"""Assignments: each write is one conditional statement, so there is nothing to check first.

Locks are taken case first, then person. Partial unique indexes (migration 0005) are the last
word: (case, role), (person, slot) and one journey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from dispatch.assign.ladder import Responder, rung_code
from dispatch.assign.reason import Reason
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.errors import Conflict, NotFound


@dataclass(frozen=True)
class Assignment:
    """One person's part in a case; name and phone are None beyond the caller's scope.

    ``rank`` 1 was recommended, 0 is the desk's own choice beside the list. ``travelling``: on the
    way now; a person with several cases makes one journey at a time.
    """

    id: int
    case_id: int
    person_id: int
    person_role: str
    name: str | None
    phone: str | None
    role: str
    slot: int
    state: str
    live: bool
    travelling: bool
    rung: str
    reasons: list[dict[str, Any]]
    rank: int
    travel_s: float | None
    distance_m: float | None
    assigned_by: str
    assigned_at: datetime
    acknowledged_at: datetime | None = None
    arrived_at: datetime | None = None
    ended_at: datetime | None = None
    return_reason: str | None = None
    result: str | None = None


@dataclass(frozen=True)
class Choice:
    """Whom to assign to what, and why: everything that is stored with the assignment."""

    case_id: int
    version: int
    role: str
    responder: Responder
    rank: int
    reasons: tuple[Reason, ...]
    by: str
    at: datetime
    from_states: tuple[str, ...]
    to_state: str | None
    """None leaves the case's state: somebody joins beside the lead."""


@dataclass(frozen=True)
class Departure:
    """Somebody who is free now sets out on a task that waited."""

    assignment_id: int
    case_id: int
    person_id: int
    grid_code: str


@dataclass(frozen=True)
class Taken:
    """What came of a choice: the assignment's id, or None and what stood in the way."""

    assignment_id: int | None
    slot: int | None
    travelling: bool
    grid_code: str | None
    person_role: str | None
    problem: str | None
    """'case', 'person', 'duty', 'recused', 'capacity' or 'role'; None when it was made."""


def take(conn: Conn, choice: Choice) -> Taken:
    """Assign a person if case, person and role are free; all or nothing, in one statement."""
    facts = facts_of(choice)
    row = conn.execute(
        query("dispatch.assign", "assign_person"),
        {
            **facts,
            "reasons": Jsonb(facts["reasons"]),
            "version": choice.version,
            "from_states": list(choice.from_states),
            "to_state": choice.to_state,
        },
    ).fetchone()
    return taken_of(row or {})


def facts_of(choice: Choice) -> dict[str, Any]:
    """Return what is stored of a choice, by the names of dispatch.assignments."""
    r = choice.responder
    return {
        "case_id": choice.case_id,
        "role": choice.role,
        "person_id": r.person_id,
        "rung": rung_code(r.rung),
        "reasons": [reason.to_json() for reason in choice.reasons],
        "rank": min(choice.rank, 32767),
        "travel_s": finite(r.travel_s, 1),
        "distance_m": finite(r.distance_m, 1),
        "assigned_by": choice.by,
        "assigned_at": choice.at,
    }


def taken_of(row: Row) -> Taken:
    """Return what a row of assign_person or take_in_assigned says."""
    return Taken(
        assignment_id=row.get("assignment_id"),
        slot=row.get("slot"),
        travelling=bool(row.get("travelling")),
        grid_code=row.get("grid_code"),
        person_role=row.get("person_role"),
        problem=_problem(row),
    )


def _problem(row: Row) -> str | None:
    tests = (
        ("case", row.get("held_id") is None),
        ("person", row.get("duty") is None),
        ("duty", row.get("duty") != "on_duty"),
        ("recused", bool(row.get("recused"))),
        ("capacity", row.get("slot") is None),
        ("role", row.get("assignment_id") is None),
    )
    return next((name for name, failed in tests if failed), None)


def finite(value: float | None, digits: int) -> float | None:
    """Return a rounded number to be stored; None for what does not apply or is out of reach."""
    return None if value is None or value == float("inf") else round(value, digits)


def refuse(conn: Conn, taken: Taken, choice: Choice) -> Conflict | NotFound:
    """Return the error for a choice that was not made; it names who was first."""
    person_id = choice.responder.person_id
    if taken.problem == "person":
        return NotFound("There is no such person in your area", person_id=person_id)
    if taken.problem in ("case", "role"):
        return moved_on(conn, choice.case_id, choice.role)
    if taken.problem == "capacity":
        return Conflict(
            "This person has no room for another case; choose the next candidate",
            field="person_id",
            winner=_slot_holder(conn, person_id),
        )
    words = "is not on duty" if taken.problem == "duty" else "stands aside from this case"
    return Conflict(
        f"This person {words}; choose the next candidate",
        field="person_id",
        winner={"person_id": person_id, "reason": taken.problem},
    )


def holder_facts(conn: Conn, case_id: int, role: str) -> dict[str, Any]:
    """Return the state of a case and who holds a role in it, as it may be sent; {} out of sight."""
    row = conn.execute(
        query("dispatch.assign", "get_winner"), {"case_id": case_id, "role": role}
    ).fetchone()
    return _public(row or {})


def moved_on(conn: Conn, case_id: int, role: str) -> Conflict | NotFound:
    """Return the error for a case that is no longer as the caller saw it; names who was first."""
    winner = holder_facts(conn, case_id, role)
    if not winner:
        return NotFound("There is no such case in your area", case_id=case_id)
    who = winner["name"] or winner["person_role"]
    says = f": {who} has it now" if who else f": it is {winner['state']}"
    return Conflict(
        "Somebody was faster" + says + ". Nothing of yours was stored; look again and decide.",
        field="version",
        winner=winner,
    )


def _slot_holder(conn: Conn, person_id: int) -> dict[str, Any]:
    row = conn.execute(query("dispatch.assign", "get_slot_holder"), (person_id,)).fetchone()
    return {"person_id": person_id, **_public(row or {})}


def _public(row: Row) -> dict[str, Any]:
    """Return a row as it may be sent: moments as ISO text."""
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}


def move_assignments(
    conn: Conn,
    case_id: int,
    *,
    role: str | None,
    person_id: int | None,
    from_states: Sequence[str],
    to_state: str,
    at: datetime,
    reason: str | None,
    result: str | None,
) -> list[int]:
    """Move one assignment of a locked case, or end all live ones; return whose they are.

    Parameters
    ----------
    role
        Of the assignment that moves; None ends every live one.
    person_id
        Whose it must be, None for anybody's.
    reason
        Kept with an assignment that is returned.
    result
        What the person fed back.
    """
    rows = conn.execute(
        query("dispatch.assign", "move_assignments"),
        {
            "case_id": case_id,
            "role": role,
            "person_id": person_id,
            "from_states": list(from_states),
            "to_state": to_state,
            "at": at,
            "reason": reason,
            "result": result,
        },
    ).fetchall()
    return sorted(row["person_id"] for row in rows)


def next_journeys(conn: Conn, people: Sequence[int]) -> list[Departure]:
    """Let people whose journey ended set out on the oldest task that waits for them."""
    with conn.cursor(row_factory=class_row(Departure)) as cursor:
        return cursor.execute(
            "SELECT assignment_id, case_id, person_id, grid_code"
            " FROM dispatch.next_journey(%s::bigint[])",
            (sorted(people),),
        ).fetchall()


def list_assignments(conn: Conn, case_id: int) -> list[Assignment]:
    """Return all assignments of a case in scope, oldest first."""
    with conn.cursor(row_factory=class_row(Assignment)) as cursor:
        return cursor.execute(
            query("dispatch.assign", "list_assignments"), {"case_id": case_id, "person_id": None}
        ).fetchall()


def list_tasks(conn: Conn, person_id: int) -> list[Assignment]:
    """Return a person's live assignments as far as in scope, the present journey first."""
    with conn.cursor(row_factory=class_row(Assignment)) as cursor:
        return cursor.execute(
            query("dispatch.assign", "list_assignments"), {"case_id": None, "person_id": person_id}
        ).fetchall()


def recuse(conn: Conn, case_id: int, person_id: int, reason: str, at: datetime) -> bool:
    """Write that a person stands aside from a case; False if that was known already."""
    done = conn.execute(
        "INSERT INTO dispatch.recusals (person_id, case_id, reason, since)"
        " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (person_id, case_id, reason, at),
    )
    return done.rowcount == 1
