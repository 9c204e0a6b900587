"""Offers: one after the other is asked until somebody acknowledges; each time is up once."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from dispatch import desk, offer
from dispatch.actor import Actor
from dispatch.case.locate import Location
from dispatch.case.store import Case
from dispatch.case.wish import Wish
from dispatch.offer import sweep_offers
from dispatch.people.store import get_person, set_duty
from geodata.crs import Datum
from geodata.db.scope import Row, scoped, unscoped
from geodata.errors import Forbidden
from tests.conftest import LONG
from tests.db import world as w
from tests.small_town import COLUMNS, ROWS, place

ANSWER = timedelta(minutes=10)
URGENT_ANSWER = timedelta(minutes=3)
BOSS = w.commander()
STEPS, CRASHES = 150, 0.25


def offered(world: w.World, type_code: str = "H05", at: tuple[float, float] = (0.2, 0.17)) -> Case:
    """Take in a case and put it on its ladder."""
    location = Location(*place(*at), Datum.WGS84)
    with scoped(world.app, BOSS.scope) as conn:
        made = desk.report_case(conn, world.office, BOSS, desk.Report(type_code, "x", location))
        return desk.act(conn, world.office, BOSS, made.id, Wish("offer", made.version))


def sweep(world: w.World) -> int:
    return sweep_offers(world.system, world.office, lambda: world.roads).told


def later(world: w.World, by: timedelta) -> int:
    world.clock.at += by
    return sweep(world)


def ask(world: w.World, statement: str) -> list[Row]:
    with unscoped(world.system) as conn:
        return conn.execute(statement.encode()).fetchall()


def lead(world: w.World, case_id: int) -> int | None:
    with scoped(world.app, BOSS.scope) as conn:
        found = desk.get_case(conn, case_id).case.lead
    return None if found is None else found.person_id


def answer(world: w.World, case_id: int, person_id: int, action: str) -> None:
    """Let the one who is asked acknowledge, or give it back."""
    reason = {"reason": "走不开"} if action == "return" else {}
    who = Actor(f"p:{person_id}", "grid_worker", w.staff(person_id, w.STREET_1).scope)
    with scoped(world.app, who.scope) as conn:
        version = desk.get_case(conn, case_id).case.version
        desk.act(conn, world.office, who, case_id, Wish(action, version, **reason))


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
    assert later(world, ANSWER * 3) == 0
    assert ladder_of(world, case.id)["state"] == "accepted"
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


class Killed(Exception):
    """A sweeper that dies in the midst of its transaction."""


class Walk:
    """Random answers, declines, silence, shifts and crashes on many ladders at once."""

    def __init__(self, world: w.World, seed: int) -> None:
        self.world, self.dice = world, random.Random(seed)  # noqa: S311 - dice, not secrets

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.dice.choice([self.report, self.wait, self.answer, self.answer, self.turn])()
            self.check()
        for _ in range(20):  # nobody answers any more: every ladder comes to its end
            later(self.world, ANSWER)
        self.check()
        self.settle()

    def report(self) -> None:
        at = (self.dice.uniform(0.05, COLUMNS - 0.05), self.dice.uniform(0.05, ROWS - 0.05))
        offered(self.world, self.dice.choice(["H05", "H01", "D0201", "S03", "P04"]), at)

    def wait(self) -> None:
        self.world.clock.at += timedelta(minutes=self.dice.uniform(0, 15))
        if self.dice.random() < CRASHES:
            self.crash()
        sweep(self.world)

    def crash(self) -> None:
        """Do a step of every ladder that is due, and die before it is committed."""
        due = ask(self.world, "SELECT case_id FROM dispatch.offers WHERE state = 'running'")
        for row in due:
            with pytest.raises(Killed):
                self.die_at(row["case_id"])

    def die_at(self, case_id: int) -> None:
        with unscoped(self.world.system) as conn:
            offer.step(conn, self.world.office, lambda: self.world.roads, case_id)
            raise Killed

    def answer(self) -> None:
        rows = ask(
            self.world,
            "SELECT a.case_id, a.person_id FROM dispatch.assignments a JOIN dispatch.offers o"
            " USING (case_id) WHERE a.state = 'assigned' AND o.state = 'running' ORDER BY 1",
        )
        if rows:
            one = self.dice.choice(rows)
            action = self.dice.choice(["acknowledge", "return"])
            answer(self.world, one["case_id"], one["person_id"], action)

    def turn(self) -> None:
        """Somebody's shift begins or ends."""
        person = self.dice.randint(1, 16)
        duty = self.dice.choice(["on_duty", "off_duty", "on_leave"])
        with scoped(self.world.app, BOSS.scope) as conn:
            version = get_person(conn, person).version
            set_duty(conn, self.world.clock, BOSS, person, duty, version)

    def check(self) -> None:
        above = ask(
            self.world,
            "SELECT p.id FROM dispatch.people p JOIN dispatch.assignments a ON a.person_id = p.id"
            " WHERE a.live GROUP BY p.id, p.capacity HAVING count(*) > p.capacity",
        )
        assert not above
        twice = ask(
            self.world,
            "SELECT case_id FROM dispatch.assignments a JOIN dispatch.offers o USING (case_id)"
            " WHERE a.assigned_at >= o.begun_at AND a.state <> 'undone'"
            " GROUP BY case_id, person_id HAVING count(*) > 1",
        )
        assert not twice, "asked twice on one ladder"

    def settle(self) -> None:
        rows = ask(
            self.world,
            "SELECT o.state, o.shortfall, c.state AS case_state FROM dispatch.offers o"
            " JOIN dispatch.cases c ON c.id = o.case_id",
        )
        assert {row["state"] for row in rows} <= {"accepted", "exhausted"}
        for row in rows:
            if row["state"] == "accepted":
                assert row["case_state"] == "acknowledged"
            else:
                assert row["case_state"] == "pending"
                assert row["shortfall"]["causes"]
        lapsed = ask(
            self.world,
            "SELECT (SELECT count(*) FROM dispatch.assignments WHERE state = 'lapsed') AS parts,"
            " (SELECT count(*) FROM geodata.events_pending WHERE kind = 'assignment.lapsed')"
            " AS told",
        )[0]
        assert lapsed["parts"] == lapsed["told"] > 0


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=LONG), pytest.param(3, marks=LONG)])
def test_every_ladder_ends_with_somebody_or_a_named_shortfall(world: w.World, seed: int):
    Walk(world, seed).run(STEPS)
