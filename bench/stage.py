"""The stage of the HTTP benches: the demo as anybody starts it, still, in a home of its own.

``ganxin demo --still`` makes a real cluster (fsync on), loads the district and runs gunicorn, the
stream and the sequencer as always. Accounts sign in through HTTP. What is measured beside the time
at the client is processor time: of the web processes, of PostgreSQL and of the sequencer.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from bench.client import Job, Outcome, Question, ask, job_of
from geodata.db.cluster import Cluster
from geodata.settings import Settings

PORT = 18760
SEED, AS_OF = 1, "2026-11-20T12:00"
FIRST_START_S, NEXT_START_S = 1200.0, 120.0
Row = Sequence[str]


@dataclass
class Stage:
    """A running demo."""

    settings: Settings
    process: subprocess.Popen[bytes]
    start_s: float

    @property
    def dsn(self) -> str:
        """Connection string of the owner."""
        return Cluster(self.settings).dsn()

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection[dict[str, Any]]]:
        """Lend a connection of the owner."""
        with psycopg.connect(self.dsn, autocommit=True, row_factory=dict_row) as conn:
            yield conn

    def sign_in(self, role: str) -> dict[str, str]:
        """Sign in as the district's account of a role; return the headers of its requests."""
        accounts = json.loads((self.settings.home / "demo-accounts.json").read_text("utf-8"))
        account = min(
            (one for one in accounts if one["role"] == role), key=lambda one: len(one["area_code"])
        )
        return self._sign_in(account)

    def sign_in_as(self, username: str) -> dict[str, str]:
        """Sign in as one account; return the headers of its requests."""
        accounts = json.loads((self.settings.home / "demo-accounts.json").read_text("utf-8"))
        return self._sign_in(next(one for one in accounts if one["username"] == username))

    def _sign_in(self, account: dict[str, str]) -> dict[str, str]:
        body = json.dumps({name: account[name] for name in ("username", "password")})
        connection = http.client.HTTPConnection("127.0.0.1", self.settings.port)
        connection.request("POST", "/api/v1/session", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        found = json.loads(answer.read())
        cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        return {"Cookie": cookie, "X-CSRF-Token": found["csrf_token"]}

    def measure(
        self, headers: dict[str, str], questions: Sequence[Question], **options: float
    ) -> tuple[Outcome, dict[str, float]]:
        """Ask, and return what came with the processor seconds of each part."""
        job: Job = job_of(self.settings.port, headers, questions, **options)
        before = self.cpu_s()
        outcome = ask(job)
        after = self.cpu_s()
        return outcome, {part: after[part] - before.get(part, 0.0) for part in after}

    def cpu_s(self) -> dict[str, float]:
        """Return processor seconds so far by part; ended processes count with their parents."""
        return {part: sum(map(_cpu_s, pids)) for part, pids in self.parts().items()}

    def parts(self) -> dict[str, list[int]]:
        """Return the processes of each part."""
        found: dict[str, list[int]] = {"web": [], "database": [], "sequencer": []}
        for pid in _below(self.process.pid):
            line = _command(pid)
            if "web.wsgi" in line:
                found["web"].append(pid)
            elif "postgres" in line:
                found["database"].append(pid)
            elif "web.sequencer" in line:
                found["sequencer"].append(pid)
        return found


def _cpu_s(pid: int) -> float:
    """Return the processor seconds of a process and of its ended children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _below(pid: int) -> Iterator[int]:
    """Yield a process and all below it."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in map(int, children):
        yield from _below(child)


def start(home: Path, port: int = PORT) -> Stage:
    """Start the demo in a home and wait for its first page."""
    settings = Settings(home=home, port=port)
    limit_s = NEXT_START_S if (home / "demo-accounts.json").exists() else FIRST_START_S
    environ = {name: value for name, value in os.environ.items() if name != "GANXIN_DATABASE_URL"}
    home.mkdir(parents=True, exist_ok=True)
    program = Path(sys.executable).with_name("ganxin")
    command = [str(program), "demo", "--still", "--port", str(port)]
    if limit_s == FIRST_START_S:
        command += ["--seed", str(SEED), "--as-of", AS_OF]
    started = time.monotonic()
    with (home / "bench.log").open("ab") as log:
        process = subprocess.Popen(
            command, env=environ | {"GANXIN_HOME": str(home)}, stdout=log, stderr=log
        )
    _wait(process, port, started + limit_s)
    return Stage(settings, process, time.monotonic() - started)


def _wait(process: subprocess.Popen[bytes], port: int, deadline: float) -> None:
    """Wait until the demo serves a page."""
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)  # nothing listens yet: before what is measured
        finally:
            connection.close()
    stop(process)
    raise SystemExit("the demo does not start: see bench.log and log/ in its home")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop a demo in order."""
    process.send_signal(signal.SIGINT)
    process.wait()


@contextmanager
def opened(home: Path | None = None, port: int = PORT) -> Iterator[Stage]:
    """Run the demo for the length of the block; without a home, in one that is gone afterwards."""
    folder = home or Path(tempfile.mkdtemp(prefix="ganxin-bench-"))
    stage = start(folder, port)
    try:
        yield stage
    finally:
        stop(stage.process)
        if home is None:
            place = Cluster(stage.settings).place
            for gone in (place.data, place.sockets, folder):
                shutil.rmtree(gone, ignore_errors=True)


def all_on_duty(stage: Stage) -> int:
    """Put everybody of the front line on duty; return how many are."""
    with stage.database() as conn:
        conn.execute("UPDATE dispatch.people SET duty = 'on_duty' WHERE duty <> 'on_duty'")
        conn.execute("ANALYZE dispatch.people")
        row = conn.execute(
            "SELECT count(*) AS n FROM dispatch.people WHERE duty = 'on_duty'"
        ).fetchone()
    return int(row["n"]) if row else 0


def places(stage: Stage, count: int) -> list[tuple[float, float]]:
    """Return places in the district in a fixed random order, WGS-84: buildings, by population."""
    with stage.database() as conn:
        rows = conn.execute(
            "SELECT ST_X(p) AS lon, ST_Y(p) AS lat FROM (SELECT ST_PointOnSurface(geom) AS p"
            " FROM layers.buildings ORDER BY hashint8(id) LIMIT %s) q",
            (count,),
        ).fetchall()
    found = [(row["lon"], row["lat"]) for row in rows]
    return (found * (count // len(found) + 1))[:count]


def table(head: Row, rows: Sequence[Row]) -> str:
    """Return a markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def home_given(about: str | None) -> Path | None:
    """Read the one option of these benches: a home to keep, None for one that goes."""
    options = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    options.add_argument("--home", type=Path, help="home of the demo, made if it is not there")
    chosen: Path | None = options.parse_args().home
    return None if chosen is None else chosen.absolute()
