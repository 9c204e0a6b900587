"""Deadlines worked by hand from the notices of 2025 and 2026 (tests/notice.py), not by the code.

Offices are open 08:30–11:30 and 13:30–17:30, seven hours a day. WD: working days, WH: working
hours, each with the days or hours it counts in brackets. The days round the holidays:

2025  24 Fri | 25 Sat free | 26 Sun WORKED | 27 Mon | 28 Jan–4 Feb free | 5 Wed 6 7 | 8 Sat WORKED
      3 Apr Thu | 4–6 free | 7 Mon ... 25 Fri | 26 free | 27 Sun WORKED | 28 29 30 | 1–5 May free
      30 May Fri | 31 May–2 Jun free | 3 Jun Tue
      26 Sep Fri | 27 free | 28 Sun WORKED | 29 30 | 1–8 Oct free | 9 Thu 10 | 11 Sat WORKED
2026  31 Dec Wed | 1–3 Jan free | 4 Sun WORKED | 5 Mon
      13 Feb Fri | 14 Sat WORKED | 15–23 free | 24 Tue 25 26 27 | 28 Sat WORKED | 1 Mar free
      3 Apr Fri | 4–6 free | 7 Tue ... 30 Apr Thu | 1–5 May free | 6 7 8 | 9 Sat WORKED | 10 free
      18 Jun Thu | 19–21 free | 22 Mon
      18 Sep Fri | 19 free | 20 Sun WORKED | 21–24 | 25–27 free | 28 29 30 | 1–7 Oct free
      8 Thu 9 | 10 Sat WORKED | 11 free ... 31 Dec Thu; 2027 is not published: 1 Jan is a Friday
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dispatch.clock.due import (
    Due,
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
from geodata.errors import InvalidInput
from tests.notice import NOTICED

WD, WH = Unit.WORKING_DAYS, Unit.WORKING_HOURS
DAYS, HOURS, MINUTES = Unit.DAYS, Unit.HOURS, Unit.MINUTES
FINAL, PROVISIONAL = False, True
H = 3600.0


def local(text: str) -> datetime:
    """Return a moment written as local time, or with its offset."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL_ZONE)


def stops(*pairs: tuple[str, str]) -> list[Suspension]:
    return [(local(since), local(until)) for since, until in pairs]


