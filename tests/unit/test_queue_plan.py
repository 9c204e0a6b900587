"""A plan for the whole queue, by hand: who steps back, what both answers come to, who is left.

Costs as in docs/algorithms/whole-queue.md: two covers, not urgent, limit 900 s, both workers on the
grid's rung (1.5) without load. A is 90 s from the first and 270 s from the second, B is 180 s and
1800 s away.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dispatch.assign.ladder import Responder
from dispatch.queue.plan import Tally, Waiting, make_plan

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
A, B = 1, 2
GRID = "210211001001001"


def case(number: int) -> Waiting:
    return Waiting(
        number, 1, f"n{number}", "advise", urgent=False, reported_at=NOW,
        arrival_limit_s=900.0, grid_code=GRID, lon=121.5, lat=38.9,
    )  # fmt: skip


def worker(person_id: int, travel_s: float | None, capacity: int = 1) -> Responder:
    return Responder(
        person_id, "grid_worker", 2, GRID, None, "ebike", 1, 0.5, 121.5, 38.9, None, 0, capacity,
        in_scope=True, name=f"w{person_id}", phone=None, travel_s=travel_s, distance_m=None,
    )  # fmt: skip


def test_somebody_steps_back_where_another_can_take_over_cheaply():
    options = {10: [worker(A, 90.0), worker(B, 180.0)], 11: [worker(A, 270.0), worker(B, 1800.0)]}
    plan = make_plan([case(10), case(11)], options, NOW)
    assert [line.person_id for line in plan.lines] == [B, A]
    assert [line.instead_id for line in plan.lines] == [A, B]
    assert [line.cost for line in plan.lines] == pytest.approx([1.7, 1.8])
    assert plan.together == Tally(pytest.approx(3.5), 450.0, 0, 0)
    assert plan.one_by_one == Tally(pytest.approx(13.1), 1890.0, 0, 1)
    assert plan.people == 2
    assert [reason.code for reason in plan.lines[0].reasons] == ["own_grid", "meets_limit", "load"]
    assert (plan.lines[0].rung, plan.lines[0].travel_s) == ("grid", 180.0)


@pytest.mark.parametrize(("further_s", "named"), [(40.0, [B, A]), (50.0, [A, B])])
def test_names_change_places_only_if_that_gains_enough(further_s: float, named: list[int]):
    """Staying is worth 0.05 a case: 0.1 for both, that is 90 s of 900. Each would drive less."""
    far_s = 90.0 + further_s
    options = {10: [worker(A, 90.0), worker(B, far_s)], 11: [worker(A, far_s), worker(B, 90.0)]}
    plan = make_plan([case(10), case(11)], options, NOW, earlier={10: B, 11: A, 12: A})
    assert [line.person_id for line in plan.lines] == named
    there_s = far_s if named == [B, A] else 90.0
    assert [line.cost for line in plan.lines] == pytest.approx([1.5 + there_s / 900.0] * 2)
    assert plan.together.cost == pytest.approx(2 * (1.5 + there_s / 900.0))
    assert plan.one_by_one.cost == pytest.approx(2 * 1.6)


def test_whoever_is_left_is_left_for_a_reason():
    far = 900.0 * 15  # 15 limits, late and on the grid's rung: 15 + 8 + 1.5 is more than 24
    options = {
        10: [worker(A, 90.0)],
        11: [worker(A, 100.0)],
        12: [],
        13: [worker(B, math.inf)],
        14: [worker(B, far)],
    }
    by_card = replace(case(15), by_card=True)
    plan = make_plan([*(case(n) for n in range(10, 15)), by_card], options, NOW)
    assert [line.left_why for line in plan.lines] == [
        None, "others", "nobody", "unreachable", "too_far", "by_card",
    ]  # fmt: skip
    assert plan.together.left == 5
    assert plan.lines[1].cost == 24.0
    assert plan.lines[1].person_id is None


def test_who_does_not_travel_is_nowhere_late():
    plan = make_plan([case(10)], {10: [worker(A, None)]}, NOW)
    assert plan.lines[0].person_id == A
    assert plan.together == Tally(1.5, 0.0, 0, 0)


def test_an_empty_queue_is_an_empty_plan():
    plan = make_plan([], {}, NOW)
    assert (plan.lines, plan.people, plan.together) == ((), 0, Tally(0.0, 0.0, 0, 0))
