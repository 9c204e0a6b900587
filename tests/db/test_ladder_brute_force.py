"""The dispatcher's choice in the demo equals the ladder's rule, worked out by brute force.

The rule is walked over everybody on the roster, by tests/ladder_walk.py, with the travel times of
tests/split_graph.py; neither shares anything with the product. The district is disturbed first, so
that every clause of the rule decides somewhere: people are busy, off duty, have no fix or have gone
elsewhere, responsibilities have ended or not begun.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from dispatch import desk
from dispatch.actor import Actor
from dispatch.case.locate import Location
from dispatch.office import Office
from geodata.clock import FixedClock
from geodata.crs import Datum
from geodata.db.pool import make_pool
from geodata.db.scope import Conn, Pool, Scope, scoped
from geodata.road.snap import Snapper
from geodata.road.store import load_graph
from tests.conftest import DEMO_AS_OF, LONG
from tests.ladder_walk import BESIDE, COMMUNITY, Ground, Matter, Travel, Walk, read_people

BOSS = Actor("u:1", "commander", Scope(("210211",), ("u:1",)))
OFFICE = Office(FixedClock(DEMO_AS_OF))
RUNGS = ("", "building", "grid", "neighbour", "community", "street", "district")
CASES = 200
CASES_LONG = 1_000
DISTURB = """
    SELECT setseed(0.42);
    UPDATE dispatch.people SET duty = 'off_duty' WHERE random() < 0.15;
    INSERT INTO dispatch.assignments (case_id, person_id, person_role, role, slot, state, rung,
        reasons, rank, assigned_by, assigned_at)
    SELECT row_number() OVER (ORDER BY p.id, s.slot), p.id, p.role, 'assist', s.slot, 'arrived',
           'choice', '[]', 0, 'system:test', now()
    FROM (SELECT p.*, floor(random() * (p.capacity + 1))::int AS busy FROM dispatch.people p
          WHERE NOT EXISTS (SELECT FROM dispatch.assignments a WHERE a.person_id = p.id AND a.live)
            AND (random() < 0.15 OR p.role NOT IN ('info_officer', 'grid_worker'))
          ORDER BY p.id) p
    CROSS JOIN LATERAL generate_series(1, p.busy) s (slot)
    ORDER BY p.id LIMIT 9000;
    DELETE FROM dispatch.positions WHERE random() < 0.1;
    UPDATE dispatch.positions SET edge_id = NULL, fraction = NULL,
        lon = greatest(121.2, lon + (random() - 0.5) * 0.02),
        lat = greatest(38.7, lat + (random() - 0.5) * 0.015) WHERE random() < 0.3;
    ALTER TABLE dispatch.responsibilities DISABLE TRIGGER responsibilities_changed;
    UPDATE dispatch.responsibilities SET valid = tstzrange('2016-01-01', '{as_of}')
    WHERE random() < 0.05;
    UPDATE dispatch.responsibilities SET valid = tstzrange('{later}', NULL)
    WHERE random() < 0.03;
    ALTER TABLE dispatch.responsibilities ENABLE TRIGGER responsibilities_changed;
"""
HOMES = """
    SELECT ST_X(p) AS lon, ST_Y(p) AS lat FROM (SELECT ST_PointOnSurface(b.geom) AS p
    FROM layers.buildings b WHERE b.households > 0 AND b.id %% 97 = %s ORDER BY b.id) h
"""
ANYWHERE = """
    SELECT ST_X(d.geom) AS lon, ST_Y(d.geom) AS lat FROM layers.areas a
    CROSS JOIN LATERAL ST_Dump(ST_GeneratePoints(a.geom, 1, 7)) d WHERE a.level = 'grid'
    ORDER BY a.code
