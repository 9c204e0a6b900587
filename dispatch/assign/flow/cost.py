"""What it costs to send somebody, and to send nobody. Pure; docs/algorithms/whole-queue.md.

The unit is the arrival limit of the case: a cost of 1 is a limit used up on the way to a case that
is not urgent and has just come in. So five minutes weigh more where fifteen are allowed than where
an hour is. Every term of a case is multiplied by its urgency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dispatch.assign.flow.problem import CountArray, FloatArray, IndexArray, Problem
from geodata.errors import InvalidInput


@dataclass(frozen=True)
class Weights:
    """How much each thing matters, in arrival limits.

    The defaults keep the order of the ladder (ladder.md) for a case that is alone: in time before
    late, then the lower rung, then the nearer, and load between those equally near. What holds that
    is written beside each; tests/unit/test_queue_cost.py tries it.
    """

    rung: float = 1.5
    """Per rung above the building. More than 1 + load: a neighbour next door does not outweigh a
    grid worker who is in time."""
    late: float = 8.0
    """For arriving after the limit at all, beside the minutes. More than 5 rungs + load: somebody
    of the district in time goes before a grid worker who is late."""
    load: float = 0.4
    """For somebody with every place but one taken, nearly; in proportion below. Up to 6 minutes of
    a limit of 15."""
    unassigned: float = 24.0
    """For leaving the case. More than 5 rungs + late + load, and 8 limits of travel beside: who
    would need longer is not sent."""
    urgent: float = 2.0
    """Factor of a case of an urgent type."""
    waited: float = 0.25
    """Added to the factor 1 for each limit that the case has waited: of two cases alike the older
    gets the one person."""
    waited_most: float = 12.0
    """Limits of waiting that count: the factor of age ends at 4."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0.0 <= value < np.inf:
                raise InvalidInput(f"{name} must be a finite number of zero or more", field=name)


NEAREST = Weights(rung=0.0, late=0.0, load=0.0)
"""Whoever is nearest, whoever is responsible: what the default is compared with."""


@dataclass(frozen=True, eq=False)
class Cases:
    """Open cases; arrays of shape (n,)."""

    limit_s: FloatArray
    """Arrival limit of the type, seconds, more than zero."""
    waited_s: FloatArray
    """Seconds since the case came in; a time in the future counts as none."""
    urgent: NDArray[np.bool_]
    """Whether its type is urgent."""

    def __post_init__(self) -> None:
        if not ((self.limit_s > 0.0) & np.isfinite(self.limit_s)).all():
            raise InvalidInput("an arrival limit must be more than zero", field="limit_s")


@dataclass(frozen=True, eq=False)
class Offers:
    """Who may be sent where; arrays of shape (m,).

    Whoever stands aside, lacks the skill or is off duty is not in here: no cost lets them go.
    """

    case: IndexArray
    person: IndexArray
    travel_s: FloatArray
    """NaN for who does not travel, and is in time; inf where no road leads: no arc."""
    rung: NDArray[np.int64]
    """1 (building) to 6 (district)."""


@dataclass(frozen=True, eq=False)
class Staff:
    """People; arrays of shape (p,)."""

    load: CountArray
    """Live assignments."""
    capacity: CountArray
    """Most assignments at once."""

    @property
    def room(self) -> CountArray:
        """Return how many more cases each may take."""
        room: CountArray = np.maximum(self.capacity - self.load, 0)
        return room


class Parts(NamedTuple):
    """The terms of a cost, before the urgency that multiplies them all; shape (m,) each."""

    travel: FloatArray
    late: FloatArray
    rung: FloatArray
    load: FloatArray
    urgency: FloatArray

    @property
    def cost(self) -> FloatArray:
        """Return the cost of each offer."""
        return self.urgency * (self.travel + self.late + self.rung + self.load)


def urgency(cases: Cases, weights: Weights) -> FloatArray:
    """Return what multiplies each case's costs: its type and how long it has waited, shape (n,)."""
    limits = np.clip(cases.waited_s / cases.limit_s, 0.0, weights.waited_most)
    factor: FloatArray = np.where(cases.urgent, weights.urgent, 1.0)
    return factor * (1.0 + weights.waited * limits)


def parts(cases: Cases, offers: Offers, staff: Staff, weights: Weights) -> Parts:
    """Return the terms of each offer's cost.

    Being late is judged as the ladder does, in tenths of a second.
    """
    limit_s = cases.limit_s[offers.case]
    travel_s = np.where(np.isnan(offers.travel_s), 0.0, offers.travel_s)
    capacity = np.maximum(staff.capacity, 1)
    steps: FloatArray = weights.rung * (offers.rung.astype(np.float64) - 1.0)
    return Parts(
        travel_s / limit_s,
        np.where(np.round(travel_s, 1) > limit_s, weights.late, 0.0),
        steps,
        weights.load * np.minimum(staff.load / capacity, 1.0)[offers.person],
        urgency(cases, weights)[offers.case],
    )


def pose(cases: Cases, offers: Offers, staff: Staff, weights: Weights) -> Problem:
    """Return the problem of the whole queue; offers that no road joins are left out.

    The arcs are those of the offers with a travel time that is not inf, in their order.
    """
    joined = np.flatnonzero(offers.travel_s != np.inf)
    kept = Offers(
        offers.case[joined], offers.person[joined], offers.travel_s[joined], offers.rung[joined]
    )
    return Problem.of(
        kept.case,
        kept.person,
        parts(cases, kept, staff, weights).cost,
        staff.room,
        weights.unassigned * urgency(cases, weights),
    )
