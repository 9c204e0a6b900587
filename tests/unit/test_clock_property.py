"""What holds of clocks on any calendar, and a walk minute by minute that knows no arithmetic."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.clock.calendar import OFFICE_HOURS, Window, WorkCalendar
from dispatch.clock.due import (
    Suspension,
    due_at,
    extend,
    pause,
    postpone,
    resume,
    share_at,
    used_s,
)
from dispatch.clock.limit import Limit, Unit
from geodata.clock import LOCAL_ZONE

FIRST = date(2025, 9, 1)
SPAN = 120
MINUTE = timedelta(minutes=1)
STEADY = [unit for unit in Unit if unit is not Unit.WORKING_DAYS]
"""Units of which a later start never gives an earlier due time. Working days keep the clock time:
from a free Saturday 01:00 one is due on Monday 01:00, from Friday 23:00 on Monday 23:00."""
MOST = {Unit.WORKING_DAYS: 12, Unit.WORKING_HOURS: 60, Unit.DAYS: 20, Unit.HOURS: 200}

minutes = st.integers(0, SPAN * 1440).map(
    lambda n: datetime.combine(FIRST, time(), LOCAL_ZONE) + n * MINUTE
)
instants = st.datetimes(datetime(2025, 9, 1), datetime(2025, 12, 31)).map(
    lambda at: at.replace(tzinfo=LOCAL_ZONE)
)
limits = st.sampled_from(list(Unit)).flatmap(
    lambda unit: st.integers(1, MOST.get(unit, 5000)).map(lambda n: Limit(n, unit))
)
suspensions = st.lists(
    st.tuples(minutes, minutes).filter(lambda pair: pair[0] != pair[1]).map(sorted).map(tuple),
    max_size=4,
)


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    """Return a calendar with days turned round, and one to three windows a day."""
    turned = draw(st.sets(st.integers(0, SPAN), max_size=30))
    days = [FIRST + timedelta(days=n) for n in turned]
    cuts = sorted(draw(st.sets(st.integers(0, 1439), min_size=2, max_size=6)))
    times = [time(cut // 60, cut % 60) for cut in cuts]
    windows = tuple(
        Window(opens, closes) for n, (opens, closes) in enumerate(pairwise(times)) if n % 2 == 0
    )
    return WorkCalendar(
        free=frozenset(day for day in days if day.weekday() < 5),
        worked=frozenset(day for day in days if day.weekday() >= 5),
        published=frozenset({2025}),
        hours=draw(st.sampled_from([OFFICE_HOURS, windows])),
    )


def counts(calendar: WorkCalendar, unit: Unit, at: datetime) -> bool:
    """Tell whether the minute that begins now is one that counts."""
    if not unit.working:
        return True
    local = at.astimezone(LOCAL_ZONE)
    if not calendar.is_working(local.date()):
        return False
    return unit is Unit.WORKING_DAYS or any(
        w.opens <= local.time() < w.closes for w in calendar.hours
    )


def walk(calendar: WorkCalendar, unit: Unit, start: datetime, left: int, stops: list[Suspension]):
    """Return when so many minutes that count are over, one after the other."""
    at = start
    while left:
        stopped = any(since <= at < until for since, until in stops)
        if not stopped and counts(calendar, unit, at):
            left -= 1
        at += MINUTE
    return at


@settings(deadline=None, max_examples=60)
@given(calendars(), minutes, st.integers(1, 3000), suspensions)
def test_office_and_elapsed_time_as_a_walk_has_it(
    calendar: WorkCalendar, start: datetime, amount: int, stops: list[Suspension]
):
    stops = [(since, min(until, since + timedelta(days=3))) for since, until in stops]
    assert due_at(calendar, start, Limit(amount, Unit.MINUTES), stops).at == walk(
        calendar, Unit.MINUTES, start, amount, stops
    )
    hours = amount // 100 + 1
    assert due_at(calendar, start, Limit(hours, Unit.WORKING_HOURS), stops).at == walk(
        calendar, Unit.WORKING_HOURS, start, hours * 60, stops
    )


@settings(deadline=None, max_examples=60)
@given(calendars(), minutes, st.integers(1, 6), suspensions)
def test_working_days_as_a_walk_has_it(
    calendar: WorkCalendar, start: datetime, amount: int, stops: list[Suspension]
):
    """Alone by days one after the other; suspended by the minutes of working days that are left."""
    day, found = start.date(), 0
    while found < amount:
        day += timedelta(days=1)
        found += calendar.is_working(day)
    alone = datetime.combine(day, start.time(), LOCAL_ZONE)
    limit = Limit(amount, Unit.WORKING_DAYS)
    assert due_at(calendar, start, limit).at == alone
    stops = [(since, min(until, since + timedelta(days=3))) for since, until in stops]
    left = round(used_s(calendar, Unit.WORKING_DAYS, start, alone) / 60)
    walked = walk(calendar, Unit.WORKING_DAYS, start, left, stops)
    stopped = due_at(calendar, start, limit, stops).at
    assert used_s(calendar, Unit.WORKING_DAYS, walked, stopped) == 0
    assert walked <= stopped
    assert calendar.is_working(stopped.astimezone(LOCAL_ZONE).date()) or stopped in (
        until for _, until in stops
    )


@given(calendars(), instants, limits)
def test_a_clock_stopped_and_started_at_once_is_due_as_before(
    calendar: WorkCalendar, start: datetime, limit: Limit
):
    due = due_at(calendar, start, limit)
    left = pause(calendar, limit.unit, due.at, start)
    assert resume(calendar, limit.unit, left, start) == due
    middle = start + (due.at - start) / 2
    left = pause(calendar, limit.unit, due.at, middle)
    assert resume(calendar, limit.unit, left, middle).at == due.at
    assert left == pytest.approx(used_s(calendar, limit.unit, middle, due.at))


@given(calendars(), instants, st.integers(0, 3_000_000), st.sampled_from(list(Unit)))
def test_what_is_left_survives_going_on(
    calendar: WorkCalendar, at: datetime, left: int, unit: Unit
):
    due = resume(calendar, unit, float(left), at)
    assert due.at >= at
    assert pause(calendar, unit, due.at, at) == left


@given(calendars(), instants, instants, limits)
def test_a_later_start_is_never_due_earlier(
    calendar: WorkCalendar, one: datetime, other: datetime, limit: Limit
):
    if limit.unit in STEADY:
        earlier, later = sorted([one, other])
        assert due_at(calendar, earlier, limit).at <= due_at(calendar, later, limit).at


@given(calendars(), instants, limits, suspensions)
def test_more_time_is_never_due_earlier(
    calendar: WorkCalendar, start: datetime, limit: Limit, stops: list[Suspension]
):
    more = Limit(limit.amount + 1, limit.unit)
    less = due_at(calendar, start, limit, stops).at
    assert less < due_at(calendar, start, more, stops).at
    assert less >= due_at(calendar, start, limit).at


@given(calendars(), instants, limits, suspensions, st.data())
def test_how_suspensions_are_told_does_not_matter(
    calendar: WorkCalendar,
    start: datetime,
    limit: Limit,
    stops: list[Suspension],
    data: st.DataObject,
):
    told = data.draw(st.permutations(stops))
    split = [
        part
        for since, until in told
        for middle in [since + (until - since) * data.draw(st.floats(0.1, 0.9))]
        for part in (
            [(since, middle), (middle, until)] if since < middle < until else [(since, until)]
        )
    ]
    assert due_at(calendar, start, limit, split) == due_at(calendar, start, limit, stops)


@given(calendars(), instants, limits, suspensions)
def test_a_running_system_comes_to_the_same(
    calendar: WorkCalendar, start: datetime, limit: Limit, stops: list[Suspension]
):
    """Stopped and started one by one, as it happens, knowing the due time only."""
    due = due_at(calendar, start, limit).at
    now = start
    for since, until in sorted(stops):
        since = max(since, now)
        if until > since:
            due = postpone(calendar, limit.unit, due, since, until).at
            now = until
    assert due == due_at(calendar, start, limit, stops).at


@given(calendars(), instants, limits, instants, instants)
def test_a_suspension_moves_the_due_time_by_the_time_it_covers(
    calendar: WorkCalendar, start: datetime, limit: Limit, one: datetime, other: datetime
):
    since, until = sorted([one, other])
    alone = due_at(calendar, start, limit).at
    if start <= since < min(alone, until):
        stopped = due_at(calendar, start, limit, [(since, until)]).at
        covered = used_s(calendar, limit.unit, since, until)
        left = used_s(calendar, limit.unit, alone, stopped)
        assert left == pytest.approx(covered, abs=1e-5)


@given(calendars(), instants, limits)
def test_due_times_lie_where_the_clock_runs(calendar: WorkCalendar, start: datetime, limit: Limit):
    due = due_at(calendar, start, limit).at.astimezone(LOCAL_ZONE)
    if limit.unit.working:
        assert calendar.is_working(due.date())
    if limit.unit is Unit.WORKING_HOURS:
        assert any(w.opens < due.time() <= w.closes for w in calendar.hours)
        assert used_s(calendar, limit.unit, start, due) == limit.amount * 3600


@given(calendars(), instants, limits, suspensions, st.floats(0, 1), st.floats(0, 1))
def test_lights_come_in_their_order(
    calendar: WorkCalendar,
    start: datetime,
    limit: Limit,
    stops: list[Suspension],
    one: float,
    other: float,
):
    due = due_at(calendar, start, limit, stops).at
    shares = sorted([one, other])
    first, second = (share_at(calendar, start, due, limit.unit, s, stops) for s in shares)
    assert start <= first <= second
    assert share_at(calendar, start, due, limit.unit, 1.0, stops) == due
    if shares[1] < 0.999:
        assert second <= due


@given(calendars(), instants, limits)
def test_adding_a_limit_is_running_on(calendar: WorkCalendar, start: datetime, limit: Limit):
    due = due_at(calendar, start, limit)
    double = due_at(calendar, start, Limit(2 * limit.amount, limit.unit))
    assert extend(calendar, limit.unit, due.at, limit).at == double.at


@given(calendars(), instants, limits, suspensions)
def test_provisional_where_a_year_is_not_published(
    calendar: WorkCalendar, start: datetime, limit: Limit, stops: list[Suspension]
):
    due = due_at(calendar, start, limit, stops)
    assert due.at.tzinfo is UTC
    reaches_on = due.at.astimezone(LOCAL_ZONE).year > 2025
    assert due.provisional == (limit.unit.working and reaches_on)
