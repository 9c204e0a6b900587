"""Ways of deciding who goes: the nearest, the ladder, the whole queue. Pure.

Each uses the product's own decision (dispatch/assign/ladder.py, dispatch/assign/flow/); none knows
what comes in later.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dispatch.assign import ladder
from dispatch.assign.flow.cost import Cases, Offers, Staff, Weights, pose
from dispatch.assign.flow.problem import NOBODY
from dispatch.assign.flow.solver import solve
from dispatch.assign.ladder import Responder
from dispatch.replay.town import Case, FloatArray, RowArray, Town, suitable_roles

MINUTE_S = 60.0


class Moment(Protocol):
    """What a policy may know: the town as it stands at a moment."""

    @property
    def now_s(self) -> float:
        """Return seconds since the replay began."""
        ...

    @property
    def town(self) -> Town:
        """Return cases, people and ways; who looks at later cases cheats."""
        ...

    def free(self, person: RowArray) -> NDArray[np.bool_]:
        """Tell who is on duty and has room, shape (k,)."""
        ...

    def load(self, person: RowArray) -> NDArray[np.int64]:
        """Return how many open cases each has, shape (k,)."""
        ...

    def travel_s(self, case: Case, person: RowArray) -> FloatArray:
        """Return the travel time of each from where they are, shape (k,)."""
        ...


Sent = tuple[int, int]
"""Place of a case among those that wait, and row of the person who goes."""


class Policy(Protocol):
    """A way of deciding."""

    @property
    def together(self) -> bool:
        """Whether waiting cases are looked at together, on the round, and not each as it comes."""
        ...

    @property
    def every_s(self) -> float:
        """Return after how long cases that still wait are looked at again."""
        ...

    def choose(self, moment: Moment, waiting: Sequence[Case]) -> list[Sent]:
        """Return who goes to which of the waiting cases, the oldest first; some may be left."""
        ...


@dataclass(frozen=True)
class Nearest:
    """Whoever of a suitable role is nearest by road, whoever is responsible.

    Of two equally near, in tenths of a second, the one with fewer open cases goes, then the lower
    id.
    """

    every_s: float = MINUTE_S
    together: bool = field(default=False, init=False)

    def choose(self, moment: Moment, waiting: Sequence[Case]) -> list[Sent]:
        """Return the nearest for the first case."""
        case = waiting[0]
        roles = suitable_roles(case.place.family, case.place.skills)
        rows = moment.town.people.of_roles(roles)
        rows = rows[moment.free(rows)]
        tenths = np.round(moment.travel_s(case, rows), 1)
        least = float(np.fmin.reduce(tenths, initial=np.inf))
        if least == math.inf:
            return []
        near = rows[tenths == least]
        best = np.lexsort((moment.town.people.id[near], moment.load(near)))[0]
        return [(0, int(near[best]))]


@dataclass(frozen=True)
class ResponsibleFirst:
    """The ladder as the desk recommends: the default (docs/algorithms/ladder.md).

    Parameters
    ----------
    leads_alone
        Not as the product does: the ladder is asked without those who only join beside the lead,
        so that a judge who need not travel does not keep a rung open whose mediator is late.
    """

    every_s: float = MINUTE_S
    leads_alone: bool = False
    together: bool = field(default=False, init=False)

    def choose(self, moment: Moment, waiting: Sequence[Case]) -> list[Sent]:
        """Return the first of the ladder who may lead, for the first case."""
        case, staff = waiting[0], moment.town.people
        named = case.place.person
        if not (moment.free(named) & staff.leads[named]).any():
            return []
        rows, people = _offered(moment, case, self.leads_alone)
        ordered = ladder.order(people, case.limit_s)
        first = ladder.first_assignable(ordered)
        if first is None or ordered.responders[first].travel_s == math.inf:
            return []
        return [(0, int(rows[people.index(ordered.responders[first])]))]


def _offered(moment: Moment, case: Case, leads_alone: bool) -> tuple[RowArray, list[Responder]]:
    """Return who answers for the place, is on duty and has room, as the ladder is asked."""
    place, staff = case.place, moment.town.people
    kept = moment.free(place.person)
    if leads_alone:
        kept &= staff.leads[place.person]
    rows, rung = place.person[kept], place.rung[kept]
    times = moment.travel_s(case, rows)
    people = [
        Responder(
            person_id, staff.role[row], on_rung, "", None, "", None, None, 0.0, 0.0, None, load,
            capacity, True, None, None, None if math.isnan(travel_s) else travel_s,
        )
        for person_id, row, on_rung, load, capacity, travel_s in zip(
            staff.id[rows].tolist(), rows.tolist(), rung.tolist(), moment.load(rows).tolist(),
            staff.capacity[rows].tolist(), times.tolist(), strict=True,
        )
    ]  # fmt: skip
    return rows, people


@dataclass(frozen=True)
class WholeQueue:
    """All that waits is solved together every so often, at the queue's cost.

    Who may go where is what the ladder offers; docs/algorithms/whole-queue.md.
    """

    every_s: float = MINUTE_S
    weights: Weights = field(default_factory=Weights)
    together: bool = field(default=True, init=False)

    def choose(self, moment: Moment, waiting: Sequence[Case]) -> list[Sent]:
        """Return who goes where so that the sum of costs is least."""
        case, person, travel_s, rung = _options(moment, waiting)
        rows, column = np.unique(person, return_inverse=True)
        queue = Cases(
            np.array([one.limit_s for one in waiting], float),
            np.array([moment.now_s - one.at_s for one in waiting], float),
            np.array([one.urgent for one in waiting], bool),
        )
        staff = Staff(moment.load(rows), moment.town.people.capacity[rows])
        offers = Offers(case, column.astype(np.int32), travel_s, rung)
        taken = solve(pose(queue, offers, staff, self.weights)).person.tolist()
        return [(n, int(rows[one])) for n, one in enumerate(taken) if one != NOBODY]


def _options(
    moment: Moment, waiting: Sequence[Case]
) -> tuple[RowArray, RowArray, FloatArray, NDArray[np.int64]]:
    """Return case, person, travel time and rung of everybody who may lead a waiting case."""
    parts = []
    for number, case in enumerate(waiting):
        rows = case.place.person
        kept = moment.free(rows) & moment.town.people.leads[rows]
        rows = rows[kept]
        times = moment.travel_s(case, rows)
        parts.append((np.full(len(rows), number, np.int32), rows, times, case.place.rung[kept]))
    case_of, person, travel_s, rung = (np.concatenate(part) for part in zip(*parts, strict=True))
    return case_of, person, travel_s, rung