"""


@dataclass(frozen=True)
class Sample:
    """A disturbed district with matters of every type in it, in a mixed order."""

    dsn: str
    matters: list[tuple[str, Matter]]


@pytest.fixture
def app(demo_db: str) -> Iterator[Pool]:
    pool = make_pool(demo_db, "ganxin_app", name="test", max_size=1, statement_timeout_s=60)
    yield pool
    pool.close()


def _disturb(conn: Conn) -> None:
    script = DISTURB.format(as_of=DEMO_AS_OF, later=DEMO_AS_OF + timedelta(seconds=1))
    for statement in script.split(";\n"):
        if statement.strip():
            conn.execute(statement.encode())
    conn.execute("ANALYZE")


def _matters(conn: Conn, count: int) -> list[tuple[str, Matter]]:
    """Return matters of all types in turn, half at homes and half anywhere in a grid."""
    rng = random.Random(20230215)  # noqa: S311 - a seeded test
    homes = conn.execute(HOMES, (13,)).fetchall()
    anywhere = conn.execute(ANYWHERE.encode()).fetchall()
    kinds = conn.execute(
        "SELECT code, family, skills, arrival_limit_s FROM dispatch.case_types"
    ).fetchall()
    by_family: dict[str, list[dict[str, Any]]] = {}
    for kind in sorted(kinds, key=lambda kind: kind["code"]):
        by_family.setdefault(kind["family"], []).append(kind)
    turns = {family: rng.sample(found, len(found)) for family, found in by_family.items()}
    weighted = ["dispute", "hazard", "service", "police", "hazard", "recommendation", "dispute"]
    found = []
    for number in range(count):
        family = weighted[number % len(weighted)]
        turns[family].append(kind := turns[family].pop(0))
        spot = rng.choice(anywhere if number % 2 else homes)
        skills = frozenset(kind["skills"])
        matter = Matter(spot["lon"], spot["lat"], family, skills, kind["arrival_limit_s"])
        found.append((kind["code"], matter))
    return found


def _read_roads(dsn: str) -> Snapper:
    with psycopg.connect(dsn) as conn:
        return Snapper(load_graph(conn))


def _report(kind: str, matter: Matter) -> desk.Report:
    return desk.Report(kind, "x", Location(matter.lon, matter.lat, Datum.WGS84))


def _compare_all(dsn: str, app: Pool, count: int) -> Counter[tuple[str, int]]:
    """Compare every matter; return how often which rung of which family came first."""
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        _disturb(conn)
        matters = _matters(conn, count)
    people = read_people(dsn, DEMO_AS_OF)
    walk = Walk(Ground(dsn), people, Travel(dsn, people, [matter for _, matter in matters]))
    roads = _read_roads(dsn)
    seen: Counter[tuple[str, int]] = Counter()
    with scoped(app, BOSS.scope) as conn:
        for number, (kind, matter) in enumerate(matters):
            expected = walk.order(matter)
            _compare(conn, roads, walk, kind, matter, expected)
            if expected and number % 4 == 0:
                _compare_recused(conn, roads, walk, kind, matter, expected[0][0])
            seen[matter.family, expected[0][1] if expected else 0] += 1
    return seen


def _compare(
    conn: Conn,
    roads: Snapper,
    walk: Walk,
    kind: str,
    matter: Matter,
    expected: list[tuple[int, int]],
) -> None:
    named = [(person, RUNGS[rung]) for person, rung in expected]
    with conn.transaction(force_rollback=True):
        case = desk.report_case(conn, OFFICE, BOSS, _report(kind, matter), roads)
        found = desk.recommend(conn, roads, case.id, DEMO_AS_OF)
        assert [(c.person_id, c.rung) for c in found][:1] == named[:1], (kind, matter)
        assert [(c.person_id, c.rung) for c in found] == named, (kind, matter)
    with conn.transaction(force_rollback=True):
        done = desk.dispatch_now(conn, OFFICE, BOSS, roads, _report(kind, matter))
        chosen = done.assigned.person_id if done.assigned else None
        leads = (person for person, _ in expected if walk.by_id[person].role not in BESIDE)
        assert chosen == next(leads, None), (kind, matter)


def _compare_recused(
    conn: Conn, roads: Snapper, walk: Walk, kind: str, matter: Matter, person_id: int
) -> None:
    with conn.transaction(force_rollback=True):
        case = desk.report_case(conn, OFFICE, BOSS, _report(kind, matter), roads)
        desk.recuse(conn, OFFICE, BOSS, case.id, person_id, "亲属")
        found = desk.recommend(conn, roads, case.id, DEMO_AS_OF)
    rest = walk.order(replace(matter, recused=frozenset({person_id})))
    assert [c.person_id for c in found] == [person for person, _ in rest]
    assert person_id not in [person for person, _ in rest]


def test_the_first_choice_is_that_of_the_rule(demo_db: str, app: Pool) -> None:
    seen = _compare_all(demo_db, app, CASES)
    assert {family for family, _ in seen} == {
        "dispute", "hazard", "service", "police", "recommendation",
    }  # fmt: skip
    assert len({rung for _, rung in seen}) >= 5


@LONG
def test_the_first_choice_is_that_of_the_rule_for_a_thousand(demo_db: str, app: Pool) -> None:
    assert sum(_compare_all(demo_db, app, CASES_LONG).values()) == CASES_LONG


def test_a_dispute_offers_the_mediator_lawyer_and_judge_of_its_community(
    demo_db: str, app: Pool
) -> None:
    """In every community as loaded, and nobody else on that rung."""
    with psycopg.connect(demo_db, row_factory=dict_row) as conn:
        spots = conn.execute(
            "SELECT DISTINCT ON (left(code, 12)) left(code, 12) AS community, ST_X(label) AS lon,"
            " ST_Y(label) AS lat FROM layers.areas WHERE level = 'grid' ORDER BY 1, md5(code)"
        ).fetchall()
        assert len(spots) == 237
        answer = conn.execute(
            "SELECT r.area_code, p.role, p.id FROM dispatch.responsibilities r"
            " JOIN dispatch.people p ON p.id = r.person_id"
            " WHERE p.role IN ('mediator', 'lawyer', 'judge')"
        ).fetchall()
    roads = _read_roads(demo_db)
    with scoped(app, BOSS.scope) as conn:
        for spot in spots:
            matter = Matter(spot["lon"], spot["lat"], "dispute", frozenset(), 0.0)
            case = desk.report_case(conn, OFFICE, BOSS, _report("D0201", matter), roads)
            found = desk.recommend(conn, roads, case.id, DEMO_AS_OF)
            offered = {(c.role, c.person_id) for c in found if c.rung == RUNGS[COMMUNITY]}
            assert {role for role, _ in offered} == {"mediator", "lawyer", "judge"}, spot
            assert offered == {
                (row["role"], row["id"]) for row in answer if row["area_code"] == spot["community"]
            }
            assert {c.rung for c in found[: len(offered)]} == {RUNGS[COMMUNITY]}
