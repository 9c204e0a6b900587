"""The paragraph “Bad input” of the issue, against every route that writes. Nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from tests.small_town import place
from tests.town_staff import HERE
from tests.web.browser_client import Client
from tests.web.test_case_flow import report

SignIn = Callable[[str], Client]
LON, LAT = place(*HERE)
POINT = {"lon": LON, "lat": LAT, "datum": "WGS-84"}
JANUARY = "since=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z"
WATCHED = (
    "dispatch.cases",
    "dispatch.assignments",
    "dispatch.positions",
    "dispatch.participations",
    "geodata.events_pending",
    "web.tokens",
    "web.idempotency_keys",
    "layers.risk_maps",
    "dispatch.purposes",
    "web.saved_filters",
    "dispatch.work_days",
    "dispatch.work_years",
    "dispatch.work_hours",
)

ROUTES: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "session": ("POST", "/api/v1/session", {"username": "a", "password": "b"}, "username"),
    "tokens": ("POST", "/api/v1/tokens", {"name": "x"}, "name"),
    "cases": (
        "POST",
        "/api/v1/cases",
        {"type": "H01", "description": "x", "location": POINT},
        "description",
    ),
    "recommendations": (
        "POST",
        "/api/v1/risk/recommendations",
        {"kind": "patrol", "words": "x", "location": POINT},
        "words",
    ),
    "maps": (
        "POST",
        "/api/v1/risk/maps",
        {"name": "x", "query": "since=2026-01-01&until=2026-01-31"},
        "name",
    ),
    "assignments": (
        "POST",
        "/api/v1/cases/{id}/assignments",
        {"person_id": 1, "version": 1, "role": "lead"},
        "role",
    ),
    "undo": (
        "POST",
        "/api/v1/cases/{id}/assignments/1/undo",
        {"version": 1, "reason": "x"},
        "reason",
    ),
    "acknowledge": (
        "POST",
        "/api/v1/cases/{id}/assignments/1/acknowledge",
        {"version": 1, "reason": "x"},
        "reason",
    ),
    "arrive": (
        "POST",
        "/api/v1/cases/{id}/assignments/1/arrive",
        {"version": 1, "reason": "x"},
        "reason",
    ),
    "return": (
        "POST",
        "/api/v1/cases/{id}/assignments/1/return",
        {"version": 1, "reason": "x"},
        "reason",
    ),
    "close": ("POST", "/api/v1/cases/{id}/close", {"version": 1, "note": "x"}, "note"),
    "void": ("POST", "/api/v1/cases/{id}/void", {"version": 1, "reason": "x"}, "reason"),
    "bulk": (
        "POST",
        "/api/v1/cases/bulk",
        {"action": "void", "cases": [{"id": 1, "version": 1}], "reason": "x"},
        "action",
    ),
    "export": ("POST", "/api/v1/cases/export", {"purpose": "x"}, "purpose"),
    "filters": ("POST", "/api/v1/filters", {"name": "x", "query": "tab=late"}, "name"),
    "duty": ("PUT", "/api/v1/people/1/duty", {"duty": "off_duty", "version": 1}, "duty"),
    "calendar day": (
        "PUT",
        "/api/v1/work-calendar/days/2027-01-01",
        {"working": False, "name": "x"},
        "name",
    ),
    "calendar hours": (
        "PUT",
        "/api/v1/work-calendar/hours",
        {"hours": [{"opens": "09:00", "closes": "17:00"}]},
        "hours",
    ),
    "calendar year": (
        "PUT",
        "/api/v1/work-calendar/years/2027",
        {"published": True},
        "published",
    ),
    "positions": (
        "POST",
        "/api/v1/positions",
        {"positions": [{"person_id": 1, **POINT, "measured_at": datetime.now(UTC).isoformat()}]},
        "positions",
    ),
}
"""Method, path, a body that would do, and a field of it to spoil."""


def spoiled(body: dict[str, Any], field: str, literal: str) -> bytes:
    """Return the body as JSON text with one field's value replaced by a literal."""
    marker = uuid4().hex
    return json.dumps(body | {field: marker}).replace(f'"{marker}"', literal).encode()


