"""Decisions over the loop: whether somebody may do a thing now, and what they may do at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.actor import Actor
from dispatch.case.facts import Facts, belongs, reaches
from dispatch.case.guard import GUARDS, Situation
from dispatch.case.loop import ASSIGNEE, BACK, LEAD, REPORTER, Loop, Need, Row
from dispatch.case.wish import Closure, Wish, check_needs
from geodata.errors import Conflict, Forbidden, InvalidInput

WHOSE = frozenset({"person_id"})
"""Whose part a step is about, where several have one of the same name."""


@dataclass(frozen=True)
class Allowed:
    """An action somebody may take now.

    Parameters
    ----------
    kinds
        Closures that are open to them, where the action asks for one.
    role
        Whose part it is about: their own beside the lead, else the lead's.
    """

    action: str
    to_state: str
    needs: tuple[Need, ...]
    kinds: tuple[str, ...] = ()
    role: str = LEAD


def decide(loop: Loop, facts: Facts, actor: Actor, wish: Wish, now: datetime) -> Row:
    """Return the row by which a wish comes true.

    The facts are of the version the wish names: whoever writes holds that by a condition on it.

    Raises
    ------
    InvalidInput
        Unknown action, or what must come with it is missing or wrong; names the field.
    Forbidden
        Not this person, or not at the level that holds the case.
    Conflict
        Not from this state, or a guard stands against it.
    """
    if wish.action not in loop.actions:
        raise InvalidInput(f"There is no action {wish.action[:40]!r}", field="action")
    row = find_row(loop, facts, wish)
    allow(loop, row, facts, actor, wish.assignment_role)
    check_needs(wish, row.needs, WHOSE if row.move is not None else frozenset())
    for name in row.guards:
        if problem := GUARDS[name](Situation(loop, facts, actor, wish, now)):
            raise problem
    return row


def find_row(loop: Loop, facts: Facts, wish: Wish) -> Row:
    """Return the row of an action from the present state, or say from which it starts.

    A step of somebody beside the lead moves their own assignment only, from any open state.
    """
    row = loop.row(facts.family, wish.action, facts.state)
    if row is not None:
        return row
    starts = loop.starts(facts.family, wish.action)
    if starts and wish.assignment_role != LEAD and facts.state in loop.open_states:
        beside = loop.row(facts.family, wish.action, starts[0])
        if beside is not None and not moves_case(beside, wish.assignment_role):
            return beside
    if not starts:
        raise InvalidInput(f"A case of this family knows no {wish.action}", field="action")
    raise Conflict(
        f"The case is {facts.state}; {wish.action} starts from {' or '.join(starts)}",
        winner={"state": facts.state},
    )


def moves_case(row: Row, assignment_role: str) -> bool:
    """Tell whether the step moves the case, or only the assignment of somebody beside the lead."""
    about_one = row.action == "dispatch" or (row.move is not None and not row.move.ends_all)
    return assignment_role == LEAD or not about_one


def allow(loop: Loop, row: Row, facts: Facts, actor: Actor, assignment_role: str = LEAD) -> None:
    """Refuse who may not take the row: role and level, or part in the case.

    Raises
    ------
    Forbidden
        Not this role, or not at the level that holds the case.
    Conflict
        Staff with whom the case is not, or not any more.
    """
    if any(_personal(name, facts, assignment_role) for name in row.who):
        return
    if not any(belongs(loop, actor, name) for name in row.who):
        if actor.person_id is not None and {ASSIGNEE, LEAD}.intersection(row.who):
            raise Conflict("This case is not with you now", winner={"state": facts.state})
        raise Forbidden(f"Your role may not {row.action} this case", role=actor.role)
    if row.at_holder and not reaches(actor, facts.holder_code):
        raise Forbidden(
            f"The {facts.level} holds this case now; its desk may {row.action} it",
            holder=facts.holder_code,
        )


def _personal(name: str, facts: Facts, assignment_role: str) -> bool:
    if name == ASSIGNEE:
        return assignment_role in facts.my_roles
    if name == LEAD:
        return LEAD in facts.my_roles
    return name == REPORTER and facts.my_report


def state_after(row: Row, facts: Facts, assignment_role: str = LEAD) -> str:
    """Return the state a case goes to."""
    if not row.to_state or not moves_case(row, assignment_role):
        return facts.state
    if row.to_state == BACK:
        return facts.suspended_from or "pending"
    return row.to_state


def allowed_actions(loop: Loop, facts: Facts, actor: Actor, now: datetime) -> list[Allowed]:
    """Return what somebody may do with a case as it stands, in the order of the table."""
    found = list(_allowed(loop, facts, actor, now))
    return found + list(_beside(loop, facts)) if facts.state in loop.open_states else found


def _allowed(loop: Loop, facts: Facts, actor: Actor, now: datetime) -> Iterator[Allowed]:
    for row in loop.of_family(facts.family):
        if facts.state not in row.from_states:
            continue
        try:
            allow(loop, row, facts, actor)
        except (Forbidden, Conflict):
            continue
        blank = Situation(loop, facts, actor, Wish(row.action, facts.version), now)
        if any(need.field == "kind" for need in row.needs):
            kinds = tuple(kind for kind in Closure if _holds(row, blank, kind))
            if kinds:
                yield Allowed(row.action, state_after(row, facts), row.needs, kinds)
        elif _holds(row, blank, None):
            yield Allowed(row.action, state_after(row, facts), row.needs)


def _beside(loop: Loop, facts: Facts) -> Iterator[Allowed]:
    """Yield the steps of the actor's own parts beside the lead; the state of the case stays."""
    for role, part_state in facts.my_parts:
        for action in loop.actions if role != LEAD else ():
            starts = loop.starts(facts.family, action)
            row = loop.row(facts.family, action, starts[0]) if starts else None
            if row is None or row.move is None or moves_case(row, role):
                continue
            if ASSIGNEE in row.who and part_state in row.move.from_states:
                yield Allowed(action, facts.state, row.needs, role=role)


def _holds(row: Row, blank: Situation, kind: str | None) -> bool:
    situation = replace(blank, wish=replace(blank.wish, kind=kind))
    return all(GUARDS[name](situation) is None for name in row.guards)
