"""One contract per error: type, title, status, detail, field, code; and nothing private."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg_pool import PoolTimeout

from geodata import errors
from geodata.road.snap import Snapper
from tests.web.browser_client import Client
from tests.web.conftest import serve
from web.errors import (
    PROBLEM_TYPE,
    STATUS,
    BadCsrfToken,
    MalformedBody,
    WrongContentType,
    status_of,
)

SECRET = "password=hunter2"


def error_tree() -> list[type[errors.GanxinError]]:
    """Return every error type there is, whoever declares it."""
    found, queue = [], [errors.GanxinError]
    while queue:
        for child in queue.pop().__subclasses__():
            found.append(child)
            queue.append(child)
    return found


def make(error: type[errors.GanxinError]) -> errors.GanxinError:
    if issubclass(error, errors.TooManyRequests):
        return error("Wait", retry_after_s=7, note=SECRET)
    if issubclass(error, errors.Conflict):
        return error("Late", field="version", winner={"person_id": 7}, note=SECRET)
    return error("Words for people", field="a.b", note=SECRET)


EXPECTED = {
    errors.InvalidInput: 422,
    MalformedBody: 400,
    WrongContentType: 415,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    BadCsrfToken: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.IdempotencyMismatch: 422,
    errors.TooLarge: 413,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
    errors.DataFault: 500,
}


@pytest.fixture(scope="module")
def faulty_app(
    module_town: str, town_roads: Snapper, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    for app in serve(module_town, town_roads, tmp_path_factory.mktemp("home")):
        app.add_url_rule("/api/v1/fail/<name>", "fail", fail)
        app.add_url_rule("/fail/<name>", "fail_page", fail)
        yield app


class StrangeError(Exception):
    """An error nobody knows."""


RAISED: dict[str, Any] = {
    "operational": psycopg.OperationalError(SECRET),
    "interface": psycopg.InterfaceError(SECRET),
    "cancelled": psycopg.errors.QueryCanceled(SECRET),
    "pool": PoolTimeout(SECRET),
    "strange": StrangeError(SECRET),
}


def fail(name: str) -> None:
    if name in RAISED:
        raise RAISED[name]
    raise make(next(error for error in error_tree() if error.__name__ == name))


def test_every_error_of_the_tree_has_a_status_of_its_own():
    assert [error for error in error_tree() if error not in STATUS] == []


def test_a_status_is_inherited_where_it_is_not_declared():
    class Later(errors.NotFound):
        """A new kind of not found."""

    assert status_of(Later) == 404


@pytest.mark.parametrize("error", EXPECTED)
def test_an_error_becomes_a_problem_document(faulty_app: Flask, error: type[errors.GanxinError]):
    answer = Client(faulty_app, "dispatcher").get(f"/api/v1/fail/{error.__name__}")
    assert answer.status_code == EXPECTED[error]
    assert answer.content_type == PROBLEM_TYPE
    document = answer.json
    made = make(error)
    assert document["code"] == error.code
    assert document["status"] == EXPECTED[error]
    assert document["detail"] == made.public_message
    assert document["title"]
    assert document["type"].endswith(f"#{error.code}")
    assert document.get("field") == made.field
    assert SECRET not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_told_beside_the_problem(faulty_app: Flask):
    client = Client(faulty_app, "dispatcher")
    assert client.get("/api/v1/fail/Conflict").json["winner"] == {"person_id": 7}
    assert client.get("/api/v1/fail/TooManyRequests").headers["Retry-After"] == "7"
    assert client.get("/api/v1/fail/Unavailable").headers["Retry-After"]
    assert client.get("/api/v1/fail/Unauthenticated").headers["WWW-Authenticate"] == "Bearer"
    assert client.get("/api/v1/fail/DataFault").json["incident"]


@pytest.mark.parametrize("name", ["operational", "interface", "cancelled", "pool"])
def test_a_database_that_is_away_is_503(faulty_app: Flask, name: str):
    answer = Client(faulty_app, "dispatcher").get(f"/api/v1/fail/{name}")
    assert answer.status_code == 503
    assert answer.json["code"] == "unavailable"
    assert SECRET not in answer.text


def test_an_unknown_error_is_an_incident_whose_text_stays_here(
    faulty_app: Flask, capsys: pytest.CaptureFixture[str]
):
    answer = Client(faulty_app, "dispatcher").get("/api/v1/fail/strange")
    assert answer.status_code == 500
    assert SECRET not in answer.text
    assert answer.json["incident"] in capsys.readouterr().out


@pytest.mark.parametrize(("name", "status"), [("NotFound", 404), ("strange", 500)])
def test_a_page_gets_a_page_for_an_error(faulty_app: Flask, name: str, status: int):
    answer = Client(faulty_app, "dispatcher").get(f"/fail/{name}")
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("PUT", "/api/v1/areas", 405, "method_not_allowed"),
        ("GET", "/api/v1/cases/0", 422, "invalid_input"),
        ("GET", "/api/v1/cases/" + "9" * 5000, 422, "invalid_input"),
        ("GET", "/api/v1/areas/21021%00", 422, "invalid_input"),
        ("GET", "/api/v1/addresses?q=a%00b", 422, "invalid_input"),
    ],
)
def test_routes_and_addresses_that_are_none(
    faulty_app: Flask, method: str, path: str, status: int, code: str
):
    answer = Client(faulty_app, "dispatcher").call(method, path)
    assert answer.status_code == status, answer.text
    assert answer.json["code"] == code


def test_a_dead_database_is_503_for_the_api_and_a_plain_page_for_people(
    town_roads: Snapper, tmp_path: Path, town_db: str
):
    for app in serve(town_db, town_roads, tmp_path):
        client = Client(app, "dispatcher")
        services = app.extensions["ganxin"]
        services.pool.close()
        assert client.get("/api/v1/cases").status_code == 503
        assert client.get("/wall").status_code == 503
        assert client.get("/health/live").status_code == 200
        ready = client.get("/health/ready")
        assert ready.status_code == 503
        assert "GANXIN_DATABASE_URL" in ready.json["checks"]["database"]
