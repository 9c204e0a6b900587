"""Sixteen dispatchers race for fifty people over HTTP; the database is asked what came of it.

Each round has twelve waiting cases. Every dispatcher tries every case once, in an order of their
own, with people of their own choice; winners sometimes undo at once or follow the case to its
arrival, so that rooms become free while the others still try.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Barrier
from typing import Any

import pytest

from geodata.db.scope import Conn
from tests.small_town import CASE_TABLES, connect
from tests.web.conftest import RESET
from tests.web.server import Answer, Caller, running

DISPATCHERS = 16
PEOPLE = 50
CASES = 12
SHORT_ROUNDS = 3
LONG_ROUNDS = 40


@dataclass
class Try:
    """One attempt to assign, with what was answered."""

    case_id: int
    key: str
    body: dict[str, Any]
    answer: Answer
    undone: bool = False

    @property
    def path(self) -> str:
        return f"/api/v1/cases/{self.case_id}/assignments"


@dataclass
class Field:
    """The place of the race."""

    conn: Conn
    callers: list[Caller]
    people: list[int]
    tries: list[Try] = field(default_factory=list)


@pytest.fixture(scope="module")
def race_field(
    clone: Callable[[str], str], town_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Field]:
    dsn = clone(town_template)
    with (
        connect(dsn) as conn,
        running(dsn, tmp_path_factory.mktemp("home")) as port,
    ):
        people = [
            row["id"]
            for row in conn.execute(
                "SELECT id FROM dispatch.people WHERE travel_mode <> 'none' ORDER BY id"
            )
        ]
        assert len(people) == PEOPLE
        users = conn.execute(
            "INSERT INTO web.users (username, display_name, password_hash, role, level, area_codes)"
            " SELECT 'd' || n, 'd' || n, '!', 'dispatcher', 'district', '{210211}'"
            " FROM generate_series(10, %s) n RETURNING id",
            (DISPATCHERS + 9,),
        ).fetchall()
        conn.execute(RESET)
        callers = [Caller.of(conn, port, row["id"]) for row in users]
        conn.commit()
        yield Field(conn, callers, people)
        for caller in callers:
            caller.close()


def start_round(place: Field, capacity: int) -> list[int]:
    """Free everybody, give them their capacity, and put new cases on the table."""
    place.conn.execute("TRUNCATE " + CASE_TABLES + ", web.idempotency_keys")
    place.conn.execute("UPDATE dispatch.people SET capacity = %s", (capacity,))
    place.conn.commit()
    desk = place.callers[0]
    found = []
    for number in range(CASES):
        body = {
            "type": ("H01", "D0201", "S01")[number % 3],
            "description": "x",
            "address": f"横0路{number % 10 + 1}号",
        }
        answer = desk.call("POST", "/api/v1/cases", body)
        assert answer.status == 201, answer.json
        found.append(answer.json["id"])
    return found


def run_round(place: Field, cases: list[int], seed: int) -> None:
    start = Barrier(DISPATCHERS)
    place.tries = []
    with ThreadPoolExecutor(DISPATCHERS) as pool:
        jobs = [
            pool.submit(race, place, caller, cases, seed * 100 + number, start)
            for number, caller in enumerate(place.callers)
        ]
        for job in jobs:
            place.tries += job.result()


def race(place: Field, caller: Caller, cases: list[int], seed: int, start: Barrier) -> list[Try]:
    chance = random.Random(seed)  # noqa: S311 - a seeded sample
    # A quarter of the people is wanted by all, the rest now and then: both kinds of contention.
    wanted = place.people[: PEOPLE // 4] * 3 + place.people
    start.wait()
    made = []
    for number, case_id in enumerate(chance.sample(cases, len(cases))):
        body = {"person_id": chance.choice(wanted), "version": 1, "role": "lead"}
        key = f"{seed}-{number}"
        path = f"/api/v1/cases/{case_id}/assignments"
        done = Try(case_id, key, body, caller.call("POST", path, body, key))
        if done.answer.status == 201:
            follow(caller, done, chance.random())
        made.append(done)
        if chance.random() < 0.1:
            repeat(caller, done)
    return made


def follow(caller: Caller, won: Try, luck: float) -> None:
    """Undo some, take some on to their arrival, leave the others as they are."""
    path = f"{won.path}/{won.answer.json['id']}"
    version = {"version": won.answer.json["case"]["version"]}
    if luck < 0.3:
        assert caller.call("POST", f"{path}/undo", version).status == 200
        won.undone = True
    elif luck < 0.5:
        step = caller.call("POST", f"{path}/acknowledge", version)
        assert step.status == 200, step.json
        there = caller.call("POST", f"{path}/arrive", {"version": step.json["version"]})
        assert there.status == 200, there.json


def repeat(caller: Caller, done: Try) -> None:
    """Send the same again, and something else under the same key."""
    assert caller.call("POST", done.path, done.body, done.key) == done.answer
    other = caller.call("POST", done.path, done.body | {"version": 2}, done.key)
    assert (other.status, other.json["code"]) == (422, "idempotency_mismatch")


def check_round(place: Field, capacity: int) -> None:
    """Ask the database for every promise, and the losers for the winner's name."""
    one = place.conn.execute(
        "SELECT coalesce(max(n), 0) AS most FROM (SELECT count(*) AS n FROM dispatch.assignments"
        " WHERE live GROUP BY person_id) q"
    ).fetchone()
    assert one["most"] <= capacity
    rows = place.conn.execute(
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM dispatch.assignments WHERE live"
        "   AND role = 'lead' GROUP BY case_id HAVING count(*) > 1) q) AS two_leads,"
        " (SELECT count(*) FROM (SELECT 1 FROM dispatch.assignments WHERE travelling"
        "   GROUP BY person_id HAVING count(*) > 1) q) AS two_journeys,"
        " (SELECT count(*) FROM dispatch.assignments WHERE slot > %s) AS beyond,"
        " (SELECT count(*) FROM dispatch.assignments) AS made,"
        " (SELECT count(*) FROM dispatch.assignments WHERE state = 'undone') AS undone,"
        " (SELECT count(*) FROM dispatch.cases c WHERE (c.state = 'pending') ="
        "   EXISTS (SELECT FROM dispatch.assignments a WHERE a.case_id = c.id AND a.live"
        "           AND a.role = 'lead')) AS odd_states",
        (capacity,),
    ).fetchone()
    won = [done for done in place.tries if done.answer.status == 201]
    assert rows == {
        "two_leads": 0,
        "two_journeys": 0,
        "beyond": 0,
        "made": len(won),
        "undone": len([done for done in won if done.undone]),
        "odd_states": 0,
    }
    lost = [done for done in place.tries if done.answer.status != 201]
    assert len(won) + len(lost) == DISPATCHERS * CASES
    for done in lost:
        assert done.answer.status == 409, done.answer.json
        assert done.answer.json["code"] == "conflict"
        assert names_winner(done), done.answer.json
    place.conn.commit()


