"""Two sweepers are killed and started again at random: every mark is told and carried out once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import monotonic

from dispatch import desk
from dispatch.case.locate import Location
from dispatch.office import Office
from geodata.clock import FixedClock
from geodata.crs import Datum
from geodata.db.scope import Row, scoped, unscoped
from tests.db.world import World, commander
from tests.small_town import place

ROOT = Path(__file__).parents[2]
CASES = 150
BLOWS = 12
PATIENCE_S = 120.0
"""Far beyond what it takes; a test that waits so long has failed."""
DICE = random.Random(4)  # noqa: S311 - dice, not secrets


def report_long_ago(world: World, count: int) -> None:
    """Take in cases ten hours ago that nobody has dispatched since: all their clocks are late."""
    boss, then = commander(), Office(FixedClock(datetime.now(UTC) - timedelta(hours=10)))
    for number in range(count):
        location = Location(*place(0.1 + number % 7, 0.5), Datum.WGS84)
        with scoped(world.app, boss.scope) as conn:
            desk.report_case(conn, then, boss, desk.Report("H12", "x", location))


def start_sweeper(world: World, home: Path) -> subprocess.Popen[bytes]:
    environ = os.environ | {"GANXIN_DATABASE_URL": world.dsn, "GANXIN_HOME": str(home)}
    with (home / "sweeper.log").open("ab") as log:
        command = [sys.executable, "-m", "web.sweeper"]
        return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)


def ask(world: World, statement: str) -> list[Row]:
    with unscoped(world.system) as conn:
        return conn.execute(statement.encode()).fetchall()


def due(world: World) -> int:
    found = ask(
        world,
        "SELECT count(*) AS n FROM dispatch.clocks WHERE next_at <= now() AND paused_at IS NULL",
    )
    return int(found[0]["n"])


def wait_for_less(world: World, than: int) -> int:
    """Wait until fewer marks are due than there were; return how many."""
    deadline = monotonic() + PATIENCE_S
    while monotonic() < deadline:
        left = due(world)
        if left < than:
            return left
        Event().wait(0.02)
    raise TimeoutError("nothing is swept")


def test_every_escalation_happens_once(world: World, tmp_path: Path) -> None:
    report_long_ago(world, CASES)
    left = due(world)
    assert left == 2 * CASES  # dispatch and the whole matter, each yellow first
    sweepers = [start_sweeper(world, tmp_path) for _ in range(2)]
    blows = 0
    try:
        while left:
            left = wait_for_less(world, left) if left else 0
            if blows < BLOWS and left:
                chosen = DICE.randrange(2)
                sweepers[chosen].kill()
                sweepers[chosen].wait()
                sweepers[chosen] = start_sweeper(world, tmp_path)
                blows += 1
            left = due(world)
    finally:
        for sweeper in sweepers:
            sweeper.terminate()
            sweeper.wait()
    assert blows == BLOWS, "killed in the midst of it"

    events = ask(
        world,
        "SELECT case_id, kind, payload->>'step' AS step, payload->>'holder' AS holder"
        " FROM geodata.events_pending WHERE kind <> 'case.reported'",
    )
    seen = Counter((row["case_id"], row["kind"], row["step"]) for row in events)
    assert set(seen.values()) == {1}
    kinds = Counter(row["kind"] for row in events)
    assert kinds["case.escalated"] == CASES
    assert kinds["clock.yellow"] == kinds["clock.red"] == 2 * CASES
    cases = ask(world, "SELECT hops, length(holder_code) AS digits, version FROM dispatch.cases")
    assert {(row["hops"], row["digits"], row["version"]) for row in cases} == {(1, 9, 2)}
    late = ask(
        world,
        "SELECT length(holder_code) AS digits, min(late_s) AS least, count(*) AS n"
        " FROM dispatch.clocks WHERE step = 'dispatch' AND stopped_at IS NOT NULL GROUP BY 1",
    )
    assert [(row["digits"], row["n"]) for row in late] == [(12, CASES)], "the community was late"
    assert late[0]["least"] > 9 * 3600
