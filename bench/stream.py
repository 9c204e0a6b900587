"""Event to screen: how old an event is when it reaches the screens of a district.

``python -m bench.stream [--seconds N]``. Real processes on a cluster of their own (fsync on):
PostgreSQL, the sequencer, the stream process and gunicorn with the whole application; screens and
workers sign in with bearer tokens and hold one stream each. Events are written one transaction at a
time, positions in batches of 100 as the batch endpoint does. The age of an event is the time from
just before its INSERT to its arrival at the socket of a screen, on one clock.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from threading import Event as Signal
from threading import Thread, Timer
from time import monotonic, time
from typing import Any

import psycopg
from psycopg.rows import dict_row

from geodata.db import event
from geodata.db.cluster import DATABASE, Cluster
from geodata.db.migrate import migrate
from geodata.errors import Unavailable
from geodata.settings import Settings
from web import program
from web.identity.secret import hash_secret
from web.stream.handoff import probe

DISTRICT = "210211"
STREETS, COMMUNITIES, GRIDS = 17, 14, 7
EVENTS_PER_S = 20
BATCH = 100
SETTLE_S = 4.0
POSITIONS = """
INSERT INTO dispatch.positions (person_id, lon, lat, heading_deg, speed_mps, measured_at,
                                received_at)
SELECT id, lon, lat, 90, 1.2, now(), now() FROM unnest(%s::bigint[], %s::float8[], %s::float8[])
    AS sent (id, lon, lat)
ON CONFLICT (person_id) DO UPDATE SET lon = excluded.lon, lat = excluded.lat,
    heading_deg = excluded.heading_deg, speed_mps = excluded.speed_mps,
    measured_at = excluded.measured_at, received_at = excluded.received_at
WHERE positions.measured_at < excluded.measured_at
"""


@dataclass(frozen=True)
class Run:
    """One line of the table."""

    name: str
    screens: int
    workers: int
    positions_per_s: int
    server: Sequence[str]
    ours: bool = True


def grid_of(number: int) -> str:
    """Return the code of a grid of the made-up district."""
    street, rest = number % STREETS, number // STREETS
    return f"{DISTRICT}{street + 1:03}{rest % COMMUNITIES + 1:03}{rest % GRIDS + 1:03}"


def populate(dsn: str, people: int, screens: int) -> list[str]:
    """Make people, one account and token each, and the screens' accounts; return the tokens."""
    tokens = [f"screen screen-{n}" for n in range(screens)]
    tokens += [f"worker worker-{n}" for n in range(people)]
    with psycopg.connect(dsn) as conn, conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO dispatch.people (id, name, role, team, home_code, area_codes, home,"
            " travel_mode) VALUES (%s, 'N', 'grid_worker', 'grid', %s, ARRAY[%s],"
            " 'SRID=4326;POINT(121.5 38.9)', 'walk')",
            [(n, grid_of(n), grid_of(n)) for n in range(1, people + 1)],
        )
        users = [("dispatcher", "district", [DISTRICT], None)] * screens
        users += [("grid_worker", "grid", [grid_of(n)], n) for n in range(1, people + 1)]
        cursor.executemany(
            "INSERT INTO web.users (id, username, display_name, password_hash, role, level,"
            " area_codes, person_id) VALUES (%s, %s, 'U', '!', %s, %s, %s, %s)",
            [(n, f"u{n}", *user) for n, user in enumerate(users, 1)],
        )
        cursor.executemany(
            "INSERT INTO web.tokens (user_id, secret_hash, name) VALUES (%s, %s, 'bench')",
            [(n, hash_secret(token.split()[1])) for n, token in enumerate(tokens, 1)],
        )
    return tokens


def write_events(dsn: str, stop: Signal, written: list[int]) -> None:
    """Write events evenly over the district, a transaction each."""
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as conn:
        due = monotonic()
        while not stop.wait(max(0.0, due - monotonic())):
            due += 1 / EVENTS_PER_S
            number = len(written)
            facts = {"sent": time(), "state": "assigned", "version": 2}
            event.append(
                conn,
                event.Event(
                    "case.assigned", datetime.now(UTC), grid_of(number * 7), "u:1", number,
                    number % 5000 + 1, facts,
                ),
            )  # fmt: skip
            written.append(number)


