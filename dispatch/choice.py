"""A choice: whom the desk assigns, with the reasons that are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatch.actor import Actor
from dispatch.assign.ladder import Candidate, Order
from dispatch.assign.store import Choice
from dispatch.case.loop import LEAD
from dispatch.case.store import Case


@dataclass(frozen=True)
class Assigned:
    """The case after an assignment, and the place on the list of who was assigned."""

    case: Case
    assignment_id: int
    person_id: int
    candidate: Candidate
    role: str = LEAD


def make_choice(
    case_id: int,
    version: int,
    role: str,
    states: tuple[str, str],
    ordered: Order,
    index: int,
    line: Candidate,
    actor: Actor,
    at: datetime,
) -> Choice:
    """Return what is stored for the responder at ``index`` of the ordered list.

    Parameters
    ----------
    states
        Of the case, before and after; the same if somebody joins beside the lead.
    """
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
        from_states=(states[0],),
        to_state=states[1] if states[1] != states[0] else None,
    )
