"""Clocks of a case by hand: what runs, stands still, is late, and at which level."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from dispatch.clock.limit import Limit, Unit
from dispatch.clock.running import (
    Running,
    Wanted,
    adjust,
    after_mark,
    go_on,
    hold,
    lateness_s,
    lights,
    prolong,
    start,
    stop,
)
from dispatch.clock.store import shipped_calendar
from geodata.clock import LOCAL_ZONE

CALENDAR = shipped_calendar()
HERE, UP = "210211001001", "210211001"
LIMITS = {
    "dispatch": Limit(20, Unit.MINUTES),
    "acknowledge": Limit(1, Unit.HOURS),
    "handle": Limit(4, Unit.WORKING_HOURS),
    "settle": Limit(2, Unit.WORKING_DAYS),
}
PENDING = Wanted("dispatch", settle=True, paused=False, end=False, holder_code=HERE)
ASSIGNED = Wanted("acknowledge", settle=True, paused=False, end=False, holder_code=HERE)
HANDLING = Wanted("handle", settle=True, paused=False, end=False, holder_code=HERE)
SUSPENDED = Wanted(None, settle=False, paused=True, end=False, holder_code=HERE)
HANDLED = Wanted("verify", settle=False, paused=False, end=False, holder_code=HERE)
ENDED = Wanted(None, settle=False, paused=False, end=True, holder_code=HERE)


def at(text: str) -> datetime:
    """Return a moment of September or October 2026: day hour:minute, local."""
    return datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}").replace(tzinfo=LOCAL_ZONE)


def turn(clocks: Sequence[Running], wanted: Wanted, when: str) -> list[Running]:
    """Let a case come to be as wanted; return its clocks, numbered as the database would."""
    alive = [clock for clock in clocks if clock.stopped_at is None]
    after = adjust(CALENDAR, alive, wanted, LIMITS.get, at(when))
    return [
        clock if clock.id is not None else Running(**{**vars(clock), "id": 100 + n})
        for n, clock in enumerate(after)
    ]


def by_step(clocks: Sequence[Running]) -> dict[str, Running]:
    return {clock.step: clock for clock in clocks if clock.stopped_at is None}


def test_a_clock_turns_yellow_at_four_fifths_and_red_when_due():
    clock = start(CALENDAR, "dispatch", HERE, LIMITS["dispatch"], at("09-21 09:00"))
    assert (clock.yellow_at, clock.due_at) == (at("09-21 09:16"), at("09-21 09:20"))
    assert (clock.next_at, clock.next_mark) == (at("09-21 09:16"), "yellow")
    told = after_mark(clock)
    assert (told.next_at, told.next_mark) == (at("09-21 09:20"), "red")
    assert after_mark(told).next_mark is None


def test_each_step_has_a_clock_and_the_whole_matter_one_more():
    clocks = turn([], PENDING, "09-21 09:00")
    assert set(by_step(clocks)) == {"dispatch", "settle"}
    assert lights(clocks) == (at("09-21 09:16"), at("09-21 09:20"))
    clocks = turn(clocks, ASSIGNED, "09-21 09:30")
    stopped = next(clock for clock in clocks if clock.step == "dispatch")
    assert (stopped.stopped_at, stopped.late_s) == (at("09-21 09:30"), 600.0)
    assert by_step(clocks)["settle"].due_at == at("09-23 09:00")
    assert by_step(clocks)["acknowledge"].due_at == at("09-21 10:30")


def test_another_level_starts_the_step_anew_and_the_first_keeps_its_lateness():
    clocks = turn([], PENDING, "09-21 09:00")
    up = Wanted("dispatch", settle=True, paused=False, end=False, holder_code=UP)
    clocks = turn(clocks, up, "09-21 09:25")
    runs = [clock for clock in clocks if clock.step == "dispatch"]
    assert [(run.holder_code, run.late_s) for run in runs] == [(HERE, 300.0), (UP, 0.0)]
    assert runs[1].due_at == at("09-21 09:45")
    assert by_step(clocks)["settle"].started_at == at("09-21 09:00")
    matter = [clock for clock in clocks if clock.step == "settle"]
    assert [(run.holder_code, run.due_at) for run in matter] == [
        (HERE, at("09-23 09:00")), (UP, at("09-23 09:00")),
    ]  # fmt: skip
    ended = [c for c in turn(clocks, ENDED, "09-24 09:00") if c.step == "settle"]
    assert [(run.holder_code, run.late_s) for run in ended] == [(UP, 86_400.0)]


def test_a_suspension_over_the_holiday_takes_nothing():
    """Tue 29 Sep 15:00 + 4 office hours: 2.5 h that day, 1.5 h on Wednesday: 10:00."""
    clocks = turn([], HANDLING, "09-29 15:00")
    assert by_step(clocks)["handle"].due_at == at("09-30 10:00")
    clocks = turn(clocks, SUSPENDED, "09-29 16:30")
    assert all(clock.paused_at == at("09-29 16:30") for clock in clocks)
    assert lights(clocks) == (None, None)
    clocks = turn(clocks, HANDLING, "10-08 09:00")
    handle, settle = by_step(clocks)["handle"], by_step(clocks)["settle"]
    assert handle.due_at == at("10-08 11:30"), "1.5 h used, 2.5 h left from 09:00"
    assert handle.first_due_at == at("09-30 10:00")
    assert (handle.late_s, settle.late_s) == (0.0, 0.0)


def test_feedback_stops_the_clock_of_the_matter_and_a_rejection_sets_it_going():
    clocks = turn(turn([], HANDLING, "09-21 09:00"), HANDLED, "09-21 10:00")
    assert set(by_step(clocks)) == {"settle"}, "there is no limit for verify here"
    assert by_step(clocks)["settle"].paused_at == at("09-21 10:00")
    clocks = turn(clocks, PENDING, "09-21 12:00")
    assert by_step(clocks)["settle"].due_at == at("09-23 11:00"), "two hours later than before"
    assert all(c.stopped_at for c in turn(clocks, ENDED, "09-21 12:30"))


def test_late_time_is_counted_once_and_not_while_it_stands_still():
    clock = start(CALENDAR, "dispatch", HERE, LIMITS["dispatch"], at("09-21 09:00"))
    held = hold(clock, at("09-21 09:30"))
    assert held.late_s == 600.0
    assert lateness_s(held, at("09-21 11:00")) == 600.0
    going = go_on(CALENDAR, held, at("09-21 11:00"))
    assert going.due_at == clock.due_at, "who is late stays late"
    assert lateness_s(going, at("09-21 11:05")) == 900.0
    assert stop(going, at("09-21 11:10")).late_s == 1200.0


def test_a_mark_nobody_told_before_the_pause_is_told_after_it():
    clock = start(CALENDAR, "dispatch", HERE, LIMITS["dispatch"], at("09-21 09:00"))
    going = go_on(CALENDAR, hold(clock, at("09-21 09:18")), at("09-21 10:00"))
    assert (going.next_at, going.next_mark) == (at("09-21 09:16"), "yellow")
    assert going.due_at == at("09-21 10:02")


def test_an_extension_keeps_the_first_due_time_and_lights_anew():
    clock = start(CALENDAR, "handle", HERE, LIMITS["handle"], at("09-21 08:30"))
    late = after_mark(after_mark(clock))
    longer = prolong(CALENDAR, late, Limit(1, Unit.WORKING_DAYS), at("09-21 15:00"))
    assert (clock.due_at, longer.due_at) == (at("09-21 14:30"), at("09-22 14:30"))
    assert longer.first_due_at == clock.due_at
    assert longer.next_mark == "yellow"
    assert longer.late_s == 1800.0, "half an hour late before it was granted"
    assert lateness_s(longer, at("09-22 14:00")) == 1800.0


def test_a_suspension_with_an_end_has_a_clock_of_its_own():
    until = Wanted(None, settle=False, paused=True, end=False, holder_code=HERE,
                   until=at("10-08 08:30"))  # fmt: skip
    clocks = turn(turn([], HANDLING, "09-29 15:00"), until, "09-29 16:00")
    waiting = by_step(clocks)["suspension"]
    assert (waiting.next_at, waiting.next_mark) == (at("10-08 08:30"), "resume")
    resumed = turn(clocks, HANDLING, "10-08 08:31")
    assert "suspension" not in by_step(resumed)
    assert next(c for c in resumed if c.step == "suspension").late_s == 0.0


@pytest.mark.parametrize("minutes", [1, 15, 200, 5000])
def test_times_held_by_the_levels_add_up(minutes: int):
    """Late time of two levels is what is late between the due times and the ends, once."""
    clocks = turn([], PENDING, "09-21 09:00")
    up = Wanted("dispatch", settle=True, paused=False, end=False, holder_code=UP)
    moved = at("09-21 09:25") + timedelta(minutes=minutes)
    after = adjust(CALENDAR, clocks, up, LIMITS.get, moved)
    first = next(clock for clock in after if clock.holder_code == HERE and clock.step == "dispatch")
    assert first.late_s == 300.0 + 60.0 * minutes


def test_an_extension_while_it_stands_still_takes_the_old_mark_away():
    clock = start(CALENDAR, "dispatch", HERE, LIMITS["dispatch"], at("09-21 09:00"))
    held = hold(after_mark(clock), at("09-21 09:21"))  # red at 09:20, told by nobody yet
    going = go_on(
        CALENDAR, prolong(CALENDAR, held, Limit(5, Unit.DAYS), at("09-21 09:22")), at("09-21 09:23")
    )
    assert going.next_at is not None
    assert going.next_at > at("09-24 09:00")
