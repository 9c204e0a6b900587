"""Cases on their ladders, for tests: put on and answered; a random walk of all of it at once."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta

from dispatch import desk
from dispatch.actor import Actor
from dispatch.case.locate import Location
from dispatch.case.store import Case
from dispatch.case.wish import Wish
from dispatch.people.store import get_person, set_duty
from geodata.crs import Datum
from geodata.db.scope import Row, scoped, unscoped
from tests.db import world as w
from tests.small_town import COLUMNS, ROWS, place

ANSWER = timedelta(minutes=10)
URGENT_ANSWER = timedelta(minutes=3)
"""How long somebody has to answer, as it ships."""
BOSS = w.commander()
TYPES = ("H05", "H01", "D0201", "S03", "P04")
PEOPLE = range(1, 17)


def offered(world: w.World, type_code: str = "H05", at: tuple[float, float] = (0.2, 0.17)) -> Case:
    """Take in a case and put it on its ladder."""
    location = Location(*place(*at), Datum.WGS84)
    with scoped(world.app, BOSS.scope) as conn:
        made = desk.report_case(conn, world.office, BOSS, desk.Report(type_code, "x", location))
        return desk.act(conn, world.office, BOSS, made.id, Wish("offer", made.version))


def ask(world: w.World, statement: str) -> list[Row]:
    with unscoped(world.system) as conn:
        return conn.execute(statement.encode()).fetchall()


def answer(world: w.World, case_id: int, person_id: int, action: str) -> None:
    """Let the one who is asked acknowledge, or give it back."""
    reason = {"reason": "走不开"} if action == "return" else {}
    who = Actor(f"p:{person_id}", "grid_worker", w.staff(person_id, w.STREET_1).scope)
    with scoped(world.app, who.scope) as conn:
        version = desk.get_case(conn, case_id).case.version
        desk.act(conn, world.office, who, case_id, Wish(action, version, **reason))


class Walk:
    """Random answers, declines, silence and shifts on many ladders at once.

    Parameters
    ----------
    sweep
        Takes every step that is due after time has gone by.
    by_hand
        People whose duty is switched by hand.
    """

    def __init__(
        self,
        world: w.World,
        dice: random.Random,
        sweep: Callable[[], object],
        by_hand: Sequence[int] = PEOPLE,
    ) -> None:
        self.world, self.dice, self._sweep, self._by_hand = world, dice, sweep, by_hand
        # For what depends on how far the sweepers are, so that it does not change the walk.
        self.luck = random.Random(dice.random())  # noqa: S311 - dice, not secrets

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.dice.choice([self.report, self.wait, self.answer, self.answer, self.turn])()
            self.check()
        for _ in PEOPLE:  # nobody has to answer any more: every ladder comes to its end
            if self.running():
                self.wait(ANSWER)
        self.check()
        self.settle()

    def running(self) -> int:
        """Return how many ladders have not come to their end."""
        counted = "SELECT count(*) AS n FROM dispatch.offers WHERE state = 'running'"
        return int(ask(self.world, counted)[0]["n"])

    def report(self) -> None:
        at = (self.dice.uniform(0.05, COLUMNS - 0.05), self.dice.uniform(0.05, ROWS - 0.05))
        offered(self.world, self.dice.choice(TYPES), at)

    def wait(self, by: timedelta | None = None) -> None:
        self.world.clock.at += by or timedelta(minutes=self.dice.uniform(0, 15))
        self._sweep()

    def asked(self) -> list[Row]:
        """Return who is asked now for which case."""
        return ask(
            self.world,
            "SELECT a.case_id, a.person_id FROM dispatch.assignments a JOIN dispatch.offers o"
            " USING (case_id) WHERE a.state = 'assigned' AND o.state = 'running' ORDER BY 1",
        )

    def answer(self) -> None:
        if rows := self.asked():
            one = self.luck.choice(rows)
            action = self.luck.choice(["acknowledge", "return"])
            answer(self.world, one["case_id"], one["person_id"], action)

    def turn(self) -> None:
        """Somebody is switched on or off."""
        person = self.dice.choice(self._by_hand)
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