STRAIGHT = [
    # --- working days: the same clock time on the Nth next working day ---
    # Sat 25 is free, Sun 26 is worked (1)
    ("2025-01-24T10:00", 1, WD, "2025-01-26T10:00", FINAL),
    # Sun 26 (1), Mon 27 (2), Spring Festival, Wed 5 Feb (3)
    ("2025-01-24T16:00", 3, WD, "2025-02-05T16:00", FINAL),
    # from within Spring Festival: Wed 5 Feb is the first working day after it (1)
    ("2025-01-29T09:00", 1, WD, "2025-02-05T09:00", FINAL),
    # late at night; 5, 6, 7 Feb (3), Sat 8 is worked (4)
    ("2025-01-27T23:30", 4, WD, "2025-02-08T23:30", FINAL),
    # Sat 8 (1), Sun 9 is free, Mon 10 (2)
    ("2025-02-07T14:00", 2, WD, "2025-02-10T14:00", FINAL),
    # from a make-up Saturday: Sun is free, Mon 10 (1)
    ("2025-02-08T10:00", 1, WD, "2025-02-10T10:00", FINAL),
    # Qingming, Fri 4 to Sun 6 April; Mon 7 (1)
    ("2025-04-03T17:00", 1, WD, "2025-04-07T17:00", FINAL),
    # from a free Saturday before a make-up Sunday (1)
    ("2025-04-26T08:00", 1, WD, "2025-04-27T08:00", FINAL),
    # Labour Day 1–5 May; Tue 6 (1), Wed 7 (2)
    ("2025-04-30T09:30", 2, WD, "2025-05-07T09:30", FINAL),
    # Dragon Boat 31 May–2 June; Tue 3 (1)
    ("2025-05-30T11:00", 1, WD, "2025-06-03T11:00", FINAL),
    # Sun 28 (1), 29 (2), 30 (3), National Day, Thu 9 (4), Fri 10 (5)
    ("2025-09-26T15:00", 5, WD, "2025-10-10T15:00", FINAL),
    # Thu 9 (1), Fri 10 (2), Sat 11 worked (3)
    ("2025-09-30T17:00", 3, WD, "2025-10-11T17:00", FINAL),
    # from within National Day: 9 (1), 10 (2), 11 (3), Sun 12 free, Mon 13 (4)
    ("2025-10-05T12:00", 4, WD, "2025-10-13T12:00", FINAL),
    # the same moment as Oct 1, 00:30 here, a holiday: Thu 9 (1)
    ("2025-09-30T16:30+00:00", 1, WD, "2025-10-09T00:30", FINAL),
    # New Year 1–3 January 2026; Sun 4 is worked (1)
    ("2025-12-31T09:00", 1, WD, "2026-01-04T09:00", FINAL),
    # Sat 14 worked (1), Spring Festival 15–23, Tue 24 (2)
    ("2026-02-13T10:00", 2, WD, "2026-02-24T10:00", FINAL),
    # 13 (1), Sat 14 (2), 24 (3), 25 (4), 26 (5), 27 (6), Sat 28 (7)
    ("2026-02-12T10:00", 7, WD, "2026-02-28T10:00", FINAL),
    # midnight within Spring Festival: Tue 24 (1)
    ("2026-02-20T00:00", 1, WD, "2026-02-24T00:00", FINAL),
    # Qingming, Sat 4 to Mon 6 April; Tue 7 (1)
    ("2026-04-03T08:30", 1, WD, "2026-04-07T08:30", FINAL),
    # in the evening before a make-up Saturday (1)
    ("2026-05-08T18:00", 1, WD, "2026-05-09T18:00", FINAL),
    # Dragon Boat, Fri 19 to Sun 21 June; Mon 22 (1), Tue 23 (2)
    ("2026-06-18T09:00", 2, WD, "2026-06-23T09:00", FINAL),
    # Sun 20 (1), 21–24 (5), Mid-Autumn 25–27, 28 (6), 29 (7), 30 (8), 8 Oct (9), 9 (10)
    ("2026-09-18T13:00", 10, WD, "2026-10-09T13:00", FINAL),
    # across both holidays: 28, 29, 30 September (3), 8 and 9 October (5)
    ("2026-09-24T10:00", 5, WD, "2026-10-09T10:00", FINAL),
    # Thu 31 December (1): the last day that is known
    ("2026-12-30T10:00", 1, WD, "2026-12-31T10:00", FINAL),
    # nothing is published for 2027, so Fri 1 January counts (1)
    ("2026-12-31T10:00", 1, WD, "2027-01-01T10:00", PROVISIONAL),
    # Fri 1 (1), Mon 4 (2), Tue 5 (3), Wed 6 (4)
    ("2026-12-31T10:00", 4, WD, "2027-01-06T10:00", PROVISIONAL),
    # --- working hours: seven on each working day ---
    # 3 h to 11:30, 4 h to 17:30: used up at closing time
    ("2025-09-30T08:30", 7, WH, "2025-09-30T17:30", FINAL),
    # 1 h to closing, 1 h from 08:30 of Thu 9 October
    ("2025-09-30T16:30", 2, WH, "2025-10-09T09:30", FINAL),
    # at night: begins on 9 October at 08:30; 3 h are the morning
    ("2025-09-30T20:00", 3, WH, "2025-10-09T11:30", FINAL),
    # at lunch: begins at 13:30; 4 h are the afternoon
    ("2025-09-29T12:15", 4, WH, "2025-09-29T17:30", FINAL),
    # at lunch: 4 h to closing, 1 h from 08:30 of the 30th
    ("2025-09-29T12:15", 5, WH, "2025-09-30T09:30", FINAL),
    # on a holiday: 9 (7), 10 (14), Sat 11 (21)
    ("2025-10-03T10:00", 21, WH, "2025-10-11T17:30", FINAL),
    # 30 min of the make-up Saturday, 30 min of Mon 13
    ("2025-10-11T17:00", 1, WH, "2025-10-13T09:00", FINAL),
    # 2.5 h of the make-up Sunday, 7 h of Mon 27 (9.5), 0.5 h of 5 February
    ("2025-01-26T15:00", 10, WH, "2025-02-05T09:00", FINAL),
    # 0.5 h to lunch, 1.5 h from 13:30
    ("2025-02-08T11:00", 2, WH, "2025-02-08T15:00", FINAL),
    # on a free Saturday at night: the make-up Sunday's first hour
    ("2025-04-26T22:00", 1, WH, "2025-04-27T09:30", FINAL),
    # 1 h 20 to lunch, 4 h to closing (5 h 20), 40 min of Tue 24
    ("2026-02-14T10:10", 6, WH, "2026-02-24T09:10", FINAL),
    # at closing time: all of the make-up Saturday
    ("2026-02-27T17:30", 7, WH, "2026-02-28T17:30", FINAL),
    # early on a make-up Saturday (7), Sun free, 1 h of Mon 11
    ("2026-05-09T06:00", 8, WH, "2026-05-11T09:30", FINAL),
    # as lunch begins: 1 h from 13:30
    ("2026-10-10T11:30", 1, WH, "2026-10-10T14:30", FINAL),
    # all of the last known day, and not a minute of 2027
    ("2026-12-31T08:30", 7, WH, "2026-12-31T17:30", FINAL),
    # 1.5 h to closing, 0.5 h of Fri 1 January, if that is one
    ("2026-12-31T16:00", 2, WH, "2027-01-01T09:00", PROVISIONAL),
    # --- calendar time: holidays are nothing to it, and so is an unpublished calendar ---
    ("2025-09-28T10:00", 7, DAYS, "2025-10-05T10:00", FINAL),
    # 14 days to 28 February, 16 more
    ("2026-02-14T17:00", 30, DAYS, "2026-03-16T17:00", FINAL),
    ("2026-12-31T09:00", 3, DAYS, "2027-01-03T09:00", FINAL),
    ("2025-01-28T22:00", 24, HOURS, "2025-01-29T22:00", FINAL),
    ("2026-12-31T20:00", 10, HOURS, "2027-01-01T06:00", FINAL),
    ("2025-09-30T23:50", 30, MINUTES, "2025-10-01T00:20", FINAL),
]


