"""What a replay comes to: road minutes, lateness, responsibility, fairness. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dispatch.assign.flow.problem import NOBODY
from dispatch.fairness import fairness_of
from dispatch.replay.play import Record
from dispatch.replay.town import Case, People, Town, suitable_roles


@dataclass(frozen=True)
class Figures:
    """Figures of the counted cases; minutes and shares (0 to 1). None: there is nothing to count.

    Parameters
    ----------
    road_mean_min, road_p90_min
        On the road to the case, over cases somebody travelled to; the 90th percentile
        interpolates.
    wait_mean_min, wait_p90_min
        From the report to the arrival: decision, tasks before it and the road.
    late
        Of all cases, those nobody had arrived at within the type's arrival limit after the
        report, the unassigned among them.
    responsible
        Of the cases somebody was sent to, those led by somebody of the lowest rung on which
        anybody who may lead stands for the place, on duty or not.
    gini
        Of the cases given to each person who may lead a case of the month: 0 all the same.
    gini_of_role
        The same within each role.
    """

    cases: int
    road_mean_min: float | None
    road_p90_min: float | None
    wait_mean_min: float | None
    wait_p90_min: float | None
    late: float | None
    responsible: float | None
    unassigned: float | None
    gini: float | None
    gini_of_role: Mapping[str, float | None]


def measure(record: Record, family: str | None = None) -> Figures:
    """Return the figures of a replay, of one family of cases if it is named."""
    town = record.town
    rows = [n for n, case in enumerate(town.cases) if _counts(town, case, family)]
    cases, person = [town.cases[n] for n in rows], record.person[rows]
    sent = person != NOBODY
    wait_s = record.arrived_s[rows] - np.array([case.at_s for case in cases])
    late = ~(np.round(wait_s, 1) <= np.array([case.limit_s for case in cases]))
    own = [is_responsible(town.people, c, p) for c, p in zip(cases, person.tolist(), strict=True)]
    given = np.bincount(person[sent], minlength=len(town.people))
    able = _able(town.people, cases)
    return Figures(
        len(cases),
        *_minutes(record.road_s[rows]),
        *_minutes(wait_s),
        _share(late),
        _share(np.array(own, bool)[sent]),
        _share(~sent),
        fairness_of(given[able].tolist()).gini,
        {role: fairness_of(given[rows_of].tolist()).gini
         for role, rows_of in _by_role(town.people, able).items()},
    )  # fmt: skip


def _counts(town: Town, case: Case, family: str | None) -> bool:
    return case.at_s >= town.counted_s and family in (None, case.place.family)


def is_responsible(people: People, case: Case, person: int) -> bool:
    """Tell whether a row of people is of those named for a case's place first."""
    place = case.place
    leads = people.leads[place.person]
    named = leads & (place.rung == place.rung[leads].min(initial=np.iinfo(np.int64).max))
    return bool((place.person[named] == person).any())


def _minutes(seconds: NDArray[np.float64]) -> tuple[float | None, float | None]:
    known = seconds[~np.isnan(seconds)] / 60.0
    if not len(known):
        return None, None
    return float(known.mean()), float(np.quantile(known, 0.9))


def _share(of: NDArray[np.bool_]) -> float | None:
    return float(of.mean()) if len(of) else None


def _able(people: People, cases: list[Case]) -> NDArray[np.int32]:
    matters = {(case.place.family, case.place.skills) for case in cases}
    roles = [suitable_roles(family, skills) for family, skills in matters]
    return people.of_roles(frozenset().union(*roles))


def _by_role(people: People, rows: NDArray[np.int32]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row in rows.tolist():
        found.setdefault(people.role[row], []).append(row)
    return dict(sorted(found.items()))
