"""The sums of the whole-queue solver are those of OR-Tools' minimum cost flow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatch.assign.flow.problem import NOBODY, Problem
from dispatch.assign.flow.solver import solve
from tests.flow_proof import prove
from tests.flow_queue import Peer, clustered

pytestmark = pytest.mark.reference
INSTANCES = 200
FRACTION = 2.0**30
"""Costs that are not whole are told to OR-Tools in these parts."""


def _instance(number: int) -> Problem:
    """Return a random queue; each number has its own mix of what makes queues hard."""
    rng = np.random.default_rng(number)
    problem = clustered(
        number,
        cases=int(rng.integers(1, 120)),
        people=int(rng.integers(1, 500)),
        clusters=int(rng.integers(1, 9)),
        hot=1,
        reach=(1, int(rng.integers(2, 30))),
        special=float(rng.choice([0.0, 0.02, 0.1, 0.3, 0.5, 1.0])),
        wanted=float(rng.choice([0.0, 0.3, 0.9])),
        capacity=int(rng.choice([0, 1, 1, 1, 2, 2, 3, 3, 8, 8])),
        left_m=float(rng.choice([50.0, 1_000.0, 30_000.0])),
    )
    if number % 3 == 0:  # ties: few different costs
        problem = replace(problem, cost=np.floor(problem.cost / 2_000.0))
    if number % 4 == 0:  # duplicates, dearer and cheaper
        twice = np.concatenate([np.arange(len(problem.case))] * 2)
        other = problem.cost + rng.integers(-3, 4, len(problem.cost))
        problem = Problem.of(
            problem.case[twice],
            problem.person[twice],
            np.concatenate([problem.cost, np.maximum(other, 0.0)]),
            problem.capacity,
            problem.unassigned,
        )
    return problem


@pytest.mark.parametrize("number", range(INSTANCES))
def test_whole_costs_sum_up_to_the_very_same(number: int) -> None:
    problem = _instance(number)
    solution = solve(problem)
    assert solution.objective == Peer(problem).solve()
    prove(problem, solution)


def test_the_instances_are_what_they_are_said_to_be() -> None:
    every = [_instance(number) for number in range(INSTANCES)]
    answers = [solve(problem).person for problem in every]
    left = np.array([(answer == NOBODY).mean() for answer in answers])
    assert (left == 0.0).sum() > 10
    assert ((left > 0.0) & (left < 1.0)).sum() > 100
    assert (left == 1.0).sum() > 5  # nobody has room, or nobody the skill
    isolated = [np.isin(np.arange(len(p.unassigned)), p.case, invert=True).any() for p in every]
    assert sum(isolated) > 20
    full = [(p.capacity == 0).any() for p in every]
    assert sum(full) > 100


@pytest.mark.parametrize("number", range(0, INSTANCES, 4))
def test_costs_that_are_not_whole_sum_up_to_a_billionth(number: int) -> None:
    rng = np.random.default_rng(number)
    whole = _instance(number)
    problem = replace(
        whole,
        cost=whole.cost + rng.random(len(whole.cost)),
        unassigned=whole.unassigned + rng.random(len(whole.unassigned)),
    )
    told = replace(
        problem,
        cost=np.rint(problem.cost * FRACTION),
        unassigned=np.rint(problem.unassigned * FRACTION),
    )
    solution = solve(problem)
    prove(problem, solution)
    # What OR-Tools was told differs by half a part per case at most.
    theirs = Peer(told).solve() / FRACTION
    tolerance = 0.5 * len(problem.unassigned) / FRACTION
    assert solution.objective == pytest.approx(theirs, rel=0, abs=tolerance)
    assert tolerance < 1e-7


@pytest.mark.parametrize("number", range(0, INSTANCES, 4))
def test_cases_that_must_be_served_are_if_ever_they_can(number: int) -> None:
    whole = _instance(number)
    rng = np.random.default_rng(number)
    must = rng.random(len(whole.unassigned)) < 0.3
    never = 1.0 + float(whole.unassigned.sum() + whole.cost.sum())
    solution = solve(replace(whole, unassigned=np.where(must, np.inf, whole.unassigned)))
    told = replace(whole, unassigned=np.where(must, never, whole.unassigned))
    lost = int((solution.person[must] == NOBODY).sum())
    assert solution.objective + lost * never == Peer(told).solve()


@pytest.mark.parametrize(
    "mix", [{}, {"hot": 1}, {"special": 0.01}, {"left_m": 30_000.0, "capacity": 1}]
)
def test_2000_cases_and_17700_people(mix: dict[str, float]) -> None:
    problem = clustered(5, **mix)
    solution = solve(problem)
    assert solution.objective == Peer(problem).solve()
    assert 0 < (solution.person == NOBODY).sum() < 2_000
    prove(problem, solution)
