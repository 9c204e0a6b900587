"""The roster, duty, position reports and the search box, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.small_town import place
from tests.town_staff import COMMUNITY, HERE
from tests.web.browser_client import Client
from tests.web.test_case_flow import report

SignIn = Callable[[str], Client]


def fix(person_id: int = 1, at: tuple[float, float] = HERE, ago_s: float = 5, **more: Any) -> Any:
    lon, lat = place(*at)
    measured = datetime.now(UTC) - timedelta(seconds=ago_s)
    return {
        "person_id": person_id,
        "lon": lon,
        "lat": lat,
        "datum": "WGS-84",
        "measured_at": measured.isoformat(),
        **more,
    }


def send(client: Client, *fixes: Any):
    return client.post("/api/v1/positions", json={"positions": list(fixes)})


def test_people_are_listed_by_role_area_duty_and_name(sign_in: SignIn):
    desk = sign_in("dispatcher")
    judges = desk.get("/api/v1/people?role=judge").json["items"]
    assert [person["name"] for person in judges] == ["张300"]
    assert judges[0]["role_label"] == "员额法官"
    near = desk.get(f"/api/v1/people?area={COMMUNITY}&role=mediator").json["items"]
    assert [person["id"] for person in near] == [100]
    assert desk.get("/api/v1/people?q=张301").json["items"][0]["id"] == 301
    first = desk.get("/api/v1/people?limit=5").json
    second = desk.get(f"/api/v1/people?limit=5&cursor={first['next']}").json
    assert [p["id"] for p in first["items"] + second["items"]] == list(range(1, 11))
    assert desk.get("/api/v1/people?role=king").status_code == 422
    assert desk.get("/api/v1/people/9999").status_code == 404


def test_duty_is_set_by_oneself_and_by_the_desk_and_hides_where_one_is(sign_in: SignIn):
    desk, worker = sign_in("dispatcher"), sign_in("worker")
    off = worker.call("PUT", "/api/v1/people/1/duty", json={"duty": "off_duty"})
    assert off.status_code == 200, off.text
    assert off.json["lon"] is not None
    assert desk.get("/api/v1/people/1").json["lon"] is None
    assert worker.call("PUT", "/api/v1/people/2/duty", json={"duty": "off_duty"}).status_code in (
        403,
        404,
    )
    stale = desk.call("PUT", "/api/v1/people/1/duty", json={"duty": "on_duty", "version": 1})
    assert stale.status_code == 409
    assert stale.json["winner"]["duty"] == "off_duty"
    back = desk.call("PUT", "/api/v1/people/1/duty", json={"duty": "on_duty", "version": 2})
    assert back.status_code == 200
    planner = sign_in("planner")
    assert (
        planner.call("PUT", "/api/v1/people/1/duty", json={"duty": "off_duty"}).status_code == 403
    )


def test_a_worker_reports_where_they_are_and_nobody_else(sign_in: SignIn):
    worker = sign_in("worker")
    answer = send(worker, fix(speed_mps=1.2, heading_deg=90, accuracy_m=8))
    assert answer.status_code == 200, answer.text
    assert answer.json == {"accepted": 1, "stale": 0, "suspect": 0, "rejected": []}
    assert send(worker, fix(2)).status_code == 403
    assert send(sign_in("planner"), fix()).status_code == 403
    shown = worker.get("/api/v1/people/1").json
    assert abs(shown["lon"] - place(*HERE)[0]) < 1e-9


def test_a_gateway_reports_for_all_in_scope(sign_in: SignIn):
    gateway = sign_in("gateway")
    answer = send(gateway, fix(1), fix(2), fix(1, ago_s=60), fix(999), fix(3, ago_s=-600))
    assert answer.status_code == 200, answer.text
    assert (answer.json["accepted"], answer.json["stale"]) == (2, 1)
    rejected = {item["index"]: item["field"] for item in answer.json["rejected"]}
    assert rejected == {3: "positions.3.person_id", 4: "positions.4.measured_at"}


def test_late_fixes_never_overwrite_and_jumps_are_flagged(sign_in: SignIn):
    gateway = sign_in("gateway")
    assert send(gateway, fix(ago_s=10)).json["accepted"] == 1
    assert send(gateway, fix(ago_s=20)).json["stale"] == 1
    jump = send(gateway, fix(at=(7.5, 3.5), ago_s=9))
    assert jump.json["suspect"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lon": 38.9, "lat": 121.5}, "positions.0.lat"),
        ({"lon": 116.4, "lat": 39.9}, "positions.0.lon"),
        ({"lon": "121.5"}, "positions.0.lon"),
        ({"datum": None}, "positions.0.datum"),
        ({"datum": "moon"}, "positions.0.datum"),
        ({"person_id": 2**63}, "positions.0.person_id"),
        ({"person_id": True}, "positions.0.person_id"),
        ({"measured_at": "2026-02-15T00:00:00"}, "positions.0.measured_at"),
        ({"measured_at": "1970-01-01T00:00:00Z"}, "positions.0.measured_at"),
        ({"measured_at": "9999-12-31T23:59:59Z"}, "positions.0.measured_at"),
        ({"accuracy_m": -1}, "positions.0.accuracy_m"),
        ({"speed_mps": 1e9}, "positions.0.speed_mps"),
        ({"heading_deg": 361}, "positions.0.heading_deg"),
        ({"mood": "good"}, "positions.0.mood"),
    ],
)
def test_a_fix_that_cannot_be_is_refused_by_name(sign_in: SignIn, change: Any, field: str):
    answer = send(sign_in("gateway"), fix() | change)
    assert answer.status_code == 422, answer.text
    assert answer.json["field"] == field


def test_a_shifted_fix_lands_where_the_phone_is(sign_in: SignIn):
    from tests.web.test_case_flow import location

    gateway = sign_in("gateway")
    moved = location(HERE, "GCJ-02")
    assert send(gateway, fix() | moved).json["accepted"] == 1
    shown = gateway.get("/api/v1/people/1").json
    assert abs(shown["lon"] - place(*HERE)[0]) < 1e-6


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("121.5, 38.9", "coordinate"),
        ("横0路3号", "address"),
        ("1-1社区", "area"),
        ("210211001", "area"),
        ("和平", "place"),
        ("张301", "person"),
        ("井盖", "case"),
    ],
)
def test_the_search_box_finds_by_anything(sign_in: SignIn, text: str, kind: str):
    desk = sign_in("dispatcher")
    report(desk)
    answer = desk.get("/api/v1/search", query_string={"q": text})
    assert answer.status_code == 200, answer.text
    assert kind in {item["kind"] for item in answer.json["items"]}


@pytest.mark.parametrize("text", ["，", "%", "_", "\\", "'; --", "<img onerror=x>", "99999,99999"])
def test_the_search_box_takes_any_text(sign_in: SignIn, text: str):
    answer = sign_in("dispatcher").get("/api/v1/search", query_string={"q": text})
    assert answer.status_code == 200, answer.text
