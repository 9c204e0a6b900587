"""Where, when and what: incidents of the demo, clustered in space and time round real causes.

The same sampler feeds the history and the live process, so that what the risk map finds in the
past goes on happening.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from dispatch.demo.place import FloatArray, Hotspot, IntArray, Sites
from geodata.clock import LOCAL_ZONE

CLUSTERED_SHARE = 0.62
"""Part of the incidents that happen at a cause; the rest follows the households."""
FAMILY_SHARE = {"dispute": 0.38, "hazard": 0.34, "service": 0.20, "police": 0.08}
CAUSE_FAMILY = {
    "bungalow": {"hazard": 0.6, "dispute": 0.25, "service": 0.1, "police": 0.05},
    "old_estate": {"dispute": 0.55, "hazard": 0.25, "service": 0.18, "police": 0.02},
    "works": {"hazard": 0.7, "dispute": 0.25, "service": 0.0, "police": 0.05},
    "market": {"dispute": 0.45, "hazard": 0.3, "service": 0.05, "police": 0.2},
    "construction": {"dispute": 0.6, "hazard": 0.35, "service": 0.0, "police": 0.05},
    "night_street": {"dispute": 0.3, "hazard": 0.1, "service": 0.0, "police": 0.6},
}
"""What a cause gives rise to; an assumption that the risk map can be held against."""
CAUSE_TYPES = {
    "bungalow": {"H14": 4.0, "H03": 3.0, "H12": 2.0, "D0201": 2.0},
    "old_estate": {"H06": 2.0, "H03": 2.0, "H08": 3.0, "D0402": 2.0},
    "works": {"H11": 12.0, "H12": 3.0, "D0504": 4.0, "D0701": 3.0},
    "market": {"D0601": 6.0, "H05": 2.0, "H12": 2.0},
    "construction": {"D0203": 5.0, "H10": 3.0, "P04": 3.0},
    "night_street": {"P04": 3.0, "P02": 4.0, "D0601": 3.0},
}
"""How many times likelier than usual a type is at a cause; an assumption."""
RARE_ELSEWHERE = {"H11": 0.2}
"""The same away from the causes that name the type."""
LIVED_IN = frozenset({"residential", "old_estate", "bungalow"})
"""Uses of buildings in which people live."""
MONTHS = {"H09": (6, 7, 8, 9), "H14": (11, 12, 1, 2, 3), "H16": (11, 12, 1, 2, 3)}
"""Months of the local year in which a type comes up: rains, heating by stove, ice."""
USES = {
    "H06": ("residential", "old_estate"),
    "H08": ("residential", "old_estate"),
    "H14": ("bungalow",),
}
"""Use of the buildings in which a type comes up: stairwells, facades, stoves."""
HOME_ONLY = ("D01", "D02", "P03", "S")
"""Matters of families, neighbours and households: codes that begin so need people at home."""
AT_WORK = frozenset({"works", "market", "night_street"})
"""Causes at which any building may be the place; elsewhere, and for services, people live there."""
HEARD_HOUSEHOLDS = 500
"""Households within two radii from which on a cause has its full strength: an assumption."""
HOUR_WEIGHT = {
    "day": (1, 1, 1, 1, 1, 2, 4, 7, 10, 12, 11, 9, 7, 8, 10, 11, 10, 9, 8, 8, 7, 5, 3, 2),
    "night": (8, 7, 5, 3, 2, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 4, 6, 8, 10, 12, 12, 10),
}
WEEKDAY_WEIGHT = (1.05, 1.0, 1.0, 1.0, 1.05, 1.1, 0.9)


@dataclass(frozen=True)
class Incidents:
    """Sampled incidents; arrays of equal length n, in order of time."""

    at: list[datetime]
    """Aware UTC."""
    site: IntArray
    """Row of ``Sites`` where it happened."""
    family: list[str]
    type_code: list[str]

    def __add__(self, later: Incidents) -> Incidents:
        """Return these and, after them, later ones."""
        return Incidents(
            at=self.at + later.at,
            site=np.concatenate([self.site, later.site]),
            family=self.family + later.family,
            type_code=self.type_code + later.type_code,
        )


@dataclass(frozen=True)
class TypeChoice:
    """The types of one family and how often each comes up; weights sum to 1."""

    codes: Sequence[str]
    weight: FloatArray


def type_choice(codes: Sequence[str]) -> TypeChoice:
    """Return a long-tailed choice: the first types listed come up most."""
    weight = 1.0 / np.arange(1, len(codes) + 1) ** 0.8
    return TypeChoice(codes, weight / weight.sum())


class Sampler:
    """Draws incidents for one district.

    Parameters
    ----------
    sites
        Buildings; households weigh the background.
    hotspots
        Causes; the centre's ``radius_m`` is a standard deviation.
    centres_m
        Shape (len(hotspots), 2): the centres in the metric CRS.
    types
        By family.
    """

    def __init__(
        self,
        sites: Sites,
        hotspots: Sequence[Hotspot],
        centres_m: FloatArray,
        types: dict[str, TypeChoice],
    ) -> None:
        self._sites = sites
        self._hotspots = hotspots
        self._centres_m = centres_m
        self._types = types
        self._any = KDTree(sites.xy_m)
        self._lived_in = np.flatnonzero(sites.households > 0)
        self._lived_in_tree = KDTree(sites.xy_m[self._lived_in])
        self._background = sites.households / sites.households.sum()
        weight = np.array([self._strength(index) for index in range(len(hotspots))])
        self._cause_weight = weight / weight.sum() if len(weight) else weight

    def draw(
        self, rng: np.random.Generator, count: int, start: datetime, end: datetime
    ) -> Incidents:
        """Draw ``count`` incidents between two moments, in order of time."""
        cause = self._causes(rng, count)
        family = [self._family(rng, index) for index in cause]
        site = self._places(rng, cause, family)
        at = [_moment(rng, start, end, self._is_night(index)) for index in cause]
        codes = [
            self._type(rng, name, self._kind(index), when.astimezone(LOCAL_ZONE).month, use)
            for name, index, when, use in zip(
                family, cause, at, (self._sites.use[row] for row in site.tolist()), strict=True
            )
        ]
        order = sorted(range(count), key=lambda row: (at[row], row))
        return Incidents(
            at=[at[row] for row in order],
            site=site[order],
            family=[family[row] for row in order],
            type_code=[codes[row] for row in order],
        )

    def _strength(self, cause: int) -> float:
        """Return the weight of a cause, less where too few people live around it to be heard."""
        spot = self._hotspots[cause]
        if spot.kind in AT_WORK:
            return spot.weight
        near = self._lived_in_tree.query_ball_point(self._centres_m[cause], 2.0 * spot.radius_m)
        households = int(self._sites.households[self._lived_in[near]].sum())
        return spot.weight * min(1.0, households / HEARD_HOUSEHOLDS)

    def _causes(self, rng: np.random.Generator, count: int) -> IntArray:
        if not len(self._cause_weight):
            return np.full(count, -1)
        chosen = rng.choice(len(self._hotspots), size=count, p=self._cause_weight)
        return np.where(rng.random(count) < CLUSTERED_SHARE, chosen, -1)

    def _places(self, rng: np.random.Generator, cause: IntArray, family: Sequence[str]) -> IntArray:
        site: NDArray[np.int64] = rng.choice(len(self._background), len(cause), p=self._background)
        at_home = np.array([self._kind(c) not in AT_WORK for c in cause.tolist()], dtype=bool)
        at_home |= np.array([name == "service" for name in family], dtype=bool)
        for spot in sorted(set(cause.tolist()) - {-1}):
            here = np.flatnonzero((cause == spot) & at_home)
            site[here] = self._homes_near(rng, spot, len(here))
            here = np.flatnonzero((cause == spot) & ~at_home)
            shift_m = rng.normal(size=(len(here), 2)) * self._hotspots[spot].radius_m
            site[here] = self._any.query(self._centres_m[spot] + shift_m)[1]
        return site

    def _homes_near(self, rng: np.random.Generator, cause: int, count: int) -> IntArray:
        """Draw homes around a cause, by households and by nearness (a Gaussian of its radius)."""
        centre_m, radius_m = self._centres_m[cause], self._hotspots[cause].radius_m
        near = np.sort(self._lived_in_tree.query_ball_point(centre_m, 3.0 * radius_m)).astype(int)
        if not len(near):
            near = np.array([self._lived_in_tree.query(centre_m)[1]], dtype=int)
        rows = self._lived_in[near]
        far = np.hypot(*(self._sites.xy_m[rows] - centre_m).T) / radius_m
        weight = self._sites.households[rows] * np.exp(-0.5 * np.minimum(far, 3.0) ** 2)
        chosen: IntArray = rng.choice(rows, count, p=weight / weight.sum())
        return chosen

    def _family(self, rng: np.random.Generator, cause: int) -> str:
        share = CAUSE_FAMILY.get(self._kind(cause), FAMILY_SHARE)
        return str(rng.choice(list(share), p=list(share.values())))

    def _type(self, rng: np.random.Generator, family: str, kind: str, month: int, use: str) -> str:
        choice = self._types[family]
        factors = [likelihood(code, kind, month, use) for code in choice.codes]
        weight = choice.weight * np.array(factors)
        return str(choice.codes[rng.choice(len(choice.codes), p=weight / weight.sum())])

    def _kind(self, cause: int) -> str:
        return self._hotspots[cause].kind if cause >= 0 else ""

    def _is_night(self, cause: int) -> bool:
        return self._kind(cause) == "night_street"


def likelihood(code: str, kind: str, month: int, use: str) -> float:
    """Return how many times likelier than usual a type is; 0 out of its season or place.

    Parameters
    ----------
    kind
        Of the cause, '' away from all.
    month
        Of the local year, 1 to 12.
    use
        Of the building it happens in.

    >>> likelihood("H16", "", 7, "residential"), likelihood("H14", "bungalow", 1, "bungalow")
    (0.0, 4.0)
    """
    if month not in MONTHS.get(code, (month,)) or use not in USES.get(code, (use,)):
        return 0.0
    if code.startswith(HOME_ONLY) and use not in LIVED_IN:
        return 0.0
    return CAUSE_TYPES.get(kind, {}).get(code, RARE_ELSEWHERE.get(code, 1.0))


def _moment(rng: np.random.Generator, start: datetime, end: datetime, night: bool) -> datetime:
    """Draw a moment by weekday and hour of the local day, by rejection; bounds are kept."""
    hours = np.array(HOUR_WEIGHT["night" if night else "day"], dtype=float)
    span_s = (end - start).total_seconds()
    while True:
        at = start + timedelta(seconds=round(rng.random() * span_s, 3))
        local = at.astimezone(LOCAL_ZONE)
        keep = hours[local.hour] / hours.max() * WEEKDAY_WEIGHT[local.weekday()] / 1.1
        if rng.random() < keep:
            return at