@pytest.mark.parametrize(("start", "amount", "unit", "due", "provisional"), STRAIGHT)
def test_a_limit_is_due(start: str, amount: int, unit: Unit, due: str, provisional: bool):
    found = due_at(NOTICED, local(start), Limit(amount, unit))
    assert found == Due(local(due), provisional)


STOPPED = [
    # Alone due Mon 13 Oct: 30 Sep (1), 9 (2), 10 (3), 11 (4), 13 (5). When it stops one day
    # is used; four are left on Fri 10 Oct 09:00: Sat 11 (1), Mon 13 (2), 14 (3), 15 (4)
    ("2025-09-29T09:00", 5, WD, stops(("2025-09-30T09:00", "2025-10-10T09:00")),
     "2025-10-15T09:00", FINAL),
    # The same, stopped within the holiday only: nothing ran, nothing stops
    ("2025-09-29T09:00", 5, WD, stops(("2025-10-03T00:00", "2025-10-05T12:00")),
     "2025-10-13T09:00", FINAL),
    # The same as dates without a time: midnight to midnight, all within the holiday
    ("2025-09-29T00:00", 5, WD, stops(("2025-10-03T00:00", "2025-10-05T00:00")),
     "2025-10-13T00:00", FINAL),
    # Stops in the holiday with 14 h of 30 Sep used, 2 days 10 h left; on Fri 10 Oct 10:00 two days
    # lead to Mon 13 10:00 (Sat 11 is worked), and 10 h more to 20:00
    ("2025-09-30T10:00", 3, WD, stops(("2025-10-04T00:00", "2025-10-10T10:00")),
     "2025-10-13T20:00", FINAL),
    # Alone due Wed 25 Feb 10:00. Stops on Sat 14 10:00 with two days left, goes on in the holiday:
    # the first minute that counts is Tue 24 00:00, two days later Wed 25 is over. It covered the
    # 14 working hours to Saturday's midnight, and that is what the due time moves by
    ("2026-02-13T10:00", 3, WD, stops(("2026-02-14T10:00", "2026-02-18T12:00")),
     "2026-02-26T00:00", FINAL),
    # Alone due Sat 8 Feb 10:00. Overlapping and in the wrong order they cover 6 Feb 10:00 to 7 Feb
    # 10:00, one working day; the next after Sat 8 is Mon 10
    ("2025-02-05T10:00", 3, WD, stops(("2025-02-06T12:00", "2025-02-07T10:00"),
                                      ("2025-02-06T10:00", "2025-02-06T18:00")),
     "2025-02-10T10:00", FINAL),
    # 6 h move it from Fri 10 Oct 10:00 to 16:00; so the second, from 12:00, counts too: 2 h more
    ("2025-10-09T10:00", 1, WD, stops(("2025-10-10T12:00", "2025-10-10T14:00"),
                                      ("2025-10-09T12:00", "2025-10-09T18:00")),
     "2025-10-10T18:00", FINAL),
    # 23 h are used when it stops on 31 Dec 09:00; the last one runs on Mon 4 January 2027
    ("2026-12-30T10:00", 1, WD, stops(("2026-12-31T09:00", "2027-01-04T09:00")),
     "2027-01-04T10:00", PROVISIONAL),
    # 2 h used, 8 left on Tue 24 Feb 10:00: 1.5 to lunch, 4 to closing, 2.5 of Wed 25
    ("2026-02-14T08:30", 10, WH, stops(("2026-02-14T10:30", "2026-02-24T10:00")),
     "2026-02-25T11:00", FINAL),
    # Lunch and night do not count anyhow: 1.5 h to lunch, 4 h to closing, 2.5 h of Tue 30
    ("2025-09-29T10:00", 8, WH, stops(("2025-09-29T11:30", "2025-09-29T13:30"),
                                      ("2025-09-29T17:30", "2025-09-30T08:30")),
     "2025-09-30T11:00", FINAL),
    # Begins when the time is up: no effect
    ("2025-09-30T08:30", 7, WH, stops(("2025-09-30T17:30", "2025-10-09T08:30")),
     "2025-09-30T17:30", FINAL),
    # Half an hour was left at 17:00; Thu 9 Oct 08:30 begins it
    ("2025-09-30T08:30", 7, WH, stops(("2025-09-30T17:00", "2025-10-09T08:30")),
     "2025-10-09T09:00", FINAL),
    # The first lies before the start, the second covers its first 12 hours
    ("2025-05-06T09:00", 2, DAYS, stops(("2025-05-01T00:00", "2025-05-03T00:00"),
                                        ("2025-05-05T00:00", "2025-05-06T21:00")),
     "2025-05-08T21:00", FINAL),
    # 12 h run, 6 h stand, 12 h run
    ("2025-10-01T08:00", 24, HOURS, stops(("2025-10-01T20:00", "2025-10-02T02:00")),
     "2025-10-02T14:00", FINAL),
    # 4 of 10 minutes used, 6 left
    ("2026-02-17T10:00", 10, MINUTES, stops(("2026-02-17T10:04", "2026-02-17T11:00")),
     "2026-02-17T11:06", FINAL),
]  # fmt: skip


