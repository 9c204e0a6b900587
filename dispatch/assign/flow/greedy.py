"""One by one: what the whole queue is compared with. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dispatch.assign.flow.problem import NOBODY, CountArray, Problem, total


def one_by_one(problem: Problem, turn: Iterable[int] | None = None) -> tuple[CountArray, float]:
    """Return the arcs taken if each case in turn takes the cheapest still free, and their sum.

    Nobody ever steps back. A case is left if all who have room cost more than leaving it.

    Parameters
    ----------
    turn
        Cases in the order in which they choose; by index if not given.
    """
    start, order = _rows(problem)
    person, cost = problem.person.tolist(), problem.cost.tolist()
    room, left = problem.capacity.tolist(), problem.unassigned.tolist()
    answer = np.full(len(left), NOBODY, np.int64)
    for case in range(len(left)) if turn is None else turn:
        for arc in order[start[case] : start[case + 1]]:
            if cost[arc] > left[case]:
                break
            if room[person[arc]] > 0:
                room[person[arc]] -= 1
                answer[case] = arc
                break
    return answer, total(problem, answer)


def _rows(problem: Problem) -> tuple[list[int], list[int]]:
    """Return where each case's arcs begin, and all arcs by case and ascending cost."""
    order = np.lexsort((problem.cost, problem.case))
    start = np.searchsorted(problem.case[order], np.arange(len(problem.unassigned) + 1))
    return start.tolist(), order.tolist()
