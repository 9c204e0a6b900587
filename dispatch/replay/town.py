"""What is replayed, as values: cases in order, people, and the ways between all their places.

Everybody is at their post or at the place of a case, so that the travel times a replay can need
are known before it begins, and any number of policies and loads are played without the road graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dispatch.assign.rung import BESIDE_THE_LEAD, LADDER
from geodata.errors import InvalidInput

RowArray = NDArray[np.int32]
FloatArray = NDArray[np.float64]

POST = -1
"""In the place of a row of places: at one's post."""
DAY_S = 86_400.0


@dataclass(frozen=True, eq=False)
class Place:
    """One place with who answers for a kind of matter there; arrays of shape (k,), by person.

    Parameters
    ----------
    row
        Of the ways.
    family, skills
        Of the matter: they decide which roles are suitable.
    person, rung
        Row of each who stands on the ladder, on duty or not, and the rung, 1 to 6
        (dispatch/assign/rung.py); those who only join beside the lead too.
    """

    row: int
    family: str
    skills: tuple[str, ...]
    person: RowArray
    rung: NDArray[np.int64]


@dataclass(frozen=True)
class Case:
    """One case of the replay.

    Parameters
    ----------
    at_s
        When it comes in, seconds since the replay begins.
    limit_s
        The type's arrival limit, seconds.
    stay_s
        How long the person is held up at the place before another journey.
    open_s
        From arrival until the case is done: so long it takes one of the person's places.
    """

    id: int
    at_s: float
    place: Place
    limit_s: float
    urgent: bool
    stay_s: float
    open_s: float


Span = tuple[float, float]
"""Half-open, seconds since the replay begins."""


@dataclass(frozen=True, eq=False)
class People:
    """Everybody on the roster, by row; arrays of shape (p,).

    Parameters
    ----------
    mode
        Row of each in :attr:`Ways.between_s`; any number for who does not travel.
    on
        When each is on duty.
    """

    id: NDArray[np.int64]
    role: Sequence[str]
    mode: NDArray[np.int8]
    capacity: NDArray[np.int64]
    on: Sequence[Sequence[Span]]
    _of_roles: dict[frozenset[str], RowArray] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.id)

    @cached_property
    def leads(self) -> NDArray[np.bool_]:
        """Return who may take the lead of a case, by row."""
        return np.array([role not in BESIDE_THE_LEAD for role in self.role], bool)

    def of_roles(self, roles: frozenset[str]) -> RowArray:
        """Return the rows of everybody with one of some roles."""
        if roles not in self._of_roles:
            rows = np.flatnonzero([role in roles for role in self.role]).astype(np.int32)
            self._of_roles[roles] = rows
        return self._of_roles[roles]


@dataclass(frozen=True, eq=False)
class Ways:
    """Travel times in seconds; inf where no road leads, NaN for who does not travel.

    Parameters
    ----------
    from_post_s
        Shape (places, people): from each person's post, by their own mode.
    between_s
        Shape (modes, places, places): to the second place's row from the third's.
    """

    from_post_s: NDArray[np.float32]
    between_s: NDArray[np.float32]

    def to(self, place: int, person: RowArray, mode: NDArray[np.int8], at: RowArray) -> FloatArray:
        """Return the travel time to a place of people where they are, shape (k,).

        Parameters
        ----------
        at
            Row of the place where each is, or POST.
        """
        travel_s: FloatArray = self.from_post_s[place, person].astype(np.float64)
        away = (at != POST) & ~np.isnan(travel_s)
        if away.any():
            travel_s[away] = self.between_s[mode[away], place, at[away]]
        return travel_s


@dataclass(frozen=True, eq=False)
class Town:
    """Cases in the order in which they come in, people and ways.

    Parameters
    ----------
    length_s
        How long cases come in, from 0 on.
    counted_s
        Cases before are played and not counted: at first everybody would be free.
    """

    cases: Sequence[Case]
    people: People
    ways: Ways
    length_s: float
    counted_s: float = 0.0

    def __post_init__(self) -> None:
        at = [case.at_s for case in self.cases]
        if any(before > after for before, after in pairwise(at)):
            raise InvalidInput("Cases must be in order of their coming in", field="cases")


def suitable_roles(family: str, skills: Sequence[str]) -> frozenset[str]:
    """Return the roles that may lead such a matter at all, by the ladder's table.

    >>> sorted(suitable_roles("police", ("front_line",)))
    ['grid_worker', 'police_officer']
    """
    return frozenset(
        rule.role
        for rule in LADDER
        if rule.family == family
        and (rule.skill is None or rule.skill in skills)
        and rule.role not in BESIDE_THE_LEAD
    )


def multiply(town: Town, times: int, seed: int, jitter_s: float = 1800.0) -> Town:
    """Return a town in which cases come in so many times as often.

    Each case comes again at the same place and with the same duration on other days, within
    half an hour of the same time of day; the same seed gives the same days.

    Parameters
    ----------
    times
        1 or more; 1 returns the town itself.
    """
    if times < 1:
        raise InvalidInput("A load is multiplied by 1 or more", field="times")
    days = max(1, int(town.length_s // DAY_S))
    rng = np.random.default_rng([seed, times])
    cases, stride = list(town.cases), 1 + max((case.id for case in town.cases), default=0)
    for copy in range(1, times):
        day = rng.integers(0, days, len(town.cases))
        shift_s = day * DAY_S + rng.uniform(-jitter_s, jitter_s, len(town.cases))
        for case, shift in zip(town.cases, shift_s.tolist(), strict=True):
            at_s = (case.at_s + shift) % town.length_s
            cases.append(replace(case, id=case.id + copy * stride, at_s=at_s))
    return replace(town, cases=sorted(cases, key=lambda case: (case.at_s, case.id)))
