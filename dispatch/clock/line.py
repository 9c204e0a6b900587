"""Time lines: how much time that counts has gone by, in each of the units of a limit.

On the line of working days each working day counts 24 hours and other days nothing; office time
counts inside the office hours of working days only; elapsed time always. A position on a line is a
whole number of microseconds; only differences mean something.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Protocol

from dispatch.clock.calendar import WorkCalendar
from dispatch.clock.limit import Unit
from geodata.clock import LOCAL_ZONE, midnight

MICROSECOND = timedelta(microseconds=1)
DAY_US = timedelta(days=1) // MICROSECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Line(Protocol):
    """A way to count time; positions are in microseconds."""

    def position(self, at: datetime) -> int:
        """Return how much has been counted up to a moment."""
        ...

    def moment(self, position: int) -> datetime:
        """Return a moment at which so much has been counted; which one, where several have."""
        ...


def line_of(calendar: WorkCalendar, unit: Unit) -> Line:
    """Return the time line on which a clock of this unit runs."""
    if unit is Unit.WORKING_DAYS:
        return WorkingDays(calendar)
    if unit is Unit.WORKING_HOURS:
        return OfficeTime(calendar)
    return ElapsedTime()


@dataclass(frozen=True)
class ElapsedTime:
    """Every moment counts."""

    def position(self, at: datetime) -> int:
        """Return the microseconds up to a moment."""
        return (at - _EPOCH) // MICROSECOND

    def moment(self, position: int) -> datetime:
        """Return the one moment at which so much has been counted."""
        return _EPOCH + position * MICROSECOND


@dataclass(frozen=True)
class WorkingDays:
    """Working days count around the clock.

    Where nothing is counted for a while (from Friday's midnight to Monday's) the latest moment is
    returned: so a due time lies on a working day, as the rule of the same clock time has it.
    """

    calendar: WorkCalendar

    def position(self, at: datetime) -> int:
        """Return the microseconds of working days up to a moment."""
        day, of_day = split(at)
        counted = self.calendar.count_before(day) * DAY_US
        return counted + of_day if self.calendar.is_working(day) else counted

    def moment(self, position: int) -> datetime:
        """Return the latest moment at which so much has been counted."""
        count, of_day = divmod(position, DAY_US)
        return join(self.calendar.nth_day(count), of_day)


@dataclass(frozen=True)
class OfficeTime:
    """Only the office hours of working days count.

    Where nothing is counted for a while the earliest moment is returned: what is used up at closing
    time is due at closing time, not at the next opening.
    """

    calendar: WorkCalendar

    def position(self, at: datetime) -> int:
        """Return the microseconds of office time up to a moment."""
        day, of_day = split(at)
        counted = self.calendar.count_before(day) * self._day_us
        if not self.calendar.is_working(day):
            return counted
        return counted + sum(
            min(max(of_day - opens, 0), closes - opens) for opens, closes in self._windows
        )

    def moment(self, position: int) -> datetime:
        """Return the earliest moment at which so much has been counted."""
        count, rest = divmod(position - 1, self._day_us)
        day, rest = self.calendar.nth_day(count), rest + 1
        for opens, closes in self._windows:
            if rest <= closes - opens:
                return join(day, opens + rest)
            rest -= closes - opens
        raise AssertionError("a day's office time is the sum of its windows")

    @cached_property
    def _windows(self) -> tuple[tuple[int, int], ...]:
        return tuple((_of_day(w.opens), _of_day(w.closes)) for w in self.calendar.hours)

    @cached_property
    def _day_us(self) -> int:
        return sum(closes - opens for opens, closes in self._windows)


def split(at: datetime) -> tuple[date, int]:
    """Return the local day of an aware moment, and the microseconds since it began."""
    if at.tzinfo is None:
        raise ValueError(f"a moment without its offset: {at}")
    local = at.astimezone(LOCAL_ZONE)
    return local.date(), _of_day(local.time())


def join(day: date, of_day: int) -> datetime:
    """Return the moment so many microseconds after a local day began, in UTC."""
    return (midnight(day) + of_day * MICROSECOND).astimezone(UTC)


def _of_day(at: time) -> int:
    return (datetime.combine(date.min, at) - datetime.min) // MICROSECOND
