"""One dispatch through HTTP: a report comes in and the best person is sent, in one request.

``python -m bench.dispatch [--home DIR]``. Each request locates the point, ranks the candidates by
road, writes case, assignment, events and the reply under its Idempotency-Key, in one durable
transaction under row security. Afterwards the database is asked whether all of it is there.

The floor is pgbench, which writes a case, an assignment and an event in one transaction: no HTTP,
no locating, nobody ranked, no scope, no locks; as many clients.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

from bench import stage
from bench.client import Question

QUESTIONS, WARM = 8000, 800
ROUND_S = 10.0
ROUNDS = 3
CLIENTS = 8
NEEDED_MS, NEEDED_PER_S = 40.0, 500.0
FLOOR_S = 5
HEAD = ("what", "clients", "done", "p50, ms", "p95, ms", "needed p95, ms", "per s", "needed per s",
        "web CPU, ms", "database CPU, ms", "client CPU, ms")  # fmt: skip
FLOOR = """
\\set person random(1, 17000)
BEGIN;
INSERT INTO dispatch.cases (id, number, type_code, state, version, urgent, channel, description,
    grid_code, edge_m, edge_ambiguous, source_lon, source_lat, source_datum, geom, reported_by,
    reported_at, state_since)
SELECT n.id, 'floor-' || n.id, c.type_code, 'assigned', 2, false, 'desk', 'floor', c.grid_code,
    1, false, 121.5, 38.9, 'WGS-84', c.geom, 'u:1', now(), now()
FROM (SELECT nextval('dispatch.case_ids') AS id) n, dispatch.cases c
WHERE c.id = (SELECT min(id) FROM dispatch.cases) RETURNING id \\gset
INSERT INTO dispatch.assignments (case_id, person_id, person_role, role, slot, state, travelling,
    rung, reasons, rank, assigned_by, assigned_at, ended_at)
VALUES (:id, :person, 'grid_worker', 'lead', 1, 'done', false, 'grid', '[]', 1, 'u:1', now(),
    now());
INSERT INTO geodata.events_pending (occurred_at, kind, case_id, person_id, area_code, actor,
    payload) VALUES (now(), 'assignment.assigned', :id, :person, '210211', 'u:1', '{}');
COMMIT;
"""


def reports(here: stage.Stage, turn: int) -> list[Question]:
    """Return reports of all types, as frequent as in the district's past, at buildings."""
    count = QUESTIONS + WARM
    with here.database() as conn:
        rows = conn.execute(
            "SELECT type_code FROM dispatch.cases WHERE channel <> 'alarm_pillar'"
            " ORDER BY hashint8(id + %s) LIMIT %s",
            (turn, count),
        ).fetchall()
    points = stage.places(here, count * (turn + 1))[-count:]
    return [
        Question("POST", "/api/v1/cases", json.dumps({
            "type": row["type_code"], "description": "居民反映楼道堆物,存在消防隐患,请尽快处理",
            "location": {"lon": lon, "lat": lat, "datum": "WGS-84"}, "assign": True,
        }, ensure_ascii=False))
        for row, (lon, lat) in zip(rows, points, strict=True)
    ]  # fmt: skip


def row(here: stage.Stage, headers: dict[str, str], turn: int) -> stage.Row:
    """Measure a round and hold the database to it."""
    questions = reports(here, turn)
    everybody_free(here)
    before = written(here)
    found, used = here.measure(headers, questions, connections=CLIENTS, warm=WARM, seconds=ROUND_S)
    after = written(here)
    grown = {name: after[name] - before[name] for name in after}
    count = len(found.taken_s)
    done = found.answered
    if grown["cases"] != done or grown["events"] != grown["cases"] + grown["sent"]:
        raise SystemExit(f"{done} dispatches were acknowledged, found {grown}")
    return (
        f"dispatch, round {turn + 1}: {grown['sent'] / done:.1%} assigned",
        str(CLIENTS),
        str(count),
        f"{found.ms(0.5):.1f}",
        f"{found.ms(0.95):.1f}",
        f"{NEEDED_MS:.0f}",
        f"{found.per_s:.0f}",
        f"{NEEDED_PER_S:.0f}",
        f"{used['web'] * 1000 / done:.2f}",
        f"{used['database'] * 1000 / done:.2f}",
        f"{found.cpu_s * 1000 / count:.2f}",
    )


def everybody_free(here: stage.Stage) -> None:
    """End what a round before has assigned, so that every round finds the same people.

    With the most room a person can have: a round stands for weeks of cases, and none of them is
    closed, so the district would soon have no mediator left and half a dispatch be measured.
    """
    with here.database() as conn:
        conn.execute("UPDATE dispatch.people SET capacity = 20 WHERE capacity <> 20")
        conn.execute(
            "UPDATE dispatch.assignments SET state = 'done', travelling = false, ended_at = now()"
            " WHERE live"
        )
        conn.execute("VACUUM (ANALYZE) dispatch.assignments, dispatch.cases, dispatch.people")


def written(here: stage.Stage) -> dict[str, int]:
    """Return how many cases, assignments and events there are, sealed or not."""
    with here.database() as conn:
        row = conn.execute(
            "SELECT (SELECT count(*) FROM dispatch.cases) AS cases,"
            " (SELECT count(*) FROM dispatch.assignments) AS sent,"
            " (SELECT count(*) FROM geodata.events)"
            " + (SELECT count(*) FROM geodata.events_pending) AS events"
        ).fetchone()
    return dict(row or {})


def floor(here: stage.Stage) -> stage.Row:
    """Let pgbench write the least that a dispatch must write."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "floor.sql"
        script.write_text(FLOOR)
        done = subprocess.run(
            ["pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1", "-T", str(FLOOR_S),
             "-l", f"--log-prefix={folder}/log", "-f", str(script), here.dsn],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        logs = Path(folder).glob("log.*")
        taken = sorted(int(line.split()[2]) / 1000 for log in logs for line in log.open())
    version = done.stdout.split()[1].strip("(")
    return (
        f"pgbench {version}, the floor", str(CLIENTS), str(len(taken)),
        f"{taken[len(taken) // 2]:.1f}", f"{taken[int(len(taken) * 0.95)]:.1f}", "",
        f"{len(taken) / FLOOR_S:.0f}", "", "", "", "",
    )  # fmt: skip


def main() -> None:
    """Print the table."""
    with stage.opened(stage.home_given(__doc__)) as here:
        stage.all_on_duty(here)
        headers = here.sign_in("dispatcher")
        turns = [row(here, headers, turn) for turn in range(ROUNDS)]
        print(stage.table(HEAD, [*turns, floor(here)]))
        print(f"\n{os.cpu_count()} cores for server, database, sequencer and client together.")


if __name__ == "__main__":
    main()
