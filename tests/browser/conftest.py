"""A real server on a clone of the demo district, and Chromium in front of it."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from psycopg.rows import dict_row

from tests.chromium import launch
from tests.conftest import DEMO_SEED
from web.identity.demo import seed_demo_users

ARTEFACTS = Path(__file__).parents[2] / "artefacts"
START_S = 60
READY_MS = 45_000
WITHIN_MS = 20_000
"""Longest wait of an expectation that names none: other tests run beside these."""
PORTS = range(20_000, 30_000)
"""Below those that the kernel hands out: nobody beside us is given one while a server starts."""


@dataclass(frozen=True)
class LiveServer:
    """A running ganxin: its address, its accounts, its database."""

    url: str
    passwords: dict[str, str]
    dsn: str
    pid: int


@pytest.fixture(scope="session")
def live_server(
    clone: Callable[[str], str], demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveServer]:
    """Serve a demo district of this run's own; nothing moves in it but what the test does."""
    dsn = clone(demo_template)
    yield from serve(dsn, tmp_path_factory.mktemp("browser-home"))


def serve(dsn: str, home: Path) -> Iterator[LiveServer]:
    """Give a demo district accounts, serve it, and stop afterwards."""
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        accounts = seed_demo_users(conn, DEMO_SEED)
    port = _free_port()
    environ = {
        **os.environ,
        "GANXIN_HOME": str(home),
        "GANXIN_DATABASE_URL": dsn,
        "GANXIN_WEB_WORKERS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-c", "from web.cli import main; main()", "serve"]
    with subprocess.Popen(
        [*command, "--port", str(port)], env=environ, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_ready(process, url)
            passwords = {one["username"]: one["password"] for one in accounts}
            yield LiveServer(url, passwords, dsn, process.pid)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the machine's Chromium once."""
    expect.set_options(timeout=WITHIN_MS)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


class Visitor:
    """Somebody with a browser of their own, who takes no error for granted."""

    def __init__(self, server: LiveServer, context: BrowserContext) -> None:
        self.server = server
        self.context = context
        self.errors: list[str] = []

    def sign_in(self, username: str) -> None:
        """Sign in without the form, which has a test of its own."""
        answer = self.context.request.post(
            f"{self.server.url}/api/v1/session",
            data={"username": username, "password": self.server.passwords[username]},
        )
        assert answer.ok, answer.text()

    def open(self, path: str) -> Page:
        """Open a page and wait until it shows its first data."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(f"{path}: {error}"))
        page.on("console", self._hear)
        page.goto(self.server.url + path)
        page.wait_for_selector("html[data-ready]", timeout=READY_MS)
        return page

    def _hear(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if "Content Security Policy" in text or (kind == "error" and "status of 409" not in text):
            where = getattr(message, "location", {}).get("url", "")
            self.errors.append(f"{text} {where}")


@pytest.fixture
def visit(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[..., Visitor]]:
    """Return a function that lets somebody in with a fresh browser; errors fail the test."""
    visitors: list[Visitor] = []

    def make(
        username: str | None = None,
        locale: str = "zh",
        size: tuple[int, int] = (1366, 768),
        **options: object,
    ) -> Visitor:
        context = chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",  # software rendering: no frame is drawn for show
            **options,  # type: ignore[arg-type] # playwright's own options
        )
        context.add_cookies([{"name": "ganxin_locale", "value": locale, "url": live_server.url}])
        visitors.append(Visitor(live_server, context))
        if username:
            visitors[-1].sign_in(username)
        return visitors[-1]

    yield make
    errors = [error for visitor in visitors for error in visitor.errors]
    for visitor in visitors:
        visitor.context.close()
    assert errors == []


def _free_port() -> int:
    for port in random.SystemRandom().sample(PORTS, 100):
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a hundred ports are all taken")


def _wait_ready(process: subprocess.Popen[str], url: str) -> None:
    """Wait for the line that says that it serves, then ask whether it is ready."""
    assert process.stdout is not None
    for line in process.stdout:
        if url in line or "serving" in line:
            break
    else:
        raise AssertionError("ganxin serve ended before it served")
    with urllib.request.urlopen(f"{url}/health/ready", timeout=START_S) as answer:  # noqa: S310 - our own server
        assert answer.status == 200
