"""Recommendations from the risk map: who may make them, and that they arrive on the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from dispatch.recommendation import RECOMMENDERS
from tests.small_town import connect, grid_code, place
from tests.town_staff import LOGINS, THERE
from tests.web.browser_client import Client
from tests.web.test_case_flow import assign, location
from web.identity.role import PERMISSIONS, Permission

SignIn = Callable[[str], Client]
PATH = "/api/v1/risk/recommendations"
LINK = "/risk?since=2026-01-01&unit=grid&ring=121.5%2C38.9"
BODY: dict[str, Any] = {
    "kind": "patrol", "location": location(), "words": "晚间盗窃多发", "map": LINK,
}  # fmt: skip


def recommend(client: Client, key: str | None = None, **change: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(PATH, json=BODY | change, headers=headers)


def count(dsn: str) -> int:
    with connect(dsn) as conn:
        return conn.execute("SELECT count(*) AS n FROM dispatch.cases").fetchone()["n"]


@pytest.mark.parametrize(
    ("kind", "type_code", "label"),
    [("patrol", "R01", "巡查"), ("pillar", "R02", "报警柱"), ("camera", "R02", "视频探头")],
)
def test_a_recommendation_is_a_case_that_says_why(
    sign_in: SignIn, kind: str, type_code: str, label: str
):
    answer = recommend(sign_in("planner"), kind=kind)
    assert answer.status_code == 201, answer.text
    case = answer.json
    assert (case["type"], case["family"], case["state"]) == (type_code, "recommendation", "pending")
    assert (case["channel"], case["assignment"], case["lead"]) == ("desk", None, None)
    assert case["grid"]["code"] == grid_code(0, 0)
    first, link = case["description"].split("\n")
    assert label in first
    assert first.endswith(BODY["words"])
    assert link == LINK


def test_it_answers_like_a_case_that_was_reported(sign_in: SignIn):
    desk = sign_in("dispatcher")
    body = {"type": "R01", "description": "x", "location": location()}
    reported = desk.post("/api/v1/cases", json=body).json
    recommended = recommend(desk).json
    assert set(recommended) == set(reported)
    told = desk.get(f"/api/v1/cases/{recommended['id']}").json
    assert [told.pop(part) for part in ("assignments", "contacts", "merged")] == [[], [], []]
    assert told.pop("offer") is None
    assert told == {key: value for key, value in recommended.items() if key != "assignment"}


def test_without_a_map_there_is_no_link(sign_in: SignIn):
    answer = recommend(sign_in("planner"), map=None)
    assert answer.status_code == 201
    assert "/risk" not in answer.json["description"]


def test_it_arrives_on_the_desk_and_is_worked_off(sign_in: SignIn, app: Flask, module_town: str):
    planner, desk = sign_in("planner"), sign_in("street.dispatcher")
    case = recommend(planner).json
    listed = desk.get("/api/v1/cases?family=recommendation&state=open").json["items"]
    assert [one["id"] for one in listed] == [case["id"]]
    assert [one["id"] for one in desk.get("/api/v1/live").json["cases"]] == [case["id"]]
    with connect(module_town) as conn:
        told = conn.execute("SELECT kind, case_id, actor FROM geodata.events_pending").fetchall()
    assert [(event["kind"], event["case_id"]) for event in told] == [("case.reported", case["id"])]
    assert told[0]["actor"].startswith("u:")
    candidates = desk.get(f"/api/v1/cases/{case['id']}/candidates").json["items"]
    assert (candidates[0]["person_id"], candidates[0]["role"]) == (1, "grid_worker")
    assert assign(desk, case, 1).status_code == 201
    assert planner.get(f"/api/v1/cases/{case['id']}").json["state"] == "assigned"


def test_it_is_no_incident_itself(sign_in: SignIn):
    planner = sign_in("planner")
    case = recommend(planner).json
    day = case["reported_at"][:10]
    period = f"since={day}T00:00:00Z&until={day}T23:59:59Z"
    days = planner.get(f"/api/v1/risk/days?{period}").json["items"]
    assert sum(item["count"] for item in days) == 0


def test_beyond_the_scope_it_stays_in_sight_of_who_made_it(sign_in: SignIn):
    mine, other = sign_in("street.dispatcher"), sign_in("clerk")
    answer = recommend(mine, location=location(THERE))
    assert answer.status_code == 201, answer.text
    path = f"/api/v1/cases/{answer.json['id']}"
    assert mine.get(path).status_code == 200
    assert other.get(path).status_code == 404


def test_who_may_recommend(sign_in: SignIn, module_town: str):
    for name in LOGINS:
        role = LOGINS[name].role
        answer = recommend(sign_in(name))
        assert answer.status_code == (201 if role in RECOMMENDERS else 403), name
    assert count(module_town) == sum(login.role in RECOMMENDERS for login in LOGINS.values())


def test_permission_and_intake_agree():
    allowed = {role for role, may in PERMISSIONS.items() if Permission.CASE_RECOMMEND in may}
    assert allowed == RECOMMENDERS
    assert all(Permission.PAGE_RISK in PERMISSIONS[role] for role in allowed)


@pytest.mark.parametrize("name", ["planner", "supervisor"])
def test_a_planner_reports_no_other_case(sign_in: SignIn, module_town: str, name: str):
    for code in ("H01", "R01"):
        body = {"type": code, "description": "x", "location": location()}
        assert sign_in(name).post("/api/v1/cases", json=body).status_code == 403
    assert count(module_town) == 0


def test_sent_twice_it_is_one_case(sign_in: SignIn, module_town: str):
    planner, key = sign_in("planner"), str(uuid4())
    first, again = recommend(planner, key), recommend(planner, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert count(module_town) == 1
    other = recommend(planner, key, words="something else")
    assert (other.status_code, other.json["code"]) == (422, "idempotency_mismatch")
    assert count(module_town) == 1


def test_a_stolen_form_is_refused(sign_in: SignIn, module_town: str):
    planner = sign_in("planner")
    planner.csrf = "guessed"
    assert recommend(planner).json["code"] == "bad_csrf_token"
    assert count(module_town) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "drone"}, "kind"),
        ({"kind": None}, "kind"),
        ({"words": ""}, "words"),
        ({"words": " \n "}, "words"),
        ({"words": "x" * 1001}, "words"),
        ({"words": "a\u0000b"}, "words"),
        ({"location": None}, "location"),
        ({"location": {"lon": 121.5, "lat": 38.9}}, "location.datum"),
        ({"location": {"lon": 121.5, "lat": 138.9, "datum": "WGS-84"}}, "location.lat"),
        ({"location": {"lon": 116.4, "lat": 39.9, "datum": "WGS-84"}}, "location"),
        ({"map": "https://example.org/risk?x=1"}, "map"),
        ({"map": "//example.org/risk?x=1"}, "map"),
        ({"map": "/risk"}, "map"),
        ({"map": "/risk?"}, "map"),
        ({"map": "/riskier?x=1"}, "map"),
        ({"map": "/risk/../dispatch?x=1"}, "map"),
        ({"map": "/risk?x=1#top"}, "map"),
        ({"map": "/risk?x=1\n/dispatch"}, "map"),
        ({"map": "/risk?x=1\n"}, "map"),
        ({"map": "/risk?x=<script>"}, "map"),
        ({"map": "/risk?" + "x" * 900}, "map"),
        ({"type": "H01"}, "type"),
    ],
)
def test_a_recommendation_that_cannot_be_is_refused_by_name(
    sign_in: SignIn, module_town: str, change: dict[str, Any], field: str
):
    answer = recommend(sign_in("planner"), **change)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json["field"].startswith(field), answer.text
    assert count(module_town) == 0


def test_the_longest_recommendation_is_taken(sign_in: SignIn):
    longest = {"words": "长" * 1000, "map": "/risk?" + "x" * 894, "kind": "camera"}
    answer = recommend(sign_in("planner"), **longest)
    assert answer.status_code == 201, answer.text
    assert len(answer.json["description"]) <= 2000


def test_an_english_planner_labels_it_in_english(sign_in: SignIn, module_town: str):
    with connect(module_town) as conn:
        conn.execute("UPDATE web.users SET locale = 'en' WHERE username = 'planner'")
    try:
        case = recommend(sign_in("planner"), kind="pillar").json
    finally:
        with connect(module_town) as conn:
            conn.execute("UPDATE web.users SET locale = 'zh' WHERE username = 'planner'")
    assert case["description"].startswith("Install an alarm pillar: ")


def test_the_place_is_kept_as_it_was_sent(sign_in: SignIn):
    moved = location(datum="GCJ-02")
    case = recommend(sign_in("planner"), location=moved).json
    assert (case["lon"], case["lat"]) == pytest.approx(place(0.4, 0.4), abs=1e-6)
    assert case["source"]["datum"] == "GCJ-02"
    assert case["source"]["lon"] == moved["lon"]
