"""Changes of a roster and what comes of them, with cases worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dispatch.consequence import Task, foresee
from dispatch.roster.change import (
    EndLeave,
    EndShift,
    EndTerms,
    PutLeave,
    PutShift,
    PutTerms,
    Recuse,
    SkipShift,
    decide,
)
from dispatch.roster.entry import Leave, Shift, Terms
from dispatch.roster.plan import Plan
from geodata.errors import InvalidInput, NotFound
from tests.unit.test_roster_plan import DAYS, MONDAY, local, plan

GRID, OTHER_GRID = "210211001001001", "210211001001002"
TERMS = Terms(None, 3, ("gas",), "ebike", (GRID, OTHER_GRID))
NOW = local(23, 9)
"""Monday, an hour into the shift."""


def task(case_id: int, *, due: int | None = None, grid: str = GRID, skill: str = "") -> Task:
    return Task(
        case_id,
        f"N{case_id}",
        "H01",
        "assigned",
        "lead",
        grid,
        local(due, 12) if due else None,
        NOW - timedelta(hours=10 - case_id),
        (skill,) if skill else (),
    )


def with_terms(*entries: Shift | Leave) -> Plan:
    return plan(TERMS, *entries)


def test_a_shift_replaces_another_from_its_first_day_and_the_past_stays() -> None:
    new = Shift((1, 3), 9 * 60, 480, date(2026, 11, 30))
    edit = decide(with_terms(DAYS), PutShift(new, replaces=1), NOW)
    assert edit.removed == (DAYS,)
    assert edit.added == (replace(DAYS, id=None, until_day=date(2026, 11, 29)), new)
    assert edit.at == local(30, 0)
    assert edit.after.on_spans(local(27, 0), local(31, 0)) == [
        (local(27, 8), local(27, 18)),
        (local(30, 9), local(30, 17)),
    ]


def test_shifts_do_not_overlap_nor_begin_in_the_past() -> None:
    late = Shift((5,), 17 * 60, 120, MONDAY)
    with pytest.raises(InvalidInput, match="overlaps"):
        decide(with_terms(DAYS), PutShift(late), NOW)
    with pytest.raises(InvalidInput) as refused:
        decide(with_terms(), PutShift(replace(late, from_day=date(2026, 11, 22))), NOW)
    assert refused.value.field == "from_day"


def test_a_shift_ends_or_falls_out_on_one_day() -> None:
    ended = decide(with_terms(DAYS), EndShift(1, date(2026, 11, 25)), NOW)
    assert ended.added == (replace(DAYS, id=None, until_day=date(2026, 11, 24)),)
    skipped = decide(with_terms(DAYS), SkipShift(1, date(2026, 11, 26)), NOW)
    assert skipped.added == (replace(DAYS, id=None, except_days=(date(2026, 11, 26),)),)
    with pytest.raises(InvalidInput, match="not on that day"):
        decide(with_terms(DAYS), SkipShift(1, date(2026, 11, 28)), NOW)
    with pytest.raises(NotFound):
        decide(with_terms(DAYS), EndShift(99, date(2026, 11, 25)), NOW)


def test_a_leave_that_began_is_ended_and_one_to_come_is_dropped() -> None:
    running = Leave(local(22, 0), local(25, 0), "sick", id=5)
    edit = decide(with_terms(running), EndLeave(5), NOW)
    assert edit.added == (Leave(local(22, 0), NOW, "sick"),)
    to_come = replace(running, from_at=local(24, 0))
    assert decide(with_terms(to_come), EndLeave(5), NOW).added == ()
    with pytest.raises(InvalidInput, match="away in that time"):
        decide(with_terms(to_come), PutLeave(Leave(local(24, 12), None)), NOW)
    with pytest.raises(InvalidInput, match="a month ago"):
        decide(with_terms(), PutLeave(Leave(local(-30, 0), local(25, 0))), NOW)


def test_terms_keep_what_is_not_named_and_what_held_before() -> None:
    edit = decide(with_terms(), PutTerms(local(25, 0), capacity=1), NOW)
    new = replace(TERMS, from_at=local(25, 0), capacity=1)
    assert edit.added == (TERMS, new)
    assert edit.removed == ()
    assert edit.after.terms == (TERMS, new)
    with pytest.raises(InvalidInput, match="nothing would change"):
        decide(with_terms(), PutTerms(capacity=3), NOW)
    kept = replace(edit.after, terms=(replace(TERMS, id=1), replace(new, id=2)))
    assert decide(kept, EndTerms(2), NOW).after.terms == (replace(TERMS, id=1),)


def test_leave_touches_what_may_still_be_open_and_not_what_is_due_before() -> None:
    before = with_terms(DAYS)
    edit = decide(before, PutLeave(Leave(local(25, 0), local(28, 0))), NOW)
    tasks = [task(1, due=24), task(2, due=26), task(3), task(4, due=22)]
    found = foresee(before, edit, "grid_worker", tasks, [], {}, NOW)
    assert [(one.task.case_id, one.why) for one in found.cases] == [
        (4, "absent"),  # late already
        (2, "absent"),
        (3, "absent"),  # has no limit
    ]
    assert found.duty is None
    assert found.away == tuple((local(day, 8), local(day, 18)) for day in (25, 26, 27))


def test_a_grid_without_anybody_is_named_with_the_hours() -> None:
    before = with_terms(DAYS)
    edit = decide(before, PutLeave(Leave(local(25, 0), local(27, 0))), NOW)
    # A colleague stands in for the second grid, on Wednesday until noon only.
    cover = {OTHER_GRID: [(local(25, 8), local(25, 12)), (local(26, 0), local(27, 0))]}
    gaps = foresee(before, edit, "grid_worker", [], [], cover, NOW).gaps
    assert [(gap.area_code, gap.spans) for gap in gaps] == [
        (GRID, ((local(25, 8), local(25, 18)), (local(26, 8), local(26, 18)))),
        (OTHER_GRID, ((local(25, 12), local(25, 18)),)),
    ]


def test_leave_from_now_switches_the_duty_at_once() -> None:
    before = with_terms(DAYS)
    edit = decide(before, PutLeave(Leave(NOW, local(24, 0), "sick")), NOW)
    assert foresee(before, edit, "grid_worker", [], [], {}, NOW).duty == ("on_duty", "on_leave")


def test_smaller_capacity_touches_the_newest() -> None:
    before = with_terms()
    edit = decide(before, PutTerms(capacity=1), NOW)
    tasks = [task(3), task(1), task(2)]
    found = foresee(before, edit, "grid_worker", tasks, [], {}, NOW)
    assert {(one.task.case_id, one.why) for one in found.cases} == {
        (2, "over_capacity"),
        (3, "over_capacity"),
    }


def test_a_lost_area_and_a_lost_skill_touch_their_cases() -> None:
    before = with_terms(DAYS)
    edit = decide(before, PutTerms(local(24, 0), skills=(), area_codes=(GRID,)), NOW)
    tasks = [task(1), task(2, grid=OTHER_GRID), task(3, skill="gas")]
    found = foresee(before, edit, "grid_worker", tasks, [], {}, NOW)
    assert {(one.task.case_id, one.why, one.what) for one in found.cases} == {
        (2, "area", None),
        (3, "skill", "gas"),
    }
    assert [gap.area_code for gap in found.gaps] == [OTHER_GRID]
    assert found.gaps[0].spans[0] == (local(24, 8), local(24, 18))


def test_who_answers_for_buildings_leaves_the_grid_without_and_standing_aside_one_case() -> None:
    before = plan(replace(TERMS, area_codes=()), DAYS)
    edit = decide(before, PutLeave(Leave(local(25, 0), None, "left")), NOW)
    found = foresee(before, edit, "info_officer", [], [GRID], {}, NOW)
    assert [gap.area_code for gap in found.gaps] == [GRID]
    aside = decide(before, Recuse(2, "relative"), NOW)
    touched = foresee(before, aside, "info_officer", [task(1), task(2)], [], {}, NOW).cases
    assert [(one.task.case_id, one.why) for one in touched] == [(2, "recused")]
