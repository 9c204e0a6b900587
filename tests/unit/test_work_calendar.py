"""The calendar as a value, and the one that ships against the State Council's notices."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from dispatch.clock.calendar import OFFICE_HOURS, Window, WorkCalendar, check_hours
from dispatch.clock.shipped import shipped_calendar, shipped_days, shipped_from, shipped_years
from geodata.errors import InvalidInput
from tests.notice import HOLIDAYS, NOTICED, free_days, worked_days

DAYS = [date(2025, 1, 1) + timedelta(days=n) for n in range(730)]


def test_the_library_agrees_with_the_notices_on_every_day():
    shipped = shipped_calendar()
    assert [shipped.is_working(day) for day in DAYS] == [NOTICED.is_working(day) for day in DAYS]
    assert shipped.is_published(2025)
    assert shipped.is_published(2026)
    assert not shipped.is_published(2027)
    assert shipped_years() == range(2004, 2027)
    assert shipped_from() == "chinesecalendar 1.11.0"


def test_the_notices_are_typed_as_the_weekdays_in_them_say():
    # 261 weekdays a year; 18 of them free in 2025, 19 in 2026; 5 and 6 days worked to make up
    assert sum(day.weekday() < 5 for day in free_days() if day.year == 2025) == 18
    assert sum(day.weekday() < 5 for day in free_days() if day.year == 2026) == 19
    assert all(day.weekday() >= 5 for day in worked_days())
    for year in HOLIDAYS:
        assert sum(NOTICED.is_working(day) for day in DAYS if day.year == year) == 248


def test_days_that_ship_are_named():
    named = {one.day: one.name for one in shipped_days()}
    assert named[date(2026, 10, 1)] == "国庆节"
    assert named[date(2026, 10, 10)] == "国庆节调休"
    assert named[date(2025, 10, 6)] == "中秋"
    assert date(2025, 10, 4) not in named  # a Saturday anyhow
    assert all(one.differs and one.source == "chinesecalendar" for one in shipped_days())


def test_counting_and_finding_days_undo_each_other():
    counted = NOTICED.count_before(DAYS[0])
    for day in DAYS:
        assert NOTICED.count_before(day) == counted
        if NOTICED.is_working(day):
            assert NOTICED.nth_day(counted) == day
            counted += 1


def test_an_unpublished_year_is_monday_to_friday():
    assert NOTICED.is_working(date(2027, 1, 1))  # a Friday
    assert not NOTICED.is_working(date(2027, 1, 2))
    assert not NOTICED.is_known(date(2026, 12, 31), date(2027, 1, 1))
    assert NOTICED.is_known(date(2025, 1, 1), date(2026, 12, 31))
    assert not NOTICED.is_known(date(2024, 12, 31), date(2025, 1, 1))


def test_days_set_in_an_unpublished_year_count():
    known = WorkCalendar(frozenset({date(2027, 1, 1)}), frozenset(), frozenset())
    assert not known.is_working(date(2027, 1, 1))


def test_a_calendar_is_a_value():
    again = WorkCalendar(free_days(), worked_days(), frozenset(HOLIDAYS))
    assert again == NOTICED
    assert hash(again) == hash(NOTICED)
    with pytest.raises(ValueError, match="at once"):
        WorkCalendar(free_days(), free_days(), frozenset())
    with pytest.raises(ValueError, match="order"):
        WorkCalendar(free_days(), worked_days(), frozenset(), OFFICE_HOURS[::-1])


def test_hours_are_put_in_order_and_may_touch():
    morning, noon = Window(time(8), time(12)), Window(time(12), time(13))
    assert check_hours([noon, morning]) == (morning, noon)


@pytest.mark.parametrize(
    "hours",
    [
        [],
        [Window(time(8), time(12)), Window(time(11, 59), time(13))],
        [Window(time(8), time(12)), Window(time(8), time(12))],
        [Window(time(n), time(n, 30)) for n in range(7)],
    ],
)
def test_hours_that_cannot_be_are_refused(hours: list[Window]):
    with pytest.raises(InvalidInput) as refused:
        check_hours(hours)
    assert refused.value.field == "hours"


def test_a_window_closes_after_it_opens():
    for closes in (time(8), time(7)):
        with pytest.raises(InvalidInput) as refused:
            Window(time(8), closes)
        assert refused.value.field == "closes"
