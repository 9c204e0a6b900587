"""A wish: an action somebody wants to take on a case, with everything that comes with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from dispatch.case.loop import LEAD, Need
from dispatch.case.words import check_text
from geodata.errors import InvalidInput

WORST, BEST = 1, 5
"""Ratings run from not at all (1) to fully satisfied (5); 4 and 5 count as satisfied."""


class Closure(StrEnum):
    """How a case ends: the matter is settled, settled for now, or goes another lawful way."""

    SUBSTANTIVE = "substantive"
    STAGED = "staged"
    PROCEDURAL = "procedural"


class Colour(StrEnum):
    """Cards of supervision."""

    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True)
class Wish:
    """What somebody wants to do.

    Parameters
    ----------
    version
        The version of the case that was looked at.
    assignment_role
        Whose part in the case it is about, where it is about one.
    rating
        1 to 5.
    until
        When a suspended case goes on by itself; None: when somebody resumes it.
    amount, unit
        Of an extension, in a unit of :class:`dispatch.clock.limit.Unit`.
    into
        Id of the case this one is merged into.
    """

    action: str
    version: int
    assignment_role: str = LEAD
    person_id: int | None = None
    reason: str | None = None
    note: str | None = None
    rating: int | None = None
    kind: str | None = None
    colour: str | None = None
    until: datetime | None = None
    amount: int | None = None
    unit: str | None = None
    into: int | None = None

    @property
    def text(self) -> str | None:
        """The words that come with it."""
        return self.reason if self.reason is not None else self.note


def check_needs(wish: Wish, needs: tuple[Need, ...], beside: frozenset[str] = frozenset()) -> None:
    """Refuse a wish that lacks what its row needs, or brings it wrongly, or brings more.

    Parameters
    ----------
    beside
        Fields that may come although no need names them.

    Raises
    ------
    InvalidInput
        Names the field.
    """
    wanted = {need.field for need in needs} | beside
    for name in sorted(NEEDS - wanted):
        if getattr(wish, name) is not None:
            raise InvalidInput(f"{wish.action} takes no {name}", field=name)
    for need in needs:
        value = getattr(wish, need.field)
        if value is not None:
            _CHECKS[need.field](value, need.field)
        elif need.required:
            raise InvalidInput(f"{wish.action} needs: {need.field}", field=need.field)


def _rating(value: Any, field: str) -> None:
    if not WORST <= value <= BEST:
        raise InvalidInput(f"{field} must be from {WORST} to {BEST}", field=field)


def _one_of(kinds: type[StrEnum]) -> Callable[[Any, str], None]:
    def check(value: Any, field: str) -> None:
        if value not in set(kinds):
            raise InvalidInput(f"{field} must be one of " + ", ".join(kinds), field=field)

    return check


def _moment(value: Any, field: str) -> None:
    if value.tzinfo is None:
        raise InvalidInput(f"{field} must say its zone", field=field)


def _text(value: Any, field: str) -> None:
    check_text(value, field)


def _any(value: Any, field: str) -> None:
    """Take an id or an amount as it is: whoever uses it looks it up."""


_CHECKS: Mapping[str, Callable[[Any, str], None]] = {
    "reason": _text,
    "note": _text,
    "rating": _rating,
    "kind": _one_of(Closure),
    "colour": _one_of(Colour),
    "until": _moment,
    "amount": _any,
    "unit": _any,
    "into": _any,
    "person_id": _any,
}
NEEDS = frozenset(_CHECKS)
"""Every field a row of the table may ask for."""