@pytest.mark.parametrize(("start", "amount", "unit", "stopped", "due", "provisional"), STOPPED)
def test_a_suspension_stops_the_clock(
    start: str, amount: int, unit: Unit, stopped: list[Suspension], due: str, provisional: bool
):
    found = due_at(NOTICED, local(start), Limit(amount, unit), stopped)
    assert found == Due(local(due), provisional)


EXTENDED = [
    # Thu 9 (1), Fri 10 October (2)
    (WD, "2025-09-30T15:00", 2, WD, "2025-10-10T15:00", FINAL),
    # after a suspension: Thu 16 (1), Fri 17 (2), Mon 20 (3)
    (WD, "2025-10-15T09:00", 3, WD, "2025-10-20T09:00", FINAL),
    # from closing time of a make-up Saturday: the morning of Tue 24
    (WH, "2026-02-14T17:30", 3, WH, "2026-02-24T11:30", FINAL),
    # another unit: closing time of the next working day
    (WH, "2025-09-30T17:30", 1, WD, "2025-10-09T17:30", FINAL),
    # another unit: a day and a night, to a free Sunday, as was asked for
    (WD, "2025-10-11T10:00", 24, HOURS, "2025-10-12T10:00", FINAL),
    # into 2027, where Fri 1 January counts
    (WD, "2026-12-31T10:00", 1, WD, "2027-01-01T10:00", PROVISIONAL),
    # calendar days do not ask which are worked
    (DAYS, "2026-12-31T10:00", 2, DAYS, "2027-01-02T10:00", FINAL),
    # two certain hours on top of an uncertain day
    (WD, "2027-01-04T10:00", 2, HOURS, "2027-01-04T12:00", PROVISIONAL),
]