def names_winner(lost: Try) -> bool:
    """Tell whether a refusal says who was first: the case's lead, or who took the last room."""
    winner = lost.answer.json["winner"]
    if lost.answer.json["field"] == "person_id":
        return winner["person_id"] == lost.body["person_id"] and bool(winner["by_name"])
    # A case whose assignment was undone waits again at a later version: nobody has it now.
    return winner["state"] == "pending" or (winner["person_id"] > 0 and bool(winner["name"]))


def run(place: Field, capacity: int, rounds: int) -> None:
    contested = 0
    for number in range(rounds):
        cases = start_round(place, capacity)
        run_round(place, cases, seed=capacity * 1000 + number)
        check_round(place, capacity)
        contested += sum(
            done.answer.status == 409 and done.answer.json["field"] == "person_id"
            for done in place.tries
        )
    assert capacity > 1 or contested, "nobody ever met a person without room"


@pytest.mark.parametrize("capacity", [1, 3])
def test_no_race_overbooks_anybody(race_field: Field, capacity: int):
    run(race_field, capacity, SHORT_ROUNDS)


@pytest.mark.long
@pytest.mark.parametrize("capacity", [1, 3])
def test_no_race_of_forty_rounds_overbooks_anybody(race_field: Field, capacity: int):
    run(race_field, capacity, LONG_ROUNDS)
