"""Shifts and leave make the plan of a person: weeks worked out by hand, local time UTC+8."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from dispatch.roster.entry import Leave, Shift, Terms
from dispatch.roster.plan import LOOK_AHEAD, Plan, subtract, union
from geodata.clock import LOCAL_ZONE

MONDAY = date(2026, 11, 23)
DAYS = Shift((1, 2, 3, 4, 5), 8 * 60, 10 * 60, MONDAY, id=1)
"""Monday to Friday from 08:00 to 18:00."""
NIGHTS = Shift((5,), 20 * 60, 12 * 60, MONDAY, id=2)
"""Friday from 20:00 to Saturday 08:00."""


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November 2026, or of December by days above 30."""
    return datetime(2026, 11, 1, hour, minute, tzinfo=LOCAL_ZONE) + timedelta(days=day - 1)


def plan(*entries: Shift | Leave | Terms) -> Plan:
    return Plan(
        7,
        1,
        tuple(one for one in entries if isinstance(one, Shift)),
        tuple(one for one in entries if isinstance(one, Leave)),
        tuple(one for one in entries if isinstance(one, Terms)),
    )


def test_a_week_is_expanded_in_local_time() -> None:
    spans = list(DAYS.spans(MONDAY, MONDAY + timedelta(days=6)))
    assert len(spans) == 5
    assert spans[0] == (local(23, 8), local(23, 18))
    assert spans[0][0].astimezone(UTC) == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)


def test_a_pattern_ends_and_a_day_falls_out() -> None:
    cut = Shift((1, 2, 3), 480, 60, MONDAY, date(2026, 12, 1), (date(2026, 11, 24),))
    days = [start.date().day for start, _ in cut.spans(date(2026, 11, 1), date(2026, 12, 31))]
    assert days == [23, 25, 30, 1]


def test_a_night_belongs_to_the_day_it_begins_on() -> None:
    night = plan(NIGHTS)
    assert night.duty_at(local(27, 23)) == "on_duty"
    assert night.duty_at(local(28, 7, 59)) == "on_duty"
    assert night.duty_at(local(28, 8)) == "off_duty"
    assert night.on_spans(local(28, 0), local(29, 0)) == [(local(28, 0), local(28, 8))]


def test_leave_goes_before_a_shift_and_who_left_is_off() -> None:
    away = Leave(local(24, 12), local(26, 0))
    with_leave = plan(DAYS, away)
    assert with_leave.duty_at(local(24, 11, 59)) == "on_duty"
    assert with_leave.duty_at(local(24, 12)) == "on_leave"
    assert with_leave.duty_at(local(25, 3)) == "on_leave"
    assert with_leave.duty_at(local(26, 0)) == "off_duty"
    assert plan(DAYS, Leave(local(24, 12), None, "left")).duty_at(local(25, 9)) == "off_duty"
    assert with_leave.on_spans(local(24, 0), local(27, 0)) == [
        (local(24, 8), local(24, 12)),
        (local(26, 8), local(26, 18)),
    ]


def test_who_has_no_shifts_works_by_appointment() -> None:
    judge = plan(Leave(local(24, 0), local(25, 0)))
    assert judge.duty_at(local(23, 3)) == "on_duty"
    assert judge.duty_at(local(24, 3)) == "on_leave"
    assert judge.next_turn(local(23, 3)) == local(24, 0)
    assert judge.next_turn(local(24, 0)) == local(25, 0)
    assert judge.next_turn(local(25, 0)) is None


def test_the_next_turn_is_where_the_duty_changes_and_not_inside_a_leave() -> None:
    one = plan(DAYS)
    assert one.next_turn(local(23, 7)) == local(23, 8)
    assert one.next_turn(local(23, 8)) == local(23, 18)
    assert one.next_turn(local(27, 18)) == local(30, 8), "over the weekend"
    week_off = plan(DAYS, Leave(local(24, 0), local(28, 0)))
    assert week_off.next_turn(local(24, 0)) == local(28, 0)
    back_to_back = plan(DAYS, Shift((1,), 18 * 60, 120, MONDAY, id=3))
    assert back_to_back.next_turn(local(23, 8)) == local(23, 20)


def test_a_long_leave_is_looked_over_and_a_far_one_is_looked_for_again() -> None:
    month = plan(DAYS, Leave(local(24, 0), local(24 + 40, 0)))
    # 3 January 2027 is a Sunday: on leave until midnight, then off duty.
    assert month.next_turn(local(24, 0)) == local(64, 0)
    year = plan(DAYS, Leave(local(24, 0), local(24 + 200, 0)))
    assert year.next_turn(local(24, 0)) == local(24, 0) + LOOK_AHEAD
    for_good = plan(DAYS, Leave(local(24, 0), None, "left"))
    assert for_good.next_turn(local(24, 0)) == local(24, 0) + LOOK_AHEAD
    standby = plan(Shift((1, 2, 3, 4, 5, 6, 7), 0, 1440, MONDAY, id=4))
    assert standby.next_turn(local(24, 0)) == local(24, 0) + LOOK_AHEAD
    ended = plan(Shift((1,), 480, 60, MONDAY, MONDAY, id=9))
    assert ended.next_turn(local(23, 9)) is None


def test_terms_hold_until_the_next() -> None:
    first = Terms(None, 3, (), "ebike", ("210211001001001",), 1)
    later = Terms(local(25, 0), 1, (), "ebike", ("210211001001001",), 2)
    one = plan(DAYS, first, later)
    before, after = one.terms_at(local(24, 23)), one.terms_at(local(25, 0))
    assert (before, after) == (first, later)
    assert one.next_turn(local(24, 20)) == local(25, 0)


def test_spans_are_joined_and_cut() -> None:
    a, b, c, d = (local(23, hour) for hour in (1, 2, 3, 4))
    assert union([(c, d), (a, b), (b, c)]) == [(a, d)]
    assert subtract([(a, d)], [(b, c)]) == [(a, b), (c, d)]
    assert subtract([(a, b)], [(a, d)]) == []
