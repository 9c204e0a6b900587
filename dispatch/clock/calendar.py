"""The work calendar: which days are working days, and when on them the offices are open.

A value without a database. Days are counted in closed form (five a week) with the few days that
differ from Monday to Friday kept sorted, so no question walks over the days of a year.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from itertools import accumulate, pairwise

from geodata.errors import InvalidInput

FIRST_YEAR, LAST_YEAR = 1992, 2200
"""Since 1992 China has kept one offset: a day of the calendar has 24 hours."""
MAX_WINDOWS = 6
_WEEK, _WORKING_WEEK = 7, 5


@dataclass(frozen=True, order=True)
class Window:
    """A stretch of a working day, local time, during which office time counts.

    Raises
    ------
    InvalidInput
        ``closes``: it is not later than ``opens``.
    """

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise InvalidInput("closes must be later than opens", field="closes")


OFFICE_HOURS = (Window(time(8, 30), time(11, 30)), Window(time(13, 30), time(17, 30)))
"""What counts until the district says otherwise: seven hours a day."""


def check_hours(hours: Sequence[Window]) -> tuple[Window, ...]:
    """Return office hours in their order.

    Raises
    ------
    InvalidInput
        ``hours``: none, too many, or two that overlap.
    """
    if not 1 <= len(hours) <= MAX_WINDOWS:
        raise InvalidInput(f"hours must be from 1 to {MAX_WINDOWS} windows", field="hours")
    ordered = tuple(sorted(hours))
    for earlier, later in pairwise(ordered):
        if later.opens < earlier.closes:
            raise InvalidInput(
                f"hours overlap: one opens at {later.opens:%H:%M}, before the one from "
                f"{earlier.opens:%H:%M} closes at {earlier.closes:%H:%M}",
                field="hours",
            )
    return ordered


def runs_monday_to_friday(day: date) -> bool:
    """Tell whether a day would be a working day if nobody had published anything."""
    return day.weekday() < _WORKING_WEEK


@dataclass(frozen=True)
class WorkCalendar:
    """Working days and office hours of a district.

    Parameters
    ----------
    free
        Days of which somebody said that they are free: public holidays.
    worked
        Days of which somebody said that they are worked: make-up days.
    published
        Years whose calendar is known. In any other year Monday to Friday count as working, and
        what is reckoned with it is provisional.
    hours
        Office hours, in order, without overlap.
    """

    free: frozenset[date]
    worked: frozenset[date]
    published: frozenset[int]
    hours: tuple[Window, ...] = OFFICE_HOURS

    def __post_init__(self) -> None:
        if self.free & self.worked:
            raise ValueError(f"free and worked at once: {sorted(self.free & self.worked)}")
        if check_hours(self.hours) != self.hours:
            raise ValueError("office hours are not in order")

    def is_published(self, year: int) -> bool:
        """Tell whether the calendar of a year is known."""
        return year in self.published

    def is_known(self, since: date, until: date) -> bool:
        """Tell whether every year with a day from ``since`` to ``until`` is published."""
        return all(year in self.published for year in range(since.year, until.year + 1))

    def is_working(self, day: date) -> bool:
        """Tell whether a day is a working day."""
        return day in self.worked or (runs_monday_to_friday(day) and day not in self.free)

    def count_before(self, day: date) -> int:
        """Return how many working days there are before a day, from the year 1 on.

        Only differences mean something.
        """
        return self._count(day.toordinal())

    def nth_day(self, count: int) -> date:
        """Return the working day that has ``count`` working days before it."""
        days = range(1, date.max.toordinal() + 1)
        behind = bisect_left(days, count + 1, key=self._count)  # one behind the day itself
        return date.fromordinal(days[behind] - 1)

    def _count(self, ordinal: int) -> int:
        """Return the working days before a day, by its ordinal; ordinal 1 is a Monday."""
        weeks, rest = divmod(ordinal - 1, _WEEK)
        turns, balance = self._turns
        return (
            weeks * _WORKING_WEEK + min(rest, _WORKING_WEEK) + balance[bisect_left(turns, ordinal)]
        )

    @cached_property
    def _turns(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the ordinals of days that differ from Monday to Friday, and their running sum."""
        differing = {day.toordinal(): -1 for day in self.free if runs_monday_to_friday(day)}
        differing |= {day.toordinal(): 1 for day in self.worked if not runs_monday_to_friday(day)}
        turns = tuple(sorted(differing))
        return turns, tuple(accumulate((differing[turn] for turn in turns), initial=0))
