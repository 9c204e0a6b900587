"""The roster as the API takes and shows it: changes by their kind, weeks, consequences."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import Field, Strict

from dispatch.consequence import Consequence
from dispatch.roster.change import (
    Change,
    EndLeave,
    EndRecusal,
    EndShift,
    EndTerms,
    PutLeave,
    PutShift,
    PutTerms,
    Recuse,
    SkipShift,
)
from dispatch.roster.entry import Leave, Shift, Terms
from geodata.errors import InvalidInput
from web.api.schema import Answer, AreaCode, BodyId, Line, Model, Moment, Text, Version, moment_text

LeaveKind = Literal["annual", "sick", "personal", "training", "other", "left"]
RecusalKind = Literal["party", "relative", "former_case", "other"]
TravelMode = Literal["walk", "ebike", "car", "none"]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="HH:MM")]
Day = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2200, 1, 1))]
Weekday = Annotated[int, Strict(), Field(ge=1, le=7, description="1 Monday to 7 Sunday")]
Capacity = Annotated[int, Strict(), Field(ge=0, le=20)]
DAY_MIN = 1440


class ShiftIn(Model):
    """A shift by the week; ``ends`` at or before ``starts`` is on the next day."""

    kind: Literal["shift"]
    weekdays: list[Weekday] = Field(min_length=1, max_length=7)
    starts: Clock
    ends: Clock
    from_day: Day
    until_day: Day | None = None
    replaces: BodyId | None = Field(None, description="the shift that ends the day before")


class ShiftEndIn(Model):
    """A shift no longer, from a day on."""

    kind: Literal["shift_end"]
    id: BodyId
    from_day: Day


class ShiftSkipIn(Model):
    """A shift falls out on one day."""

    kind: Literal["shift_skip"]
    id: BodyId
    day: Day


class LeaveIn(Model):
    """A leave; without ``until`` it is open, ``left`` is for good."""

    kind: Literal["leave"]
    from_: Moment = Field(alias="from")
    until: Moment | None = None
    leave_kind: LeaveKind = "annual"
    reason: Annotated[Text, Field(max_length=500)] = ""
    replaces: BodyId | None = None


class LeaveEndIn(Model):
    """A leave that does not come, or ends now."""

    kind: Literal["leave_end"]
    id: BodyId


class TermsIn(Model):
    """Other terms from a moment on (now if left out); what is left out stays."""

    kind: Literal["terms"]
    from_: Moment | None = Field(None, alias="from")
    capacity: Capacity | None = None
    skills: list[Line] | None = Field(None, max_length=10)
    travel_mode: TravelMode | None = None
    area_codes: list[AreaCode] | None = Field(None, max_length=40)


class TermsEndIn(Model):
    """Terms that were to come and do not."""

    kind: Literal["terms_end"]
    id: BodyId


class RecusalIn(Model):
    """Stand aside from a case, by its number."""

    kind: Literal["recusal"]
    case_number: Line
    why: RecusalKind
    reason: Annotated[Text, Field(max_length=500)] = ""


class RecusalEndIn(Model):
    """Stand aside from a case no longer."""

    kind: Literal["recusal_end"]
    case_id: BodyId


ChangeIn = Annotated[
    ShiftIn
    | ShiftEndIn
    | ShiftSkipIn
    | LeaveIn
    | LeaveEndIn
    | TermsIn
    | TermsEndIn
    | RecusalIn
    | RecusalEndIn,
    Field(discriminator="kind"),
]


class PreviewIn(Model):
    """A change that is looked at."""

    change: ChangeIn


class SaveIn(Model):
    """A change, and the version of the roster that was looked at."""

    version: Version
    change: ChangeIn


class UndoIn(Model):
    """The version that is taken back: the latest."""

    version: Version


class SpanOut(Answer):
    """From a moment until another."""

    from_: str = Field(alias="from")
    until: str


class ShiftSpanOut(SpanOut):
    """A shift on a day."""

    id: int
    day: str


class LeaveOut(Answer):
    """A leave; why is told to those who may change it."""

    id: int
    from_: str = Field(alias="from")
    until: str | None
    kind: LeaveKind | None
    reason: str | None


class PatternOut(Answer):
    """A shift by the week."""

    id: int
    weekdays: list[int]
    starts: str
    ends: str
    from_day: str
    until_day: str | None
    except_days: list[str]


class TermsOut(Answer):
    """What holds from a moment on; ``from`` null: since ever. ``state``: past, now or to come."""

    id: int | None
    from_: str | None = Field(alias="from")
    state: Literal["past", "now", "to_come"]
    capacity: int
    skills: list[str]
    travel_mode: TravelMode
    area_codes: list[str]


class PersonWeekOut(Answer):
    """One person in a week."""

    id: int
    name: str
    role: str
    role_label: str
    organisation: str | None
    home_code: str
    home_name: str | None
    area_codes: list[str]
    skills: list[str]
    capacity: int
    travel_mode: str
    load: int
    duty: str
    duty_since: str
    version: int
    editable: bool
    by_appointment: bool
    shifts: list[ShiftSpanOut]
    leaves: list[LeaveOut]
    terms_from: list[str]


class FairnessOut(Answer):
    """How evenly the cases of the last 30 days fell on all these people; gini from 0 to 1."""

    people: int
    given: int
    median: float
    most: int
    gini: float | None


class WeekOut(Answer):
    """The rows of a week; ``total`` and ``fairness`` with the first page only."""

    week: str
    days: list[str]
    now: str
    total: int | None
    fairness: FairnessOut | None
    items: list[PersonWeekOut]
    next: str | None


class RecusalOut(Answer):
    """A case somebody stands aside from; which, is told to those who see it."""

    case_id: int | None
    number: str | None
    why: RecusalKind
    reason: str | None
    since: str


class LoggedOut(Answer):
    """Who changed the roster, and when."""

    version: int
    kind: str
    by_name: str | None
    at: str


class RosterOut(PersonWeekOut):
    """Everything of one person's roster."""

    patterns: list[PatternOut]
    terms: list[TermsOut]
    recusals: list[RecusalOut]
    changes: list[LoggedOut]
    undo: bool


