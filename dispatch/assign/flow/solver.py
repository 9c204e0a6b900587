"""The least sum of costs: shortest augmenting paths with prices, compiled. Pure.

One case after another looks for the cheapest way to a place: a free place with somebody, its own
being left unassigned, or a chain in which others move on. The search is Dijkstra's over reduced
costs, which prices keep from falling below zero (Edmonds and Karp, JACM 19, 1972; Jonker and
Volgenant, Computing 38, 1987, for sparse rows; Volgenant, Computers & OR 23, 1996, with places).
Costs are whole numbers inside: the answer is the least of them, not nearly so.
docs/algorithms/whole-queue.md tells the rounding.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.assign.flow.problem import NOBODY, CountArray, IndexArray, Problem, Solution, total
from geodata.heap import drop, push
from geodata.native import native

BITS = 60
"""Whole costs stay below 2^60, so that three of them together stay below 2^62."""
_BEYOND = 2**62


def solve(problem: Problem) -> Solution:
    """Return who takes which case so that the sum of costs is least.

    The same problem always has the same answer. Of answers that cost the same, which one is found
    hangs on the order of cases and people.
    """
    stand_in = _stand_in(problem)
    scale = _scale(float(stand_in.max(initial=0.0)))
    left = np.rint(stand_in * scale).astype(np.int64)
    kept = _useful(problem, stand_in)
    cost = np.rint(problem.cost[kept] * scale).astype(np.int64)
    case, person = problem.case[kept], problem.person[kept]
    order = np.lexsort((problem.cost[kept], case))  # as given: of costs rounded alike, the lesser
    start = np.searchsorted(case[order], np.arange(len(left) + 1)).astype(np.int64)
    place, case_price, person_price = _assign(
        start, person[order], cost[order], left, problem.capacity
    )
    taken = place != NOBODY
    arc = np.full(len(left), NOBODY, np.int64)
    arc[taken] = kept[order[place[taken]]]
    chosen = np.full(len(left), NOBODY, np.int32)
    chosen[taken] = problem.person[arc[taken]]
    objective = total(problem, arc)
    return Solution(chosen, arc, objective, scale, stand_in, case_price, person_price)


def insist(problem: Problem, solution: Solution, arc: int) -> tuple[float, Solution]:
    """Return what the sum rises by if an arc is taken whatever it costs, and how all then go.

    The exact answer to "why not this person?"; :meth:`Solution.surplus` is a bound of it that
    needs no solving. inf if the person has no room at all, or if a case would have to be left
    that has no unassigned cost.
    """
    case, person = int(problem.case[arc]), int(problem.person[arc])
    if problem.capacity[person] == 0:
        return math.inf, solution
    others = problem.case != case
    numbers = np.flatnonzero(others)
    capacity, unassigned = problem.capacity.copy(), problem.unassigned.copy()
    capacity[person] -= 1
    unassigned[case] = 0.0
    rest = solve(
        replace(
            problem,
            case=problem.case[others],
            person=problem.person[others],
            cost=problem.cost[others],
            capacity=capacity,
            unassigned=unassigned,
        )
    )
    taken = np.where(rest.arc == NOBODY, NOBODY, numbers[rest.arc] if len(numbers) else NOBODY)
    taken[case], rest.person[case] = arc, person
    objective = total(problem, taken)
    forced = replace(rest, arc=taken, objective=objective)
    worse = _left_out(problem, forced) > _left_out(problem, solution)
    return math.inf if worse else objective - solution.objective, forced


def _left_out(problem: Problem, solution: Solution) -> int:
    """Return how many cases are left that have no unassigned cost."""
    return int((np.isinf(problem.unassigned) & (solution.arc == NOBODY)).sum())


def warm() -> None:
    """Compile the loops, or load them, ahead of the first question."""
    solve(Problem.of([0, 1], [0, 0], [1.0, 2.0], [1], [3.0, 3.0]))


def _useful(problem: Problem, stand_in: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the arcs to somebody with room that cost no more than leaving the case."""
    useful = problem.cost <= stand_in[problem.case]
    useful &= problem.capacity[problem.person] > 0
    return np.flatnonzero(useful)


