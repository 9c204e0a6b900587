"""Sweeping: one bad case holds up nobody; ``ganxin check`` tells when nobody sweeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dispatch import desk
from dispatch.case.locate import Location
from dispatch.office import Office
from dispatch.sweep import sweep
from geodata.clock import FixedClock, SystemClock
from geodata.crs import Datum
from geodata.db.scope import scoped, unscoped
from tests.db.world import World, commander
from tests.small_town import place
from web.check import check_database


def finding(world: World) -> str | None:
    found = {one.name: one.fault for one in check_database(world.dsn)}["sweeper"]
    return None if found is None else found.repair


def test_marks_that_nobody_tells_are_found(world: World) -> None:
    assert finding(world) is None
    boss, then = commander(), Office(FixedClock(datetime.now(UTC) - timedelta(hours=1)))
    report = desk.Report("H01", "x", Location(*place(0.5, 0.5), Datum.WGS84))
    with scoped(world.app, boss.scope) as conn:
        desk.report_case(conn, then, boss, report)
    repair = finding(world)
    assert repair is not None
    assert "log/sweeper.log" in repair
    while sweep(world.system, Office(SystemClock())).told:
        pass
    assert finding(world) is None


def test_one_bad_case_does_not_hold_up_the_others(world: World) -> None:
    boss, then = commander(), Office(FixedClock(datetime.now(UTC) - timedelta(hours=1)))
    report = desk.Report("H01", "x", Location(*place(0.5, 0.5), Datum.WGS84))
    with scoped(world.app, boss.scope) as conn:
        bad, good = (desk.report_case(conn, then, boss, report) for _ in range(2))
    with unscoped(world.system) as conn:
        conn.execute("UPDATE dispatch.clocks SET unit = 'moons' WHERE case_id = %s", (bad.id,))
    while sweep(world.system, Office(SystemClock())).told:
        pass
    with unscoped(world.system) as conn:
        rows = conn.execute("SELECT id, hops FROM dispatch.cases ORDER BY id").fetchall()
    assert [(row["id"], row["hops"]) for row in rows] == [(bad.id, 0), (good.id, 1)]
    assert finding(world) is not None, "and the check tells of the one that is left"
