"""The responsibility ladder walked person by person: docs/algorithms/ladder.md in plain Python.

Shares no code and no table with ``dispatch``: the rules are written down once more, everybody on
the roster is looked at for every case, grids, buildings and neighbours are found in the polygons.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import psycopg
import shapely
from psycopg.rows import dict_row

from tests.split_graph import Place, SplitGraph, read_streets, snap, to_plane

BUILDING, GRID, NEIGHBOUR, COMMUNITY, STREET, DISTRICT = range(1, 7)
BESIDE = ("lawyer", "judge")
DIGITS = {COMMUNITY: 12, STREET: 9, DISTRICT: 6}
Line = tuple[int, str, str, str | None]
"""Rung, role, how an area must fit ('whole' or 'part'), skill the type must call for."""

POSTS: list[Line] = [
    (COMMUNITY, "community_worker", "whole", None),
    (COMMUNITY, "cadre", "whole", None),
    (STREET, "institutional_post", "whole", None),
    (STREET, "admin_post", "whole", None),
]
WORKERS: list[Line] = [
    (GRID, "grid_worker", "whole", None),
    (NEIGHBOUR, "grid_worker", "whole", None),
]
TRADES: list[Line] = [
    line
    for role, skill in (
        ("gas_fitter", "gas"),
        ("firefighter", "fire"),
        ("fire_clerk", "fire"),
        ("urban_officer", "street_order"),
    )
    for line in ((STREET, role, "whole", skill), (DISTRICT, role, "part", skill))
]
OFFICER: Line = (BUILDING, "info_officer", "whole", None)
OTHERS: Line = (COMMUNITY, "grid_worker", "part", None)
RULES: dict[str, list[Line]] = {
    "hazard": [OFFICER, *WORKERS, (GRID, "info_officer", "whole", None), *POSTS, OTHERS, *TRADES],
    "service": [OFFICER, *WORKERS, *POSTS, OTHERS],
    "recommendation": [*WORKERS, *POSTS],
    "police": [
        *((rung, role, fit, "front_line") for rung, role, fit, _ in WORKERS),
        (STREET, "police_officer", "whole", None),
        (DISTRICT, "police_officer", "part", None),
    ],
    "dispute": [
        *(
            (rung, role, fit, None)
            for role in ("mediator", "lawyer", "judge")
            for rung, fit in ((COMMUNITY, "whole"), (STREET, "part"))
        ),
        (STREET, "justice_officer", "whole", None),
        (DISTRICT, "justice_officer", "part", None),
    ],
}


@dataclass(frozen=True)
class Person:
    """Somebody on the roster; ``answers`` for (area, building or None)."""

    id: int
    role: str
    mode: str
    lon: float
    lat: float
    free: bool
    """On duty with room for one more."""
    load: int
    answers: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True)
class Matter:
    """What a case asks for."""

    lon: float
    lat: float
    family: str
    skills: frozenset[str]
    limit_s: float
    recused: frozenset[int] = field(default=frozenset())


class Ground:
    """Grids, who borders on whom, and buildings, from their polygons alone."""

    def __init__(self, dsn: str) -> None:
        with psycopg.connect(dsn) as conn:
            grids = conn.execute(
                "SELECT code, ST_AsBinary(geom) FROM layers.areas WHERE level = 'grid'"
                " ORDER BY code"
            ).fetchall()
            buildings = conn.execute(
                "SELECT id, ST_AsBinary(geom) FROM layers.buildings ORDER BY id"
            ).fetchall()
        self.code = [row[0] for row in grids]
        self.shape = shapely.from_wkb([row[1] for row in grids])
        self._grids = shapely.STRtree(self.shape)
        self._building_id = [row[0] for row in buildings]
        self._buildings = shapely.STRtree(shapely.from_wkb([row[1] for row in buildings]))

    def grid(self, lon: float, lat: float) -> str:
        """Return the grid of a point; of several that it touches the lowest code."""
        found = self._grids.query(shapely.Point(lon, lat), predicate="intersects")
        return min(self.code[index] for index in found)

    def building(self, lon: float, lat: float) -> int | None:
        """Return the building a point lies in, or None."""
        found = self._buildings.query(shapely.Point(lon, lat), predicate="intersects")
        return min((self._building_id[index] for index in found), default=None)

    @cached_property
    def neighbours(self) -> dict[str, set[str]]:
        """Return for each grid those that share more than a corner with it."""
        plane = shapely.boundary(shapely.transform(self.shape, to_plane))
        found: dict[str, set[str]] = defaultdict(set)
        for a, b in self._grids.query(self.shape, predicate="intersects").T.tolist():
            if a != b and shapely.length(shapely.intersection(plane[a], plane[b])) >= 0.5:
                found[self.code[a]].add(self.code[b])
        return found


def read_people(dsn: str, at: datetime) -> list[Person]:
    """Return everybody on the roster as of a moment."""
    answers: dict[int, list[tuple[str, int | None]]] = defaultdict(list)
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        for row in conn.execute(
            "SELECT person_id, area_code, building_id, lower(valid) AS a, upper(valid) AS b"
            " FROM dispatch.responsibilities"
        ):
            if row["a"] <= at and (row["b"] is None or at < row["b"]):
                answers[row["person_id"]].append((row["area_code"], row["building_id"]))
        live = conn.execute("SELECT person_id FROM dispatch.assignments WHERE live").fetchall()
        load = Counter(row["person_id"] for row in live)
        rows = conn.execute(
            "SELECT p.id, p.role, p.duty, p.capacity, p.travel_mode, ST_X(p.home) AS home_lon,"
            " ST_Y(p.home) AS home_lat, f.lon, f.lat FROM dispatch.people p"
            " LEFT JOIN dispatch.positions f ON f.person_id = p.id ORDER BY p.id"
        ).fetchall()
    return [
        Person(
            id=row["id"],
            role=row["role"],
            mode=row["travel_mode"],
            lon=row["home_lon"] if row["lon"] is None else row["lon"],
            lat=row["home_lat"] if row["lat"] is None else row["lat"],
            free=row["duty"] == "on_duty" and load[row["id"]] < row["capacity"],
            load=load[row["id"]],
            answers=tuple(answers[row["id"]]),
        )
        for row in rows
    ]


class Travel:
    """Seconds from every person to every matter, each by the person's own mode."""

    def __init__(self, dsn: str, people: list[Person], matters: list[Matter]) -> None:
        self.place: dict[tuple[str, float, float], Place] = {}
        self.graph: dict[str, SplitGraph] = {}
        for mode in ("walk", "ebike", "car"):
            spots = {(p.lon, p.lat) for p in people if p.mode == mode}
            spots |= {(matter.lon, matter.lat) for matter in matters}
            points = sorted(spots)
            streets = read_streets(dsn, mode)
            places = snap(streets, np.array(points))
            for (lon, lat), place in zip(points, places, strict=True):
                self.place[mode, lon, lat] = place
            self.graph[mode] = SplitGraph(streets, places)

    def times_s(self, matter: Matter, people: list[Person]) -> dict[int, float | None]:
        """Return by person the travel time in tenths of a second; None for who does not travel."""
        found: dict[int, float | None] = {p.id: None for p in people}
        for mode in {p.mode for p in people} - {"none"}:
            graph = self.graph[mode]
            to_s = graph.times_to_s(self.place[mode, matter.lon, matter.lat])
            for p in people:
                if p.mode == mode:
                    seconds = to_s[graph.index[self.place[mode, p.lon, p.lat]]]
                    found[p.id] = round(float(seconds), 1)
        return found


