"""The cost of the whole queue: the worked examples of docs/algorithms/whole-queue.md."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from dispatch.assign.flow.cost import NEAREST, Cases, Offers, Staff, Weights, parts, pose, urgency
from dispatch.assign.flow.greedy import one_by_one
from dispatch.assign.flow.problem import NOBODY
from dispatch.assign.flow.solver import insist, solve
from geodata.errors import InvalidInput

MANHOLE_S, VISIT_S = 900.0, 3600.0
DEFAULT = Weights()
INF, NAN = float("inf"), float("nan")


def _cases(*case: tuple[float, float, bool]) -> Cases:
    """Return cases of (limit, waited, urgent)."""
    limit_s, waited_s, urgent = zip(*case, strict=True)
    return Cases(np.array(limit_s), np.array(waited_s), np.array(urgent))


def _offers(*offer: tuple[int, int, float, int]) -> Offers:
    """Return offers of (case, person, travel time, rung)."""
    case, person, travel_s, rung = zip(*offer, strict=True)
    return Offers(
        np.array(case, np.int32), np.array(person, np.int32), np.array(travel_s), np.array(rung)
    )


def _staff(*person: tuple[int, int]) -> Staff:
    """Return people of (load, capacity)."""
    load, capacity = zip(*person, strict=True)
    return Staff(np.array(load), np.array(capacity))


def _costs(cases: Cases, offers: Offers, staff: Staff) -> list[float]:
    return parts(cases, offers, staff, DEFAULT).cost.tolist()


def test_a_manhole_cover_is_missing() -> None:
    cases = _cases((MANHOLE_S, 0.0, True))
    offers = _offers((0, 0, 180.0, 2), (0, 1, 90.0, 3), (0, 2, 1080.0, 2))
    staff = _staff((1, 4), (0, 4), (0, 4))
    found = parts(cases, offers, staff, DEFAULT)
    assert found.travel.tolist() == pytest.approx([0.2, 0.1, 1.2])
    assert found.late.tolist() == [0.0, 0.0, 8.0]
    assert found.rung.tolist() == [1.5, 3.0, 1.5]
    assert found.load.tolist() == pytest.approx([0.1, 0.0, 0.0])
    assert found.cost.tolist() == pytest.approx([3.6, 6.2, 21.4])
    assert pose(cases, offers, staff, DEFAULT).unassigned.tolist() == [48.0]


def test_waiting_makes_a_case_dearer_up_to_an_end() -> None:
    cases = _cases(
        (MANHOLE_S, 0.0, False),
        (MANHOLE_S, 1800.0, False),
        (MANHOLE_S, 1800.0, True),
        (MANHOLE_S, 1e9, False),
        (MANHOLE_S, -60.0, False),
    )
    assert urgency(cases, DEFAULT).tolist() == pytest.approx([1.0, 1.5, 3.0, 4.0, 1.0])


def test_of_two_cases_alike_the_older_gets_the_one_person() -> None:
    cases = _cases((MANHOLE_S, 0.0, False), (MANHOLE_S, 1800.0, False))
    problem = pose(cases, _offers((0, 0, 180.0, 2), (1, 0, 180.0, 2)), _staff((0, 1)), DEFAULT)
    assert problem.unassigned.tolist() == [24.0, 36.0]
    assert solve(problem).person.tolist() == [NOBODY, 0]


def test_one_grid_worker_and_two_cases_the_neighbour_takes_the_lenient_one() -> None:
    # Grid worker 0 answers for both; the neighbour, 1, is a rung above for either.
    cases = _cases((MANHOLE_S, 0.0, True), (VISIT_S, 0.0, False))
    offers = _offers((0, 0, 180.0, 2), (0, 1, 270.0, 3), (1, 0, 180.0, 2), (1, 1, 360.0, 3))
    staff = _staff((0, 1), (0, 1))
    assert _costs(cases, offers, staff) == pytest.approx([3.4, 6.6, 1.55, 3.1])
    solution = solve(pose(cases, offers, staff, DEFAULT))
    assert solution.person.tolist() == [0, 1]
    assert solution.objective == pytest.approx(3.4 + 3.1)


def test_one_by_one_takes_the_nearest_and_leaves_the_second_case_late() -> None:
    # Case 0 came first: the officer stands next to it. Case 1 has nobody else in time.
    cases = _cases((MANHOLE_S, 0.0, False), (MANHOLE_S, 0.0, False))
    offers = _offers((0, 0, 90.0, 2), (0, 1, 180.0, 2), (1, 0, 270.0, 2), (1, 1, 1800.0, 2))
    staff = _staff((0, 1), (0, 1))
    assert _costs(cases, offers, staff) == pytest.approx([1.6, 1.7, 1.8, 11.5])
    problem = pose(cases, offers, staff, DEFAULT)
    solution = solve(problem)
    assert solution.person.tolist() == [1, 0]
    assert solution.objective == pytest.approx(3.5)
    assert one_by_one(problem)[1] == pytest.approx(13.1)  # 1.6 + 11.5
    rise, forced = insist(problem, solution, 0)
    assert rise == pytest.approx(9.6)  # why not the one next to it: 13.1 - 3.5
    assert forced.person.tolist() == [0, 1]
    assert solution.surplus(0, 0, 1.6) <= rise


def test_who_does_not_travel_is_in_time_and_who_cannot_come_has_no_arc() -> None:
    cases, staff = _cases((VISIT_S, 0.0, False)), _staff((0, 1), (0, 1))
    problem = pose(cases, _offers((0, 0, NAN, 4), (0, 1, INF, 1)), staff, DEFAULT)
    assert problem.person.tolist() == [0]
    assert problem.cost.tolist() == [4.5]


def test_a_full_person_and_one_over_it_have_no_room() -> None:
    assert _staff((3, 3), (4, 3), (0, 0), (1, 3)).room.tolist() == [0, 0, 0, 2]


def test_on_the_limit_to_a_tenth_of_a_second_is_in_time() -> None:
    cases, staff = _cases((MANHOLE_S, 0.0, False)), _staff((0, 1))
    late = parts(cases, _offers((0, 0, 900.04, 2), (0, 0, 900.06, 2)), staff, DEFAULT).late
    assert late.tolist() == [0.0, 8.0]


def test_the_default_keeps_the_order_of_the_ladder_for_one_case() -> None:
    shares, rungs, loads = (0.0, 0.5, 1.0, 1.001, 2.0), range(1, 7), (0, 3)
    every = list(product(rungs, shares, loads))
    cases, staff = _cases((MANHOLE_S, 0.0, False)), _staff((0, 4), (3, 4))
    offers = _offers(*((0, int(load > 0), share * MANHOLE_S, rung) for rung, share, load in every))
    costs = _costs(cases, offers, staff)
    for (rung, share, _), cost in zip(every, costs, strict=True):
        assert cost < DEFAULT.unassigned
        for (other_rung, other_share, _), other in zip(every, costs, strict=True):
            in_time, other_in_time = share <= 1.0, other_share <= 1.0
            if in_time and (not other_in_time or rung < other_rung):
                assert cost < other


def test_nearest_looks_at_the_way_alone() -> None:
    cases, staff = _cases((MANHOLE_S, 0.0, False)), _staff((3, 4), (0, 4))
    offers = _offers((0, 0, 90.0, 6), (0, 1, 180.0, 1))
    assert parts(cases, offers, staff, NEAREST).cost.tolist() == pytest.approx([0.1, 0.2])


def test_a_case_beyond_eight_limits_is_left_rather_than_sent_for() -> None:
    cases, staff = _cases((MANHOLE_S, 0.0, False)), _staff((0, 1))
    near = solve(pose(cases, _offers((0, 0, 8.0 * MANHOLE_S, 6)), staff, DEFAULT))
    far = solve(pose(cases, _offers((0, 0, 9.0 * MANHOLE_S, 6)), staff, DEFAULT))
    assert (near.person[0], far.person[0]) == (0, NOBODY)


@pytest.mark.parametrize("value", [-1.0, INF, NAN])
def test_a_weight_is_a_finite_number_of_zero_or_more(value: float) -> None:
    with pytest.raises(InvalidInput, match="late"):
        Weights(late=value)


@pytest.mark.parametrize("limit_s", [0.0, -1.0, INF, NAN])
def test_an_arrival_limit_is_more_than_zero(limit_s: float) -> None:
    with pytest.raises(InvalidInput, match="limit"):
        _cases((limit_s, 0.0, False))