@pytest.mark.parametrize(("unit", "due", "amount", "by", "later", "provisional"), EXTENDED)
def test_an_extension_is_counted_from_the_due_time(
    unit: Unit, due: str, amount: int, by: Unit, later: str, provisional: bool
):
    found = extend(NOTICED, unit, local(due), Limit(amount, by))
    assert found == Due(local(later), provisional)


LIGHTS = [
    # four of five working days: 30 Sep (1), 9 (2), 10 (3), Sat 11 Oct (4)
    ("2025-09-29T09:00", "2025-10-13T09:00", WD, [], "2025-10-11T09:00"),
    # the same, stopped from 30 Sep 09:00 to 10 Oct 09:00: one day before, three after it
    ("2025-09-29T09:00", "2025-10-15T09:00", WD,
     stops(("2025-09-30T09:00", "2025-10-10T09:00")), "2025-10-14T09:00"),
    # 80 % of 24 h are 19 h 12 min: 14 h of Friday, 5 h 12 of the make-up Saturday
    ("2026-02-13T10:00", "2026-02-14T10:00", WD, [], "2026-02-14T05:12"),
    # from a free Sunday to Mon 10:00 ten hours of Monday are allowed: eight of them
    ("2025-10-12T10:00", "2025-10-13T10:00", WD, [], "2025-10-13T08:00"),
    # eight of ten working hours: 7 of 30 Sep, 1 of 9 Oct
    ("2025-09-30T08:30", "2025-10-09T11:30", WH, [], "2025-10-09T09:30"),
    # four of five: 2.5 to lunch, 1.5 from 13:30
    ("2025-10-10T09:00", "2025-10-10T16:00", WH, [], "2025-10-10T15:00"),
    # eight of ten minutes
    ("2026-02-17T10:00", "2026-02-17T10:10", MINUTES, [], "2026-02-17T10:08"),
    # eight of ten calendar days
    ("2026-12-28T10:00", "2027-01-07T10:00", DAYS, [], "2027-01-05T10:00"),
]  # fmt: skip


@pytest.mark.parametrize(("start", "due", "unit", "stopped", "yellow"), LIGHTS)
def test_the_light_turns_yellow(
    start: str, due: str, unit: Unit, stopped: list[Suspension], yellow: str
):
    assert share_at(NOTICED, local(start), local(due), unit, 0.8, stopped) == local(yellow)
    assert share_at(NOTICED, local(start), local(due), unit, 1.0, stopped) == local(due)