def _stand_in(problem: Problem) -> NDArray[np.float64]:
    """Return unassigned costs without inf and without numbers that mean inf.

    A number larger than all else together is only ever weighed against itself, so any number
    larger than all else together does as well; a smaller one leaves more bits to the others.
    """
    worst = np.zeros(len(problem.unassigned))
    np.maximum.at(worst, problem.case, problem.cost)
    result = problem.unassigned.copy()
    largest = float(result[np.isfinite(result)].max(initial=0.0))
    most = result == largest
    rest = math.fsum((*worst, *result[result < largest]))
    if largest > 2.0 * rest + 1.0:
        result[most] = 2.0 * rest + 1.0
    forced = np.isinf(problem.unassigned)
    if forced.any():
        result[forced] = 2.0 * math.fsum((*worst, *result[~forced])) + 1.0
    return result


def _scale(largest: float) -> float:
    """Return the power of two by which costs become whole numbers below 2^BITS."""
    if largest == 0.0:
        return 1.0
    return math.ldexp(1.0, min(BITS - 1 - math.frexp(largest)[1], 1000))


class _Rows(NamedTuple):
    """Arcs by case, each row by ascending cost; what leaving each case costs."""

    start: CountArray
    person: IndexArray
    cost: CountArray
    left: CountArray


class _Seats(NamedTuple):
    """Who sits where: a person has the seats from ``first`` on, and ``used`` of them are taken."""

    first: CountArray
    used: CountArray
    holder: CountArray
    """The case on each seat."""
    arc: CountArray
    """The arc of each case, or NOBODY."""
    seat: CountArray
    """The seat of each case, or NOBODY."""


class _Search(NamedTuple):
    """What one search knows; an entry is valid where ``seen`` is the case that it started from."""

    seen: CountArray
    done: CountArray
    away: CountArray
    """How far each person stands from the start, in reduced costs."""
    by_case: CountArray
    by_arc: CountArray
    keys: CountArray
    items: CountArray
    cases: CountArray
    case_away: CountArray
    people: CountArray


class _End(NamedTuple):
    """The cheapest end so far: a case takes an arc to a free seat, or NOBODY and is left."""

    away: int
    case: int
    arc: int


@native
def _assign(
    start: CountArray,
    person: IndexArray,
    cost: CountArray,
    left: CountArray,
    capacity: CountArray,
) -> tuple[CountArray, CountArray, CountArray]:
    """Return the arc of each case (NOBODY if left), and the prices of cases and people."""
    n, p, m = len(left), len(capacity), len(person)
    rows = _Rows(start, person, cost, left)
    seats = _seat(person, capacity, n)
    none = np.full(p, NOBODY, np.int64)
    search = _Search(
        none, none.copy(), none.copy(), none.copy(), none.copy(),
        np.empty(m + 1, np.int64), np.empty(m + 1, np.int64),
        np.empty(n, np.int64), np.empty(n, np.int64), none.copy(),
    )  # fmt: skip
    case_price, person_price = np.zeros(n, np.int64), np.zeros(p, np.int64)
    for case in range(n):
        case_price[case] = _least(rows, person_price, case)
        end = _find(rows, seats, search, case_price, person_price, case)
        _move_on(rows, seats, search, end, case)
    return seats.arc, case_price, person_price


@native
def _seat(person: IndexArray, capacity: CountArray, n: int) -> _Seats:
    """Return empty seats: as many as a person may take, and as could be asked for."""
    p = len(capacity)
    first, degree = np.zeros(p + 1, np.int64), np.zeros(p, np.int64)
    for j in person:
        degree[j] += 1
    for j in range(p):
        first[j + 1] = first[j] + min(capacity[j], degree[j])
    nobody = np.full(n, NOBODY, np.int64)
    return _Seats(first, np.zeros(p, np.int64), np.empty(first[p], np.int64), nobody, nobody.copy())


