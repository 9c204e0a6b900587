"""The demo's people: exactly the published numbers, posted from a seed.

Figures: docs of the district (DOMAIN: 17,695 grid workers and information officers together, 130
mediators, 41 judges, 155 lawyers, 204 cadres, 13 fire clerks, 247 new community staff, 31 + 160
posts moved down). One grid worker a grid, the split of the 17,695 that follows from it, the
travel modes and all people of stationed bodies are assumptions and marked as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dispatch.demo.name import make_names, make_phones
from dispatch.demo.place import District, IntArray

FRONT_LINE = 17_695
ON_DUTY_SHARE = 0.968
"""Part of the people on duty as loaded: an assumption."""
JUDGE_STRIDE = 13
"""Judges exchange communities with colleagues this far on, so that each serves three streets."""


@dataclass(frozen=True)
class Post:
    """How many people of a role there are, and how they get about."""

    role: str
    team: str
    count: int
    travel_mode: str
    capacity: int
    assumed: bool


COMMUNITY_POSTS = (
    Post("mediator", "mediation", 130, "ebike", 5, False),
    Post("judge", "mediation", 41, "none", 10, False),
    Post("lawyer", "mediation", 155, "none", 8, False),
    Post("cadre", "cadre", 204, "ebike", 4, False),
    Post("community_worker", "community", 247, "ebike", 4, False),
)
STREET_POSTS = (
    Post("fire_clerk", "fire", 13, "car", 3, False),
    Post("admin_post", "street", 31, "car", 4, False),
    Post("institutional_post", "street", 160, "ebike", 4, False),
)
PROSECUTOR = Post("prosecutor", "mediation", 17, "none", 10, True)
"""One a street for joint mediation (三官一律); no number is published: an assumption."""
BODY_POSTS = {
    "police_post": Post("police_officer", "stationed", 3, "car", 2, True),
    "justice_office": Post("justice_officer", "stationed", 1, "car", 4, True),
    "fire_station": Post("firefighter", "stationed", 2, "car", 1, True),
    "urban_management": Post("urban_officer", "stationed", 2, "ebike", 3, True),
    "gas_repair": Post("gas_fitter", "stationed", 1, "car", 2, True),
}
"""People per stationed body, by the kind of body."""


@dataclass(frozen=True)
class Person:
    """One row of dispatch.people with its responsibilities; id is its place in the roster, 1..n."""

    role: str
    team: str
    home_code: str
    lonlat: tuple[float, float]
    travel_mode: str
    capacity: int
    assumed: bool
    areas: tuple[str, ...]
    buildings: tuple[int, ...] = ()
    organisation: str | None = None
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Roster:
    """Everybody, with names, telephone numbers and duty; lists of equal length n, ids 1..n."""

    people: list[Person]
    names: list[str]
    phones: list[str]
    duty: list[str]


def split(items: Sequence[str], parts: int) -> list[tuple[str, ...]]:
    """Deal items in order to parts of nearly equal size; with fewer items than parts, share them.

    >>> split(["a", "b", "c"], 2)
    [('a', 'b'), ('c',)]
    """
    if parts >= len(items):
        return [(items[part * len(items) // parts],) for part in range(parts)]
    bounds = [-(-part * len(items) // parts) for part in range(parts + 1)]
    return [tuple(items[low:high]) for low, high in pairwise(bounds)]


def judge_areas(communities: Sequence[str], judges: int) -> list[tuple[str, ...]]:
    """Give each judge a run of communities, then exchange the last two with distant colleagues."""
    runs = [list(run) for run in split(communities, judges)]
    ends = [(run.pop(), run.pop()) for run in runs]
    for index, run in enumerate(runs):
        run.append(ends[(index + JUDGE_STRIDE) % judges][0])
        run.append(ends[(index + 2 * JUDGE_STRIDE) % judges][1])
    return [tuple(sorted(run)) for run in runs]


def make_roster(district: District, rng: np.random.Generator) -> Roster:
    """Post everybody; the same district and generator state give the same roster."""
    people = [
        *_grid_workers(district),
        *_info_officers(district, FRONT_LINE - len(district.grids.code)),
        *_community_staff(district),
        *_street_staff(district),
        *_body_staff(district),
    ]
    # Mediators, judges and lawyers work by appointment, not in shifts: an assumption.
    appointed = np.array([person.team == "mediation" for person in people])
    on_duty = (rng.random(len(people)) < ON_DUTY_SHARE) | appointed
    on_leave = rng.random(len(people)) < 0.4
    names = make_names(rng, len(people))
    duty = [
        "on_duty" if here else "on_leave" if away else "off_duty"
        for here, away in zip(on_duty, on_leave, strict=True)
    ]
    # With numbers of their own and last, so that everybody else stays who they were.
    prosecutors = list(_prosecutors(district))
    return Roster(
        people=[*people, *prosecutors],
        names=[*names, *make_names(rng.spawn(1)[0], len(prosecutors))],
        phones=make_phones(0, len(people) + len(prosecutors)),
        duty=[*duty, *(["on_duty"] * len(prosecutors))],
    )


def _grid_workers(district: District) -> Iterator[Person]:
    for code, (lon, lat) in zip(district.grids.code, district.grids.lonlat, strict=True):
        yield Person("grid_worker", "grid", code, (lon, lat), "ebike", 3, False, (code,))


def officers_per_grid(buildings: IntArray, officers: int) -> IntArray:
    """Share officers among grids by their buildings, at least one where anybody lives.

    Largest remainders; nobody gets more officers than buildings.
    """
    inhabited = buildings > 0
    share = buildings / buildings.sum() * officers
    count: IntArray = np.where(inhabited, np.maximum(1, np.floor(share)), 0).astype(np.int64)
    count = np.minimum(count, buildings)
    order = np.argsort(-(share - count), kind="stable")
    while (missing := officers - int(count.sum())) != 0:
        step = 1 if missing > 0 else -1
        free = count < buildings if step > 0 else count > 1
        turn = [index for index in (order if step > 0 else order[::-1]) if free[index]]
        if not turn:
            raise ValueError("more officers than buildings")
        count[turn[: abs(missing)]] += step
    return count


def _info_officers(district: District, officers: int) -> Iterator[Person]:
    sites = district.sites
    index_of = {code: index for index, code in enumerate(district.grids.code)}
    lived_in = np.flatnonzero(sites.households > 0)
    grid = np.array([index_of[sites.grid_code[row]] for row in lived_in.tolist()])
    count = officers_per_grid(np.bincount(grid, minlength=len(index_of)), officers)
    bounds = np.searchsorted(grid, np.arange(len(index_of) + 1))
    for index, code in enumerate(district.grids.code):
        rows = lived_in[bounds[index] : bounds[index + 1]]
        for part in np.array_split(rows, count[index]) if count[index] else []:
            lon, lat = sites.lonlat[part[0]]
            yield Person(
                "info_officer", "grid", code, (lon, lat), "walk", 2, False, (code,),
                buildings=tuple(int(building) for building in sites.id[part]),
            )  # fmt: skip


def _community_staff(district: District) -> Iterator[Person]:
    codes = district.communities.code
    place = dict(zip(codes, district.communities.lonlat, strict=True))
    for post in COMMUNITY_POSTS:
        deal = judge_areas if post.role == "judge" else split
        for areas in deal(codes, post.count):
            lon, lat = place[areas[0]]
            yield _person(post, areas[0], (lon, lat), areas)


def _street_staff(district: District) -> Iterator[Person]:
    codes = district.streets.code
    place = dict(zip(codes, district.streets.lonlat, strict=True))
    for post in STREET_POSTS:
        for areas in split(codes, post.count):
            lon, lat = place[areas[0]]
            yield _person(post, areas[0], (lon, lat), areas)


def _prosecutors(district: District) -> Iterator[Person]:
    place = dict(zip(district.streets.code, district.streets.lonlat, strict=True))
    for areas in split(district.streets.code, PROSECUTOR.count):
        lon, lat = place[areas[0]]
        yield _person(PROSECUTOR, areas[0], (lon, lat), areas)


def _body_staff(district: District) -> Iterator[Person]:
    for kind, name, lon, lat, area_code in district.bodies:
        if post := BODY_POSTS.get(kind):
            person = _person(post, area_code[:9], (lon, lat), (area_code[:9],), name)
            yield from [person] * post.count


def _person(
    post: Post,
    home_code: str,
    lonlat: tuple[float, float],
    areas: tuple[str, ...],
    organisation: str | None = None,
) -> Person:
    return Person(
        post.role,
        post.team,
        home_code,
        lonlat,
        post.travel_mode,
        post.capacity,
        post.assumed,
        areas,
        organisation=organisation,
    )
