"""A choice: whom the desk assigns, with the reasons that are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.actor import Actor
from dispatch.assign.ladder import Candidate, Order
from dispatch.assign.store import Choice
from dispatch.case.store import Case
from dispatch.case.transition import Transition, moves_case, states_from


@dataclass(frozen=True)
class Assigned:
    """The case after an assignment, and the place on the list of who was assigned."""

    case: Case
    assignment_id: int
    person_id: int
    candidate: Candidate


def make_choice(
    row: Transition,
    case_id: int,
    version: int,
    role: str,
    ordered: Order,
    index: int,
    line: Candidate,
    actor: Actor,
    at: datetime,
) -> Choice:
    """Return what is stored for the responder at ``index`` of the ordered list."""
    responder = ordered.responders[index]
    return Choice(
        case_id=case_id,
        version=version,
        role=role,
        responder=responder,
        rank=line.rank if responder.rung else 0,
        reasons=line.reasons,
        by=actor.subject,
        at=at,
        from_states=states_from(row, role),
        to_state=row.to_state if moves_case(row, role) else None,
    )