@native
def _least(rows: _Rows, person_price: CountArray, case: int) -> int:
    """Return the price of a case that has no arc yet: the least it can cost as things stand."""
    least = int(rows.left[case])
    for arc in range(rows.start[case], rows.start[case + 1]):
        if rows.cost[arc] >= least:
            break
        least = min(least, rows.cost[arc] + person_price[rows.person[arc]])
    return least


@native
def _find(
    rows: _Rows,
    seats: _Seats,
    search: _Search,
    case_price: CountArray,
    person_price: CountArray,
    origin: int,
) -> _End:
    """Return the cheapest end of a chain from a case, and raise the prices along the way."""
    end = _End(_BEYOND, origin, NOBODY)
    size, end = _look(rows, seats, search, case_price, person_price, origin, origin, 0, 0, end)
    search.cases[0], search.case_away[0] = origin, 0
    n_cases, n_people = 1, 0
    while size > 0 and search.keys[0] < _limit(end):
        person = search.items[0]
        size = drop(search.keys, search.items, size)
        if search.done[person] == origin:
            continue
        search.done[person] = origin
        search.people[n_people] = person
        n_people += 1
        away = search.away[person]
        for seat in range(seats.first[person], seats.first[person + 1]):
            case = seats.holder[seat]
            search.cases[n_cases], search.case_away[n_cases] = case, away
            n_cases += 1
            size, end = _look(
                rows, seats, search, case_price, person_price, origin, case, away, size, end
            )
    for number in range(n_cases):
        case_price[search.cases[number]] += max(0, end.away - search.case_away[number])
    for number in range(n_people):
        person = search.people[number]
        person_price[person] += max(0, end.away - search.away[person])
    return end


@native
def _limit(end: _End) -> int:
    """Return what a better end stays below: somebody at the same cost is better than nobody."""
    return end.away + (1 if end.arc == NOBODY else 0)


@native
def _look(
    rows: _Rows,
    seats: _Seats,
    search: _Search,
    case_price: CountArray,
    person_price: CountArray,
    origin: int,
    case: int,
    away: int,
    size: int,
    end: _End,
) -> tuple[int, _End]:
    """Look along the arcs of a case; return the size of the heap and the cheapest end."""
    base = away - case_price[case]
    if base + rows.left[case] < end.away:
        end = _End(base + rows.left[case], case, NOBODY)
    for arc in range(rows.start[case], rows.start[case + 1]):
        at = base + rows.cost[arc]
        if at >= _limit(end):
            break
        person = rows.person[arc]
        at += person_price[person]
        if at >= _limit(end):
            continue
        if seats.first[person] + seats.used[person] < seats.first[person + 1]:
            end = _End(at, case, arc)
        elif search.seen[person] != origin or at < search.away[person]:
            search.seen[person], search.away[person] = origin, at
            search.by_case[person], search.by_arc[person] = case, arc
            size = push(search.keys, search.items, size, at, person)
    return size, end


@native
def _move_on(rows: _Rows, seats: _Seats, search: _Search, end: _End, origin: int) -> None:
    """Let everybody along the chain move on by one, from its end back to the origin."""
    case, arc, seat = end.case, end.arc, NOBODY
    if arc != NOBODY:
        person = rows.person[arc]
        seat = seats.first[person] + seats.used[person]
        seats.used[person] += 1
    while True:
        old_arc, old_seat = seats.arc[case], seats.seat[case]
        seats.arc[case], seats.seat[case] = arc, seat
        if seat != NOBODY:
            seats.holder[seat] = case
        if case == origin:
            return
        person = rows.person[old_arc]
        case, arc, seat = search.by_case[person], search.by_arc[person], old_seat
