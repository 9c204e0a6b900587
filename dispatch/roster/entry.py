"""Entries of a roster: shifts by the week, leave, terms; each checks that it can be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from geodata.clock import midnight
from geodata.errors import InvalidInput

DAY = timedelta(days=1)
DAY_MIN = 1440
LEAST_MIN = 15
LEAVE_KINDS = ("annual", "sick", "personal", "training", "other", "left")
LEFT = "left"
"""The kind of leave of somebody who does not come back."""
TRAVEL_MODES = ("walk", "ebike", "car", "none")
MOST_CAPACITY = 20
MOST_REASON = 500
MOST_SKILLS = 10
MOST_AREAS = 40


@dataclass(frozen=True)
class Shift:
    """Work on some days of the week; local time, and the district knows no summer time.

    Parameters
    ----------
    weekdays
        1 Monday to 7 Sunday.
    starts_min
        Minutes after local midnight.
    length_min
        A shift past midnight belongs to the day it begins on.
    from_day, until_day
        First and last day; None: until somebody says otherwise.
    except_days
        Days on which it falls out.
    """

    weekdays: tuple[int, ...]
    starts_min: int
    length_min: int
    from_day: date
    until_day: date | None = None
    except_days: tuple[date, ...] = ()
    id: int | None = None

    def on(self, day: date) -> bool:
        """Tell whether it begins on a day."""
        return (
            day.isoweekday() in self.weekdays
            and self.from_day <= day
            and (self.until_day is None or day <= self.until_day)
            and day not in self.except_days
        )

    def span(self, day: date) -> tuple[datetime, datetime]:
        """Return from when until when it lasts, were it on a day."""
        start = midnight(day) + timedelta(minutes=self.starts_min)
        return start, start + timedelta(minutes=self.length_min)

    def spans(self, first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
        """Yield the spans that begin from a first to a last day."""
        day = max(first, self.from_day)
        until = last if self.until_day is None else min(last, self.until_day)
        while day <= until:
            if self.on(day):
                yield self.span(day)
            day += DAY


@dataclass(frozen=True)
class Leave:
    """Away from a moment until another; None: open."""

    from_at: datetime
    until_at: datetime | None
    kind: str = "annual"
    reason: str = ""
    id: int | None = None

    def covers(self, at: datetime) -> bool:
        """Tell whether somebody is away at a moment."""
        return self.from_at <= at and (self.until_at is None or at < self.until_at)


@dataclass(frozen=True)
class Terms:
    """What holds of a person from a moment until the next terms; None: since ever."""

    from_at: datetime | None
    capacity: int
    skills: tuple[str, ...]
    travel_mode: str
    area_codes: tuple[str, ...]
    id: int | None = None


def check_shift(shift: Shift) -> None:
    """Refuse a shift that cannot be; InvalidInput names the field."""
    days = shift.weekdays
    if not days or len(set(days)) != len(days) or not set(days) <= set(range(1, 8)):
        raise InvalidInput(
            "weekdays are one or more of 1 (Monday) to 7", field="weekdays", reason="weekdays"
        )
    if not 0 <= shift.starts_min < DAY_MIN:
        raise InvalidInput("starts must be from 00:00 to 23:59", field="starts", reason="clock")
    if not LEAST_MIN <= shift.length_min <= DAY_MIN:
        raise InvalidInput(
            "A shift lasts from 15 minutes to 24 hours", field="ends", reason="length"
        )
    if shift.until_day is not None and shift.until_day < shift.from_day:
        raise InvalidInput("The last day lies before the first", field="until_day", reason="order")
    if shift.until_day is not None and not any(
        shift.on(shift.from_day + n * DAY)
        for n in range(min(7, (shift.until_day - shift.from_day).days + 1))
    ):
        raise InvalidInput(
            "No day from the first to the last is one of these", field="weekdays", reason="no_day"
        )


def check_leave(leave: Leave) -> None:
    """Refuse a leave that cannot be; InvalidInput names the field."""
    if leave.kind not in LEAVE_KINDS:
        raise InvalidInput(
            "kind must be one of " + ", ".join(LEAVE_KINDS), field="kind", reason="kind"
        )
    if leave.until_at is not None and leave.until_at <= leave.from_at:
        raise InvalidInput("It must end after it begins", field="until", reason="order")
    if leave.kind == LEFT and leave.until_at is not None:
        raise InvalidInput(
            "Who has left does not come back: leave the end open", field="until", reason="left_open"
        )
    if len(leave.reason) > MOST_REASON:
        raise InvalidInput(f"A reason has at most {MOST_REASON} characters", field="reason")


def check_terms(terms: Terms) -> None:
    """Refuse terms that cannot be; InvalidInput names the field."""
    if not 0 <= terms.capacity <= MOST_CAPACITY:
        raise InvalidInput(
            f"capacity must be from 0 to {MOST_CAPACITY}", field="capacity", reason="capacity"
        )
    if terms.travel_mode not in TRAVEL_MODES:
        raise InvalidInput(
            "travel_mode must be one of " + ", ".join(TRAVEL_MODES),
            field="travel_mode",
            reason="mode",
        )
    if len(terms.skills) > MOST_SKILLS:
        raise InvalidInput(f"At most {MOST_SKILLS} skills", field="skills")
    if len(terms.area_codes) > MOST_AREAS:
        raise InvalidInput(f"At most {MOST_AREAS} areas", field="area_codes")