class TouchedOut(Answer):
    """An open case that a change touches: absent, over_capacity, skill, area, recused."""

    case_id: int
    number: str
    type: str
    type_name: str
    type_name_en: str
    state: str
    role: str
    due_at: str | None
    why: str
    what: str | None


class GapOut(Answer):
    """Where nobody of a role is left on duty, and when: the first spans of ``count``."""

    area_code: str
    area_name: str | None
    community: str | None
    role: str
    role_label: str
    count: int
    spans: list[SpanOut]


class ConsequenceOut(Answer):
    """What comes of a change in the 28 days ahead."""

    at: str
    until: str
    duty_before: str | None
    duty_after: str | None
    away_count: int
    away: list[SpanOut]
    cases: list[TouchedOut]
    gaps: list[GapOut]


class SavedOut(Answer):
    """The person as after the change, and what came of it."""

    person: RosterOut
    consequence: ConsequenceOut


def change_of(given: Any, case_id: int | None = None) -> Change:
    """Return a change as the roster takes it; ``case_id`` is of the number a recusal names."""
    match given:
        case ShiftIn():
            return PutShift(shift_of(given), given.replaces)
        case ShiftEndIn():
            return EndShift(given.id, given.from_day)
        case ShiftSkipIn():
            return SkipShift(given.id, given.day)
        case LeaveIn() | LeaveEndIn():
            return _leave_of(given)
        case TermsIn() | TermsEndIn():
            return _terms_of(given)
        case RecusalIn():
            return Recuse(case_id or 0, given.why, given.reason.strip())
        case _:
            return EndRecusal(given.case_id)


def _leave_of(given: LeaveIn | LeaveEndIn) -> Change:
    if isinstance(given, LeaveEndIn):
        return EndLeave(given.id)
    leave = Leave(given.from_, given.until, given.leave_kind, given.reason.strip())
    return PutLeave(leave, given.replaces)


