"""Every route of the API is documented twice, guarded, and strict about what it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from pydantic import BaseModel

from geodata import errors
from geodata.settings import Settings
from web.api.schema import Model
from web.app import OPEN_ROUTES, create_app
from web.errors import HTTP_CODES, STATUS
from web.services import Services, build_services

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/api.md").read_text("utf-8")
NOWHERE = "host=/nonexistent dbname=none connect_timeout=1"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return the application without a database: its routes are all that is looked at."""
    services: Services = build_services(
        Settings(home=tmp_path_factory.mktemp("home")), NOWHERE, roads=no_roads
    )
    services.close()
    return create_app(services)


def no_roads():
    raise errors.Unavailable("There are no roads here")


def routes(app: Flask, prefix: str) -> list[tuple[str, str]]:
    """Return method and path, with {names}, of the routes below a prefix."""
    return sorted(
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(prefix)
    )


def test_every_route_is_in_the_openapi_document_with_its_problems(app: Flask):
    paths = app.test_client().get("/api/openapi.json").json["paths"]
    for method, path in routes(app, "/api/v1/") + routes(app, "/tiles/"):
        operation = paths[path][method.lower()]
        assert operation["summary"], path
        assert "401" in operation["responses"], path
        assert {"200", "201", "204"} & set(operation["responses"]), path
    assert len(paths) >= 25


def test_the_document_says_where_a_key_is_needed(app: Flask):
    paths = app.test_client().get("/api/openapi.json").json["paths"]
    needed = paths["/api/v1/cases/{id}/assignments"]["post"]["parameters"]
    assert {p["name"]: p["required"] for p in needed} == {"id": True, "Idempotency-Key": True}
    taken = paths["/api/v1/cases"]["post"]["parameters"]
    assert {p["name"]: p["required"] for p in taken} == {"Idempotency-Key": False}


def test_every_route_is_in_the_guide(app: Flask):
    for prefix in ("/api/v1/", "/tiles/", "/health/"):
        for method, path in routes(app, prefix):
            lines = [line for line in DOCUMENT.splitlines() if f"`{path}`" in line or path in line]
            assert lines, f"{method} {path} is not in docs/api.md"


def test_every_error_code_is_in_the_guide():
    codes = {error.code for error in STATUS} | set(HTTP_CODES.values()) | {"unknown", "bad_request"}
    for code in codes:
        assert f"| `{code}` |" in DOCUMENT


def test_a_stranger_is_asked_to_sign_in_everywhere(app: Flask):
    for prefix in ("/api/v1/", "/tiles/"):
        for method, path in routes(app, prefix):
            if (method, path) in OPEN_ROUTES:
                continue
            filled = re.sub(r"\{\w+\}", "1", path)
            answer = app.test_client().open(filled, method=method, json={})
            assert answer.status_code == 401, (method, path)


def models_of(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for child in base.__subclasses__():
        yield child
        yield from models_of(child)


def test_every_model_of_a_request_refuses_what_it_does_not_know():
    found = list(models_of(Model))
    assert len(found) > 15
    for model in found:
        assert model.model_config["extra"] == "forbid", model
        assert model.model_config["allow_inf_nan"] is False, model
