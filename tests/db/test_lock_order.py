"""A step and the next journey of the same person take their locks in the same order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from dispatch import desk
from dispatch.assign import store as assignments
from dispatch.case.facts_store import lock_cases
from dispatch.case.locate import Location
from dispatch.case.store import Case
from geodata.crs import Datum
from geodata.db.scope import Conn, scoped
from tests.db import world as w
from tests.db.lock import PATIENCE_S, wait_for_lock
from tests.db.world import World, commander
from tests.small_town import place


def take_in(world: World) -> Case:
    """Report a case and assign the worker of its grid."""
    boss = commander()
    report = desk.Report("H01", "x", Location(*place(0.5, 0.5), Datum.WGS84))
    with scoped(world.app, boss.scope) as conn:
        case = desk.report_case(conn, world.office, boss, report)
        return desk.assign(conn, world.office, boss, world.roads, case.id, w.WORKER, 1).case


def undo(conn: Conn, case_id: int) -> list[int]:
    """Take the first half of an undo: the assignment, with the lock of its person."""
    return assignments.move_assignments(
        conn, case_id, role="lead", person_id=None, from_states=["assigned"], to_state="undone",
        at=w.NOW, reason=None, result=None,
    )  # fmt: skip


def test_an_undo_and_an_arrival_of_one_person_do_not_wait_for_each_other(world: World):
    boss = commander()
    here, there = take_in(world), take_in(world)
    with scoped(world.app, boss.scope) as conn:
        here = desk.acknowledge(conn, world.office, boss, here.id, here.version)

    def arrive() -> str:
        with scoped(world.app, boss.scope) as conn:
            return desk.arrive(conn, world.office, boss, here.id, here.version).state

    with ThreadPoolExecutor(1) as pool:
        with scoped(world.app, boss.scope) as conn:
            lock_cases(conn, [there.id])
            assert undo(conn, there.id) == [w.WORKER]
            arrived = pool.submit(arrive)
            wait_for_lock(world)
            assignments.next_journeys(conn, [w.WORKER])
        assert arrived.result(PATIENCE_S) == "arrived"