BROKEN: dict[str, Callable[[dict[str, Any], str], bytes]] = {
    "nan": lambda body, field: spoiled(body, field, "NaN"),
    "infinity": lambda body, field: spoiled(body, field, "Infinity"),
    "minus infinity": lambda body, field: spoiled(body, field, "-Infinity"),
    "overflow": lambda body, field: spoiled(body, field, "1e400"),
    "5,000 digits": lambda body, field: spoiled(body, field, "9" * 5000),
    "nul": lambda body, field: spoiled(body, field, '"a\\u0000b"'),
    "lone surrogate": lambda body, field: spoiled(body, field, '"\\ud800"'),
    "deep": lambda body, field: spoiled(body, field, "[" * 100_000 + "]" * 100_000),
    "deep and open": lambda body, field: b'{"%s":' % field.encode() + b'{"a":' * 100_000,
    "number": lambda body, field: spoiled(body, field, "7"),
    "null": lambda body, field: spoiled(body, field, "null"),
    "object": lambda body, field: spoiled(body, field, '{"a": 1}'),
    "twice": lambda body, field: json.dumps(body)[:-1].encode() + b', "%s": 1}' % field.encode(),
    "unknown key": lambda body, field: json.dumps(body | {"x": 1}).encode(),
    "oversized": lambda body, field: spoiled(body, field, '"' + "x" * 1_100_000 + '"'),
    "too long": lambda body, field: spoiled(body, field, '"' + "x" * 5_000 + '"'),
    "list": lambda body, field: b"[" + json.dumps(body).encode() + b"]",
    "string": lambda body, field: json.dumps(json.dumps(body)).encode(),
    "empty": lambda body, field: b"",
    "not utf-8": lambda body, field: b'{"' + field.encode() + b'": "\xff"}',
    "truncated": lambda body, field: json.dumps(body).encode()[:-3],
}
OPTIONAL_NULL = {"undo", "acknowledge", "arrive"}
"""Routes whose spoiled field may be null: what then stops them is the case, not the body."""


@pytest.fixture
def one_case(app: Flask, sign_in: SignIn) -> int:
    return report(sign_in("dispatcher"))["id"]


def stored(dsn: str) -> dict[str, Any]:
    with psycopg.connect(dsn) as conn:
        counts = {
            name: conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - our own words
            for name in WATCHED
        }
        states = conn.execute("SELECT id, state, version FROM dispatch.cases ORDER BY id")
        duty = conn.execute("SELECT id, duty, version FROM dispatch.people ORDER BY id")
        return counts | {"states": states.fetchall(), "duty": duty.fetchall()}


def client_for(sign_in: SignIn, route: str) -> Client:
    if route.startswith("calendar"):
        return sign_in("admin")
    return sign_in("gateway" if route == "positions" else "dispatcher")


def send(client: Client, route: str, case_id: int, **options: Any):
    method, path, _, _ = ROUTES[route]
    headers = {"Idempotency-Key": str(uuid4()), **options.pop("headers", {})}
    return client.call(method, path.format(id=case_id), headers=headers, **options)


@pytest.mark.parametrize("route", ROUTES)
def test_broken_bodies_are_refused_by_name_and_nothing_is_stored(
    sign_in: SignIn, one_case: int, module_town: str, route: str
):
    client = client_for(sign_in, route)
    before = stored(module_town)
    _, _, body, field = ROUTES[route]
    for name, spoil in BROKEN.items():
        if name == "null" and route in OPTIONAL_NULL:
            continue
        answer = send(
            client, route, one_case, data=spoil(body, field), content_type="application/json"
        )
        assert 400 <= answer.status_code < 500, (name, answer.text)
        assert answer.status_code not in (401, 403, 404, 409, 429), (name, answer.text)
        assert answer.content_type == "application/problem+json"
        assert answer.json["field"], name
        assert len(answer.text) < 2000, name
    assert stored(module_town) == before


