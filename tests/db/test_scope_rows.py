"""Row security: own areas, participation, and nothing without a scope; plans use the index."""

from __future__ import annotations

from typing import LiteralString

import psycopg
import pytest
from psycopg.rows import dict_row

from dispatch import desk
from dispatch.actor import Actor
from dispatch.case.filter import Filter
from dispatch.case.locate import Location
from dispatch.case.store import Case
from dispatch.people import store as people
from geodata.crs import Datum
from geodata.db.scope import NOTHING, Scope, scoped, unscoped
from geodata.errors import NotFound
from tests.db import world as w
from tests.db.world import World, commander, dispatcher, staff
from tests.small_town import place

ROWS: tuple[LiteralString, ...] = (
    "SELECT 1 FROM dispatch.people",
    "SELECT 1 FROM dispatch.responsibilities",
    "SELECT 1 FROM dispatch.positions",
    "SELECT 1 FROM dispatch.cases",
    "SELECT 1 FROM dispatch.assignments",
    "SELECT 1 FROM dispatch.participations",
    "SELECT 1 FROM dispatch.recusals",
    "SELECT 1 FROM geodata.events",
)


def take_in(world: World, actor: Actor, at: tuple[float, float], kind: str = "D0201") -> Case:
    report = desk.Report(kind, "x", Location(*place(*at), Datum.WGS84))
    with scoped(world.app, actor.scope) as conn:
        return desk.report_case(conn, world.office, actor, report)


def seen(world: World, scope: Scope) -> list[int]:
    with scoped(world.app, scope) as conn:
        return sorted(case.id for case in desk.list_cases(conn, Filter()).items)


@pytest.fixture
def lived_in(world: World) -> World:
    """Return a town in which every table of people and cases has rows."""
    one = take_in(world, commander(), (0.5, 0.5))
    take_in(world, commander(), (4.5, 0.5))
    boss = commander()
    with scoped(world.app, boss.scope) as conn:
        desk.assign(conn, world.office, boss, world.roads, one.id, w.MEDIATOR, 1)
        desk.recuse(conn, world.office, boss, one.id, w.LAWYER, "x")
    with unscoped(world.system) as conn:
        conn.execute(
            "INSERT INTO dispatch.positions (person_id, lon, lat, measured_at, received_at)"
            " SELECT id, 121.5, 38.9, now(), now() FROM dispatch.people"
        )
        conn.execute("SELECT geodata.seal_events(100)")
    return world


@pytest.mark.parametrize("rows", ROWS)
def test_nothing_without_a_scope(lived_in: World, rows: LiteralString):
    for scope in (None, NOTHING, Scope(("999999",))):
        with unscoped(lived_in.app) if scope is None else scoped(lived_in.app, scope) as conn:
            assert conn.execute(rows).fetchall() == []
    with unscoped(lived_in.system) as conn:
        assert conn.execute(rows).fetchall() != []


def test_a_street_sees_its_own(lived_in: World):
    with scoped(lived_in.app, dispatcher(w.STREET_2).scope) as conn:
        cases = desk.list_cases(conn, Filter()).items
        assert [case.grid_code[:9] for case in cases] == [w.STREET_2]
        ids = [p.id for p in people.list_people(conn, people.Filter()).items]
        events = conn.execute("SELECT area_code FROM geodata.events").fetchall()
        fixes = conn.execute("SELECT person_id FROM dispatch.positions").fetchall()
        assignments = conn.execute("SELECT 1 FROM dispatch.assignments").fetchall()
    assert ids == [w.JUDGE, w.GAS, w.OTHER_POLICE, w.ACROSS]
    assert {row["person_id"] for row in fixes} == set(ids)
    assert {row["area_code"][:9] for row in events} == {w.STREET_2}
    assert assignments == []


def test_what_is_beyond_reach_is_not_found(lived_in: World):
    actor = dispatcher(w.STREET_2)
    mine, other = seen(lived_in, actor.scope), seen(lived_in, commander().scope)
    (hidden,) = set(other) - set(mine)
    with scoped(lived_in.app, actor.scope) as conn:
        for ask in (desk.get_case, desk.timeline):
            with pytest.raises(NotFound):
                ask(conn, hidden)
        with pytest.raises(NotFound):
            desk.recommend(conn, lived_in.roads, hidden, w.NOW)
        with pytest.raises(NotFound):
            desk.acknowledge(conn, lived_in.office, actor, hidden, 2)
        with pytest.raises(NotFound):
            people.get_person(conn, w.WORKER)
        assert desk.nearby_cases(conn, lived_in.office, *place(0.5, 0.5)) == []


def test_a_judge_sees_the_communities_of_several_streets(lived_in: World):
    judge = Actor(
        "u:50", "judge",
        Scope(("210211001001", "210211001002", "210211002001"), ("u:50", f"p:{w.JUDGE}")),
    )  # fmt: skip
    assert len(seen(lived_in, judge.scope)) == 2
    elsewhere = take_in(lived_in, commander(), (7.5, 3.5))
    assert elsewhere.id not in seen(lived_in, judge.scope)


