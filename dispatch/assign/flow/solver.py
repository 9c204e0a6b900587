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
    order = np.lexsort((person, cost, case))
    row_start = np.searchsorted(case[order], np.arange(len(left) + 1)).astype(np.int64)
    place, case_price, person_price = _assign(
        row_start, person[order], cost[order], left, problem.capacity
    )
    taken = place != NOBODY
    arc = np.full(len(left), NOBODY, np.int64)
    arc[taken] = kept[order[place[taken]]]
    chosen = np.full(len(left), NOBODY, np.int32)
    chosen[taken] = problem.person[arc[taken]]
    objective = total(problem, arc)
    return Solution(chosen, arc, objective, scale, stand_in, case_price, person_price)


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


@native
def _assign(
    row_start: CountArray,
    person: IndexArray,
    cost: CountArray,
    left: CountArray,
    capacity: CountArray,
) -> tuple[CountArray, CountArray, CountArray]:
    """Return the arc of each case (NOBODY if left), and the prices of cases and people.

    Parameters
    ----------
    row_start, person, cost
        Arcs by case, each row by ascending cost.
    left
        What leaving each case costs.
    """
    n, p, m = len(left), len(capacity), len(person)
    degree = np.zeros(p, np.int64)
    for a in range(m):
        degree[person[a]] += 1
    first = np.zeros(p + 1, np.int64)
    room = np.zeros(p, np.int64)
    for j in range(p):
        room[j] = min(capacity[j], degree[j])
        first[j + 1] = first[j] + room[j]
    holder = np.empty(first[p], np.int64)  # who sits on each place of each person
    used = np.zeros(p, np.int64)
    place = np.full(n, NOBODY, np.int64)  # arc of each case
    seat = np.full(n, NOBODY, np.int64)  # place of each case among those of its person
    y, price = np.zeros(n, np.int64), np.zeros(p, np.int64)
    # The search from one case: valid where seen[j] is the number of that case.
    seen, done = np.full(p, NOBODY, np.int64), np.full(p, NOBODY, np.int64)
    away = np.empty(p, np.int64)
    by_case, by_arc = np.empty(p, np.int64), np.empty(p, np.int64)
    keys, items = np.empty(m + 1, np.int64), np.empty(m + 1, np.int64)
    case_list, case_away = np.empty(n, np.int64), np.empty(n, np.int64)
    person_list = np.empty(p, np.int64)
    for i in range(n):
        least = left[i]
        for a in range(row_start[i], row_start[i + 1]):
            if cost[a] >= least:
                break
            least = min(least, cost[a] + price[person[a]])
        y[i] = least
        size = n_cases = n_people = 0
        best, best_case, best_arc, limit = _BEYOND, i, NOBODY, _BEYOND
        k, k_away = i, 0
        p_now = NOBODY
        s_now = 0
        while True:
            # Look along the arcs of case k, which stands k_away from the start.
            case_list[n_cases], case_away[n_cases] = k, k_away
            n_cases += 1
            base = k_away - y[k]
            if base + left[k] < best:
                best, best_case, best_arc = base + left[k], k, NOBODY
                limit = best + 1  # somebody at the same cost is better than nobody
            for a in range(row_start[k], row_start[k + 1]):
                at = base + cost[a]
                if at >= limit:
                    break
                j = person[a]
                at += price[j]
                if at >= limit:
                    continue
                if used[j] < room[j]:
                    best, best_case, best_arc, limit = at, k, a, at
                elif done[j] != i and (seen[j] != i or at < away[j]):
                    seen[j], away[j], by_case[j], by_arc[j] = i, at, k, a
                    size = push(keys, items, size, at, j)
            # Next: another case of the person at hand, or the next person.
            if p_now != NOBODY:
                s_now += 1
            while p_now == NOBODY or s_now == first[p_now + 1]:
                p_now = NOBODY
                while size > 0 and p_now == NOBODY and keys[0] < limit:
                    j = items[0]
                    size = drop(keys, items, size)
                    if done[j] != i:
                        done[j] = i
                        person_list[n_people] = j
                        n_people += 1
                        p_now, s_now = j, first[j]
                if p_now == NOBODY:
                    break
            if p_now == NOBODY:
                break
            k, k_away = holder[s_now], away[p_now]
        for c in range(n_cases):
            y[case_list[c]] += max(0, best - case_away[c])
        for c in range(n_people):
            j = person_list[c]
            price[j] += max(0, best - away[j])
        # Everybody along the way moves on by one.
        k, a = best_case, best_arc
        free = NOBODY
        if a != NOBODY:
            j = person[a]
            free = first[j] + used[j]
            used[j] += 1
        while True:
            old_arc, old_seat = place[k], seat[k]
            place[k], seat[k] = a, free
            if free != NOBODY:
                holder[free] = k
            if k == i:
                break
            j = person[old_arc]
            k, a, free = by_case[j], by_arc[j], old_seat
    return place, y, price
