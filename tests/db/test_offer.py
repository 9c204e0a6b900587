"""Offers: one after the other is asked until somebody acknowledges; each time is up once."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from dispatch import desk, offer
from dispatch.case.wish import Wish
from dispatch.offer import sweep_offers
from dispatch.sweep import Swept
from geodata.db.pool import make_pool
from geodata.db.scope import Conn, Row, scoped, unscoped
from geodata.errors import Forbidden
from tests.conftest import LONG
from tests.db import world as w
from tests.db.lock import wait_for_lock
from tests.offer_walk import ANSWER, BOSS, URGENT_ANSWER, Walk, answer, ask, offered

STEPS, CRASHES = 150, 0.25


def sweep(world: w.World) -> int:
    return sweep_offers(world.system, world.office, lambda: world.roads).told


def later(world: w.World, by: timedelta) -> int:
    world.clock.at += by
    return sweep(world)


def lead(world: w.World, case_id: int) -> int | None:
    with scoped(world.app, BOSS.scope) as conn:
        found = desk.get_case(conn, case_id).case.lead
    return None if found is None else found.person_id


def ladder_of(world: w.World, case_id: int) -> Row:
    rows = ask(world, f"SELECT * FROM dispatch.offers WHERE case_id = {case_id}")  # noqa: S608
    return rows[0]


def test_the_next_is_asked_when_time_is_up_and_at_once_when_it_is_given_back(world: w.World):
    case = offered(world)
    assert lead(world, case.id) is None
    assert sweep(world) == 1
    assert lead(world, case.id) == w.OFFICER, "responsible for the building"
    assert later(world, ANSWER - timedelta(seconds=1)) == 0
    assert later(world, timedelta(seconds=1)) == 1
    assert lead(world, case.id) == w.WORKER, "the grid's"
    answer(world, case.id, w.WORKER, "return")
    assert sweep(world) == 1
    assert lead(world, case.id) == w.NEXT_DOOR
    answer(world, case.id, w.NEXT_DOOR, "acknowledge")
    assert sweep(world) == 1
    assert ladder_of(world, case.id)["state"] == "accepted"
    assert later(world, ANSWER * 3) == 0
    states = ask(world, "SELECT person_id, state FROM dispatch.assignments ORDER BY id")
    assert [(row["person_id"], row["state"]) for row in states] == [
        (w.OFFICER, "lapsed"), (w.WORKER, "returned"), (w.NEXT_DOOR, "acknowledged"),
    ]  # fmt: skip


def test_an_urgent_case_waits_less_for_an_answer(world: w.World):
    case = offered(world, "H01")
    sweep(world)
    first = lead(world, case.id)
    assert later(world, URGENT_ANSWER) == 1
    assert lead(world, case.id) != first


def test_with_nobody_left_the_desk_is_told_why(world: w.World):
    ask(world, "UPDATE dispatch.people SET duty = 'off_duty' WHERE id > 3 RETURNING id")
    ask(
        world,
        "UPDATE dispatch.people SET duty = 'on_leave' WHERE role = 'community_worker' RETURNING id",
    )
    case = offered(world)
    sweep(world)
    answer(world, case.id, w.OFFICER, "return")
    sweep(world)
    assert lead(world, case.id) == w.WORKER
    later(world, ANSWER)
    assert lead(world, case.id) == w.NEXT_DOOR
    later(world, ANSWER)
    ended = ladder_of(world, case.id)
    assert ended["state"] == "exhausted"
    causes = ended["shortfall"]["causes"]
    assert (causes["declined"], causes["lapsed"], causes["on_leave"]) == (1, 2, 1)
    assert causes["off_duty"] >= 1
    told = ask(
        world, "SELECT payload FROM geodata.events_pending WHERE kind = 'case.offer_exhausted'"
    )
    assert [one["payload"]["causes"] for one in told] == [causes]
    assert later(world, ANSWER) == 0, "it has ended"
    case_now = ask(world, "SELECT state FROM dispatch.cases")[0]
    assert case_now["state"] == "pending"


def test_the_desk_ends_a_ladder_by_taking_back(world: w.World):
    case = offered(world)
    sweep(world)
    with scoped(world.app, BOSS.scope) as conn:
        version = desk.get_case(conn, case.id).case.version
        desk.undo(conn, world.office, BOSS, case.id, version)
    assert ladder_of(world, case.id)["state"] == "stopped"
    assert later(world, ANSWER * 2) == 0
    assert lead(world, case.id) is None


def test_only_the_platform_lets_an_offer_lapse(world: w.World):
    case = offered(world)
    sweep(world)
    with scoped(world.app, BOSS.scope) as conn:
        version = desk.get_case(conn, case.id).case.version
        with pytest.raises(Forbidden):
            desk.act(conn, world.office, BOSS, case.id, Wish("lapse", version))


def test_a_ladder_begun_anew_is_not_ended_with_the_old_one(world: w.World):
    first, second = offered(world), offered(world)
    sweep(world)
    for one in (first, second):
        answer(world, one.id, w.OFFICER, "acknowledge")
    with ThreadPoolExecutor(1) as beside:
        with unscoped(world.system) as conn:
            conn.execute("SELECT FROM dispatch.offers WHERE case_id = %s FOR UPDATE", (first.id,))
            swept = beside.submit(sweep, world)
            wait_for_lock(world)  # the sweeper has seen that both are acknowledged
            world.clock.at += timedelta(minutes=1)
            answer(world, second.id, w.OFFICER, "return")
            with scoped(world.app, BOSS.scope) as desk_conn:
                version = desk.get_case(desk_conn, second.id).case.version
                desk.act(desk_conn, world.office, BOSS, second.id, Wish("offer", version))
        swept.result()
    assert ladder_of(world, first.id)["state"] == "accepted"
    assert ladder_of(world, second.id)["state"] == "running"
    sweep(world)
    assert lead(world, second.id) is not None


def lock_person(conn: Conn, person_id: int) -> None:
    conn.execute("SELECT FROM dispatch.people WHERE id = %s FOR NO KEY UPDATE", (person_id,))


def test_a_step_holds_nobody_else_while_it_waits_for_the_next_one(world: w.World):
    case = offered(world)
    sweep(world)
    with ThreadPoolExecutor(1) as beside:
        with unscoped(world.system) as conn:
            lock_person(conn, w.WORKER)
            swept = beside.submit(later, world, ANSWER)
            wait_for_lock(world)  # the officer has lapsed, the worker is to be asked
            lock_person(conn, w.OFFICER)
        assert swept.result() == 1
    assert lead(world, case.id) == w.WORKER


def test_nor_one_who_could_not_be_asked(world: w.World):
    case = offered(world)
    with ThreadPoolExecutor(1) as beside:
        with unscoped(world.system) as other:
            lock_person(other, w.WORKER)
            with unscoped(world.system) as conn:
                conn.execute(
                    "UPDATE dispatch.people SET duty = 'off_duty' WHERE id = %s", (w.OFFICER,)
                )
                swept = beside.submit(sweep, world)
                wait_for_lock(world)  # the officer is to be asked, as the list has it
            wait_for_lock(world, other)  # now the worker
            lock_person(other, w.OFFICER)
        assert swept.result() == 1
    assert lead(world, case.id) == w.WORKER


def test_one_case_whose_person_is_held_up_does_not_hold_up_the_others(world: w.World):
    pool = make_pool(world.dsn, "ganxin_system", name="hasty", statement_timeout_s=1)
    held, free = offered(world), offered(world, at=(6.5, 2.5))
    try:
        with unscoped(world.system) as conn:
            conn.execute("SELECT FROM dispatch.people WHERE id = %s FOR UPDATE", (w.OFFICER,))
            assert sweep_offers(pool, world.office, lambda: world.roads) == Swept(1, 1)
        assert lead(world, held.id) is None
        assert lead(world, free.id) is not None
        assert sweep(world) == 1
        assert lead(world, held.id) == w.OFFICER
    finally:
        pool.close()


class Killed(Exception):
    """A sweeper that dies in the midst of its transaction."""


class Frail:
    """A sweeper that dies now and then, in the midst of a step of every ladder that is due."""

    def __init__(self, world: w.World, dice: random.Random) -> None:
        self.world, self.dice = world, dice

    def sweep(self) -> None:
        if self.dice.random() < CRASHES:
            due = ask(self.world, "SELECT case_id FROM dispatch.offers WHERE state = 'running'")
            for row in due:
                with pytest.raises(Killed):
                    self.die_at(row["case_id"])
        sweep(self.world)

    def die_at(self, case_id: int) -> None:
        with unscoped(self.world.system) as conn:
            offer.lapse(conn, self.world.office, case_id)
            offer.step(conn, self.world.office, lambda: self.world.roads, case_id)
            raise Killed


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=LONG), pytest.param(3, marks=LONG)])
def test_every_ladder_ends_with_somebody_or_a_named_shortfall(world: w.World, seed: int):
    dice = random.Random(seed)  # noqa: S311 - dice, not secrets
    Walk(world, dice, Frail(world, dice).sweep).run(STEPS)
