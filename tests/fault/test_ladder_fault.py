"""Ladders of offers whose sweepers are killed at random: nothing is lost, nothing is done twice."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from dispatch import roster_desk
from dispatch.assign.shortfall import CAUSES
from dispatch.roster.change import Change, PutLeave, PutShift
from dispatch.roster.entry import Leave, Shift
from geodata.db.scope import Row, scoped, unscoped
from geodata.errors import Conflict, Forbidden
from tests.conftest import LONG
from tests.db import world as w
from tests.fault.sweeping import SharedClock, Sweepers
from tests.offer_walk import ANSWER, BOSS, PEOPLE, URGENT_ANSWER, Walk, ask
from tests.stream_rig import wait_until

SWEEPERS = 3
BLOW = 0.2
"""How likely it is that a sweeper is killed, each time the walk looks whether all is done."""
FIRST = 8
"""Cases that there are to begin with."""
ANSWERS = 0.2
"""And that somebody answers just then."""
FRIDAY, EVERY_DAY = date(2026, 11, 20), (1, 2, 3, 4, 5, 6, 7)
BY_ROSTER = (w.NEXT_DOOR, w.STAFF, w.FAR_WORKER)
"""People whose duty only the roster turns: half an hour and more apart, which no wait skips."""
ROSTER: tuple[Change, ...] = (
    PutShift(Shift(EVERY_DAY, 8 * 60, 200, FRIDAY)),
    PutShift(Shift(EVERY_DAY, 8 * 60 + 235, 12 * 60, FRIDAY)),
    PutLeave(Leave(w.NOW + timedelta(minutes=7), w.NOW + timedelta(minutes=47))),
    PutLeave(Leave(w.NOW + timedelta(minutes=150), w.NOW + timedelta(minutes=190))),
)
TURNS = (
    (7, "on_leave"), (47, "on_duty"), (80, "off_duty"), (115, "on_duty"), (150, "on_leave"),
    (190, "on_duty"), (835, "off_duty"),
)  # fmt: skip
"""What this makes of the day, in minutes after 10:00."""
ENDS = "'assignment.acknowledged', 'assignment.returned', 'assignment.lapsed'"


class Relay(Walk):
    """The walk with sweepers that are killed, and people who answer while they sweep."""

    def __init__(self, world: w.World, dice: random.Random, sweepers: Sweepers) -> None:
        by_hand = [one for one in PEOPLE if one not in BY_ROSTER]
        super().__init__(world, dice, self.sweep, by_hand)
        self.sweepers, self.too_late, self._waited = sweepers, 0, True
        self._seen: list[Row] = []

    def run(self, steps: int) -> None:
        for _ in range(FIRST):
            self.report()
        super().run(steps)

    def sweep(self) -> None:
        """Let the sweepers sweep, and kill some; now and then go on without waiting for them."""
        self._waited = not self._waited or self.dice.random() < 0.6
        if self._waited:
            self.sweepers.wait_quiet(meanwhile=self._look)
        else:
            self.sweepers.blow()

    def _look(self) -> None:
        self.check()
        if self.luck.random() < BLOW:
            self.sweepers.blow()
        if self.luck.random() < ANSWERS:
            self.answer()

    def asked(self) -> list[Row]:
        """Return who was asked a while ago and has not answered: people answer what they saw."""
        before, self._seen = self._seen, super().asked()
        answered = ask(
            self.world,
            "SELECT case_id, person_id FROM dispatch.assignments"
            " WHERE state IN ('acknowledged', 'returned')",
        )
        return [one for one in before if one not in answered]

    def answer(self) -> None:
        """Answer; whoever is too late is told so."""
        try:
            super().answer()
        except (Conflict, Forbidden):
            self.too_late += 1

    def turn(self) -> None:
        if self.dice.random() < 0.7:
            super().turn()
        else:
            self.long_turn()

    def long_turn(self) -> None:
        """Everybody's duty is being written; a sweeper dies that waits for it amid its step."""
        with unscoped(self.world.system) as conn:
            conn.execute("SELECT id FROM dispatch.people ORDER BY id FOR NO KEY UPDATE")
            self.report()
            wait_until(lambda: self.sweepers.stuck() or self._done(), "a sweeper comes to it")
            self.sweepers.blow()

    def _done(self) -> bool:
        newest = "SELECT state FROM dispatch.offers ORDER BY case_id DESC LIMIT 1"
        return str(ask(self.world, newest)[0]["state"]) != "running"


