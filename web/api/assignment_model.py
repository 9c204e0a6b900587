"""Assignments as the API shows them."""

from __future__ import annotations

from typing import Any

from dispatch.assign.reason import sentence
from dispatch.assign.store import Assignment
from dispatch.case.loop import LEAD
from dispatch.choice import Assigned
from web.api.case_model import ReasonOut, role_label
from web.api.schema import Answer, moment_text


class AssignmentOut(Answer):
    """One person's part in a case; beyond the scope of who asks the role and minutes only."""

    id: int
    case_id: int
    person_id: int | None
    name: str | None
    phone: str | None
    person_role: str
    role_label: str
    role: str
    state: str
    live: bool
    travelling: bool
    rung: str
    rank: int
    reasons: list[ReasonOut]
    travel_s: float | None
    distance_m: float | None
    assigned_at: str
    acknowledged_at: str | None
    arrived_at: str | None
    ended_at: str | None
    return_reason: str | None
    result: str | None


def show_assignment(assignment: Assignment, locale: str) -> dict[str, Any]:
    """Return an assignment as the API shows it; who is beyond the scope has no name and no id."""
    known = assignment.name is not None
    return {
        "id": assignment.id,
        "case_id": assignment.case_id,
        "person_id": assignment.person_id if known else None,
        "name": assignment.name,
        "phone": assignment.phone,
        "person_role": assignment.person_role,
        "role_label": role_label(assignment.person_role, locale),
        "role": assignment.role,
        "state": assignment.state,
        "live": assignment.live,
        "travelling": assignment.travelling,
        "rung": assignment.rung,
        "rank": assignment.rank,
        "reasons": [show_reason(stored, locale) for stored in assignment.reasons],
        "travel_s": assignment.travel_s,
        "distance_m": assignment.distance_m if known else None,
        "assigned_at": moment_text(assignment.assigned_at),
        "acknowledged_at": moment_text(assignment.acknowledged_at),
        "arrived_at": moment_text(assignment.arrived_at),
        "ended_at": moment_text(assignment.ended_at),
        "return_reason": assignment.return_reason,
        "result": assignment.result,
    }


def show_assigned(made: Assigned, locale: str, role: str = LEAD) -> dict[str, Any]:
    """Return an assignment that was made a moment ago, without reading it again."""
    line, case = made.candidate, made.case
    lead = case.lead
    return {
        "id": made.assignment_id,
        "case_id": case.id,
        "person_id": made.person_id,
        "name": line.name,
        "phone": line.phone,
        "person_role": line.role,
        "role_label": role_label(line.role, locale),
        "role": role,
        "state": "assigned",
        "live": True,
        "travelling": bool(lead and lead.travelling and lead.person_id == made.person_id),
        "rung": line.rung,
        "rank": line.rank,
        "reasons": [show_reason(reason.to_json(), locale) for reason in line.reasons],
        "travel_s": line.travel_s,
        "distance_m": line.distance_m,
        "assigned_at": moment_text(case.state_since),
        "acknowledged_at": None,
        "arrived_at": None,
        "ended_at": None,
        "return_reason": None,
        "result": None,
    }


def show_reason(stored: dict[str, Any], locale: str) -> dict[str, Any]:
    """Return a stored reason with its sentence."""
    code, params = stored["code"], stored.get("params", {})
    return {"code": code, "text": sentence(code, params, locale), "params": params}
