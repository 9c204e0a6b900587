"""A lost stream is said at once and heals by itself; nothing is missed meanwhile."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LiveServer, Visitor

pytestmark = pytest.mark.browser
WATCH = """() => {
    const page = document.documentElement;
    const note = () => { page.dataset.states = `${page.dataset.states} ${page.dataset.stream}`; };
    new MutationObserver(note).observe(page, {attributes: true, attributeFilter: ['data-stream']});
}"""


def test_the_page_says_that_the_stream_is_lost_and_recovers(
    visit: Callable[..., Visitor], live_server: LiveServer
) -> None:
    visitor = visit("commander")
    page = visitor.open("/wall")
    expect(page.locator("html")).to_have_attribute("data-stream", "live", timeout=15_000)
    page.evaluate(WATCH)
    os.kill(_stream_pid(live_server.pid), signal.SIGKILL)
    healed = re.compile(r"reconnecting.* live$")
    expect(page.locator("html")).to_have_attribute("data-states", healed, timeout=30_000)
    visitor.errors.clear()  # the browser logs each failed attempt: they were asked for


def _stream_pid(parent: int) -> int:
    listed = subprocess.run(
        ["ps", "--ppid", str(parent), "-o", "pid=,args="],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return next(int(line.split()[0]) for line in listed.splitlines() if "web.stream" in line)
