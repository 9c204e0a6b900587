"""The plan for the whole queue: who goes where if all waiting cases are looked at together. Pure.

What it costs and how it is solved: docs/algorithms/whole-queue.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from dispatch.assign import ladder
from dispatch.assign.flow.cost import Cases, Offers, Staff, Weights, pose
from dispatch.assign.flow.greedy import one_by_one
from dispatch.assign.flow.problem import NOBODY, CountArray, Problem, total
from dispatch.assign.flow.solver import solve
from dispatch.assign.ladder import Responder
from dispatch.assign.reason import Reason

NOBODY_ANSWERS, UNREACHABLE, TOO_FAR, OTHERS_FIRST = "nobody", "unreachable", "too_far", "others"
BY_CARD = "by_card"
"""Why a case is left: nobody of the ladder is free within reach of the desk; no road leads there;
all are so far that leaving it costs less; those who could go are needed more elsewhere; or its run
card names who leads."""


STAY = 0.05
"""Arrival limits that a change from the earlier proposal must gain: people who read it should not
see names change places for nothing. 45 s of a limit of 15 minutes; an assumption."""


@dataclass(frozen=True)
class Waiting:
    """A case that waits for somebody; lon, lat are EPSG:4326, ``arrival_limit_s`` is its type's.

    ``by_card``: its run card names who leads it; the ladder does not say who goes.
    """

    id: int
    version: int
    number: str
    mode: str
    urgent: bool
    reported_at: datetime
    arrival_limit_s: float
    grid_code: str
    lon: float
    lat: float
    by_card: bool = False


@dataclass(frozen=True)
class Tally:
    """What an answer comes to.

    Parameters
    ----------
    cost
        The objective, in arrival limits.
    road_s
        Seconds on the road of all who are sent.
    left, late
        Cases left to nobody; cases whose limit is passed before anybody arrives.
    """

    cost: float
    road_s: float
    left: int
    late: int


@dataclass(frozen=True)
class Line:
    """What is proposed for one case; ``person_id`` None: it is left, and why.

    Parameters
    ----------
    cost
        Of the line, or of leaving the case.
    instead_id
        Who would go one by one, None for nobody.
    """

    case_id: int
    case_version: int
    person_id: int | None
    person_role: str | None
    rung: str | None
    travel_s: float | None
    cost: float
    reasons: tuple[Reason, ...]
    instead_id: int | None
    left_why: str | None


@dataclass(frozen=True)
class Plan:
    """One line a case, in the order of waiting, and what all come to."""

    lines: tuple[Line, ...]
    people: int
    together: Tally
    one_by_one: Tally
    solve_s: float


@dataclass(frozen=True, eq=False)
class _Posed:
    """A problem with what its arcs stand for."""

    problem: Problem
    person_id: list[int]
    option: list[tuple[int, Responder]]
    """Of each arc: the case's index and who."""


def make_plan(
    cases: Sequence[Waiting],
    options: Mapping[int, Sequence[Responder]],
    now: datetime,
    weights: Weights | None = None,
    earlier: Mapping[int, int] | None = None,
) -> Plan:
    """Return who goes where so that the sum of costs is least, beside one by one.

    What is told are the costs themselves; with an earlier proposal the sum may be above the least
    by at most :data:`STAY` for each of its cases.

    Parameters
    ----------
    cases
        In the order of waiting, in which they choose one by one.
    options
        By case id who may lead it, with travel times in seconds; inf where no road leads.
    earlier
        Whom an earlier proposal named, by case id.
    """
    posed = _pose(cases, options, now, weights or Weights())
    begun = perf_counter()
    solution = solve(_staying(posed, cases, earlier or {}))
    solve_s = perf_counter() - begun
    greedy, _ = one_by_one(posed.problem)
    lines = tuple(
        _line(posed, case, options.get(case.id, ()), index, int(solution.arc[index]), greedy[index])
        for index, case in enumerate(cases)
    )
    together, single = (_tally(posed, cases, arcs) for arcs in (solution.arc, greedy))
    return Plan(lines, len(posed.person_id), together, single, solve_s)


def _pose(
    cases: Sequence[Waiting],
    options: Mapping[int, Sequence[Responder]],
    now: datetime,
    weights: Weights,
) -> _Posed:
    offered = [(i, r) for i, case in enumerate(cases) for r in options.get(case.id, ())]
    people = {r.person_id: r for _, r in offered}
    place = {person_id: n for n, person_id in enumerate(sorted(people))}
    listed = [people[person_id] for person_id in place]
    offers = Offers(
        np.array([i for i, _ in offered], np.int32),
        np.array([place[r.person_id] for _, r in offered], np.int32),
        np.array([math.nan if r.travel_s is None else r.travel_s for _, r in offered], float),
        np.array([r.rung for _, r in offered], np.int64),
    )
    staff = Staff(
        np.array([r.load for r in listed], np.int64),
        np.array([r.capacity for r in listed], np.int64),
    )
    problem = pose(_cases(cases, now), offers, staff, weights)
    joined = np.flatnonzero(offers.travel_s != np.inf).tolist()
    return _Posed(problem, list(place), [offered[arc] for arc in joined])


def _staying(posed: _Posed, cases: Sequence[Waiting], earlier: Mapping[int, int]) -> Problem:
    """Return the problem in which whom the earlier proposal named is a little cheaper."""
    named = [earlier.get(cases[i].id) == r.person_id for i, r in posed.option]
    cost = np.maximum(posed.problem.cost - STAY * np.array(named, float), 0.0)
    return replace(posed.problem, cost=cost) if any(named) else posed.problem


def _cases(cases: Sequence[Waiting], now: datetime) -> Cases:
    return Cases(
        np.array([case.arrival_limit_s for case in cases], float),
        np.array([(now - case.reported_at).total_seconds() for case in cases], float),
        np.array([case.urgent for case in cases], bool),
    )


def _line(
    posed: _Posed,
    case: Waiting,
    people: Sequence[Responder],
    index: int,
    arc: int,
    greedy_arc: int,
) -> Line:
    instead = None if greedy_arc == NOBODY else posed.option[greedy_arc][1].person_id
    if arc == NOBODY:
        why = BY_CARD if case.by_card else _why_left(posed, people, index)
        cost = float(posed.problem.unassigned[index])
        return Line(case.id, case.version, None, None, None, None, cost, (), instead, why)
    chosen = posed.option[arc][1]
    ordered = ladder.order(people, case.arrival_limit_s)
    told = ladder.candidate(ordered, ordered.responders.index(chosen), case.grid_code)
    cost = float(posed.problem.cost[arc])
    return Line(
        case.id, case.version, chosen.person_id, chosen.role, told.rung, told.travel_s, cost,
        told.reasons, instead, None,
    )  # fmt: skip


def _why_left(posed: _Posed, people: Sequence[Responder], index: int) -> str:
    if not people:
        return NOBODY_ANSWERS
    if all(r.travel_s == math.inf for r in people):
        return UNREACHABLE
    cost = posed.problem.cost[posed.problem.case == index]
    return TOO_FAR if (cost > posed.problem.unassigned[index]).all() else OTHERS_FIRST


def _tally(posed: _Posed, cases: Sequence[Waiting], arcs: CountArray | NDArray[np.int64]) -> Tally:
    taken = [posed.option[arc] for arc in arcs.tolist() if arc != NOBODY]
    late = [i for i, r in taken if round(r.travel_s or 0.0, 1) > cases[i].arrival_limit_s]
    road_s = math.fsum(r.travel_s or 0.0 for _, r in taken)
    return Tally(total(posed.problem, arcs), round(road_s, 1), len(cases) - len(taken), len(late))