def plan(world: w.World) -> None:
    for person in BY_ROSTER:
        for version, change in enumerate(ROSTER, 1):
            with scoped(world.app, BOSS.scope) as conn:
                roster_desk.save(conn, world.office, BOSS, person, version, change)


def judge_offers(world: w.World) -> None:
    """Hold that everybody who was asked was asked once and ended once, nobody before their time."""
    events = "SELECT case_id, person_id FROM geodata.events_pending WHERE kind"
    asked = Counter(tuple(row.values()) for row in ask(world, f"{events} = 'assignment.assigned'"))
    ended = Counter(tuple(row.values()) for row in ask(world, f"{events} IN ({ENDS})"))
    assert asked == ended
    assert set(asked.values()) == {1}
    waited = ask(
        world,
        "SELECT c.urgent, min(a.ended_at - a.assigned_at) AS least FROM dispatch.assignments a"
        " JOIN dispatch.cases c ON c.id = a.case_id WHERE a.state = 'lapsed' GROUP BY 1",
    )
    assert waited, "nobody lapsed"
    for row in waited:
        assert row["least"] >= allowed(row["urgent"])


def allowed(urgent: bool) -> timedelta:
    return URGENT_ANSWER if urgent else ANSWER


def judge_ends(world: w.World) -> None:
    """Hold that every case came to an end, and the desk was told once of each with nobody left."""
    told = ask(
        world,
        "SELECT c.id, o.state, o.shortfall->'causes' AS causes, (SELECT count(*)"
        " FROM geodata.events_pending e WHERE e.case_id = c.id"
        " AND e.kind = 'case.offer_exhausted') AS told"
        " FROM dispatch.cases c LEFT JOIN dispatch.offers o ON o.case_id = c.id",
    )
    assert {(row["state"], row["told"]) for row in told} == {("accepted", 0), ("exhausted", 1)}
    causes = {cause for row in told for cause in row["causes"] or ()}
    assert causes <= set(CAUSES)
    assert {"declined", "lapsed"} <= causes


def judge_clocks(world: w.World) -> None:
    """Hold that every mark of a clock was told once at most, and once if it came due and stood.

    A clock that goes on at another level keeps its due time and what was told of it.
    """
    rows = ask(
        world,
        "SELECT kind, case_id, payload->>'step' AS step, payload->>'due_at' AS due_at"
        " FROM geodata.events_pending WHERE kind IN ('clock.yellow', 'clock.red')",
    )
    told = Counter(tuple(row.values()) for row in rows)
    assert set(told.values()) == {1}
    now = world.clock.now()
    for row in ask(world, "SELECT * FROM dispatch.clocks WHERE stopped_at IS NULL"):
        for kind, at in (("clock.yellow", row["yellow_at"]), ("clock.red", row["due_at"])):
            if at <= now:
                assert told[kind, row["case_id"], row["step"], row["due_at"].isoformat()] == 1


def judge_roster(world: w.World) -> None:
    gone_by = (world.clock.now() - w.NOW) / timedelta(minutes=1)
    expected = [duty for minute, duty in TURNS if minute <= gone_by]
    rows = ask(
        world,
        "SELECT person_id, payload->>'duty' AS duty FROM geodata.events_pending"
        " WHERE kind = 'person.duty_changed' ORDER BY occurred_at",
    )
    for person in BY_ROSTER:
        assert [row["duty"] for row in rows if row["person_id"] == person] == expected


@pytest.mark.parametrize(
    ("seed", "steps"),
    [(1, 40), pytest.param(2, 500, marks=LONG), pytest.param(3, 500, marks=LONG)],
)
def test_every_ladder_ends_and_every_timer_fires_once(
    world: w.World, tmp_path: Path, seed: int, steps: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - dice, not secrets
    clock = SharedClock(w.NOW)
    town = replace(world, clock=clock)  # type: ignore[arg-type]
    plan(town)
    sweepers = Sweepers(town, clock, tmp_path, random.Random(seed), SWEEPERS)  # noqa: S311
    relay = Relay(town, dice, sweepers)
    try:
        relay.run(steps)
    finally:
        sweepers.stop()
    assert sweepers.blows >= steps // 10
    assert sweepers.hits >= steps // 20, "killed in the midst of it"
    assert "not swept" not in sweepers.log(), sweepers.log()
    assert "database lost" not in sweepers.log(), sweepers.log()
    judge_offers(town)
    judge_ends(town)
    judge_clocks(town)
    judge_roster(town)
