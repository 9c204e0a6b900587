"""What may happen to a case: ONE table. A new step of the loop is a new row here, not new code.

``pending → assigned → acknowledged → arrived → closed``; undone and returned cases wait again;
``void`` strikes a pending case that was none. Steps of people beside the lead (a lawyer, a judge)
move their own assignment and leave the state of the case alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from geodata.errors import Conflict, Forbidden, InvalidInput

LEAD = "lead"
OPEN_STATES = ("pending", "assigned", "acknowledged", "arrived")
END_STATES = ("closed", "void")
STATES = OPEN_STATES + END_STATES
DESK = frozenset({"commander", "dispatcher", "clerk", "system"})
ASSIGNEE = "assignee"
MAX_TEXT = 2000


@dataclass(frozen=True)
class Transition:
    """One row of the table.

    Parameters
    ----------
    from_states, to_state
        States of the case; for a step of somebody beside the lead the state stays.
    who
        Roles that may do it; ``assignee`` is the person the assignment is with.
    needs
        Name of the text that must come with it (``reason``, ``note``), None for none.
    event
        Kind of the event that tells of it.
    assignment_from, assignment_to
        States of the assignment it moves, where it moves one.
    ends_all
        Every live assignment of the case ends, not only one.
    """

    action: str
    from_states: tuple[str, ...]
    to_state: str
    who: frozenset[str]
    needs: str | None
    event: str
    assignment_from: tuple[str, ...] = ()
    assignment_to: str | None = None
    ends_all: bool = False


_FIELD = DESK | {ASSIGNEE}
_LIVE = ("assigned", "acknowledged", "arrived")

TABLE: dict[str, Transition] = {
    row.action: row
    for row in (
        Transition("assign", ("pending",), "assigned", DESK, None, "assignment.assigned"),
        Transition("undo", ("assigned",), "pending", DESK, None, "assignment.undone",
                   ("assigned",), "undone"),
        Transition("acknowledge", ("assigned",), "acknowledged", _FIELD, None,
                   "assignment.acknowledged", ("assigned",), "acknowledged"),
        Transition("arrive", ("acknowledged",), "arrived", _FIELD, None, "assignment.arrived",
                   ("acknowledged",), "arrived"),
        Transition("return", ("assigned", "acknowledged", "arrived"), "pending", _FIELD,
                   "reason", "assignment.returned", _LIVE, "returned"),
        Transition("close", ("acknowledged", "arrived"), "closed", _FIELD, "note",
                   "case.closed", _LIVE, "done", ends_all=True),
        Transition("void", ("pending",), "void", DESK, "reason", "case.voided", _LIVE,
                   "undone", ends_all=True),
    )
}  # fmt: skip


def decide(
    action: str, role: str, *, is_assignee: bool = False, text: str | None = None
) -> Transition:
    """Return the row by which somebody may act, before anything is read or locked.

    The state of the case is no part of this decision: the conditional UPDATE holds it.

    Parameters
    ----------
    role
        Role of the account.
    is_assignee
        Whether the actor is on the roster at all; that the assignment is theirs is held by the
        UPDATE.
    text
        Reason or note, where the row needs one.

    Raises
    ------
    InvalidInput, Forbidden
    """
    row = TABLE.get(action)
    if row is None:
        raise InvalidInput(f"There is no action {action!r}", field="action")
    if role not in row.who and not (is_assignee and ASSIGNEE in row.who):
        raise Forbidden(f"Your role may not {action} a case", role=role)
    if row.needs is not None:
        check_text(text, row.needs)
    return row


def check_text(text: str | None, field: str) -> str:
    """Return a text of people's own words, or say what is wrong with it."""
    if text is None or not text.strip():
        raise InvalidInput(f"A {field} is needed", field=field)
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"The {field} is longer than {MAX_TEXT} characters", field=field)
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidInput(f"The {field} holds a character that is no text", field=field)
    return text


def next_state(row: Transition, state: str, assignment_role: str = LEAD) -> str:
    """Return the state a case goes to, or say why it cannot.

    Raises
    ------
    Conflict
        The case is in a state from which this action does not start.
    """
    allowed = states_from(row, assignment_role)
    if state not in allowed:
        raise Conflict(
            f"The case is {state}; {row.action} starts from {' or '.join(allowed)}",
            winner={"state": state},
        )
    return row.to_state if moves_case(row, assignment_role) else state


def moves_case(row: Transition, assignment_role: str) -> bool:
    """Tell whether the step moves the case, or only the assignment of somebody beside the lead."""
    return assignment_role == LEAD or row.ends_all


def states_from(row: Transition, assignment_role: str = LEAD) -> tuple[str, ...]:
    """Return the states of the case from which the action starts."""
    return row.from_states if moves_case(row, assignment_role) else OPEN_STATES
