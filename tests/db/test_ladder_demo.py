"""The first choice in the demo equals a brute force of the rule, for cases of every type."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg.rows import dict_row

from dispatch import desk
from dispatch.actor import Actor
from dispatch.assign.ladder import Responder
from dispatch.assign.rung import Rung
from dispatch.case.locate import Location
from dispatch.case.store import Case
from dispatch.office import Office
from geodata.clock import FixedClock
from geodata.crs import Datum
from geodata.db.pool import make_pool
from geodata.db.scope import Conn, Scope, scoped
from geodata.road.position import Positions
from geodata.road.profile import Mode
from geodata.road.snap import Snapper
from geodata.road.store import load_graph
from geodata.road.travel import times_to
from tests.conftest import DEMO_AS_OF
from tests.ladder_rule import brute_force, nearest_rung

CASES = 1000
BOSS = Actor("u:1", "commander", Scope(("210211",), ("u:1",)))


@dataclass
class Roster:
    """Everybody on duty, read plainly."""

    people: list[dict[str, Any]]
    areas: dict[int, list[tuple[str, int | None]]]
    load: Counter[int]
    neighbours: dict[str, set[str]]
    skills: dict[str, list[str]]

    @classmethod
    def read(cls, conn: Conn) -> Roster:
        areas: dict[int, list[tuple[str, int | None]]] = defaultdict(list)
        for row in conn.execute("SELECT * FROM dispatch.responsibilities").fetchall():
            if DEMO_AS_OF in row["valid"]:
                areas[row["person_id"]].append((row["area_code"], row["building_id"]))
        neighbours: dict[str, set[str]] = defaultdict(set)
        for row in conn.execute("SELECT * FROM layers.area_neighbors").fetchall():
            neighbours[row["code"]].add(row["neighbor_code"])
        live = conn.execute("SELECT person_id FROM dispatch.assignments WHERE live").fetchall()
        kinds = conn.execute("SELECT code, skills FROM dispatch.case_types").fetchall()
        people = conn.execute(
            "SELECT p.id, p.role, p.team, p.travel_mode, p.capacity,"
            " coalesce(f.lon, ST_X(p.home)) AS lon, coalesce(f.lat, ST_Y(p.home)) AS lat"
            " FROM dispatch.people p LEFT JOIN dispatch.positions f ON f.person_id = p.id"
            " WHERE p.duty = 'on_duty'"
        ).fetchall()
        return cls(
            people,
            areas,
            Counter(row["person_id"] for row in live),
            neighbours,
            {row["code"]: row["skills"] for row in kinds},
        )

    def answering(self, case: Case) -> list[tuple[dict[str, Any], int]]:
        """Return who answers for a case and has room, each with the rung."""
        found = []
        for person in self._near(case):
            rung = nearest_rung(
                person["role"],
                self.areas[person["id"]],
                family=case.family,
                skills=self.skills[case.type_code],
                grid=case.grid_code,
                building=case.building_id,
                neighbours=self.neighbours[case.grid_code],
            )
            if rung is not None and self.load[person["id"]] < person["capacity"]:
                found.append((person, int(rung)))
        return found

    @cached_property
    def _by_street(self) -> dict[str, list[dict[str, Any]]]:
        """Everybody by the streets of their areas, for speed: stationed bodies under ''."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for person in self.people:
            streets = {area[:9] for area, _ in self.areas[person["id"]]}
            wide = person["team"] in ("stationed", "fire") or any(len(s) < 9 for s in streets)
            for street in {""} if wide else streets:
                found[street].append(person)
        return found

    def _near(self, case: Case) -> list[dict[str, Any]]:
        codes = {case.grid_code, *self.neighbours[case.grid_code]}
        people = [p for street in {c[:9] for c in codes} for p in self._by_street[street]]
        return list({p["id"]: p for p in people + self._by_street[""]}.values())


