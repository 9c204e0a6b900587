"""Sign in and out, tokens, CSRF, limits: who is let in, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from geodata.db.scope import unscoped
from geodata.road.snap import Snapper
from tests.town_staff import LOGINS, PASSWORD
from tests.web.browser_client import Client
from tests.web.conftest import serve
from web.identity.rate_limit import PER_ACCOUNT, PER_ADDRESS
from web.identity.session import COOKIE
from web.security_header import CONTENT_SECURITY_POLICY

SignIn = Callable[[str], Client]


def enter(http: FlaskClient, username: str = "dispatcher", password: str = PASSWORD, **more):
    return http.post("/api/v1/session", json={"username": username, "password": password}, **more)


def execute(app: Flask, statement: str, *values: object) -> None:
    with unscoped(app.extensions["ganxin"].pool) as conn:
        conn.execute(statement, values)


def test_signing_in_tells_who_one_is_and_sets_a_cookie_scripts_cannot_read(app: Flask):
    http = app.test_client()
    answer = enter(http)
    assert answer.status_code == 200
    user = answer.json["user"]
    assert (user["username"], user["role"], user["area_codes"]) == (
        "dispatcher",
        "dispatcher",
        ["210211"],
    )
    assert "case.assign" in user["permissions"]
    assert answer.json["home"] == "/dispatch"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    known = http.get("/api/v1/session").json
    assert known["csrf_token"] == answer.json["csrf_token"]


def test_the_secret_of_a_session_is_not_kept(app: Flask):
    http = app.test_client()
    enter(http)
    secret = http.get_cookie(COOKIE).value
    with unscoped(app.extensions["ganxin"].pool) as conn:
        row = conn.execute("SELECT s::text AS all FROM web.sessions s").fetchone()
    assert secret not in row["all"]


@pytest.mark.parametrize(
    ("username", "password"),
    [("dispatcher", "wrong"), ("nobody", PASSWORD), ("DISPATCHER'--", PASSWORD)],
)
def test_a_wrong_name_and_a_wrong_password_are_not_told_apart(
    app: Flask, username: str, password: str
):
    answer = enter(app.test_client(), username, password)
    assert answer.status_code == 401
    assert answer.json["detail"] == "The name or the password is wrong"


def test_a_change_by_cookie_needs_the_token_of_the_session(app: Flask, sign_in: SignIn):
    mine, other = sign_in("dispatcher"), sign_in("planner")
    for token in (None, "", "x", other.csrf, "ü"):
        headers = {} if token is None else {"X-CSRF-Token": token}
        answer = mine.http.post("/api/v1/tokens", json={"name": "x"}, headers=headers)
        assert answer.status_code == 403
        assert answer.json["code"] == "bad_csrf_token"
    assert mine.post("/api/v1/tokens", json={"name": "x"}).status_code == 201


def test_signing_out_ends_the_session_everywhere(app: Flask, sign_in: SignIn):
    client = sign_in("dispatcher")
    secret = client.http.get_cookie(COOKIE).value
    assert client.get("/api/v1/live").status_code == 200
    assert client.call("DELETE", "/api/v1/session").status_code == 204
    again = app.test_client()
    again.set_cookie(COOKIE, secret)
    assert again.get("/api/v1/session").status_code == 401
    assert again.get("/api/v1/live").status_code == 401


def test_a_disabled_account_is_out_at_once(app: Flask, sign_in: SignIn):
    client = sign_in("dispatcher")
    execute(app, "UPDATE web.users SET active = false WHERE username = 'dispatcher'")
    assert client.get("/api/v1/session").status_code == 401
    assert enter(app.test_client()).status_code == 401


def test_a_session_ends_by_itself(app: Flask, sign_in: SignIn):
    client = sign_in("dispatcher")
    execute(app, "UPDATE web.sessions SET expires_at = now() - interval '1 second'")
    assert client.get("/api/v1/session").status_code == 401


def test_a_token_may_what_its_owner_may_and_can_be_revoked(app: Flask, sign_in: SignIn):
    owner = sign_in("street.dispatcher")
    made = owner.post("/api/v1/tokens", json={"name": "gateway", "expires_in_days": 30})
    assert made.status_code == 201
    machine = app.test_client()
    bearer = {"Authorization": f"Bearer {made.json['token']}"}
    known = machine.get("/api/v1/session", headers=bearer).json
    assert known["user"]["area_codes"] == list(LOGINS["street.dispatcher"].area_codes)
    assert known["csrf_token"] is None
    wrote = machine.post("/api/v1/tokens", json={"name": "second"}, headers=bearer)
    assert wrote.status_code == 403
    body = {"type": "H01", "description": "x", "address": "横0路5号"}
    assert machine.post("/api/v1/cases", json=body, headers=bearer).status_code == 201
    listed = owner.get("/api/v1/tokens").json["items"]
    assert [token["name"] for token in listed] == ["gateway"]
    assert all("token" not in token for token in listed)
    other = sign_in("planner")
    assert other.call("DELETE", f"/api/v1/tokens/{made.json['id']}").status_code == 404
    assert owner.call("DELETE", f"/api/v1/tokens/{made.json['id']}").status_code == 204
    assert machine.get("/api/v1/session", headers=bearer).status_code == 401


@pytest.mark.parametrize("header", ["Bearer", "Bearer nonsense", "Basic eDp5", "\xfc"])
def test_a_credential_that_is_none_is_refused(app: Flask, header: str):
    answer = app.test_client().get("/api/v1/session", headers={"Authorization": header})
    assert answer.status_code == 401


def test_guessing_one_account_is_stopped(app: Flask):
    execute(
        app,
        "INSERT INTO web.rate_limits VALUES ('sign_in:user:dispatcher', now(), %s)",
        PER_ACCOUNT,
    )
    answer = enter(app.test_client())
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 300
    assert enter(app.test_client(), "planner").status_code == 200


def test_guessing_from_one_address_is_stopped(app: Flask):
    execute(
        app,
        "INSERT INTO web.rate_limits VALUES ('sign_in:address:127.0.0.1', now(), %s)",
        PER_ADDRESS,
    )
    assert enter(app.test_client()).status_code == 429
    elsewhere = enter(app.test_client(), environ_base={"REMOTE_ADDR": "10.0.0.9"})
    assert elsewhere.status_code == 200


def test_failures_count_and_successes_do_not(app: Flask):
    for _ in range(3):
        enter(app.test_client())
    enter(app.test_client(), password="wrong")
    with unscoped(app.extensions["ganxin"].pool) as conn:
        rows = conn.execute("SELECT key, hits FROM web.rate_limits").fetchall()
    assert {row["hits"] for row in rows} == {1}


def test_a_window_begins_anew(app: Flask):
    execute(
        app,
        "INSERT INTO web.rate_limits VALUES"
        " ('sign_in:user:dispatcher', now() - interval '301 s', 9999)",
    )
    assert enter(app.test_client()).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/session", "/sign-in", "/health/live", "/nothing"])
def test_every_answer_carries_the_security_headers(app: Flask, path: str):
    headers = app.test_client().get(path).headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_front_door_leads_each_role_to_its_page(app: Flask, sign_in: SignIn):
    stranger = app.test_client().get("/")
    assert (stranger.status_code, stranger.location) == (303, "/sign-in")
    homes = {"commander": "/wall", "dispatcher": "/dispatch", "planner": "/risk", "worker": "/me"}
    for username, home in homes.items():
        assert sign_in(username).get("/").location == home


@pytest.fixture
def secure_app(town_db: str, town_roads: Snapper, tmp_path: Path) -> Iterator[Flask]:
    yield from serve(town_db, town_roads, tmp_path, secure_cookies=True, trusted_proxies=1)


def test_behind_tls_cookies_are_secure_and_the_proxy_names_the_address(secure_app: Flask):
    answer = enter(secure_app.test_client(), headers={"X-Forwarded-For": "203.0.113.7"})
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    with unscoped(secure_app.extensions["ganxin"].pool) as conn:
        row = conn.execute("SELECT address FROM web.sessions").fetchone()
    assert row["address"] == "203.0.113.7"


@pytest.mark.parametrize(
    "ended",
    [
        "UPDATE web.sessions SET ended_at = now()",
        "UPDATE web.users SET active = false WHERE username = 'dispatcher'",
        "UPDATE web.users SET role = 'planner' WHERE username = 'dispatcher'",
        "UPDATE web.users SET area_codes = '{210211001}' WHERE username = 'dispatcher'",
    ],
)
def test_a_change_notices_at_once_what_a_warm_verdict_does_not(
    town_db: str, town_roads: Snapper, tmp_path: Path, ended: str
):
    for app in serve(town_db, town_roads, tmp_path):
        desk = Client(app, "dispatcher")
        body = {"type": "H01", "description": "x", "address": "横0路5号"}
        assert desk.post("/api/v1/cases", json=body).status_code == 201
        execute(app, ended)
        assert desk.post("/api/v1/cases", json=body).status_code == 401
