"""Guards: conditions of the loop's rows beyond state and role, each a pure function by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.actor import Actor
from dispatch.case.facts import Facts, belongs
from dispatch.case.loop import LEAD, Loop
from dispatch.case.wish import Closure, Wish
from geodata.code import DIGITS, Level
from geodata.errors import Conflict, Forbidden, GanxinError, InvalidInput

REOPENING = timedelta(days=30)
"""How long after its closing a case may be opened again: an assumption."""
GRID_CHANNELS = ("grid_worker", "patrol")
"""Cases that came in this way were reported by a grid worker."""


@dataclass(frozen=True)
class Situation:
    """All that a guard may look at."""

    loop: Loop
    facts: Facts
    actor: Actor
    wish: Wish
    now: datetime


Guard = Callable[[Situation], GanxinError | None]


def needs_verification(loop: Loop, facts: Facts) -> bool:
    """Tell whether the reporting grid worker verifies the case before it closes for good."""
    return facts.family in loop.verified and bool({*facts.channels}.intersection(GRID_CHANNELS))


def _verified_or_exempt(s: Situation) -> GanxinError | None:
    if (s.wish.kind or Closure.SUBSTANTIVE) != Closure.SUBSTANTIVE:
        if belongs(s.loop, s.actor, "desk"):
            return None
        return Forbidden("Only the desk closes a case that is not settled", role=s.actor.role)
    if s.facts.state == "verified" or not needs_verification(s.loop, s.facts):
        return None
    return Conflict(
        "The reporting grid worker verifies and rates this case before it closes; give feedback"
        " first, or close it as staged or procedural",
        field="kind",
        winner={"state": s.facts.state},
    )


def _at_the_grid(s: Situation) -> GanxinError | None:
    """Refuse settling at the grid what is not theirs, was passed on, or is to be verified."""
    if s.facts.recused:
        return Conflict("You stand aside from this case", winner={"reason": "recused"})
    if len(s.facts.holder_code) < DIGITS[s.loop.holder[s.facts.family]]:
        return Conflict(
            f"The {s.facts.level} holds this case now", winner={"holder": s.facts.holder_code}
        )
    if needs_verification(s.loop, s.facts) and not s.facts.my_report:
        return Conflict("Whoever reported this case settles or verifies it", winner={})
    return None


def _no_substance(s: Situation) -> GanxinError | None:
    if (s.wish.kind or Closure.SUBSTANTIVE) == Closure.SUBSTANTIVE:
        return Conflict(
            "Nobody has handled this case: close it as staged or procedural, or dispatch it",
            field="kind",
            winner={"state": s.facts.state},
        )
    return None


def _joint_finished(s: Situation) -> GanxinError | None:
    if s.wish.action == "finish" and s.wish.assignment_role != LEAD:
        return None  # their own part
    if s.facts.open_joint:
        return Conflict(
            f"{s.facts.open_joint} of the bodies that handle this jointly have not finished",
            winner={"open_joint": s.facts.open_joint},
        )
    return None


def _reopening_time(s: Situation) -> GanxinError | None:
    closed_at = s.facts.closed_at
    if closed_at is not None and s.now - closed_at > REOPENING:
        return Conflict(
            f"This case closed more than {REOPENING.days} days ago; report the matter anew",
            winner={"closed_at": closed_at.isoformat()},
        )
    return None


def _until_ahead(s: Situation) -> GanxinError | None:
    if s.wish.until is not None and s.wish.until <= s.now:
        return InvalidInput("until must lie ahead", field="until")
    return None


def _no_request(s: Situation) -> GanxinError | None:
    if s.facts.request_by is not None:
        return Conflict(
            "An extension has been asked for already", winner={"by": s.facts.request_by}
        )
    return None


def _request(s: Situation) -> GanxinError | None:
    if s.facts.request_by is None:
        return Conflict("Nobody has asked for an extension", winner={"state": s.facts.state})
    return None


def _another_decides(s: Situation) -> GanxinError | None:
    if s.facts.request_by in s.actor.subjects:
        return Conflict(
            "Whoever asked for an extension does not decide on it", winner={"by": s.actor.subject}
        )
    return None


def _level_above(s: Situation) -> GanxinError | None:
    if s.facts.level is Level.DISTRICT:
        return Conflict("The district holds this case: there is no level above", winner={})
    return None


def _level_below(s: Situation) -> GanxinError | None:
    if s.facts.level is Level.GRID:
        return Conflict("The grid holds this case: there is no level below", winner={})
    return None


def _target(s: Situation) -> GanxinError | None:
    if s.wish.into is None:
        return None
    if s.wish.into == s.facts.id:
        return InvalidInput("A case cannot be merged into itself", field="into")
    target = s.facts.target
    if target is None:
        return InvalidInput("There is no such case in your area", field="into")
    if s.loop.states[target.state].end:
        return Conflict(
            f"The case {target.number} is {target.state}; merge into one that is open",
            field="into",
            winner={"state": target.state},
        )
    return None


GUARDS: Mapping[str, Guard] = {
    "at_the_grid": _at_the_grid,
    "verified_or_exempt": _verified_or_exempt,
    "no_substance": _no_substance,
    "joint_finished": _joint_finished,
    "reopening_time": _reopening_time,
    "until_ahead": _until_ahead,
    "no_request": _no_request,
    "request": _request,
    "another_decides": _another_decides,
    "level_above": _level_above,
    "level_below": _level_below,
    "target": _target,
}
"""By the name rows use. A guard about a field that did not come with the wish holds."""
