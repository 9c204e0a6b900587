"""The district edits its rules over HTTP: a new type is reported at once, an old one retired."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from geodata.db.scope import unscoped
from tests.web.browser_client import Client
from tests.web.test_case_flow import location, report

SignIn = Callable[[str], Client]
TYPES = "/api/v1/case-types"
DRONE: dict[str, Any] = {
    "code": "H91",
    "family": "hazard",
    "parent_code": "HC06",
    "name": "无人机扰民",
    "name_en": "Drone over homes",
    "urgent": True,
    "arrival_limit_s": 900,
    "registration_condition": "无人机在居民楼间低飞。",
    "closing_condition": "飞手已联系并停止。",
    "responsible_post": "grid_worker",
}
LIMIT: dict[str, Any] = {"step": "settle", "type": "H91", "amount": 6, "unit": "hours"}


def added(admin: Client, **change: Any) -> dict[str, Any]:
    answer = admin.post(TYPES, json={**DRONE, **change})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def type_of(client: Client, code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in client.get(TYPES).json["items"] if one["code"] == code
    )
    return found


def edited(kind: dict[str, Any], **change: Any) -> dict[str, Any]:
    fixed = ("code", "family", "parent_code", "source")
    return {**{name: value for name, value in kind.items() if name not in fixed}, **change}


def put(client: Client, kind: dict[str, Any], **change: Any) -> Any:
    return client.call("PUT", f"{TYPES}/{kind['code']}", json=edited(kind, **change))


def put_limit(client: Client, **change: Any) -> Any:
    return client.call("PUT", "/api/v1/limits", json={**LIMIT, **change})


def test_a_new_type_works_from_report_to_filter(sign_in: SignIn):
    admin, desk = sign_in("admin"), sign_in("dispatcher")
    before = desk.post(
        "/api/v1/cases", json={"type": "H91", "description": "x", "location": location()}
    )
    assert (before.status_code, before.json["field"]) == (422, "type")

    made = added(admin)
    assert made["version"] == 1
    assert made["active"]
    assert made["source"] == "district"
    assert type_of(desk, "H91") == made

    case = report(desk, type="H91")
    assert (case["type"], case["type_name"], case["urgent"]) == ("H91", "无人机扰民", True)
    assert desk.get(f"/api/v1/cases/{case['id']}/candidates").json["items"]
    sent = report(desk, type="H91", assign=True)
    assert sent["assignment"]["person_id"]
    for asked in ("H91", "HC06"):
        items = desk.get(f"/api/v1/cases?type={asked}").json["items"]
        assert {one["id"] for one in items} == {case["id"], sent["id"]}
    assert desk.get("/api/v1/cases?type=HC01").json["items"] == []


def test_a_type_out_of_use_is_refused_for_new_cases_and_kept_by_old(sign_in: SignIn):
    admin, desk = sign_in("admin"), sign_in("dispatcher")
    kind = added(admin, code="H92")
    case = report(desk, type="H92")
    gone = put(admin, kind, active=False)
    assert gone.status_code == 200, gone.text
    assert (gone.json["active"], gone.json["version"]) == (False, 2)
    for assign in (False, True):
        body = {"type": "H92", "description": "x", "location": location(), "assign": assign}
        refused = desk.post("/api/v1/cases", json=body)
        assert (refused.status_code, refused.json["field"]) == (422, "type")
        assert "无人机扰民 is no longer used" in refused.json["detail"]
    kept = desk.get(f"/api/v1/cases/{case['id']}").json
    assert (kept["type"], kept["type_name"]) == ("H92", "无人机扰民")
    assert put(admin, gone.json, active=True).status_code == 200
    assert report(desk, type="H92")["type"] == "H92"


def test_the_later_of_two_editors_is_told(sign_in: SignIn):
    admin = sign_in("admin")
    seen = type_of(admin, "H30")
    first = put(admin, seen, name="焚烧", arrival_limit_s=1200, skills=["fire", "fire"])
    assert first.status_code == 200, first.text
    assert (first.json["name"], first.json["arrival_limit_s"]) == ("焚烧", 1200)
    assert first.json["skills"] == ["fire"]
    assert first.json["family"] == "hazard"
    assert first.json["parent_code"] == seen["parent_code"]
    assert first.json["source"] == seen["source"]
    second = put(admin, seen, name="烧荒")
    assert second.status_code == 409
    assert (second.json["field"], second.json["winner"]) == ("version", {"version": 2})
    assert type_of(admin, "H30")["name"] == "焚烧"


def test_what_is_no_type_is_refused(sign_in: SignIn):
    admin = sign_in("admin")
    for change, status, field in (
        ({"code": "H01"}, 409, "code"),
        ({"code": "drone"}, 422, "code"),
        ({"code": "H12345678"}, 422, "code"),
        ({"family": "weather"}, 422, "family"),
        ({"parent_code": "D02"}, 422, "family"),
        ({"parent_code": "H01"}, 422, "parent_code"),
        ({"service_kind": "joint"}, 422, "service_kind"),
        ({"responsible_post": "king"}, 422, "responsible_post"),
        ({"skills": ["magic"]}, 422, "skills"),
        ({"arrival_limit_s": 0}, 422, "arrival_limit_s"),
        ({"name": ""}, 422, "name"),
    ):
        answer = admin.post(TYPES, json={**DRONE, "code": "H93", **change})
        assert (answer.status_code, answer.json["field"]) == (status, field), change
    nothing = admin.call("PUT", f"{TYPES}/H99", json=edited(type_of(admin, "H01")))
    assert nothing.status_code == 404
    assert "H93" not in {one["code"] for one in admin.get(TYPES).json["items"]}


def test_a_service_is_added_to_the_catalogue(sign_in: SignIn):
    admin = sign_in("admin")
    made = added(admin, code="S91", family="service", parent_code=None, service_kind="assisted")
    assert made["service_kind"] == "assisted"
    assert len(admin.get(f"{TYPES}?family=service").json["items"]) == 41


@pytest.mark.parametrize("name", ["dispatcher", "worker", "supervisor", "planner"])
def test_only_the_administrator_edits(sign_in: SignIn, name: str):
    client = sign_in(name)
    kind, row = type_of(client, "H01"), client.get("/api/v1/limits").json["items"][0]
    assert client.post(TYPES, json={**DRONE, "code": "H94"}).status_code == 403
    assert put(client, kind, name="x").status_code == 403
    assert put_limit(client, type="H01").status_code == 403
    assert client.call("DELETE", f"/api/v1/limits/{row['id']}").status_code == 403


def test_a_limit_is_set_changed_and_taken_away(sign_in: SignIn):
    admin, desk = sign_in("admin"), sign_in("dispatcher")
    added(admin, code="H95")
    made = put_limit(admin, type="H95")
    assert made.status_code == 200, made.text
    again = put_limit(admin, type="H95", amount=8, source="常务会议")
    assert again.json["id"] == made.json["id"]
    own = [one for one in desk.get("/api/v1/limits").json["items"] if one["type"] == "H95"]
    assert own == [again.json]
    assert (own[0]["amount"], own[0]["unit"], own[0]["edited"]) == (8, "hours", True)
    finer = put_limit(admin, type="H95", level="grid", urgent=True, amount=1)
    assert finer.json["id"] != made.json["id"]
    for row in (again.json, finer.json):
        assert admin.call("DELETE", f"/api/v1/limits/{row['id']}").status_code == 204
    assert admin.call("DELETE", f"/api/v1/limits/{made.json['id']}").status_code == 404
    assert "H95" not in {one["type"] for one in desk.get("/api/v1/limits").json["items"]}


def test_what_is_no_limit_is_refused(sign_in: SignIn):
    admin = sign_in("admin")
    for change, field in (
        ({"type": "H99"}, "type"),
        ({"type": "H01", "family": "hazard"}, "family"),
        ({"type": "H01", "level": "micro_grid"}, "level"),
        ({"type": "H01", "step": "sleep"}, "step"),
        ({"type": "H01", "unit": "weeks"}, "unit"),
        ({"type": "H01", "amount": 0}, "amount"),
        ({"type": "H01", "amount": 10_001}, "amount"),
        ({"type": "H01", "amount": 1.5}, "amount"),
        ({"type": "H01", "urgent": "yes"}, "urgent"),
    ):
        answer = put_limit(admin, **change)
        assert (answer.status_code, answer.json["field"]) == (422, field), change


def test_a_repeated_edit_is_made_once_and_each_is_told(sign_in: SignIn, app: Flask):
    admin = sign_in("admin")
    kind, key = added(admin, code="H96"), {"Idempotency-Key": str(uuid4())}
    path, body = f"{TYPES}/H96", edited(kind, name="航拍扰民")
    first = admin.call("PUT", path, json=body, headers=key)
    second = admin.call("PUT", path, json=body, headers=key)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json == second.json
    row = put_limit(admin, type="H96").json
    gone = {"Idempotency-Key": str(uuid4())}
    for _ in range(2):
        answer = admin.call("DELETE", f"/api/v1/limits/{row['id']}", headers=gone)
        assert (answer.status_code, answer.data) == (204, b"")
    with unscoped(app.extensions["ganxin"].system_pool) as conn:
        told = conn.execute(
            "SELECT kind, area_code, case_id, payload FROM geodata.events_pending ORDER BY id"
        ).fetchall()
    assert [one["kind"] for one in told] == ["type.changed"] * 2 + ["limit.changed"] * 2
    assert {(one["area_code"], one["case_id"]) for one in told} == {("210211", None)}
    assert told[0]["payload"]["added"] is True
    assert told[1]["payload"] == {
        "type": "H96", "family": "hazard", "version": 2, "active": True, "added": False,
        "changed": ["name"],
    }  # fmt: skip


def test_the_list_is_not_sent_again_while_it_is_the_same(sign_in: SignIn):
    admin = sign_in("admin")
    first = admin.get(TYPES)
    tag = {"If-None-Match": first.headers["ETag"]}
    assert admin.get(TYPES, headers=tag).status_code == 304
    added(admin, code="H97")
    assert admin.get(TYPES, headers=tag).status_code == 200