def _terms_of(given: TermsIn | TermsEndIn) -> Change:
    if isinstance(given, TermsEndIn):
        return EndTerms(given.id)
    return PutTerms(
        given.from_,
        given.capacity,
        None if given.skills is None else tuple(dict.fromkeys(given.skills)),
        given.travel_mode,
        None if given.area_codes is None else tuple(sorted(set(given.area_codes))),
    )


def shift_of(given: ShiftIn) -> Shift:
    """Return a shift of its local times: one that ends before it starts goes past midnight."""
    starts, ends = minutes_of(given.starts), minutes_of(given.ends)
    length = (ends - starts) % DAY_MIN or DAY_MIN
    days = tuple(sorted(set(given.weekdays)))
    return Shift(days, starts, length, given.from_day, given.until_day)


def minutes_of(text: str) -> int:
    """Return minutes after midnight of HH:MM."""
    try:
        at = time.fromisoformat(text)
    except ValueError:
        raise InvalidInput("A time is HH:MM", field="starts") from None
    return at.hour * 60 + at.minute


def clock_text(minutes: int) -> str:
    """Return HH:MM of minutes after midnight."""
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def show_pattern(shift: Shift) -> dict[str, Any]:
    """Return a shift by the week as the API shows it."""
    return {
        "id": shift.id,
        "weekdays": list(shift.weekdays),
        "starts": clock_text(shift.starts_min),
        "ends": clock_text(shift.starts_min + shift.length_min),
        "from_day": shift.from_day.isoformat(),
        "until_day": shift.until_day and shift.until_day.isoformat(),
        "except_days": [day.isoformat() for day in shift.except_days],
    }


def show_leave(leave: Leave, *, whole: bool) -> dict[str, Any]:
    """Return a leave; without its kind and reason to who may not change it."""
    return {
        "id": leave.id,
        "from": moment_text(leave.from_at),
        "until": moment_text(leave.until_at),
        "kind": leave.kind if whole else None,
        "reason": leave.reason if whole else None,
    }


def show_terms(terms: Terms, now: datetime, current: Terms | None) -> dict[str, Any]:
    """Return terms as the API shows them."""
    to_come = terms.from_at is not None and terms.from_at > now
    return {
        "id": terms.id,
        "from": moment_text(terms.from_at),
        "state": "to_come" if to_come else "now" if terms == current else "past",
        "capacity": terms.capacity,
        "skills": list(terms.skills),
        "travel_mode": terms.travel_mode,
        "area_codes": list(terms.area_codes),
    }


def show_spans(spans: Any) -> list[dict[str, Any]]:
    """Return spans as the API shows them."""
    return [{"from": moment_text(start), "until": moment_text(end)} for start, end in spans]


MOST_SPANS = 5


def show_consequence(
    found: Consequence, until: datetime, names: dict[str, str], types: Any, label: Any
) -> dict[str, Any]:
    """Return what comes of a change.

    Parameters
    ----------
    names
        Of areas, by code.
    types
        Case types by code.
    label
        Returns the words of a role.
    """
    before, after = found.duty or (None, None)
    return {
        "at": moment_text(found.at),
        "until": moment_text(until),
        "duty_before": before,
        "duty_after": after,
        "away_count": len(found.away),
        "away": show_spans(found.away[:MOST_SPANS]),
        "cases": [
            {
                "case_id": one.task.case_id,
                "number": one.task.number,
                "type": one.task.type_code,
                "type_name": types[one.task.type_code].name,
                "type_name_en": types[one.task.type_code].name_en,
                "state": one.task.state,
                "role": one.task.role,
                "due_at": moment_text(one.task.due_at),
                "why": one.why,
                "what": one.what,
            }
            for one in found.cases
        ],
        "gaps": [
            {
                "area_code": gap.area_code,
                "area_name": names.get(gap.area_code),
                "community": names.get(gap.area_code[:12]) if len(gap.area_code) > 12 else None,
                "role": gap.role,
                "role_label": label(gap.role),
                "count": len(gap.spans),
                "spans": show_spans(gap.spans[:MOST_SPANS]),
            }
            for gap in found.gaps
        ],
    }