LEFT = [
    # in the holiday: 9, 10 and 11 Oct (72 h) and 9 h of Mon 13
    (WD, "2025-10-13T09:00", "2025-10-01T00:00", 81 * H),
    # from Sat 14 Feb 16:30: an hour of it, and the morning of Tue 24
    (WH, "2026-02-24T11:30", "2026-02-14T16:30", 4 * H),
    # at lunch nothing runs: the afternoon is left
    (WH, "2025-10-10T17:30", "2025-10-10T12:00", 4 * H),
    (HOURS, "2025-10-02T14:00", "2025-10-02T13:30", 0.5 * H),
    # late by an hour, by a moment, and just not
    (WD, "2025-10-09T09:00", "2025-10-09T10:00", 0.0),
    (MINUTES, "2025-10-09T09:00", "2025-10-09T09:00", 0.0),
    (MINUTES, "2025-10-09T09:00", "2025-10-09T08:59:59.999999", 0.000001),
]


@pytest.mark.parametrize(("unit", "due", "at", "left_s"), LEFT)
def test_what_is_left_when_a_clock_stops(unit: Unit, due: str, at: str, left_s: float):
    assert pause(NOTICED, unit, local(due), local(at)) == left_s


def test_a_stopped_clock_goes_on():
    # half an hour of Fri 10 Oct, half an hour of the make-up Saturday
    found = resume(NOTICED, WH, 1 * H, local("2025-10-10T17:00"))
    assert found == Due(local("2025-10-11T09:00"), FINAL)
    # a day and a half from Fri 9 Oct 2026 18:00: Sat 10 18:00, then 6 h of it and 6 h of Mon 12
    found = resume(NOTICED, WD, 36 * H, local("2026-10-09T18:00"))
    assert found == Due(local("2026-10-12T06:00"), FINAL)
    assert resume(NOTICED, WH, 0.0, local("2025-10-12T10:00")).at == local("2025-10-12T10:00")
    assert resume(NOTICED, WD, 24 * H, local("2026-12-31T09:00")).provisional


def test_a_late_clock_stays_late():
    due = local("2025-10-09T09:00")
    for unit in Unit:
        since, until = local("2025-10-09T09:00"), local("2025-10-20T09:00")
        assert postpone(NOTICED, unit, due, since, until) == Due(due, FINAL)


def test_a_due_time_beside_the_clock_never_moves_back():
    # extended by hours to 18:30, past closing: stopped for ten minutes after 18:00 it stays
    due = local("2025-10-10T18:30")
    stopped = local("2025-10-10T18:00"), local("2025-10-10T18:10")
    assert postpone(NOTICED, WH, due, *stopped) == Due(due, FINAL)


def test_time_used():
    # half an hour of Fri 26 Sep, half an hour of the make-up Sunday
    assert used_s(NOTICED, WH, local("2025-09-26T17:00"), local("2025-09-28T09:00")) == 1 * H
    # half of the make-up Saturday, half of Tue 24
    assert used_s(NOTICED, WD, local("2026-02-14T12:00"), local("2026-02-24T12:00")) == 24 * H
    assert used_s(NOTICED, DAYS, local("2026-02-14T12:00"), local("2026-02-24T12:00")) == 240 * H
    assert used_s(NOTICED, WD, local("2026-02-24T12:00"), local("2026-02-14T12:00")) == 0


@pytest.mark.parametrize(
    ("start", "stopped", "field"),
    [
        (datetime(2025, 1, 1), [], "start"),
        (datetime(1991, 1, 1, tzinfo=UTC), [], "start"),
        (datetime(2201, 1, 1, tzinfo=UTC), [], "start"),
        (local("2025-01-01"), stops(("2025-01-02", "2025-01-03"), ("2025-01-05", "2025-01-05")),
         "suspensions.1"),
        (local("2025-01-01"), stops(("2025-01-03", "2025-01-02")), "suspensions.0"),
        (local("2025-01-01"), stops(("1900-01-03", "2025-01-02")), "suspensions.0"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(start: datetime, stopped: list[Suspension], field: str):
    with pytest.raises(InvalidInput) as refused:
        due_at(NOTICED, start, Limit(1, WD), stopped)
    assert refused.value.field == field
