"""Due times: a limit counted from a start, stopped by suspensions, added to by extensions.

Pure functions over values. Moments come in aware and go out in UTC. The definition, worked by hand,
is in docs/algorithms/work-calendar.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dispatch.clock.calendar import FIRST_YEAR, LAST_YEAR, WorkCalendar
from dispatch.clock.limit import Limit, Unit
from dispatch.clock.line import MICROSECOND, join, line_of, split
from geodata.clock import local_day
from geodata.errors import InvalidInput

Suspension = tuple[datetime, datetime]
"""When the clock stopped and when it went on: [from, to)."""
SECOND_US = timedelta(seconds=1) // MICROSECOND
_ELAPSED = {Unit.HOURS: timedelta(hours=1), Unit.MINUTES: timedelta(minutes=1)}


@dataclass(frozen=True)
class Due:
    """A due time; provisional where it rests on a year whose calendar is not published."""

    at: datetime
    provisional: bool


def due_at(
    calendar: WorkCalendar, start: datetime, limit: Limit, suspensions: Sequence[Suspension] = ()
) -> Due:
    """Return when a limit that runs from ``start`` is used up.

    Parameters
    ----------
    suspensions
        In any order; they may overlap, touch, begin before the start, or end before it. One that
        begins at or after the due time has no effect.

    Raises
    ------
    InvalidInput
        ``start``, ``suspensions.<n>``: without an offset, out of the calendar's years, or
        ending before it begins.
    """
    _check(start, "start")
    stops = merge(start, suspensions)
    first = _first_due(calendar, start, limit)
    return _due(calendar, limit.unit, start, _postponed(calendar, limit.unit, first, stops))


def _first_due(calendar: WorkCalendar, start: datetime, limit: Limit) -> datetime:
    """Return when a limit is used up that nothing suspends."""
    day, of_day = split(start)
    if limit.unit is Unit.WORKING_DAYS:
        following = calendar.count_before(day + timedelta(days=1))
        return join(calendar.nth_day(following + limit.amount - 1), of_day)
    if limit.unit is Unit.WORKING_HOURS:
        return resume(calendar, limit.unit, limit.amount * 3600.0, start).at
    if limit.unit is Unit.DAYS:
        return join(day + timedelta(days=limit.amount), of_day)
    return start.astimezone(UTC) + limit.amount * _ELAPSED[limit.unit]


def pause(calendar: WorkCalendar, unit: Unit, due_at: datetime, at: datetime) -> float:
    """Return what is left at a moment, in seconds on the unit's time line; 0 when late.

    A clock that is late stays so: its due time does not move, and must not be given to
    :func:`resume`, which knows no due time. :func:`postpone` looks after that.
    """
    return used_s(calendar, unit, at, due_at)


def resume(calendar: WorkCalendar, unit: Unit, left: float, at: datetime) -> Due:
    """Return when a clock is due that goes on at a moment with ``left`` seconds to run.

    Along the unit's time line: on a working day that is the same clock time ``left`` days later.
    On a free day working days begin with the next one's midnight, so that a suspension moves the
    due time by the working time it covers and by no other.
    """
    line = line_of(calendar, unit)
    until = line.moment(line.position(at) + round(left * SECOND_US))
    return _due(calendar, unit, at, max(at, until).astimezone(UTC))


def postpone(
    calendar: WorkCalendar, unit: Unit, due_at: datetime, since: datetime, until: datetime
) -> Due:
    """Return the due time after a suspension of a running clock: never an earlier one.

    One that begins at or after the due time has no effect.
    """
    moved = _postponed(calendar, unit, due_at.astimezone(UTC), [(since, until)])
    return _due(calendar, unit, since, moved)


def extend(calendar: WorkCalendar, unit: Unit, due_at: datetime, limit: Limit) -> Due:
    """Return a due time with a limit added to it, counted from it, in the limit's own unit.

    Parameters
    ----------
    unit
        What the clock has counted so far: a due time in working days stays provisional when hours
        are added to it.
    """
    counted = _first_due(calendar, due_at, limit)
    working = unit if unit.working else limit.unit
    return _due(calendar, working, due_at, counted)


def share_at(
    calendar: WorkCalendar,
    start: datetime,
    due_at: datetime,
    unit: Unit,
    share: float,
    suspensions: Sequence[Suspension] = (),
) -> datetime:
    """Return the moment at which a share of the allowed time is used: 0.8 for the yellow light.

    Parameters
    ----------
    due_at
        Present due time, what was suspended included.
    suspensions
        What was suspended between start and due time; that time is neither allowed nor used.
    """
    stops = [(since, min(until, due_at)) for since, until in merge(start, suspensions)]
    stops = [(since, until) for since, until in stops if since < until]
    stood_s = sum(used_s(calendar, unit, since, until) for since, until in stops)
    allowed_s = used_s(calendar, unit, start, due_at) - stood_s
    running = resume(calendar, unit, share * allowed_s, start).at
    return _postponed(calendar, unit, running, stops)


def used_s(calendar: WorkCalendar, unit: Unit, since: datetime, until: datetime) -> float:
    """Return the time that counts from one moment to another, in seconds; 0 if there is none."""
    line = line_of(calendar, unit)
    return max(0, line.position(until) - line.position(since)) / SECOND_US


def merge(start: datetime, suspensions: Iterable[Suspension]) -> list[Suspension]:
    """Return suspensions after a start in order, those that overlap or touch as one.

    Raises
    ------
    InvalidInput
        ``suspensions.<n>``: counted from 0.
    """
    merged: list[Suspension] = []
    for since, until in sorted(_checked(suspensions)):
        if until <= start:
            continue
        if merged and since <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until))
        else:
            merged.append((max(since, start), until))
    return merged


def _checked(suspensions: Iterable[Suspension]) -> list[Suspension]:
    found = list(suspensions)
    for number, (since, until) in enumerate(found):
        field = f"suspensions.{number}"
        _check(since, field)
        _check(until, field)
        if since >= until:
            raise InvalidInput("A suspension must end after it begins", field=field)
    return found


def _check(at: datetime, field: str) -> None:
    if at.tzinfo is None:
        raise InvalidInput(f"{field} must carry its offset", field=field)
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise InvalidInput(f"{field} must be from {FIRST_YEAR} to {LAST_YEAR}", field=field)


def _postponed(
    calendar: WorkCalendar, unit: Unit, due_at: datetime, stops: Iterable[Suspension]
) -> datetime:
    """Return a due time moved by suspensions that are in order and apart."""
    for since, until in stops:
        if since >= due_at:
            break
        left_s = pause(calendar, unit, due_at, since)
        due_at = max(due_at, resume(calendar, unit, left_s, until).at)
    return due_at


def _due(calendar: WorkCalendar, unit: Unit, since: datetime, at: datetime) -> Due:
    """Return a due time with whether it is certain: holidays are nothing to elapsed time."""
    days = local_day(min(since, at)), local_day(at)
    return Due(at, unit.working and not calendar.is_known(*days))