def test_who_took_part_keeps_sight(lived_in: World):
    """A worker reports a case across the border; the desk there assigns it; the worker follows."""
    worker = staff(w.BORDER, "210211001002002")
    case = take_in(lived_in, worker, (4.2, 0.5), "H01")
    assert case.grid_code.startswith(w.STREET_2)
    assert case.id in seen(lived_in, worker.scope)
    assert case.id not in seen(lived_in, dispatcher(w.STREET_1).scope)
    boss = dispatcher(w.STREET_2, 8)
    with scoped(lived_in.app, boss.scope) as conn:
        desk.assign(conn, lived_in.office, boss, lived_in.roads, case.id, w.ACROSS, 1)
    with unscoped(lived_in.system) as conn:
        conn.execute("SELECT geodata.seal_events(100)")
    with scoped(lived_in.app, worker.scope) as conn:
        file = desk.get_case(conn, case.id)
        assert [row["kind"] for row in desk.timeline(conn, case.id)] == [
            "case.reported",
            "assignment.assigned",
        ]
    assert (file.assignments[0].person_id, file.assignments[0].name) == (w.ACROSS, None)
    assert file.assignments[0].person_role == "grid_worker"


def test_the_assigned_keep_sight_and_can_act(lived_in: World):
    boss = commander()
    case = take_in(lived_in, boss, (0.5, 0.5), "H01")
    with scoped(lived_in.app, boss.scope) as conn:
        desk.assign(conn, lived_in.office, boss, lived_in.roads, case.id, w.GAS, 1)
    gas = Actor("u:60", "grid_worker", Scope((w.STREET_2,), ("u:60", f"p:{w.GAS}")))
    with scoped(lived_in.app, gas.scope) as conn:
        assert desk.acknowledge(conn, lived_in.office, gas, case.id, 2).state == "acknowledged"


def test_load_counts_work_beyond_the_callers_reach(lived_in: World):
    """A judge's case in another street takes a place, although this street cannot see it."""
    boss = commander()
    with unscoped(lived_in.system) as conn:
        conn.execute("UPDATE dispatch.people SET capacity = 1 WHERE id = %s", (w.JUDGE,))
    there, here = (take_in(lived_in, boss, at) for at in ((4.5, 0.5), (0.5, 0.5)))
    with scoped(lived_in.app, boss.scope) as conn:
        desk.assign(conn, lived_in.office, boss, lived_in.roads, there.id, w.JUDGE, 1, "judge")
    with scoped(lived_in.app, dispatcher(w.STREET_1).scope) as conn:
        roles = [c.role for c in desk.recommend(conn, lived_in.roads, here.id, w.NOW)]
    assert "judge" not in roles


def test_a_duty_change_is_seen_in_its_event(lived_in: World):
    worker = staff(w.WORKER, w.GRID)
    with scoped(lived_in.app, worker.scope) as conn:
        person = people.set_duty(conn, lived_in.office, worker, w.WORKER, "off_duty", 1)
    assert (person.duty, person.version) == ("off_duty", 2)
    with unscoped(lived_in.system) as conn:
        row = conn.execute("SELECT * FROM geodata.events_pending").fetchone()
    assert row is not None
    assert (row["kind"], row["person_id"], row["area_code"]) == (
        "person.duty_changed", w.WORKER, w.GRID,
    )  # fmt: skip


def test_spatial_queries_under_row_security_use_the_index(world: World):
    """Leakproof operators run before the policy, on the index (ganxin check looks after it)."""
    with psycopg.connect(world.dsn, row_factory=dict_row) as owner:
        owner.execute(
            "INSERT INTO dispatch.cases (number, type_code, state, urgent, channel, description,"
            " grid_code, edge_m, source_lon, source_lat, source_datum, geom, reported_by,"
            " reported_at, state_since) SELECT n::text, 'H01', 'pending', false, 'desk', 'x',"
            " '210211001001001', 1, 121, 38, 'WGS-84',"
            " ST_SetSRID(ST_MakePoint(121 + n / 20000.0, 38 + (n % 100) / 100.0), 4326), 'u:1',"
            " now(), now() FROM generate_series(1, 20000) n",
        )
        owner.execute("ANALYZE dispatch.cases")
    with scoped(world.app, dispatcher(w.STREET_1).scope) as conn:
        rows = conn.execute(
            "EXPLAIN (COSTS off) SELECT id FROM dispatch.cases"
            " WHERE geom && ST_MakeEnvelope(121.5, 38.5, 121.52, 38.52, 4326)"
        ).fetchall()
    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert "cases_geom" in plan
    assert "Seq Scan on cases" not in plan
