"""Two who act on the same cases at once: each case once, nobody waits in a ring."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from dispatch import desk
from dispatch.actor import Actor
from dispatch.bulk import Outcome, act_on_all
from dispatch.case.locate import Location
from dispatch.case.store import Case
from dispatch.case.wish import Wish
from geodata.crs import Datum
from geodata.db.scope import scoped
from geodata.errors import Conflict
from tests.db import world as w
from tests.db.world import World, commander, dispatcher
from tests.small_town import place

PEOPLE = (w.WORKER, w.NEXT_DOOR, w.UPSTAIRS)
ROUNDS = 5


def send_out(world: World) -> list[Case]:
    """Return six cases, two for each of three people, in an order that is nobody's."""
    boss = commander()
    made = []
    for number in range(6):
        report = desk.Report("H15", "x", Location(*place(0.5, 0.5), Datum.WGS84))
        with scoped(world.app, boss.scope) as conn:
            case = desk.report_case(conn, world.office, boss, report)
            person = PEOPLE[(number * 2) % 3]
            made.append(
                desk.assign(
                    conn, world.office, boss, world.roads, case.id, person, case.version
                ).case
            )
    return made


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_each_case_is_returned_once_whoever_comes_first(world: World, round_: int):
    cases = send_out(world)
    start = Barrier(2)

    def give_back(actor: Actor, order: list[Case]) -> list[Outcome]:
        wishes = {case.id: Wish("return", case.version, reason="不在本网格") for case in order}
        with scoped(world.app, actor.scope) as conn:
            start.wait()
            return act_on_all(conn, world.office, actor, wishes)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(give_back, commander(), cases)
        two = pool.submit(give_back, dispatcher(w.STREET_1), cases[::-1][round_ % 3 :])
        found = [one.result(), two.result()]
    done = [outcome.case_id for part in found for outcome in part if outcome.case is not None]
    assert sorted(done) == [case.id for case in cases]
    refused = [outcome.problem for part in found for outcome in part if outcome.case is None]
    assert all(isinstance(problem, Conflict) for problem in refused)
    assert len(refused) == len(cases) - round_ % 3
    with scoped(world.app, commander().scope) as conn:
        rows = conn.execute("SELECT state, count(*) AS n FROM dispatch.assignments GROUP BY state")
        assert [(row["state"], row["n"]) for row in rows] == [("returned", 6)]
        hops = conn.execute("SELECT DISTINCT hops, state FROM dispatch.cases").fetchall()
        assert [tuple(row.values()) for row in hops] == [(1, "pending")]
