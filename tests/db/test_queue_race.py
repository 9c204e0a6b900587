"""The queue is solved and accepted while eight dispatchers assign by hand; nothing is lost.

Cases come in all the time. Dispatchers assign, undo and strike by hand; two others
solve the queue again and again and accept what is proposed, in part or all, the same proposals too.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from time import monotonic

import pytest

from dispatch import desk
from dispatch.actor import Actor
from dispatch.assign.memory import TravelMemory
from dispatch.case.locate import Location
from dispatch.queue import store as queue_store
from dispatch.queue.acceptance import SENTENCES, accept
from dispatch.queue.proposal import new_memory, propose
from geodata.crs import Datum
from geodata.db.scope import Scope, scoped, unscoped
from geodata.errors import Conflict
from tests.conftest import LONG
from tests.db import world as w
from tests.db.test_race import holds
from tests.small_town import COLUMNS, ROWS, place

BY_HAND, SOLVING = 8, 2
SHORT_S, LONG_S = 10.0, 120.0
MOST_WAITING = 40
REASONS = {"taken_by", "case_moved", "no_room"}
"""What hands at work may do to a line; nobody goes off duty here, nor stands aside."""


@dataclass
class Race:
    """What happened, counted by those who did it."""

    world: w.World
    stop: Event = field(default_factory=Event)
    taken_in: list[int] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)
    proposals: list[int] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    memory: TravelMemory = field(default_factory=new_memory)

    def go_on(self, turn: Callable[[random.Random, Actor], None], number: int, seed: int) -> None:
        chance = random.Random(seed * 1000 + number)  # noqa: S311 - a seeded sample
        who = Actor(f"u:{number + 10}", "dispatcher", Scope(("210211",), (f"u:{number + 10}",)))
        while not self.stop.is_set():
            turn(chance, who)

    def waiting(self) -> list[dict]:
        with unscoped(self.world.system) as conn:
            return conn.execute(
                "SELECT id, version FROM dispatch.cases WHERE state = 'pending' ORDER BY id"
            ).fetchall()

    def take_in(self, chance: random.Random, who: Actor) -> None:
        at = (chance.uniform(0.05, COLUMNS - 0.05), chance.uniform(0.05, ROWS - 0.05))
        kind = chance.choice(["H05", "H01", "S01", "D0201", "P04"])
        report = desk.Report(kind, "x", Location(*place(*at), Datum.WGS84))
        with scoped(self.world.app, who.scope) as conn:
            self.taken_in.append(desk.report_case(conn, self.world.office, who, report).id)

    def by_hand(self, chance: random.Random, who: Actor) -> None:
        """Do one thing of what a dispatcher does."""
        waiting = self.waiting()
        if len(waiting) < MOST_WAITING // 4 or (
            len(waiting) < MOST_WAITING and chance.random() < 0.3
        ):
            self.take_in(chance, who)
        elif chance.random() < 0.6:
            self.assign(chance, who, chance.choice(waiting))
        else:
            self.move_on(chance, who)

    def assign(self, chance: random.Random, who: Actor, case: dict) -> None:
        try:
            with scoped(self.world.app, who.scope) as conn:
                found = desk.recommend(
                    conn, self.world.roads, case["id"], self.world.clock.now(), limit=4
                )
                able = [one for one in found if one.person_id and one.assignment_role == "lead"]
                if able:
                    person = chance.choice(able).person_id or 0
                    desk.assign(
                        conn, self.world.office, who, self.world.roads, case["id"], person,
                        case["version"],
                    )  # fmt: skip
                    self.count["by hand"] += 1
        except Conflict as lost:
            self.count["lost by hand"] += 1
            if not lost.winner:
                self.odd.append(f"a loser was told nobody: {lost}")

    def move_on(self, chance: random.Random, who: Actor) -> None:
        """Take one back, so that there is room again, or strike one that waits."""
        with unscoped(self.world.system) as conn:
            rows = conn.execute(
                "SELECT id, version, state FROM dispatch.cases"
                " WHERE state IN ('assigned', 'pending') ORDER BY state, id"
            ).fetchall()
        if not rows:
            return
        case = chance.choice(rows)
        try:
            with scoped(self.world.app, who.scope) as conn:
                if case["state"] == "assigned":
                    desk.undo(conn, self.world.office, who, case["id"], case["version"])
                    self.count["undone"] += 1
                else:
                    desk.void_case(
                        conn, self.world.office, who, case["id"], case["version"], "误报"
                    )
                    self.count["ended"] += 1
        except Conflict:
            self.count["lost by hand"] += 1

    def solve(self, chance: random.Random, who: Actor) -> None:
        """Solve the queue, and accept what it or an earlier solution proposes."""
        with scoped(self.world.app, who.scope) as conn:
            made = propose(conn, self.world.office, who, self.world.roads, self.memory)
        self.proposals.append(made)
        self.count["solved"] += 1
        proposal = chance.choice([made, *self.proposals[-4:]])
        with scoped(self.world.app, who.scope) as conn:
            lines = queue_store.read_lines(conn, proposal)
        named = [line.case_id for line in lines if line.state == "open"]
        wanted = None if chance.random() < 0.4 else named[: len(named) // 2 + 1] or None
        begin = partial(scoped, self.world.app, who.scope)
        for line in accept(begin, self.world.office, who, self.world.roads, proposal, wanted):
            self.judge(line)

    def judge(self, line: queue_store.ShownLine) -> None:
        if line.state in ("accepted", "undone"):  # taken back by hand a moment later
            self.count["accepted"] += 1
        elif line.state == "stale" and line.why in REASONS and line.why in SENTENCES:
            self.count[f"stale: {line.why}"] += 1
            if line.why == "taken_by" and not (line.why_facts or {}).get("name"):
                self.odd.append("nobody is named who took it")
        else:
            self.odd.append(f"{line.state} {line.why}")

    def run(self, seed: int, for_s: float) -> None:
        end = monotonic() + for_s
        turns = [self.by_hand] * BY_HAND + [self.solve] * SOLVING
        with ThreadPoolExecutor(len(turns)) as pool:
            jobs = [pool.submit(self.go_on, turn, n, seed) for n, turn in enumerate(turns)]
            while monotonic() < end and not any(job.done() for job in jobs):
                self.stop.wait(0.2)
            self.stop.set()
            for job in jobs:
                job.result()


def nothing_is_lost(race: Race) -> None:
    """Ask the database for every promise."""
    holds_now(race)
    with unscoped(race.world.system) as conn:
        there = conn.execute("SELECT id FROM dispatch.cases ORDER BY id").fetchall()
        lines = conn.execute(
            "SELECT l.state, count(*) AS n, count(*) FILTER (WHERE a.id IS NULL) AS without,"
            " count(*) FILTER (WHERE a.case_id = l.case_id AND a.person_id = l.person_id) AS true"
            " FROM dispatch.proposal_lines l LEFT JOIN dispatch.assignments a"
            " ON a.id = l.assignment_id GROUP BY l.state"
        ).fetchall()
        made = conn.execute("SELECT count(*) AS n FROM dispatch.assignments").fetchone()
    assert [row["id"] for row in there] == sorted(race.taken_in)
    by_state = {row["state"]: row for row in lines}
    accepted = by_state["accepted"]
    assert accepted["n"] == accepted["true"]
    assert made is not None
    assert made["n"] == accepted["n"] + race.count["by hand"]
    assert set(by_state) <= {"open", "accepted", "stale", "left"}


def holds_now(race: Race) -> None:
    """Hold what tests/db/test_race.py holds, where a struck case counts as ended."""
    with unscoped(race.world.system) as conn:
        conn.execute(
            "UPDATE dispatch.cases SET state = 'closed', closed_at = now() WHERE state = 'void'"
        )
    holds(race.world)


@pytest.mark.parametrize(("seed", "for_s"), [(1, SHORT_S), pytest.param(2, LONG_S, marks=LONG)])
def test_nothing_is_lost_while_eight_assign_by_hand(world: w.World, seed: int, for_s: float):
    race = Race(world)
    race.run(seed, for_s)
    print(dict(race.count))
    assert race.odd == []
    nothing_is_lost(race)
    assert race.count["accepted"] > 0, race.count
    assert race.count["by hand"] > 0, race.count
    assert race.count["ended"] > 0, race.count
    assert sum(n for what, n in race.count.items() if what.startswith("stale")) > 0, race.count
