"""How a case begins: its state, who holds it, and its first clocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dispatch.actor import Actor
from dispatch.case.facts import belongs, reaches
from dispatch.case.loop import State, the_loop
from dispatch.case.store import Case
from dispatch.case.type import CaseType
from dispatch.clock.running import Running, Wanted, adjust, lights
from dispatch.office import Rules
from geodata.code import DIGITS


def first_state(actor: Actor) -> str:
    """Return the state of a case somebody takes in: what the desk takes in is registered."""
    return "pending" if registers(actor) else "reported"


def registers(actor: Actor) -> bool:
    """Tell whether a case counts as registered when this one takes it in: desk and machines."""
    return any(belongs(the_loop(), actor, group) for group in ("desk", "machine"))


def first_holder(family: str, grid_code: str, actor: Actor) -> str:
    """Return the area whose desk holds a new case.

    The level of its family; a desk below that level which takes it in holds it itself.
    """
    holder = grid_code[: DIGITS[the_loop().holder[family]]]
    if not belongs(the_loop(), actor, "desk") or reaches(actor, holder):
        return holder
    own = [code for code in actor.scope.areas if grid_code.startswith(code)]
    return min(own, key=len, default=holder)


def first_clocks(
    rules: Rules, case: Case, kind: CaseType, at: datetime
) -> tuple[Case, list[Running]]:
    """Return a new case with its lights, and the clocks that begin with it.

    They begin when the platform learns of it: what a phone kept to itself is nobody's delay.
    """
    limit_of = rules.limit_of(
        kind.family, kind.code, kind.parent_code, case.holder_code, case.urgent
    )
    wanted = wanted_clocks(rules.loop.states[case.state], case.holder_code)
    clocks = adjust(rules.calendar, (), wanted, limit_of, at)
    yellow_at, due_at = lights(clocks)
    return replace(case, yellow_at=yellow_at, due_at=due_at), clocks


def wanted_clocks(state: State, holder: str, until: datetime | None = None) -> Wanted:
    """Return which clocks a case in a state should have.

    Parameters
    ----------
    until
        When a suspended case goes on by itself, None if somebody has to resume it.
    """
    return Wanted(state.step, state.settle, state.paused, state.end, holder, until)
