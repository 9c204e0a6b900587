"""Races on a real database: never above capacity, never two leads, never two journeys."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from dispatch import desk
from dispatch.actor import Actor
from dispatch.case.locate import Location
from dispatch.case.store import Case
from geodata.crs import Datum
from geodata.db.scope import Scope, scoped, unscoped
from geodata.errors import Conflict
from tests.db import world as w
from tests.db.world import World, commander
from tests.small_town import place

DISPATCHERS = 16
PEOPLE = 50
FIRST_ID = 100

_ABOVE_CAPACITY = """
SELECT person_id FROM dispatch.assignments a JOIN dispatch.people p ON p.id = a.person_id
WHERE a.live GROUP BY person_id, p.capacity HAVING count(*) > p.capacity
"""
_TWO_LEADS = """
SELECT case_id FROM dispatch.assignments WHERE live AND role = 'lead'
GROUP BY case_id HAVING count(*) > 1
"""
_TWO_JOURNEYS = """
SELECT person_id FROM dispatch.assignments WHERE travelling
GROUP BY person_id HAVING count(*) > 1
"""
_OUT_OF_STEP = """
SELECT c.id FROM dispatch.cases c
LEFT JOIN dispatch.assignments a ON a.case_id = c.id AND a.live AND a.role = 'lead'
WHERE (c.state IN ('pending', 'closed')) <> (a.id IS NULL)
   OR (a.id IS NOT NULL AND c.state <> a.state)
"""
_IDLE = """
SELECT person_id FROM dispatch.assignments
WHERE live AND state IN ('assigned', 'acknowledged')
GROUP BY person_id HAVING NOT bool_or(travelling)
"""


def add_crowd(world: World, capacity: int) -> list[int]:
    ids = list(range(FIRST_ID, FIRST_ID + PEOPLE))
    lon, lat = place(1, 1)
    with unscoped(world.system) as conn:
        conn.execute(
            "INSERT INTO dispatch.people (id, name, role, team, home_code, home, travel_mode,"
            " capacity) SELECT n, 'x', 'grid_worker', 'grid', %s,"
            " ST_SetSRID(ST_MakePoint(%s, %s), 4326), 'ebike', %s FROM unnest(%s::bigint[]) n",
            (w.GRID, lon, lat, capacity, ids),
        )
    return ids


def take_in(world: World, count: int) -> list[Case]:
    report = desk.Report("S01", "x", Location(*place(0.5, 0.5), Datum.WGS84))
    with scoped(world.app, commander().scope) as conn:
        return [desk.report_case(conn, world.office, commander(), report) for _ in range(count)]


def dispatcher(number: int) -> Actor:
    user = f"u:{number + 10}"
    return Actor(user, "dispatcher", Scope(("210211001",), (user,)))


def holds(world: World) -> None:
    with unscoped(world.system) as conn:
        for broken in (_ABOVE_CAPACITY, _TWO_LEADS, _TWO_JOURNEYS, _OUT_OF_STEP, _IDLE):
            assert conn.execute(broken).fetchall() == [], broken


def try_assign(world: World, actor: Actor, case: Case, person: int) -> Conflict | None:
    try:
        with scoped(world.app, actor.scope) as conn:
            desk.assign(conn, world.office, actor, world.roads, case.id, person, case.version)
    except Conflict as lost:
        return lost
    return None


@pytest.mark.parametrize("capacity", [1, 3])
def test_sixteen_race_for_fifty_people(world: World, capacity: int):
    """Each case is wanted by two dispatchers and there are more cases than room."""
    people = add_crowd(world, capacity)
    cases = take_in(world, PEOPLE * capacity // 2 + 20)
    start = Barrier(DISPATCHERS)

    def race(number: int) -> list[Conflict | None]:
        rng = random.Random(number // 2)  # noqa: S311 - two of the same mind want the same
        wanted = rng.sample(cases, 25)
        start.wait()
        return [try_assign(world, dispatcher(number), case, rng.choice(people)) for case in wanted]

    with ThreadPoolExecutor(DISPATCHERS) as pool:
        results = [result for part in pool.map(race, range(DISPATCHERS)) for result in part]
    holds(world)
    lost = [result for result in results if result is not None]
    assert len(lost) >= DISPATCHERS * 25 // 2
    for conflict in lost:
        assert conflict.winner is not None
        assert conflict.winner["by"].startswith("u:")
    with unscoped(world.system) as conn:
        row = conn.execute("SELECT count(*) AS n FROM dispatch.assignments").fetchone()
    assert row is not None
    assert row["n"] == len(results) - len(lost)


def test_one_place_left_goes_to_one(world: World):
    """Sixteen different cases, one person with room for one: one wins, fifteen are told who."""
    person = add_crowd(world, 1)[0]
    cases = take_in(world, DISPATCHERS)
    start = Barrier(DISPATCHERS)

    def race(number: int) -> Conflict | None:
        start.wait()
        return try_assign(world, dispatcher(number), cases[number], person)

    with ThreadPoolExecutor(DISPATCHERS) as pool:
        lost = [result for result in pool.map(race, range(DISPATCHERS)) if result is not None]
    assert len(lost) == DISPATCHERS - 1
    assert len({conflict.winner["by"] for conflict in lost if conflict.winner}) == 1
    holds(world)


def test_a_storm_of_all_steps_keeps_every_promise(world: World):
    """Assign, undo, acknowledge, arrive, return and close at random, in no order, from many."""
    people = add_crowd(world, 3)[:6]
    cases = take_in(world, 12)
    outcome: Counter[str] = Counter()

    def storm(number: int) -> None:
        rng = random.Random(number)  # noqa: S311 - a seeded test
        actor = dispatcher(number)
        for _ in range(40):
            case_id = rng.choice(cases).id
            try:
                with scoped(world.app, actor.scope) as conn:
                    _any_step(world, actor, conn, case_id, rng, people)
                outcome["done"] += 1
            except Conflict:
                outcome["lost"] += 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(storm, range(8)))
    assert outcome["done"] > 50
    holds(world)


def _any_step(world, actor, conn, case_id, rng, people) -> None:
    version = desk.get_case(conn, case_id).case.version
    office = world.office
    action = rng.choice(["assign", "assign", "undo", "acknowledge", "arrive", "return", "close"])
    if action == "assign":
        desk.assign(conn, office, actor, world.roads, case_id, rng.choice(people), version)
    elif action == "return":
        desk.return_case(conn, office, actor, case_id, version, "x")
    elif action == "close":
        desk.close_case(conn, office, actor, case_id, version, "x")
    else:
        getattr(desk, action)(conn, office, actor, case_id, version)


def test_express_dispatches_at_once_pass_over_who_was_taken(world: World):
    """Eight reports of one building at once: the officer's two places, then the next rungs."""
    report = desk.Report("H01", "x", Location(*place(*w.IN_BUILDING), Datum.WGS84))
    start = Barrier(8)

    def go(number: int) -> int | None:
        actor = dispatcher(number)
        start.wait()
        with scoped(world.app, actor.scope) as conn:
            done = desk.dispatch_now(conn, world.office, actor, world.roads, report)
        return done.assigned.person_id if done.assigned else None

    with ThreadPoolExecutor(8) as pool:
        chosen = Counter(pool.map(go, range(8)))
    assert chosen[w.OFFICER] == 2
    assert chosen[w.WORKER] == 3
    assert chosen[w.NEXT_DOOR] + chosen[w.UPSTAIRS] == 3
    holds(world)