@dataclass(frozen=True)
class Walk:
    """Everything the ladder is walked over."""

    ground: Ground
    people: list[Person]
    travel: Travel

    @cached_property
    def _by_role(self) -> dict[str, list[Person]]:
        found: dict[str, list[Person]] = defaultdict(list)
        for person in self.people:
            found[person.role].append(person)
        return found

    @cached_property
    def by_id(self) -> dict[int, Person]:
        """Everybody on the roster by id."""
        return {person.id: person for person in self.people}

    def answering(self, matter: Matter) -> dict[int, tuple[Person, int]]:
        """Return everybody who answers for a matter and may go, with the lowest rung each."""
        grid = self.ground.grid(matter.lon, matter.lat)
        building = self.ground.building(matter.lon, matter.lat)
        found: dict[int, tuple[Person, int]] = {}
        for rung, role, fit, skill in sorted(RULES[matter.family], key=lambda line: line[0]):
            if skill is not None and skill not in matter.skills:
                continue
            for person in self._by_role[role]:
                may = person.free and person.id not in matter.recused and person.id not in found
                if may and any(self._fits(rung, fit, a, grid, building) for a in person.answers):
                    found[person.id] = (person, rung)
        return found

    def _fits(
        self,
        rung: int,
        fit: str,
        answer: tuple[str, int | None],
        grid: str,
        building: int | None,
    ) -> bool:
        area, one = answer
        if rung == BUILDING:
            return one is not None and one == building
        if rung == GRID:
            return area == grid
        if one is not None:
            return False
        if rung == NEIGHBOUR:
            return area in self.ground.neighbours[grid]
        code = grid[: DIGITS[rung]]
        return area.startswith(code) if fit == "part" else area == code

    def order(self, matter: Matter) -> list[tuple[int, int]]:
        """Return (person, rung) in the order of recommendation."""
        found = self.answering(matter)
        times = self.travel.times_s(matter, [person for person, _ in found.values()])
        by_rung: dict[int, list[tuple[Person, float | None]]] = defaultdict(list)
        for person, rung in found.values():
            by_rung[rung].append((person, times[person.id]))
        opened = {
            rung
            for rung, people in by_rung.items()
            if any(time is None or time <= matter.limit_s for _, time in people)
            and any(time != np.inf and person.role not in BESIDE for person, time in people)
        }
        first = [rung for rung in sorted(by_rung) if rung in opened]
        skipped = [rung for rung in sorted(by_rung) if rung not in opened]
        if opened:
            listed = [
                (person, time, rung)
                for rung in first + skipped
                for person, time in sorted(by_rung[rung], key=_within_a_rung)
            ]
        else:
            everybody = [(p, time, rung) for rung in skipped for p, time in by_rung[rung]]
            listed = sorted(everybody, key=lambda one: _within_a_rung(one[:2]))
        return [(p.id, rung) for p, _, rung in _unreachable_last(listed)]


def _within_a_rung(one: tuple[Person, float | None]) -> tuple[Any, ...]:
    person, time = one
    return (person.role in BESIDE, time is None, time or 0.0, person.load, person.id)


def _unreachable_last(
    listed: list[tuple[Person, float | None, int]],
) -> Iterator[tuple[Person, float | None, int]]:
    yield from (one for one in listed if one[1] != np.inf)
    yield from (one for one in listed if one[1] == np.inf)