@pytest.mark.parametrize("route", ROUTES)
def test_a_body_of_another_kind_is_refused(
    sign_in: SignIn, one_case: int, module_town: str, route: str
):
    client = client_for(sign_in, route)
    before = stored(module_town)
    body = json.dumps(ROUTES[route][2])
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = send(client, route, one_case, data=body, content_type=kind)
        assert answer.status_code == 415, (kind, answer.text)
        assert answer.json["field"] == "Content-Type"
    assert stored(module_town) == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"location": POINT | {"lon": LAT, "lat": LON}}, "location.lat"),
        ({"location": POINT | {"lon": LAT, "lat": 38.0}}, "location"),
        ({"location": POINT | {"lon": 116.4, "lat": 39.9}}, "location"),
        ({"location": POINT | {"lon": 181.0}}, "location.lon"),
        ({"location": POINT | {"lat": -90.1}}, "location.lat"),
        ({"location": {"lon": LON, "lat": LAT}}, "location.datum"),
        ({"location": POINT | {"datum": "moon"}}, "location.datum"),
        ({"location": POINT | {"datum": ["WGS-84"]}}, "location.datum"),
        ({"location": POINT | {"lon": str(LON)}}, "location.lon"),
        ({"location": POINT | {"lon": True}}, "location.lon"),
        ({"location": POINT | {"accuracy_m": -1}}, "location.accuracy_m"),
        ({"location": POINT | {"accuracy_m": 1e12}}, "location.accuracy_m"),
        ({"location": POINT | {"z": 1}}, "location.z"),
        ({"location": None}, "location"),
        ({"location": None, "address": "没有这条路1号"}, "address"),
        ({"type": "X99"}, "type"),
        ({"type": "H01' OR 1=1"}, "type"),
        ({"description": ""}, "description"),
        ({"description": "   "}, "description"),
        ({"channel": "pigeon"}, "channel"),
        ({"reported_at": "yesterday"}, "reported_at"),
        ({"reported_at": "2026-02-15T00:00:00"}, "reported_at"),
        ({"reported_at": "9999-12-31T23:59:59Z"}, "reported_at"),
        ({"assign": "yes"}, "assign"),
    ],
)
def test_a_case_that_cannot_be_is_refused_by_name(
    sign_in: SignIn, app: Flask, module_town: str, change: dict[str, Any], field: str
):
    client = sign_in("dispatcher")
    before = stored(module_town)
    answer = client.post("/api/v1/cases", json=ROUTES["cases"][2] | change)
    assert answer.status_code == 422, answer.text
    assert answer.json["field"].split(".")[0] == field.split(".")[0]
    if "." in field:
        assert answer.json["field"] == field
    assert stored(module_town) == before


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"person_id": 2**63}, 422, "person_id"),
        ({"person_id": 0}, 422, "person_id"),
        ({"person_id": "1"}, 422, "person_id"),
        ({"person_id": 1.5}, 422, "person_id"),
        ({"version": 2**40}, 422, "version"),
        ({"version": True}, 422, "version"),
        ({"role": "king"}, 422, "role"),
        ({"person_id": 999_999}, 404, None),
    ],
)
def test_an_assignment_that_cannot_be_is_refused_by_name(
    sign_in: SignIn,
    one_case: int,
    module_town: str,
    change: dict[str, Any],
    status: int,
    field: str | None,
):
    before = stored(module_town)
    body = ROUTES["assignments"][2] | change
    answer = send(sign_in("dispatcher"), "assignments", one_case, json=body)
    assert answer.status_code == status, answer.text
    assert answer.json.get("field") == field
    assert stored(module_town) == before


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/cases?limit=0",
        "/api/v1/cases?limit=201",
        "/api/v1/cases?limit=nan",
        "/api/v1/cases?limit=" + "9" * 5000,
        "/api/v1/cases?cursor=" + "x" * 300,
        "/api/v1/cases?cursor=WzEsMl0",
        "/api/v1/cases?urgent=perhaps",
        "/api/v1/cases?reported_since=now",
        "/api/v1/cases?q=%00",
        "/api/v1/cases?q=%ED%A0%80%00",
        "/api/v1/cases?area=1",
        "/api/v1/cases?area=210211999",
        "/api/v1/cases?type=H99",
        "/api/v1/people?area=110101",
        "/api/v1/people?role=astronaut",
        "/api/v1/assets?area=110101",
        "/api/v1/assets?kind=unicorn",
        "/api/v1/asset-kinds?area=110101",
        "/api/v1/areas?parent=210211999",
        "/api/v1/areas?prefix=210211999",
        "/api/v1/risk/days?since=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z&area=110101",
        f"/api/v1/risk/units?{JANUARY}&unit=grid&area=110101",
        f"/api/v1/risk/units?{JANUARY}&unit=raster",
        f"/api/v1/risk/units?{JANUARY}&unit=grid&measure=guess",
        f"/api/v1/risk/units?{JANUARY}&unit=grid&limits=2&limits=1",
        f"/api/v1/risk/surface?{JANUARY}&area=110101",
        f"/api/v1/risk/surface?{JANUARY}&cell_m=26",
        f"/api/v1/risk/surface?{JANUARY}&bandwidth_m=nan",
        f"/api/v1/risk/surface?{JANUARY}&hour=24",
        f"/api/v1/risk/place?{JANUARY}",
        f"/api/v1/risk/place?{JANUARY}&lon=121.5&lat=38.9&area=110101",
        "/api/v1/risk/shapes?unit=raster",
        "/api/v1/risk/shapes?unit=street",
        "/api/v1/risk/maps?cursor=WzEsMl0",
        "/api/v1/risk/maps/0",
        "/api/v1/risk/maps/9223372036854775808",
        "/api/v1/cases?colour=red",
        "/api/v1/cases?family=love",
        "/api/v1/cases/nearby?lon=121.5&lat=38.9",
        "/api/v1/cases/nearby?lon=nan&lat=38.9&datum=WGS-84",
        "/api/v1/cases/nearby?lon=38.9&lat=121.5&datum=WGS-84",
        "/api/v1/cases/nearby?lon=1&lat=1&datum=WGS-84",
        "/api/v1/locate?lon=inf&lat=38.9&datum=WGS-84",
        "/api/v1/locate?lon=121.5&lat=90&datum=WGS-84",
        "/api/v1/cases/9223372036854775808",
        "/api/v1/cases/1e3",
        "/api/v1/people/-1",
        "/api/v1/people?duty=asleep",
        "/api/v1/areas/abc",
        "/api/v1/areas?prefix=2102112",
        "/api/v1/cases?reported_since=9999-12-31T23:59:59-14:00",
        "/api/v1/cases?reported_until=0001-01-01T00:00:00%2B14:00",
        "/api/v1/risk/days?since=1971-01-01T00:00:00Z&until=2199-01-01T00:00:00Z",
        "/api/v1/risk/units?unit=grid&since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z",
        "/tiles/cases/14/1/1.mvt?since=9999-12-31T23:59:59-14:00",
        "/api/v1/search?q=",
        "/api/v1/search",
        "/api/v1/events?since=1.5",
        "/api/v1/events?since=" + "9" * 30,
        "/tiles/cases/14/1/1.mvt?since=yesterday",
        "/tiles/cases/14/1/1.mvt?state=lost",
    ],
)
def test_questions_that_cannot_be_are_refused_by_name(shared_app: Flask, path: str):
    answer = Client(shared_app, "dispatcher").get(path)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json["field"], answer.text


MARKUP = "<img src=x onerror=alert(1)>'\"&{{7*7}}"


def test_markup_in_texts_is_kept_as_text(sign_in: SignIn, app: Flask):
    desk = sign_in("dispatcher")
    case = report(desk, description=MARKUP)
    assert desk.get(f"/api/v1/cases/{case['id']}").json["description"] == MARKUP
    for path in ("/wall", "/dispatch", "/risk"):
        page = desk.get(f"{path}?q={MARKUP}")
        assert "onerror=alert" not in page.text or "&lt;img" in page.text
        assert MARKUP not in page.text
