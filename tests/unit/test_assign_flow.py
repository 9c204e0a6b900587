"""The whole-queue solver: hand-worked queues, and a proof of each random answer by its prices."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.assign.flow.greedy import one_by_one
from dispatch.assign.flow.problem import NOBODY, Problem, Solution
from dispatch.assign.flow.solver import insist, solve
from geodata.errors import InvalidInput
from tests.flow_proof import prove

INF = float("inf")


def _problem(
    arcs: list[tuple[int, int, float]], capacity: list[int], unassigned: list[float]
) -> Problem:
    case, person, cost = zip(*arcs, strict=True) if arcs else ((), (), ())
    return Problem.of(case, person, cost, capacity, unassigned)


def _solved(
    arcs: list[tuple[int, int, float]], capacity: list[int], unassigned: list[float]
) -> tuple[list[int], float]:
    problem = _problem(arcs, capacity, unassigned)
    solution = solve(problem)
    prove(problem, solution)
    return solution.person.tolist(), solution.objective


def test_the_first_steps_back_so_that_both_are_served() -> None:
    arcs = [(0, 0, 1.0), (0, 1, 2.0), (1, 0, 1.0), (1, 1, 9.0)]
    assert _solved(arcs, [1, 1], [50.0, 50.0]) == ([1, 0], 3.0)


def test_a_chain_of_three_moves_on() -> None:
    arcs = [(0, 0, 1.0), (0, 1, 2.0), (1, 1, 1.0), (1, 2, 2.0), (2, 0, 1.0)]
    assert _solved(arcs, [1, 1, 1], [9.0, 9.0, 9.0]) == ([1, 2, 0], 5.0)


def test_a_person_takes_as_many_as_they_may() -> None:
    arcs = [(n, 0, float(n + 1)) for n in range(4)]
    assert _solved(arcs, [2], [5.0] * 4) == ([0, 0, NOBODY, NOBODY], 1 + 2 + 5 + 5)


def test_the_case_that_is_dearer_to_leave_gets_the_one_person() -> None:
    assert _solved([(0, 0, 1.0), (1, 0, 4.0)], [1], [10.0, 20.0]) == ([NOBODY, 0], 14.0)


def test_an_arc_dearer_than_leaving_is_not_taken_and_one_as_dear_is() -> None:
    assert _solved([(0, 0, 5.1)], [1], [5.0]) == ([NOBODY], 5.0)
    assert _solved([(0, 0, 5.0)], [1], [5.0]) == ([0], 5.0)


def test_the_cheapest_of_arcs_between_the_same_two_counts() -> None:
    problem = _problem([(0, 0, 3.0), (0, 0, 1.0), (0, 0, 2.0)], [1], [9.0])
    solution = solve(problem)
    assert (solution.arc.tolist(), solution.objective) == ([1], 1.0)


def test_a_case_without_an_unassigned_cost_goes_first_whatever_it_costs() -> None:
    arcs = [(0, 0, 0.0), (1, 0, 1000.0)]
    assert _solved(arcs, [1], [999_999.0, INF]) == ([NOBODY, 0], 1_000_999.0)


def test_of_those_without_one_the_fewest_are_left_and_add_nothing() -> None:
    # Alone, case 0 would take person 0 for nothing; then case 1 or 2 would be left, too.
    arcs = [(0, 0, 0.0), (0, 1, 500.0), (1, 0, 7.0), (2, 0, 8.0)]
    assert _solved(arcs, [1, 1], [INF, INF, INF]) == ([1, 0, NOBODY], 507.0)


def test_nobody_at_all() -> None:
    assert _solved([], [], []) == ([], 0.0)
    assert _solved([], [3], [2.0, INF]) == ([NOBODY, NOBODY], 2.0)
    assert _solved([(0, 0, 1.0)], [0], [2.0]) == ([NOBODY], 2.0)
    assert _solved([(0, 0, 0.0)], [1], [0.0]) == ([0], 0.0)


def test_a_number_that_means_never_leaves_the_others_their_digits() -> None:
    arcs = [(0, 0, 0.1), (0, 1, 0.3), (1, 0, 0.1), (1, 1, 0.3 + 2e-12)]
    for never in (1e9, 1e15, 1e200):
        assert _solved(arcs, [1, 1], [never, never])[0] == [1, 0]


@pytest.mark.parametrize(
    ("largest", "smallest"), [(1e-300, 1e-305), (1.0, 1e-9), (2.0**52, 1.0), (1e300, 1e290)]
)
def test_costs_of_any_size_are_told_apart(largest: float, smallest: float) -> None:
    arcs = [(0, 0, largest / 2), (0, 1, largest / 2 + smallest), (1, 0, smallest), (1, 1, smallest)]
    assert _solved(arcs, [1, 1], [largest, largest])[0] == [0, 1]


def test_of_costs_that_are_rounded_alike_the_lesser_is_taken() -> None:
    assert _solved([(0, 0, 2e-57), (0, 0, 0.0), (0, 1, 1e-60)], [1, 1], [1.0]) == ([0], 0.0)


def test_sums_of_the_largest_costs_are_finite() -> None:
    arcs = [(0, 0, 1e300), (1, 0, 1e299), (2, 0, 5e299)]
    assert _solved(arcs, [1], [1e300, 2e299, INF]) == ([NOBODY, NOBODY, 0], 1.7e300)


def test_prices_tell_who_is_contended_and_by_how_much() -> None:
    problem = _problem([(0, 0, 1.0), (1, 0, 4.0), (1, 1, 6.0)], [1, 1], [10.0, 20.0])
    solution = solve(problem)
    assert solution.person.tolist() == [0, 1]
    assert solution.place_price(0) == 2.0  # with a second place case 1 would cost 4, not 6
    assert solution.place_price(1) == 0.0
    assert solution.surplus(1, 0, 4.0) == 0.0  # case 1 prefers neither: 4 + 2 = 6
    assert insist(problem, solution, 1)[0] == 7.0  # case 0 would be left: 4 + 10 - 7


def test_insisting_on_somebody_without_room_or_against_a_case_that_must_go_is_beyond_price() -> (
    None
):
    full = _problem([(0, 0, 1.0)], [0], [9.0])
    assert insist(full, solve(full), 0)[0] == INF
    must = _problem([(0, 0, 1.0), (1, 0, 1.0)], [1], [INF, 9.0])
    solution = solve(must)
    assert insist(must, solution, 0)[0] == 0.0
    assert insist(must, solution, 1)[0] == INF


@pytest.mark.parametrize(
    ("arcs", "capacity", "unassigned", "field"),
    [
        ([(0, 0, -1.0)], [1], [1.0], "cost"),
        ([(0, 0, INF)], [1], [1.0], "cost"),
        ([(0, 0, float("nan"))], [1], [1.0], "cost"),
        ([(1, 0, 1.0)], [1], [1.0], "case"),
        ([(-1, 0, 1.0)], [1], [1.0], "case"),
        ([(0, 1, 1.0)], [1], [1.0], "person"),
        ([(0, 0, 1.0)], [-1], [1.0], "capacity"),
        ([(0, 0, 1.0)], [1], [-1.0], "unassigned"),
        ([(0, 0, 1.0)], [1], [float("nan")], "unassigned"),
        ([(0, 0, 1.0)], [1], [1.1e300], "unassigned"),
    ],
)
def test_what_is_no_problem_is_refused(
    arcs: list[tuple[int, int, float]], capacity: list[int], unassigned: list[float], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        _problem(arcs, capacity, unassigned)
    assert caught.value.field == field


def test_one_by_one_whoever_chooses_first_has_the_choice() -> None:
    arcs = [(0, 0, 1.0), (0, 1, 2.0), (1, 0, 1.0), (1, 1, 9.0), (2, 1, 8.0), (2, 0, 7.0)]
    problem = _problem(arcs, [1, 1], [50.0, 5.0, 50.0])
    answer, least = one_by_one(problem)
    assert (answer.tolist(), least) == ([0, NOBODY, 4], 1.0 + 5.0 + 8.0)  # 9 is more than leaving
    answer, least = one_by_one(problem, [2, 1, 0])
    assert (answer.tolist(), least) == ([1, NOBODY, 5], 2.0 + 5.0 + 7.0)


WHOLE = st.integers(0, 6).map(float)
ANY = st.floats(0, 1e6, allow_subnormal=False)


@st.composite
def problems(draw: st.DrawFn, most: int = 9) -> Problem:
    """Draw a queue with ties, duplicates, people without room and cases without anybody."""
    number = draw(st.sampled_from([WHOLE, ANY]))
    n, p = draw(st.integers(1, most)), draw(st.integers(1, most))
    arc = st.tuples(st.integers(0, n - 1), st.integers(0, p - 1), number)
    arcs = draw(st.lists(arc, max_size=4 * most))
    capacity = draw(st.lists(st.integers(0, 3), min_size=p, max_size=p))
    left = st.one_of(number, number, st.just(INF))
    return _problem(arcs, capacity, draw(st.lists(left, min_size=n, max_size=n)))


@given(problems())
@settings(max_examples=600, deadline=None)
def test_every_answer_is_proved_by_its_prices(problem: Problem) -> None:
    prove(problem, solve(problem))


@given(problems())
@settings(max_examples=200, deadline=None)
def test_one_by_one_is_never_better(problem: Problem) -> None:
    answer, objective = one_by_one(problem)
    chosen = problem.person[answer[answer != NOBODY]]
    used = np.bincount(chosen, minlength=len(problem.capacity))
    assert (used <= problem.capacity).all()
    solution = solve(problem)
    lost = int((np.isinf(problem.unassigned) & (answer == NOBODY)).sum())
    most = objective * (1 + 1e-12) + _rounding(problem, solution)
    assert (_lost(problem, solution), solution.objective) <= (lost, most)


@given(problems(most=4))
@settings(max_examples=300, deadline=None)
def test_nothing_is_better_among_all_answers(problem: Problem) -> None:
    solution = solve(problem)
    lost, least = min(_every_answer(problem))
    assert _lost(problem, solution) == lost
    rounding = _rounding(problem, solution)
    assert solution.objective == pytest.approx(least, rel=1e-12, abs=rounding)


def _rounding(problem: Problem, solution: Solution) -> float:
    """Return what sums may differ by: half a unit for each case, in either of two answers."""
    return len(problem.unassigned) / solution.scale


def _lost(problem: Problem, solution: Solution) -> int:
    return int((np.isinf(problem.unassigned) & (solution.person == NOBODY)).sum())


def _every_answer(problem: Problem) -> list[tuple[int, float]]:
    """Return cases lost and the sum of every answer there is."""
    choices: list[list[tuple[int, float]]] = [[(NOBODY, c)] for c in problem.unassigned.tolist()]
    arcs = (problem.case.tolist(), problem.person.tolist(), problem.cost.tolist())
    for case, person, cost in zip(*arcs, strict=True):
        choices[case].append((person, cost))
    found = []
    for answer in product(*(sorted(set(choice)) for choice in choices)):
        used = np.bincount(
            [person for person, _ in answer if person != NOBODY], minlength=len(problem.capacity)
        )
        if (used <= problem.capacity).all():
            lost = sum(cost == INF for _, cost in answer)
            found.append((lost, sum(cost for _, cost in answer if cost != INF)))
    return found


@given(problems(), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_the_order_of_cases_people_and_arcs_does_not_change_the_sum(
    problem: Problem, random: np.random.Generator
) -> None:
    n, p, m = len(problem.unassigned), len(problem.capacity), len(problem.case)
    case, person, arc = (np.array(random.sample(range(k), k), np.int64) for k in (n, p, m))
    capacity, unassigned = np.empty(p, np.int64), np.empty(n)
    capacity[person], unassigned[case] = problem.capacity, problem.unassigned
    other = Problem.of(
        case[problem.case[arc]],
        person[problem.person[arc]],
        problem.cost[arc],
        capacity,
        unassigned,
    )
    first, second = solve(problem), solve(other)
    rounding = _rounding(problem, first)
    assert first.objective == pytest.approx(second.objective, rel=1e-12, abs=rounding)


@given(problems())
@settings(max_examples=100, deadline=None)
def test_the_same_problem_has_the_same_answer(problem: Problem) -> None:
    first, second = solve(problem), solve(problem)
    for name in ("person", "arc", "case_price", "person_price"):
        assert (getattr(first, name) == getattr(second, name)).all()
    assert first.objective == second.objective


@given(problems(most=5), st.integers(0, 10_000))
@settings(max_examples=200, deadline=None)
def test_insisting_costs_what_the_queue_with_that_pair_alone_costs(
    problem: Problem, number: int
) -> None:
    if not len(problem.case) or np.isinf(problem.unassigned).any():
        return
    arc, solution = number % len(problem.case), solve(problem)
    case, person = int(problem.case[arc]), int(problem.person[arc])
    rise, forced = insist(problem, solution, arc)
    kept = (problem.case != case) | (np.arange(len(problem.case)) == arc)
    unassigned = problem.unassigned.copy()
    unassigned[case] = INF
    alone = solve(
        Problem.of(
            problem.case[kept], problem.person[kept], problem.cost[kept],
            problem.capacity, unassigned,
        )
    )  # fmt: skip
    if alone.person[case] == NOBODY:
        assert rise == INF
    else:
        assert rise == pytest.approx(alone.objective - solution.objective, rel=1e-9, abs=1e-6)
        assert forced.person[case] == person
        assert solution.surplus(case, person, float(problem.cost[arc])) <= rise + 1e-6
