"""The check of the loop: what must hold of the table before anybody works by it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from dispatch.case.guard import GUARDS
from dispatch.case.loop import BACK, PERSONAL, Loop, Row
from dispatch.case.wish import NEEDS
from geodata.errors import DataFault

FIRST = ("reported", "pending")
"""States in which a case begins: reported to the desk, or taken in by the desk itself."""
EFFECTS = frozenset(
    ["hop", "self_settled", "tell_reporters", "result", "rating", "closure", "reopened",
     "suspension", "resumption", "extension_request", "extension_grant", "extension_refusal",
     "holder_up", "holder_down", "card", "merging", "unmerging", "failed_mediation", "offer_begun",
     "offer_stopped"]
)  # fmt: skip
"""Names that :mod:`dispatch.effect` carries out; a test holds the two equal."""
ASSIGNMENT_STATES = frozenset(
    ["assigned", "acknowledged", "arrived", "done", "returned", "undone", "lapsed"]
)


def check_loop(loop: Loop, roles: Collection[str]) -> None:
    """Refuse a table by which a case could be lost or nobody could act.

    Parameters
    ----------
    roles
        Every role an account may have.

    Raises
    ------
    DataFault
        Names every problem.
    """
    found = list(problems(loop, roles))
    if found:
        raise DataFault("the loop of cases does not hold: " + "; ".join(found))


def problems(loop: Loop, roles: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with the table, in words that name the row."""
    yield from _unknown_names(loop, roles)
    for family in loop.holder:
        yield from _family_problems(loop, family)
    for name, state in loop.states.items():
        if state.step is not None and state.step not in loop.escalates:
            yield f"state {name}: unknown step {state.step}"
        if state.end and (state.step or state.settle or state.paused):
            yield f"state {name}: no clock runs at an end"


def _unknown_names(loop: Loop, roles: Collection[str]) -> Iterator[str]:
    for name, members in loop.groups.items():
        for role in members - set(roles):
            yield f"group {name}: unknown role {role}"
        if not members:
            yield f"group {name}: nobody is in it"
    for row in loop.rows:
        yield from _row_problems(loop, row)


def _row_problems(loop: Loop, row: Row) -> Iterator[str]:
    known = (
        ("family", row.families, loop.holder),
        ("state", row.from_states, loop.states),
        ("state", (row.to_state,), {*loop.states, "", BACK}),
        ("group", row.who, {*loop.groups, *PERSONAL}),
        ("need", [need.field for need in row.needs], NEEDS),
        ("guard", row.guards, GUARDS),
        ("effect", row.effects, EFFECTS),
        ("assignment state", _assignment_states(row), ASSIGNMENT_STATES),
    )
    for what, names, allowed in known:
        for name in names:
            if name not in allowed:
                yield f"row {row.action}: unknown {what} {name}"
    if not row.who:
        yield f"row {row.action}: nobody may take it"
    if not row.from_states:
        yield f"row {row.action}: it starts from no state"
    end = loop.states.get(row.to_state)
    if end is not None and end.end and not (row.move is not None and row.move.ends_all):
        yield f"row {row.action}: it ends the case and leaves assignments alive"


def _assignment_states(row: Row) -> tuple[str, ...]:
    return () if row.move is None else (row.move.to, *row.move.from_states)


def _family_problems(loop: Loop, family: str) -> Iterator[str]:
    reached = _reach(loop, family, set(FIRST))
    for name in loop.states:
        if name not in reached:
            yield f"{family}: no way leads to {name}"
        elif not any(loop.states[other].end for other in _reach(loop, family, {name})):
            yield f"{family}: no way leads from {name} to an end"


def _reach(loop: Loop, family: str, start: set[str]) -> set[str]:
    """Return the states that can be reached from some, these included."""
    reached, fresh = set(start), set(start)
    while fresh:
        fresh = {
            target
            for row in loop.of_family(family)
            if fresh.intersection(row.from_states)
            for target in targets(loop, row)
        } - reached
        reached |= fresh
    return reached


def targets(loop: Loop, row: Row) -> tuple[str, ...]:
    """Return the states a row leads to, none if it stays; back leads wherever one was suspended."""
    if row.to_state != BACK:
        return (row.to_state,) if row.to_state else ()
    return tuple(
        dict.fromkeys(
            state
            for other in loop.rows
            if "suspension" in other.effects
            for state in other.from_states
        )
    )
