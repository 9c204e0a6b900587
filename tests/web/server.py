"""The web process as the product starts it, on a port of its own, and a plain client for it."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

from geodata.db.scope import Conn
from geodata.settings import Settings
from web import program
from web.identity.csrf import HEADER
from web.identity.session import COOKIE, open_session

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0


@contextmanager
def running(dsn: str, home: Path, workers: int = 2) -> Iterator[int]:
    """Run gunicorn on a database; yield the port once it answers."""
    settings = Settings(home=home, web_workers=workers, database_url=dsn)
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    web = program.web(settings, listener)
    environ = program.environment(settings) | {"GANXIN_DATABASE_URL": dsn}
    with (home / "web.log").open("ab") as log:
        process = subprocess.Popen(
            web.command, cwd=ROOT, env=environ, stdout=log, stderr=log, pass_fds=web.descriptors
        )
    try:
        port = int(listener.getsockname()[1])
        _wait(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)
        listener.close()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + PATIENCE_S
    while monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        try:
            connection.request("GET", "/health/live")
            if connection.getresponse().status == 200:
                return
        except OSError:
            Event().wait(0.05)
        finally:
            connection.close()
    raise TimeoutError("the web process does not answer; see web.log")


@dataclass(frozen=True)
class Answer:
    """Status and JSON body."""

    status: int
    json: Any


class Caller:
    """One user's kept connection; not to be shared between threads."""

    def __init__(self, port: int, secret: str, csrf: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
        self._headers = {
            "Cookie": f"{COOKIE}={secret}",
            HEADER: csrf,
            "Content-Type": "application/json",
        }

    @classmethod
    def of(cls, conn: Conn, port: int, user_id: int) -> Caller:
        """Open a session in the database and return its caller."""
        opened = open_session(conn, user_id, hours=1, address=None, agent="test")
        assert opened.principal.csrf_token is not None
        return cls(port, opened.secret, opened.principal.csrf_token)

    def call(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """Send one request and read its answer."""
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        payload = None if body is None else json.dumps(body)
        self._connection.request(method, path, payload, headers)
        response = self._connection.getresponse()
        text = response.read()
        return Answer(response.status, json.loads(text) if text else None)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
