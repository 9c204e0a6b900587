"""Positions through HTTP: a gateway sends batches of everybody's fixes as fast as they are taken.

``python -m bench.position [--home DIR]``. The district needs 1,770 a second (17,695 people every
ten seconds); ten times that is to be held. Then four connections send the same people's fixes in
shuffled order, old and new mixed, many twice; afterwards every row must hold the newest one sent.

The floor is pgbench with one upsert of one row per transaction, as many clients: what one request
per fix would leave the database to do, without HTTP, snapping to the road and scope.
"""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench import stage
from bench.client import Question

CLIENTS, BATCH = 4, 590
PASSES, STEP_S = 12, 6.0
NEEDED_PER_S = 17_700.0
FLOOR_S = 5
HEAD = ("what", "connections × batch", "fixes", "fixes per s", "needed per s", "ratio",
        "batch p95, ms", "web CPU, µs per fix", "database CPU, µs per fix",
        "older over newer")  # fmt: skip
FLOOR = """
\\set person random(1, 17000)
INSERT INTO dispatch.positions (person_id, lon, lat, measured_at, received_at)
VALUES (:person, 121.5, 38.9, clock_timestamp(), clock_timestamp())
ON CONFLICT (person_id) DO UPDATE SET lon = excluded.lon, lat = excluded.lat,
    measured_at = excluded.measured_at, received_at = excluded.received_at
WHERE positions.measured_at < excluded.measured_at;
"""
Person = tuple[int, float, float]


def people(here: stage.Stage) -> list[Person]:
    """Return everybody of the front line with the home post, WGS-84."""
    with here.database() as conn:
        conn.execute("TRUNCATE dispatch.positions")
        rows = conn.execute(
            "SELECT id, ST_X(home) AS lon, ST_Y(home) AS lat FROM dispatch.people"
            " WHERE duty = 'on_duty' ORDER BY hashint8(id)"
        ).fetchall()
    return [(row["id"], row["lon"], row["lat"]) for row in rows]


def fixes(crowd: list[Person], turn: int, since_s: float) -> Iterator[str]:
    """Yield the bodies of one pass over everybody, who have walked on by some metres."""
    moment = datetime.fromtimestamp(since_s + turn * STEP_S, UTC).isoformat()
    for first in range(0, len(crowd), BATCH):
        rows = [
            {"person_id": one, "lon": lon + turn * 1e-5, "lat": lat, "datum": "WGS-84",
             "measured_at": moment, "speed_mps": 1.2, "accuracy_m": 8.0}
            for one, lon, lat in crowd[first : first + BATCH]
        ]  # fmt: skip
        yield json.dumps({"positions": rows})


def questions(crowd: list[Person], turns: range, since_s: float) -> list[Question]:
    """Return the batches of some passes, one pass after the other."""
    return [
        Question("POST", "/api/v1/positions", body)
        for turn in turns
        for body in fixes(crowd, turn, since_s)
    ]


def rows(here: stage.Stage) -> list[stage.Row]:
    """Measure the stream of batches, then the shuffled one, then the floor."""
    headers = here.sign_in("administrator")
    crowd = people(here)
    since_s = time.time() - (2 * PASSES) * STEP_S
    ordered = questions(crowd, range(PASSES), since_s)
    # Of these passes a quarter is sent a second time and a quarter is older than all of "in order".
    mixed = questions(crowd, range(PASSES, 2 * PASSES), since_s)
    mixed += questions(crowd, range(PASSES // 2, PASSES + PASSES // 2), since_s)
    random.Random(PASSES).shuffle(mixed)
    bare = floor(here)
    people(here)
    return [
        measured(here, headers, ("in order", ordered, PASSES - 1), crowd, since_s, bare),
        measured(here, headers, ("shuffled", mixed, 2 * PASSES - 1), crowd, since_s, bare),
        ("pgbench, single upserts", f"{CLIENTS} × 1", f"{bare * FLOOR_S:.0f}", f"{bare:.0f}",
         "", "1×", "", "", "", ""),
    ]  # fmt: skip


def measured(
    here: stage.Stage,
    headers: dict[str, str],
    sent: tuple[str, list[Question], int],
    crowd: list[Person],
    since_s: float,
    bare: float,
) -> stage.Row:
    """Send the batches and hold the table to the newest fix of everybody."""
    name, asked, newest = sent
    found, used = here.measure(headers, asked, connections=CLIENTS)
    count = len(asked) * len(crowd) / (-(-len(crowd) // BATCH))
    late = older(here, since_s + newest * STEP_S, len(crowd))
    per_s = count / found.wall_s
    return (
        name, f"{CLIENTS} × {BATCH}", f"{count:.0f}", f"{per_s:.0f}", f"{NEEDED_PER_S:.0f}",
        f"{per_s / bare:.1f}×", f"{found.ms(0.95):.0f}", f"{used['web'] * 1e6 / count:.0f}",
        f"{used['database'] * 1e6 / count:.0f}", str(late),
    )  # fmt: skip


def older(here: stage.Stage, newest_s: float, expected: int) -> int:
    """Return how many people's rows do not hold the newest fix that was sent."""
    with here.database() as conn:
        row = conn.execute(
            "SELECT count(*) FILTER (WHERE abs(extract(epoch FROM measured_at) - %s) < 0.001)"
            " AS newest FROM dispatch.positions",
            (newest_s,),
        ).fetchone()
    return expected - int(row["newest"] if row else 0)


def floor(here: stage.Stage) -> float:
    """Return the single upserts a second that pgbench reaches."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "floor.sql"
        script.write_text(FLOOR)
        done = subprocess.run(
            ["pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1", "-T", str(FLOOR_S),
             "-f", str(script), here.dsn], capture_output=True, text=True, check=True,
        )  # fmt: skip
    (line,) = [text for text in done.stdout.splitlines() if text.startswith("tps")]
    return float(line.split()[2])


def main() -> None:
    """Print the table."""
    with stage.opened(stage.home_given(__doc__)) as here:
        stage.all_on_duty(here)
        found = rows(here)
        print(stage.table(HEAD, found))
        if any(line[-1] not in ("", "0") for line in found):
            raise SystemExit("an older fix stands where a newer one was sent")


if __name__ == "__main__":
    main()