class Places:
    """Everybody's nearest street by mode, from points snapped afresh."""

    def __init__(self, roads: Snapper, people: list[dict[str, Any]]) -> None:
        self._roads = roads
        self._positions: dict[str, Positions] = {}
        self._row: dict[int, int] = {}
        for mode in Mode:
            group = [person for person in people if person["travel_mode"] == mode]
            lonlat = np.array([(person["lon"], person["lat"]) for person in group])
            self._positions[mode] = roads.snap(lonlat[:, 0], lonlat[:, 1], mode)
            self._row |= {person["id"]: row for row, person in enumerate(group)}

    def timed(self, case: Case, people: list[tuple[dict[str, Any], int]]) -> list[Responder]:
        """Return responders with times of unlimited searches."""
        times: dict[int, float | None] = {person["id"]: None for person, _ in people}
        for mode in Mode:
            ids = [person["id"] for person, _ in people if person["travel_mode"] == mode]
            if ids:
                sources = self._positions[mode].take(np.array([self._row[i] for i in ids]))
                target = self._roads.snap_one(case.lon, case.lat, mode)
                found = times_to(self._roads.graph, mode, target, sources, np.inf)[0]
                times |= dict(zip(ids, found.tolist(), strict=True))
        return [
            Responder(
                person["id"], person["role"], rung, "", None, person["travel_mode"], None, None,
                0.0, 0.0, None, 0, 1, True, None, None, times[person["id"]],
            )
            for person, rung in people
        ]  # fmt: skip


@pytest.fixture(scope="module")
def demo_roads(demo_dsn: str) -> Snapper:
    with psycopg.connect(demo_dsn) as conn:
        return Snapper(load_graph(conn))


def test_first_choice_equals_the_brute_force(demo_db: str, demo_roads: Snapper):
    rng = random.Random(20261120)  # noqa: S311 - a seeded test
    office = Office(FixedClock(DEMO_AS_OF))
    with psycopg.connect(demo_db, row_factory=dict_row) as conn:
        roster = Roster.read(conn)
        plates = conn.execute(
            "SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat FROM geodata.addresses ORDER BY id"
        ).fetchall()
    places = Places(demo_roads, roster.people)
    kinds = sorted(roster.skills)
    families: Counter[str] = Counter()
    pool = make_pool(demo_db, "ganxin_app", name="test", max_size=1, statement_timeout_s=60)
    with scoped(pool, BOSS.scope) as conn:
        for number in range(CASES):
            plate = rng.choice(plates)
            place = Location(plate["lon"], plate["lat"], Datum.WGS84)
            report = desk.Report(kinds[number % len(kinds)], "x", place)
            case = desk.report_case(conn, office, BOSS, report, demo_roads)
            _compare(conn, demo_roads, roster, places, case)
            families[case.family] += 1
    pool.close()
    assert len(families) == 5


def _compare(conn: Conn, roads: Snapper, roster: Roster, places: Places, case: Case) -> None:
    people = places.timed(case, roster.answering(case))
    people = [r._replace(load=roster.load[r.person_id]) for r in people]
    expected = brute_force(people, case.arrival_limit_s)
    found = desk.recommend(conn, roads, case.id, DEMO_AS_OF)
    assert [c.person_id for c in found] == expected, case
    if case.family == "dispute":
        resident = {r.person_id for r in people if r.rung == Rung.COMMUNITY}
        assert resident == {c.person_id for c in found if c.rung == "community"}
        assert {"mediator", "lawyer", "judge"} == {c.role for c in found if c.rung == "community"}
    report = desk.Report(case.type_code, "x", Location(case.lon, case.lat, Datum.WGS84))
    with conn.transaction(force_rollback=True):
        done = desk.dispatch_now(conn, Office(FixedClock(DEMO_AS_OF)), BOSS, roads, report)
    sent = done.assigned.person_id if done.assigned else None
    leads = {r.person_id for r in people if r.role not in ("lawyer", "judge")}
    assert sent == next((one for one in expected if one in leads), None), case
