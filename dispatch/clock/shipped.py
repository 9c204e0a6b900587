"""The calendar that ships: holidays and make-up days as the State Council's notices have them.

Source: PyPI ``chinesecalendar``, which is renewed each November when the notice for the next year
is out; a test holds its years 2025 and 2026 to the notices themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.metadata import version

from chinese_calendar import Holiday, holidays, workdays

from dispatch.clock.calendar import WorkCalendar, runs_monday_to_friday

LIBRARY = "chinesecalendar"
DISTRICT = "district"
"""Source of what the district has set itself."""


@dataclass(frozen=True)
class WorkDay:
    """A day of which somebody said whether it is worked.

    Parameters
    ----------
    name
        ``国庆节`` for a holiday, ``国庆节调休`` for a day worked to make up for it; may be empty.
    source
        :data:`LIBRARY` or :data:`DISTRICT`.
    """

    day: date
    working: bool
    name: str
    source: str

    @property
    def differs(self) -> bool:
        """Whether the day is not what Monday to Friday would make of it."""
        return self.working != runs_monday_to_friday(self.day)


@cache
def shipped_days() -> tuple[WorkDay, ...]:
    """Return the days that differ from Monday to Friday, in order."""
    chinese = {holiday.value: holiday.chinese for holiday in Holiday}
    free = (WorkDay(day, False, chinese[name], LIBRARY) for day, name in holidays.items())
    worked = (WorkDay(day, True, f"{chinese[name]}调休", LIBRARY) for day, name in workdays.items())
    days = {one.day: one for one in free}
    days.update((one.day, one) for one in worked)  # in the library too working days go first
    return tuple(sorted((one for one in days.values() if one.differs), key=lambda one: one.day))


@cache
def shipped_years() -> range:
    """Return the years the library knows."""
    return range(min(holidays).year, max(holidays).year + 1)


@cache
def shipped_from() -> str:
    """Return the name and version of what the calendar ships from."""
    return f"{LIBRARY} {version(LIBRARY)}"


@cache
def shipped_calendar() -> WorkCalendar:
    """Return the calendar without a district's edits, with the usual office hours."""
    return WorkCalendar(
        free=frozenset(one.day for one in shipped_days() if not one.working),
        worked=frozenset(one.day for one in shipped_days() if one.working),
        published=frozenset(shipped_years()),
    )
