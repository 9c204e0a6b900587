"""Queues as they are in a district: cases in clusters, people everywhere, specialists scarce.

Also how OR-Tools is asked the same question. Used by tests/reference and bench.
"""

from __future__ import annotations

import numpy as np
from ortools.graph.python import min_cost_flow
from scipy.spatial import cKDTree

from dispatch.assign.flow.problem import Problem

SIZE_M = 20_000.0
"""Side of the square that everything lies in."""
SPREAD_M = 400.0
STEP_M = 1.0
"""Costs are whole metres."""


def clustered(
    seed: int,
    cases: int = 2_000,
    people: int = 17_700,
    *,
    clusters: int = 40,
    hot: int = 6,
    reach: tuple[int, int] = (20, 60),
    special: float = 0.05,
    wanted: float = 0.4,
    capacity: int = 2,
    left_m: float = 1_000.0,
) -> Problem:
    """Return a queue in which each case may have its nearest people, costs in whole metres.

    Parameters
    ----------
    clusters, hot
        Half the people live in ``clusters`` places; three quarters of the cases come from the
        first ``hot`` of them.
    reach
        Each case has from so many to so many arcs.
    special, wanted
        Share of people who are specialists, and of cases that only a specialist may take.
    capacity
        Most places of a person; from 0 on, all equally likely.
    left_m
        To leave a case costs once, twice or three times this.
    """
    rng = np.random.default_rng(seed)
    centre = rng.random((clusters, 2)) * SIZE_M

    def scatter(count: int, places: int, share: float) -> np.ndarray:
        point = rng.random((count, 2)) * SIZE_M
        near = centre[rng.integers(0, places, count)] + rng.normal(0.0, SPREAD_M, (count, 2))
        return np.where(rng.random((count, 1)) < share, near, point)

    where, home = scatter(cases, hot, 0.75), scatter(people, clusters, 0.5)
    asks, is_special = rng.random(cases) < wanted, rng.random(people) < special
    parts = []
    for kind in (False, True):
        who, what = np.flatnonzero(is_special == kind), np.flatnonzero(asks == kind)
        if len(who) and len(what):
            parts.append(_nearest(rng, where[what], home[who], reach, what, who))
    empty = np.empty((0, 3))
    arcs = np.concatenate([empty, *parts])
    left = left_m * rng.integers(1, 4, cases)
    return Problem.of(
        arcs[:, 0], arcs[:, 1], arcs[:, 2], rng.integers(0, capacity + 1, people), left
    )


def _nearest(
    rng: np.random.Generator,
    where: np.ndarray,
    home: np.ndarray,
    reach: tuple[int, int],
    what: np.ndarray,
    who: np.ndarray,
) -> np.ndarray:
    most = min(reach[1], len(who))
    far_m, index = cKDTree(home).query(where, k=range(1, most + 1))
    count = np.minimum(rng.integers(reach[0], reach[1] + 1, len(where)), most)
    kept = np.arange(most) < count[:, None]
    case = np.repeat(what, count)
    return np.column_stack([case, who[index[kept]], np.round(far_m[kept] / STEP_M)])


class Peer:
    """OR-Tools' minimum cost flow over the same cases, people and arcs; costs must be whole."""

    def __init__(self, problem: Problem) -> None:
        n, p = len(problem.unassigned), len(problem.capacity)
        case, person, sink = np.arange(n), n + np.arange(p), n + p
        self.n, self.m = n, len(problem.case)
        left = problem.unassigned
        tail = np.concatenate([problem.case, case, person])
        head = np.concatenate([n + problem.person, np.full(n + p, sink)])
        capacity = np.concatenate([np.ones(self.m + n), problem.capacity]).astype(np.int64)
        cost = np.concatenate([problem.cost, left, np.zeros(p)])
        assert (cost == np.rint(cost)).all()
        self.flow = min_cost_flow.SimpleMinCostFlow()
        self.flow.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost.astype(np.int64))
        supply = np.concatenate([np.ones(n), np.zeros(p), [-n]]).astype(np.int64)
        self.flow.set_nodes_supplies(np.arange(n + p + 1), supply)

    def solve(self) -> int:
        """Return the least sum of costs."""
        assert self.flow.solve() == self.flow.OPTIMAL
        return int(self.flow.optimal_cost())
