"""The real processes of the stream, for tests: gunicorn, ``web.stream`` and ``web.sequencer``."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event as Signal
from time import monotonic
from typing import Any

import psycopg
from psycopg.rows import dict_row

from geodata.db import event
from geodata.db.scope import Scope
from geodata.errors import Unavailable
from geodata.settings import Settings
from web.stream.client import StreamClient
from web.stream.facts import StreamFacts
from web.stream.handoff import probe

ROOT = Path(__file__).parents[1]
GRID = "210211001001001"
OTHER_GRID = "210211002001001"
PATIENCE_S = 30.0


def wait_until(true: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> None:
    """Look every 20 ms until something holds."""
    deadline = monotonic() + patience_s
    while not true():
        if monotonic() > deadline:
            raise TimeoutError(what)
        Signal().wait(0.02)


@dataclass
class Rig:
    """Processes of one home; each can be killed and started anew."""

    dsn: str
    home: Path
    stream_command: Sequence[str] = ("-m", "web.stream")
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _listener: socket.socket | None = None

    @property
    def socket_path(self) -> Path:
        return Settings(home=self.home).stream_socket

    @property
    def port(self) -> int:
        assert self._listener is not None
        return int(self._listener.getsockname()[1])

    def start_stream(self) -> None:
        self._launch("stream", *self.stream_command)
        wait_until(self.is_loaded, "the stream process takes connections")

    def start_sequencer(self) -> None:
        self._launch("sequencer", "-m", "web.sequencer")

    def start_web(
        self, workers: int = 1, application: str = "tests.stream_app:application"
    ) -> None:
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._launch(
            "web",
            *("-m", "gunicorn", application, "--no-control-socket"),
            *("--bind", f"fd://{self._listener.fileno()}", "--worker-class", "gevent"),
            *("--workers", str(workers), "--keep-alive", "30", "--graceful-timeout", "1"),
        )
        wait_until(self._web_answers, "the web process answers")

    def status(self) -> dict[str, Any]:
        return probe(self.socket_path)

    def is_loaded(self) -> bool:
        try:
            return self.status()["stale"] is None
        except Unavailable:
            return False

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """End one of our own processes and take note of it."""
        process = self.processes.pop(name)
        process.send_signal(number)
        process.wait(PATIENCE_S)

    def stop(self) -> None:
        for name in list(self.processes):
            process = self.processes.pop(name)
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._listener is not None:
            self._listener.close()

    def client(self, facts: StreamFacts, *, since: int | None = None) -> StreamClient:
        return StreamClient(
            "127.0.0.1",
            self.port,
            headers={"X-Facts": facts.to_json().decode()},
            cursor=None if since is None else str(since),
        )

    def log(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text()

    def _launch(self, name: str, *arguments: str) -> None:
        environ = os.environ | {
            "GANXIN_HOME": str(self.home),
            "GANXIN_DATABASE_URL": self.dsn,
            "STREAM_SOCKET": str(self.socket_path),
            "PYTHONUNBUFFERED": "1",
        }
        fds = () if self._listener is None else (self._listener.fileno(),)
        with (self.home / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                (sys.executable, *arguments),
                cwd=ROOT,
                env=environ,
                stdout=log,
                stderr=log,
                pass_fds=fds,
            )

    def _web_answers(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as connection:
            connection.sendall(b"GET /ping HTTP/1.0\r\n\r\n")
            return connection.recv(100).startswith(b"HTTP/1")


@contextmanager
def running(
    dsn: str,
    home: Path,
    stream_command: Sequence[str] = ("-m", "web.stream"),
    application: str = "tests.stream_app:application",
) -> Iterator[Rig]:
    """Run all three for the time of the block."""
    rig = Rig(dsn, home, stream_command)
    try:
        rig.start_sequencer()
        rig.start_stream()
        rig.start_web(application=application)
        yield rig
    finally:
        rig.stop()


def owner(dsn: str) -> psycopg.Connection[dict[str, Any]]:
    """Connect as the owner, autocommitting."""
    return psycopg.connect(dsn, autocommit=True, row_factory=dict_row)


def sign_in(dsn: str, *areas: str, person_id: int | None = None) -> StreamFacts:
    """Make a user with a session; return what the web process would hand over for them."""
    with owner(dsn) as conn:
        row = conn.execute(
            "WITH u AS (INSERT INTO web.users (username, display_name, password_hash, role, level,"
            "  area_codes, person_id) SELECT 'u' || count(*), 'U', '!', 'dispatcher', 'street',"
            "  %s, %s FROM web.users RETURNING id)"
            " INSERT INTO web.sessions (secret_hash, csrf_token, user_id, expires_at)"
            " SELECT sha256(('s' || u.id)::bytea), 'x', u.id, now() + interval '1 h' FROM u"
            " RETURNING id, user_id",
            (list(areas), person_id),
        ).fetchone()
    assert row is not None
    subjects = [f"u:{row['user_id']}"] + ([] if person_id is None else [f"p:{person_id}"])
    return StreamFacts(f"sessions:{row['id']}", row["user_id"], Scope(areas, tuple(subjects)))


def happen(
    conn: psycopg.Connection[dict[str, Any]],
    *,
    area_code: str = GRID,
    kind: str = "case.reported",
    **facts: Any,
) -> None:
    """Write one event as a writer would."""
    actor = facts.pop("actor", "system:test")
    event.append(conn, event.Event(kind, datetime.now(UTC), area_code, actor, **facts))
