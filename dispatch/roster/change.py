"""Changes of a roster, decided: which entries go, which come, from when it counts.

Pure functions over values. The past is not changed: what began is ended, and stays where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from dispatch.roster.entry import (
    Leave,
    Shift,
    Terms,
    check_leave,
    check_shift,
    check_terms,
)
from dispatch.roster.plan import Plan, clip
from geodata.clock import local_day, midnight
from geodata.errors import InvalidInput, NotFound

BACKDATED = timedelta(days=31)
"""How long ago a leave may have begun that is noted only now: who falls ill asks nobody before."""
AHEAD = timedelta(days=3 * 366)
"""Nobody plans further: a later day is a slip of the pen."""
RECUSAL_KINDS = ("party", "relative", "former_case", "other")
_OVERLAP_DAYS = timedelta(days=21)
"""Two patterns of weeks that meet do so within three weeks of both having begun."""


@dataclass(frozen=True)
class PutShift:
    """A shift from its first day on, in the place of another from then on if one is named."""

    shift: Shift
    replaces: int | None = None
    kind = "shift"


@dataclass(frozen=True)
class EndShift:
    """A shift no longer, from a day on."""

    id: int
    from_day: date
    kind = "shift_end"


@dataclass(frozen=True)
class SkipShift:
    """A shift falls out on one day."""

    id: int
    day: date
    kind = "shift_skip"


@dataclass(frozen=True)
class PutLeave:
    """A leave, in the place of another if one is named."""

    leave: Leave
    replaces: int | None = None
    kind = "leave"


@dataclass(frozen=True)
class EndLeave:
    """A leave that does not come, or ends now."""

    id: int
    kind = "leave_end"


@dataclass(frozen=True)
class PutTerms:
    """Other terms from a moment on (None: now); what is None stays as it is then."""

    from_at: datetime | None = None
    capacity: int | None = None
    skills: tuple[str, ...] | None = None
    travel_mode: str | None = None
    area_codes: tuple[str, ...] | None = None
    kind = "terms"


@dataclass(frozen=True)
class EndTerms:
    """Terms that were to come and do not."""

    id: int
    kind = "terms_end"


@dataclass(frozen=True)
class Recuse:
    """Stand aside from a case."""

    case_id: int
    why: str
    reason: str = ""
    kind = "recusal"


@dataclass(frozen=True)
class EndRecusal:
    """Stand aside from a case no longer."""

    case_id: int
    kind = "recusal_end"


Change = (
    PutShift
    | EndShift
    | SkipShift
    | PutLeave
    | EndLeave
    | PutTerms
    | EndTerms
    | Recuse
    | EndRecusal
)
Entry = Shift | Leave | Terms
E = TypeVar("E", Shift, Leave, Terms)


@dataclass(frozen=True)
class Edit:
    """What a change does to the entries, the plan after it, and from when on it counts."""

    kind: str
    at: datetime
    after: Plan
    removed: tuple[Entry, ...] = ()
    added: tuple[Entry, ...] = ()
    recuses: Recuse | None = None
    readmits: int | None = None
    """Id of a case from which the person stood aside."""


def decide(plan: Plan, change: Change, now: datetime) -> Edit:
    """Return what a change does to a roster.

    Raises
    ------
    InvalidInput
        Names the field.
    NotFound
        The entry it speaks of is not there any more.
    """
    match change:
        case PutShift() | EndShift() | SkipShift():
            return _decide_shift(plan, change, now)
        case PutLeave():
            return _put_leave(plan, change, now)
        case EndLeave():
            return _end_leave(plan, change, now)
        case PutTerms():
            return _put_terms(plan, change, now)
        case EndTerms():
            return _end_terms(plan, change, now)
        case Recuse():
            if change.why not in RECUSAL_KINDS:
                raise InvalidInput("why must be one of " + ", ".join(RECUSAL_KINDS), field="why")
            return Edit(change.kind, now, plan, recuses=change)
        case EndRecusal():
            return Edit(change.kind, now, plan, readmits=change.case_id)


def _decide_shift(plan: Plan, change: PutShift | EndShift | SkipShift, now: datetime) -> Edit:
    match change:
        case PutShift():
            return _put_shift(plan, change, now)
        case EndShift():
            return _end_shift(plan, change, now)
        case SkipShift():
            return _skip_shift(plan, change, now)


def edit_plan(
    plan: Plan, kind: str, at: datetime, removed: Sequence[Entry], added: Sequence[Entry]
) -> Edit:
    """Return the edit that takes entries out of a plan and puts others in."""
    after = replace(
        plan,
        version=plan.version + 1,
        shifts=tuple(_kept(plan.shifts, Shift, removed, added)),
        leaves=tuple(_kept(plan.leaves, Leave, removed, added)),
        terms=tuple(sorted(_kept(plan.terms, Terms, removed, added), key=_moment)),
    )
    return Edit(kind, at, after, tuple(removed), tuple(added))


def _kept(
    entries: Sequence[E], kind: type[E], removed: Sequence[Entry], added: Sequence[Entry]
) -> list[E]:
    gone = {one.id for one in removed if isinstance(one, kind)}
    stay = [one for one in entries if one.id not in gone]
    return stay + [one for one in added if isinstance(one, kind)]


def _moment(entry: Entry) -> float:
    return entry.from_at.timestamp() if isinstance(entry, Terms) and entry.from_at else 0.0


def _put_shift(plan: Plan, change: PutShift, now: datetime) -> Edit:
    shift = replace(change.shift, id=None)
    check_shift(shift)
    _check_day(shift.from_day, now, "from_day")
    removed: list[Entry] = []
    added: list[Entry] = []
    if change.replaces is not None:
        old = _find(plan.shifts, change.replaces)
        removed, added = [old], [*_until(old, shift.from_day)]
    others = [one for one in plan.shifts if one not in removed]
    for other in others:
        if _meet(shift, other):
            raise InvalidInput(
                "This shift overlaps another of this person", field="starts", reason="overlap"
            )
    edit = edit_plan(plan, change.kind, now, removed, [*added, shift])
    return replace(edit, at=max(now, midnight(shift.from_day)))


def _end_shift(plan: Plan, change: EndShift, now: datetime) -> Edit:
    old = _find(plan.shifts, change.id)
    _check_day(change.from_day, now, "from_day")
    if old.until_day is not None and old.until_day < change.from_day:
        raise InvalidInput("This shift ends before that day", field="from_day", reason="ended")
    edit = edit_plan(plan, change.kind, now, [old], [*_until(old, change.from_day)])
    return replace(edit, at=max(now, midnight(change.from_day)))


def _skip_shift(plan: Plan, change: SkipShift, now: datetime) -> Edit:
    old = _find(plan.shifts, change.id)
    _check_day(change.day, now, "day")
    if not old.on(change.day):
        raise InvalidInput("This shift is not on that day", field="day", reason="not_then")
    less = replace(old, id=None, except_days=tuple(sorted((*old.except_days, change.day))))
    if less.until_day is not None and not list(less.spans(less.from_day, less.until_day)):
        return replace(edit_plan(plan, change.kind, now, [old], []), at=old.span(change.day)[0])
    edit = edit_plan(plan, change.kind, now, [old], [less])
    return replace(edit, at=max(now, old.span(change.day)[0]))


def _put_leave(plan: Plan, change: PutLeave, now: datetime) -> Edit:
    leave = replace(change.leave, id=None)
    check_leave(leave)
    if not now - BACKDATED <= leave.from_at <= now + AHEAD:
        raise InvalidInput(
            "A leave begins at most a month ago, at most in 3 years",
            field="from",
            reason="leave_begin",
        )
    if leave.until_at is not None and leave.until_at <= now:
        raise InvalidInput("This leave is over already", field="until", reason="over")
    removed = [] if change.replaces is None else [_find(plan.leaves, change.replaces)]
    for other in plan.leaves:
        if other not in removed and _both(leave, other):
            raise InvalidInput(
                "This person is away in that time already", field="from", reason="away"
            )
    edit = edit_plan(plan, change.kind, now, removed, [leave])
    return replace(edit, at=max(now, leave.from_at))


def _end_leave(plan: Plan, change: EndLeave, now: datetime) -> Edit:
    old = _find(plan.leaves, change.id)
    if old.until_at is not None and old.until_at <= now:
        raise InvalidInput("This leave is over already", field="id", reason="over")
    ended = [replace(old, id=None, until_at=now, kind=_over(old))] if old.from_at < now else []
    return edit_plan(plan, change.kind, now, [old], ended)


def _over(leave: Leave) -> str:
    """Return the kind of a leave that ended: who had left has come back, and was away."""
    return "other" if leave.kind == "left" else leave.kind


def _put_terms(plan: Plan, change: PutTerms, now: datetime) -> Edit:
    at = now if change.from_at is None else change.from_at
    if not now - timedelta(minutes=5) <= at <= now + AHEAD:
        raise InvalidInput(
            "Terms begin now or later, at most in 3 years", field="from", reason="begin"
        )
    at = max(at, now)
    old = plan.terms_at(at)
    if old is None:
        raise NotFound("There is no such person in your area", person_id=plan.person_id)
    names = ("capacity", "skills", "travel_mode", "area_codes")
    given = {name: getattr(change, name) for name in names if getattr(change, name) is not None}
    new = replace(old, id=None, from_at=at, **given)
    check_terms(new)
    if replace(new, from_at=old.from_at, id=old.id) == old:
        raise InvalidInput(
            "This is how it is already: nothing would change", field="terms", reason="nothing"
        )
    removed: list[Entry] = [one for one in plan.terms if one.from_at == at]
    # What held before anybody changed anything is written down with the first change.
    first: list[Entry] = [one for one in plan.terms if one.id is None and one.from_at is None]
    edit = edit_plan(plan, change.kind, at, [*removed, *first], [*first, new])
    return replace(edit, removed=tuple(removed))


def _end_terms(plan: Plan, change: EndTerms, now: datetime) -> Edit:
    old = _find(plan.terms, change.id)
    if old.from_at is None or old.from_at <= now:
        raise InvalidInput(
            "These terms hold already: set others from now on", field="id", reason="holds"
        )
    return replace(edit_plan(plan, change.kind, now, [old], []), at=old.from_at)


def _until(shift: Shift, day: date) -> list[Shift]:
    """Return what is left of a shift before a day: none of it, or all until the day before."""
    if day <= shift.from_day:
        return []
    last = day - timedelta(days=1)
    until = last if shift.until_day is None else min(last, shift.until_day)
    return [replace(shift, id=None, until_day=until)]


def _meet(one: Shift, other: Shift) -> bool:
    first = max(one.from_day, other.from_day) - timedelta(days=1)
    last = first + _OVERLAP_DAYS
    mine, others = list(one.spans(first, last)), list(other.spans(first, last))
    return any(clip(others, start, end) for start, end in mine)


def _both(one: Leave, other: Leave) -> bool:
    starts_before = other.until_at is None or one.from_at < other.until_at
    return starts_before and (one.until_at is None or other.from_at < one.until_at)


def _check_day(day: date, now: datetime, field: str) -> None:
    if not local_day(now) <= day <= local_day(now + AHEAD):
        raise InvalidInput(
            "It holds from today or a later day, at most in 3 years", field=field, reason="begin"
        )


def _find(entries: Sequence[E], wanted: int) -> E:
    found = next((one for one in entries if one.id == wanted), None)
    if found is None:
        raise NotFound("This entry is not on the roster any more", field="id", reason="gone")
    return found
