"""What is asked of the whole-queue solver, and what it answers. docs/algorithms/whole-queue.md."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geodata.errors import InvalidInput

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int32]
CountArray = NDArray[np.int64]

LARGEST = 1e300
"""No cost is more: some millions of them can be summed up."""
NOBODY = -1
"""Index of nobody: the case stays unassigned."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Cases and people by index, with the arcs between them.

    Parameters
    ----------
    case, person, cost
        Shape (m,): an arc says that a person may take a case, at a cost of zero or more. Of two
        arcs between the same two the cheaper counts.
    capacity
        Shape (p,): how many more cases each person may take, zero or more.
    unassigned
        Shape (n,): what it costs to leave a case to nobody, zero or more. inf: the case is left
        only if it must be. The fewest such cases are left, whatever the rest then costs.

    Raises
    ------
    InvalidInput
        A number is negative, NaN or beyond LARGEST, an index points nowhere, or lengths differ.
    """

    case: IndexArray
    person: IndexArray
    cost: FloatArray
    capacity: CountArray
    unassigned: FloatArray

    def __post_init__(self) -> None:
        if not len(self.case) == len(self.person) == len(self.cost):
            raise InvalidInput("case, person and cost must be of one length", field="cost")
        _check_indices(self.case, len(self.unassigned), "case")
        _check_indices(self.person, len(self.capacity), "person")
        if not ((self.cost >= 0.0) & (self.cost <= LARGEST)).all():
            raise InvalidInput("a cost must be from 0 to 1e300", field="cost")
        left = self.unassigned
        if not ((left >= 0.0) & ((left <= LARGEST) | np.isinf(left))).all():
            raise InvalidInput(
                "an unassigned cost must be from 0 to 1e300, or inf", field="unassigned"
            )
        if (self.capacity < 0).any():
            raise InvalidInput("a capacity must be zero or more", field="capacity")

    @classmethod
    def of(
        cls,
        case: ArrayLike,
        person: ArrayLike,
        cost: ArrayLike,
        capacity: ArrayLike,
        unassigned: ArrayLike,
    ) -> Problem:
        """Gather a problem from anything that numpy reads."""
        return cls(
            np.ascontiguousarray(case, np.int32),
            np.ascontiguousarray(person, np.int32),
            np.ascontiguousarray(cost, np.float64),
            np.ascontiguousarray(capacity, np.int64),
            np.ascontiguousarray(unassigned, np.float64),
        )


def _check_indices(index: IndexArray, count: int, field: str) -> None:
    if len(index) and not (index.min() >= 0 and index.max() < count):
        raise InvalidInput(f"a {field} must be from 0 to {count - 1}", field=field)


@dataclass(frozen=True, eq=False)
class Solution:
    """Who takes which case, and the prices that prove that nothing is cheaper.

    Prices explain an answer: see :meth:`surplus`. They are whole numbers of ``1 / scale``, so that
    the proof can be checked without a rounding error (tests/reference/test_assign_flow.py does).
    """

    person: IndexArray
    """Shape (n,): who takes each case, or NOBODY."""
    arc: NDArray[np.int64]
    """Shape (n,): the arc that was taken, or NOBODY."""
    objective: float
    """Sum of the costs of arcs taken and of cases left; those of no unassigned cost add nothing."""
    scale: float
    """Whole units in a cost of 1: a power of two."""
    stand_in: FloatArray
    """Shape (n,): the unassigned costs that were reckoned with: a number in place of inf."""
    case_price: CountArray
    """Shape (n,), units: what the case costs at the margin."""
    person_price: CountArray
    """Shape (p,), units: what one more place with this person would save; 0 if one is free."""

    def surplus(self, case: int, person: int, cost: float) -> float:
        """Return by how much at least the sum would rise if this person took this case.

        The reduced cost of the arc: its cost and the price of the person's place, less the price
        of the case. Prices are not the only ones that would do, so it may be zero where the true
        rise is not; ``solver.insist`` tells that.
        """
        prices = int(self.person_price[person]) - int(self.case_price[case])
        return max(0.0, cost + prices / self.scale)

    def place_price(self, person: int) -> float:
        """Return what one more place with this person would save: how contended they are."""
        return int(self.person_price[person]) / self.scale


def total(problem: Problem, arc: NDArray[np.int64]) -> float:
    """Return the objective of an answer, summed without a rounding error."""
    left = problem.unassigned[arc == NOBODY]
    return math.fsum((*problem.cost[arc[arc != NOBODY]], *left[np.isfinite(left)]))
