"""Stories from report to close, told through the desk as people live them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from dispatch import desk
from dispatch.actor import Actor
from dispatch.assign.reason import sentence
from dispatch.case.locate import Location
from dispatch.desk import Report
from dispatch.people import store as people
from dispatch.people.position import Batch, report_positions
from geodata.crs import Datum, convert
from geodata.db import event
from geodata.db.scope import Conn, Scope, scoped, unscoped
from geodata.errors import Conflict
from tests.db import world as w
from tests.db.world import World, dispatcher, staff
from tests.small_town import place


@contextmanager
def acting(world: World, actor: Actor) -> Iterator[Conn]:
    with scoped(world.app, actor.scope) as conn:
        yield conn


def seal(world: World) -> None:
    with unscoped(world.system) as conn:
        while event.seal(conn) is not None:
            pass


def told(world: World, actor: Actor, case_id: int) -> list[str]:
    seal(world)
    with acting(world, actor) as conn:
        return [row["kind"] for row in desk.timeline(conn, case_id)]


def wait(world: World, minutes: float) -> None:
    world.clock.at += timedelta(minutes=minutes)


def test_a_smell_of_gas(world: World):
    """A phone reports in GCJ-02; the officer is called first, then the fitter from across town.

    The officer's phone is silent, so the desk takes the assignment back and sends the grid's
    worker, who is on another task and sets out when that one ends.
    """
    desk_1 = dispatcher(w.STREET_1)
    worker = staff(w.WORKER, w.GRID)
    with acting(world, desk_1) as conn:
        lamp = desk.report_case(
            conn, world.office, desk_1,
            Report("H05", "垃圾堆放", Location(*place(0.9, 0.9), Datum.WGS84)), world.roads,
        )  # fmt: skip
        lamp = desk.assign(
            conn, world.office, desk_1, world.roads, lamp.id, w.WORKER, lamp.version
        ).case
    wait(world, 5)

    lon, lat = convert(*place(*w.IN_BUILDING), Datum.WGS84, Datum.GCJ02)
    phone = Location(float(lon[0]), float(lat[0]), Datum.GCJ02, accuracy_m=15.0)
    with acting(world, desk_1) as conn:
        gas = desk.report_case(
            conn, world.office, desk_1, Report("H02", "楼道里有煤气味", phone, channel="hotline")
        )
        first = desk.recommend(conn, world.roads, gas.id, world.clock.now())
    assert (gas.grid_code, gas.urgent, gas.edge_ambiguous) == (w.GRID, True, False)
    assert [(c.role, c.in_scope) for c in (first[0], first[-1])] == [
        ("info_officer", True),
        ("gas_fitter", False),
    ]
    assert sentence(first[0].reasons[0].code, first[0].reasons[0].params) == "负责该楼院"

    with acting(world, desk_1) as conn:
        gas = desk.assign(
            conn, world.office, desk_1, world.roads, gas.id, w.OFFICER, gas.version
        ).case
    wait(world, 1)
    with acting(world, desk_1) as conn:
        gas = desk.undo(conn, world.office, desk_1, gas.id, gas.version)
        gas = desk.assign(
            conn, world.office, desk_1, world.roads, gas.id, w.WORKER, gas.version
        ).case
    assert gas.lead is not None
    assert not gas.lead.travelling  # still on the way to the rubbish

    with acting(world, worker) as conn:
        lamp = desk.acknowledge(conn, world.office, worker, lamp.id, lamp.version)
        desk.arrive(conn, world.office, worker, lamp.id, lamp.version)
        gas = desk.acknowledge(conn, world.office, worker, gas.id, gas.version)
        assert gas.lead is not None
        assert gas.lead.travelling
        wait(world, 4)
        gas = desk.arrive(conn, world.office, worker, gas.id, gas.version)
        wait(world, 30)
        gas = desk.close_case(conn, world.office, worker, gas.id, gas.version, "阀门已关,已通风")
    assert told(world, desk_1, gas.id) == [
        "case.reported", "assignment.assigned", "assignment.undone", "assignment.assigned",
        "assignment.departed", "assignment.acknowledged", "assignment.arrived", "case.closed",
    ]  # fmt: skip


def test_a_quarrel_between_neighbours(world: World):
    """The mediator leads, the lawyer and the judge of the community join and keep sight."""
    clerk = Actor("u:30", "clerk", Scope((w.COMMUNITY,), ("u:30",)))
    mediator = staff(w.MEDIATOR, w.COMMUNITY, "mediator")
    judge = Actor("u:31", "judge", Scope(("210211002001",), ("u:31", f"p:{w.JUDGE}")))
    with acting(world, clerk) as conn:
        case = desk.report_case(
            conn, world.office, clerk,
            Report("D0201", "楼上漏水", Location(*place(0.5, 0.5), Datum.WGS84)), world.roads,
        )  # fmt: skip
        offered = {c.role for c in desk.recommend(conn, world.roads, case.id, world.clock.now())}
        assert {"mediator", "lawyer", "judge"} <= offered
        for person, role in ((w.MEDIATOR, "lead"), (w.LAWYER, "lawyer"), (w.JUDGE, "judge")):
            case = desk.assign(
                conn, world.office, clerk, world.roads, case.id, person, case.version, role
            ).case
    with acting(world, judge) as conn:  # whose own area is elsewhere: sees it by taking part
        assert [task.case.id for task in desk.list_tasks(conn, judge)] == [case.id]
        case = desk.acknowledge(conn, world.office, judge, case.id, case.version, "judge")
    with acting(world, mediator) as conn:
        case = desk.acknowledge(conn, world.office, mediator, case.id, case.version)
        wait(world, 20)
        case = desk.arrive(conn, world.office, mediator, case.id, case.version)
        case = desk.close_case(conn, world.office, mediator, case.id, case.version, "签订协议书")
    with acting(world, judge) as conn:
        states = {a.role: a.state for a in desk.get_case(conn, case.id).assignments}
        assert desk.list_tasks(conn, judge) == []
    assert states == {"lead": "done", "lawyer": "done", "judge": "done"}


def test_a_worker_changes_shift(world: World):
    """Off duty means not offered; the fix on the way home does not bring the person back."""
    desk_1, worker = dispatcher(w.STREET_1), staff(w.WORKER, w.GRID)
    with acting(world, worker) as conn:
        people.set_duty(conn, world.clock, worker, w.WORKER, "off_duty", 1)
        at_s = world.clock.now().timestamp()
        fix = Batch([w.WORKER], *([value] for value in place(0.2, 0.0)), [at_s], Datum.WGS84)
        report_positions(conn, world.roads, worker, fix, world.clock.now())
    with acting(world, desk_1) as conn:
        report = Report("S03", "需要帮忙", Location(*place(0.6, 0.1), Datum.WGS84))
        done = desk.dispatch_now(conn, world.office, desk_1, world.roads, report)
    assert done.assigned is not None
    assert done.assigned.person_id == w.NEXT_DOOR
    _two_changes_at_once(world, worker)


def _two_changes_at_once(world: World, worker: Any) -> None:
    """Let the phone and the desk change the duty: the second is told what it is now."""
    desk_1 = dispatcher(w.STREET_1)
    with acting(world, desk_1) as conn:
        people.set_duty(conn, world.clock, desk_1, w.WORKER, "on_duty", 2)
    with acting(world, worker) as conn, pytest.raises(Conflict) as caught:
        people.set_duty(conn, world.clock, worker, w.WORKER, "on_leave", 2)
    assert caught.value.winner == {"duty": "on_duty", "version": 3}