def write_positions(dsn: str, stop: Signal, per_s: int, people: int) -> None:
    """Move everybody in turn, a batch at a time."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        due, at = monotonic(), 0
        while not stop.wait(max(0.0, due - monotonic())):
            due = max(due + BATCH / per_s, monotonic() - 1)
            ids = [(at + n) % people + 1 for n in range(BATCH)]
            at += BATCH
            lons = [121.4 + (person * 37 % 1000) / 5000 + at % 97 * 1e-5 for person in ids]
            lats = [38.9 + (person * 53 % 1000) / 5000 for person in ids]
            conn.execute(POSITIONS, (ids, lons, lats))


@contextmanager
def launched(environ: dict[str, str], *arguments: str, **options: Any) -> Iterator[Any]:
    """Run a Python process for the time of the block."""
    process = subprocess.Popen((sys.executable, *arguments), env=environ, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def family(pid: int) -> list[int]:
    """Return a process and its children: gunicorn's worker does the work."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def cpu_s(pid: int) -> float:
    """Return processor seconds used so far, children included."""
    ticks = 0
    for member in family(pid):
        fields = Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Return resident memory, children included."""
    pages = sum(int(Path(f"/proc/{m}/statm").read_text().split()[1]) for m in family(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(run: Run, settings: Settings, tokens: list[str], people: int, seconds: float) -> str:
    """Run one line and return it as a row of the table."""
    dsn = settings.database_url or ""
    environ = os.environ | program.environment(settings) | {"GANXIN_DATABASE_URL": dsn}
    chosen = [t for t in tokens if t.startswith("screen")][: run.screens]
    chosen += [t for t in tokens if t.startswith("worker")][: run.workers]
    with ExitStack() as stack:
        listener = stack.enter_context(program.listen(settings))
        stack.enter_context(launched(environ, "-m", "web.sequencer"))
        stream = None
        if run.ours:
            stream = stack.enter_context(launched(environ, "-m", "web.stream"))
            _wait_for_stream(settings)
        server = [word.format(fd=listener.fileno()) for word in run.server]
        web = stack.enter_context(launched(environ, *server, pass_fds=(listener.fileno(),)))
        reader = stack.enter_context(
            launched(
                environ, "-m", "bench.stream_reader", str(settings.port), str(seconds),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
        reader.stdin.write("\n".join(chosen))
        reader.stdin.close()
        ready = json.loads(reader.stdout.readline())
        stop, written = Signal(), []
        Timer(seconds - SETTLE_S, stop.set).start()  # so that all there is can arrive
        threads = [Thread(target=write_events, args=(dsn, stop, written))]
        if run.positions_per_s:
            arguments = (dsn, stop, run.positions_per_s, people)
            threads.append(Thread(target=write_positions, args=arguments))
        holder = stream or web
        before, started = cpu_s(holder.pid), monotonic()
        for thread in threads:
            thread.start()
        figures = {found["group"]: found for found in map(json.loads, reader.stdout)}
        used = (cpu_s(holder.pid) - before) / (monotonic() - started)
        memory = resident_mb(holder.pid)
        for thread in threads:
            thread.join()
    return _row(run, ready, figures, len(written), used, memory)


def _row(
    run: Run, ready: dict, figures: dict[str, dict], written: int, used: float, memory: float
) -> str:
    screens = figures.get("screen", {"served": 0, "events": 0})
    share = screens["events"] / max(1, written * run.screens)
    ages = [f"{screens.get(name, float('nan')) * 1000:.0f}" for name in ("p50_s", "p95_s", "max_s")]
    frames = screens.get("position_frames", 0) / max(1, screens["served"])
    return (
        f"| {run.name} | {run.screens} + {run.workers} | {ready['ready']} in"
        f" {ready['open_s']:.1f} s | {run.positions_per_s} | {share:.1%} | {' / '.join(ages)} |"
        f" {frames:.0f} | {used:.0%} | {memory:.0f} |"
    )


def _wait_for_stream(settings: Settings) -> None:
    deadline = monotonic() + 30
    while monotonic() < deadline:
        try:
            if probe(settings.stream_socket)["stale"] is None:
                return
        except Unavailable:
            Signal().wait(0.05)
    raise Unavailable("the stream process does not start")


def runs(screens: int, workers: int) -> list[Run]:
    """Return the lines of the table."""
    gunicorn = ("-m", "gunicorn", "--no-control-socket", "--bind", "fd://{fd}", "--timeout", "60")
    quiet = ("--log-level", "critical", "--workers", "1", "--graceful-timeout", "1")
    ours = (*gunicorn, *quiet, "--worker-class", "gevent", "web.wsgi:application")
    peer = (*gunicorn, *quiet, "bench.stream_peer:create_app()")
    threads = (*peer, "--worker-class", "gthread", "--threads", "16")
    gevent = (*peer, "--worker-class", "gevent")
    return [
        Run("ganxin", screens, 0, 0, ours),
        Run("ganxin", screens, 0, 500, ours),
        Run("ganxin", screens, 0, 1770, ours),
        Run("ganxin", screens, workers, 500, ours),
        Run("ganxin", screens, workers, 1770, ours),
        Run("Flask, gevent, polling 1 s", screens, 0, 0, gevent, ours=False),
        Run("Flask, 16 threads, polling 1 s", screens, 0, 0, threads, ours=False),
    ]


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=20.0)
    options.add_argument("--screens", type=int, default=500)
    options.add_argument("--workers", type=int, default=5000)
    options.add_argument("--port", type=int, default=18730)
    options.add_argument("--only", type=int, nargs="*", help="numbers of lines, from 0")
    chosen = options.parse_args()
    people = 17_695
    home = Path(tempfile.mkdtemp(prefix="ganxin-bench-stream-"))
    cluster = Cluster(Settings(home=home))
    try:
        cluster.ensure()
        cluster.start()
        cluster.create_database(DATABASE)
        migrate(cluster.dsn())
        tokens = populate(cluster.dsn(), people, chosen.screens)
        settings = Settings(home=home, port=chosen.port, database_url=cluster.dsn())
        print(
            f"gunicorn {version('gunicorn')}, gevent {version('gevent')}, {EVENTS_PER_S} events/s,"
        )
        print(f"{chosen.seconds:.0f} s per line, {os.cpu_count()} cores shared by all processes\n")
        print("| server | screens + workers | served | positions/s | events arrived |"
              " age p50 / p95 / max ms | position frames | CPU | MB |")  # fmt: skip
        print("|---|---|---|---|---|---|---|---|---|")
        for number, run in enumerate(runs(chosen.screens, chosen.workers)):
            if chosen.only is None or number in chosen.only:
                print(measure(run, settings, tokens, people, chosen.seconds), flush=True)
    finally:
        cluster.stop()
        shutil.rmtree(cluster.place.data, ignore_errors=True)
        shutil.rmtree(cluster.place.sockets, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
