"""A proof that an answer is the least: feasible, and priced so that nothing cheaper can exist.

Shares no code with the solver. Prices that leave no arc cheaper than its case's price, and that
fit the answer wherever it uses something (complementary slackness), prove it least for the
rounded costs; all of it is checked in whole numbers, without a tolerance.
"""

from __future__ import annotations

import math
from collections import Counter

from dispatch.assign.flow.problem import NOBODY, Problem, Solution


def prove(problem: Problem, solution: Solution) -> None:
    """Fail unless the answer is feasible and its prices prove it."""
    cost = [round(c * solution.scale) for c in problem.cost.tolist()]
    left = [round(c * solution.scale) for c in solution.stand_in.tolist()]
    y, price = solution.case_price.tolist(), solution.person_price.tolist()
    used = Counter(person for person in solution.person.tolist() if person != NOBODY)
    for person, room in enumerate(problem.capacity.tolist()):
        assert used[person] <= room, "somebody has more than they may take"
        assert price[person] >= 0
        assert price[person] == 0 or used[person] == room, "a free place has a price"
    arcs = zip(problem.case.tolist(), problem.person.tolist(), cost, strict=True)
    for case, person, c in arcs:
        if problem.capacity[person] > 0:
            assert c + price[person] >= y[case], "an arc is cheaper than its case's price"
    for case, (person, arc) in enumerate(
        zip(solution.person.tolist(), solution.arc.tolist(), strict=True)
    ):
        assert y[case] <= left[case], "leaving is cheaper than the case's price"
        if person == NOBODY:
            assert arc == NOBODY
            assert y[case] == left[case]
        else:
            assert (problem.case[arc], problem.person[arc]) == (case, person)
            assert cost[arc] + price[person] == y[case]
    _prove_sum(problem, solution)


def _prove_sum(problem: Problem, solution: Solution) -> None:
    parts = [
        float(problem.unassigned[case] if arc == NOBODY else problem.cost[arc])
        for case, arc in enumerate(solution.arc.tolist())
    ]
    assert solution.objective == math.fsum(part for part in parts if part < math.inf)
