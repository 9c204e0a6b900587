"""The stream as a signed-in person has it: the whole application, from sign-in to sign-out."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from geodata.errors import Unauthenticated
from tests.stream_rig import GRID, OTHER_GRID, Rig, happen, owner, running
from web.identity.user import Account, create_user, disable_user
from web.stream.client import StreamClient

PASSWORD = "correct horse battery"
STREET = GRID[:9]


@pytest.fixture(scope="module")
def rig(
    clone: Callable[[str], str], empty_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rig]:
    home, small = tmp_path_factory.mktemp("app"), ("-m", "tests.stream_small")
    with running(clone(empty_template), home, small, "web.wsgi:application") as rig:
        yield rig


@dataclass
class Browser:
    """One cookie and the port it belongs to."""

    port: int
    cookie: str = ""
    csrf: str = ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers |= {"Cookie": self.cookie, "X-CSRF-Token": self.csrf}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        cookie = response.headers.get("Set-Cookie")
        if cookie is not None:
            self.cookie = cookie.split(";")[0]
        text = response.read()
        connection.close()
        return response.status, text

    def sign_in(self, username: str) -> None:
        status, text = self.ask(
            "POST", "/api/v1/session", {"username": username, "password": PASSWORD}
        )
        assert status == 200, text
        self.csrf = json.loads(text)["csrf_token"]

    def stream(self) -> StreamClient:
        return StreamClient("127.0.0.1", self.port, headers={"Cookie": self.cookie})


def make_account(rig: Rig, username: str, *areas: str) -> int:
    with owner(rig.dsn) as conn:
        account = Account(username, username, "dispatcher", tuple(areas))
        return create_user(conn, account, PASSWORD)


@pytest.fixture
def browser(rig: Rig) -> Browser:
    return Browser(rig.port)


def test_a_stranger_gets_no_stream(browser: Browser):
    status, text = browser.ask("GET", "/api/v1/events", Accept="text/event-stream")
    assert status == 401
    assert json.loads(text)["code"] == "unauthenticated"


def test_a_malformed_cursor_is_a_problem_naming_it(rig: Rig, browser: Browser):
    make_account(rig, "cursor", STREET)
    browser.sign_in("cursor")
    status, text = browser.ask("GET", "/api/v1/events?since=x", Accept="text/event-stream")
    assert (status, json.loads(text)["field"]) == (422, "since")


def test_a_street_user_follows_the_street_until_signing_out(rig: Rig, browser: Browser):
    make_account(rig, "street", STREET)
    browser.sign_in("street")
    stream = browser.stream().messages(20)
    assert next(stream).event == "hello"
    with owner(rig.dsn) as conn:
        happen(conn, case_id=1, area_code=OTHER_GRID)
        happen(conn, case_id=2, area_code=GRID)
    assert json.loads(next(m for m in stream if m.event == "message").data)["case_id"] == 2
    assert browser.ask("DELETE", "/api/v1/session")[0] == 204
    assert [m.event for m in stream if m.event != "tick"] == ["signed-out"]
    with pytest.raises(Unauthenticated):
        next(browser.stream().messages(20))


def test_a_disabled_account_loses_its_streams(rig: Rig, browser: Browser):
    user_id = make_account(rig, "disabled", STREET)
    browser.sign_in("disabled")
    streams = [browser.stream().messages(20) for _ in range(2)]
    assert [next(stream).event for stream in streams] == ["hello", "hello"]
    with owner(rig.dsn) as conn:
        disable_user(conn, user_id)
    for stream in streams:
        assert [m.event for m in stream if m.event != "tick"] == ["signed-out"]
    with pytest.raises(Unauthenticated):
        next(browser.stream().messages(20))


def test_a_page_asked_for_as_json_is_no_stream(rig: Rig, browser: Browser):
    make_account(rig, "machine", "210211")
    browser.sign_in("machine")
    status, text = browser.ask("GET", "/api/v1/events?since=0", Accept="application/json")
    assert status == 200
    assert [e["seq"] for e in json.loads(text)["items"]] == sorted(
        e["seq"] for e in json.loads(text)["items"]
    )
