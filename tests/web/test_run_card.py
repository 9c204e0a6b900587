"""Run cards over HTTP: edited by the administrator, an overlap refused, people sent, why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.small_town import grid_code
from tests.town_staff import COMMUNITY, THERE
from tests.web.browser_client import Client
from tests.web.test_case_flow import report

SignIn = Callable[[str], Client]
CARDS = "/api/v1/run-cards"
CARD: dict[str, Any] = {
    "name": "邻里群体纠纷",
    "name_en": "Neighbours, many of them",
    "type": "D02",
    "levels": [4],
    "scales": [2, 3],
    "needs": [
        {"part": "lead"},
        {"part": "joint", "role": "judge"},
        {"part": "alone", "role": "lawyer", "step": 2},
    ],
}


def dispute(client: Client, **more: Any) -> dict[str, Any]:
    return report(client, type="D0201", **more)


def card_of(client: Client, case: dict[str, Any]) -> dict[str, Any] | None:
    answer = client.get(f"/api/v1/cases/{case['id']}/candidates")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] | None = answer.json["card"]
    return found


def send(client: Client, case: dict[str, Any], people: list[dict[str, int]], **more: Any) -> Any:
    body = {"version": case["version"], "people": people, **more}
    headers = {"Idempotency-Key": str(uuid4())}
    return client.post(f"/api/v1/cases/{case['id']}/run-card", json=body, headers=headers)


def recommended(card: dict[str, Any]) -> list[dict[str, int]]:
    return [
        {"need": need["need"], "person_id": one["person_id"]}
        for need in card["needs"]
        for one in need["people"]
    ]


def saved(admin: Client, **change: Any) -> dict[str, Any]:
    answer = admin.post(CARDS, json={**CARD, **change})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_a_card_works_from_saving_to_sending(sign_in: SignIn):
    admin, desk = sign_in("admin"), sign_in("dispatcher")
    refused = admin.post(CARDS, json=CARD)
    assert refused.status_code == 409, refused.text
    assert refused.json["field"] == "match"
    assert refused.json["winner"]["name"] == "群体性纠纷"
    assert refused.json["winner"]["both"] == {
        "stage": "ordinary", "family": None, "type": "D02", "levels": [4], "scales": [3],
    }  # fmt: skip
    card = saved(admin, scales=[2])
    assert (card["code"], card["version"], card["edited"]) == (None, 1, True)
    assert card in desk.get(CARDS).json["items"]

    case = dispute(desk, level=4, scale=2)
    assert (case["level"], case["scale"], case["failed_mediations"]) == (4, 2, 0)
    told = card_of(desk, case)
    assert told is not None
    assert told["name"] == CARD["name"]
    assert [need["role"] for need in told["needs"]] == [None, "judge", "lawyer"]
    made = send(desk, case, recommended(told))
    assert made.status_code == 201, made.text
    parts = {a["person_role"]: a["role"] for a in made.json["assignments"]}
    assert parts == {"mediator": "lead", "judge": "joint", "lawyer": "assist"}
    after = card_of(desk, made.json["case"])
    assert after is not None
    assert after["complete"]
    assert {need["filled"] for need in after["needs"]} == {1}
    again = send(desk, case, recommended(told))
    assert again.status_code == 409
    assert again.json["winner"]["state"] == "assigned"


def test_a_case_is_graded_later(sign_in: SignIn):
    desk, worker = sign_in("dispatcher"), sign_in("worker")
    case = dispute(desk)
    assert card_of(desk, case) is None
    path = f"/api/v1/cases/{case['id']}/grade"
    body = {"version": case["version"], "level": 1, "scale": 3}
    assert worker.call("PUT", path, json=body).status_code == 403
    for wrong in ({"level": 5}, {"scale": 0}, {"level": True}):
        assert desk.call("PUT", path, json=body | wrong).status_code == 422
    graded = desk.call("PUT", path, json=body)
    assert graded.status_code == 200, graded.text
    assert (graded.json["level"], graded.json["scale"]) == (1, 3)
    assert desk.call("PUT", path, json=body).status_code == 409
    told = card_of(desk, graded.json)
    assert told is not None
    assert told["name_en"] == "Grave dispute of a major group"
    missing = {n["role"]: n["shortfall"] for n in told["needs"] if n["shortfall"]}
    assert missing["police_officer"]["causes"] == {"none": 0}
    assert "名册上没有人负责" in missing["police_officer"]["text"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"needs": []}, "needs"),
        ({"needs": [{"part": "joint", "role": "judge"}]}, "needs"),
        ({"needs": [{"part": "lead", "role": "judge"}]}, "needs"),
        ({"needs": [{"part": "lead", "count": 2}]}, "needs"),
        ({"needs": [{"part": "boss"}]}, "needs.0.part"),
        ({"type": "D98"}, "type"),
        ({"family": "police"}, "family"),
        ({"levels": [5]}, "levels.0"),
        ({"scales": [True]}, "scales.0"),
        ({"stage": "later"}, "stage"),
        ({"name": ""}, "name"),
    ],
)
def test_what_is_no_card_is_refused(sign_in: SignIn, change: dict[str, Any], field: str):
    answer = sign_in("admin").post(CARDS, json={**CARD, "scales": [2], **change})
    assert (answer.status_code, answer.json["field"]) == (422, field), answer.text


def test_a_card_is_edited_taken_away_and_brought_back(sign_in: SignIn):
    admin = sign_in("admin")
    card = saved(admin, scales=[1])
    body = {k: v for k, v in card.items() if k not in ("id", "code", "edited")}
    path = f"{CARDS}/{card['id']}"
    wider = admin.call("PUT", path, json=body | {"scales": []})
    assert (wider.status_code, wider.json["field"]) == (409, "match")
    edited = admin.call("PUT", path, json=body | {"levels": [3, 4]})
    assert edited.status_code == 200, edited.text
    assert (edited.json["levels"], edited.json["version"]) == ([3, 4], 2)
    late = admin.call("PUT", path, json=body)
    assert (late.status_code, late.json["winner"]) == (409, {"version": 2})
    assert admin.call("DELETE", f"{path}?version=1").status_code == 409
    gone = admin.call("DELETE", f"{path}?version=2")
    assert gone.status_code == 200
    assert card["id"] not in {one["id"] for one in admin.get(CARDS).json["items"]}
    back = admin.call("PUT", path, json=body | {"version": gone.json["version"]})
    assert back.status_code == 200, back.text
    assert card["id"] in {one["id"] for one in admin.get(CARDS).json["items"]}
    assert admin.call("PUT", f"{CARDS}/9999", json=body).status_code == 404


@pytest.mark.parametrize("name", ["dispatcher", "worker", "supervisor"])
def test_only_the_administrator_edits(sign_in: SignIn, name: str):
    client = sign_in(name)
    first = client.get(CARDS).json["items"][0]
    assert client.post(CARDS, json=CARD).status_code == 403
    path = f"{CARDS}/{first['id']}"
    assert client.call("DELETE", f"{path}?version=1").status_code == 403
    body = {k: v for k, v in first.items() if k not in ("id", "code", "edited")}
    assert client.call("PUT", path, json=body).status_code == 403


def test_a_third_failed_mediation_is_told_in_the_case(sign_in: SignIn):
    desk = sign_in("dispatcher")
    case = dispute(desk)
    for failed in (1, 2, 3):
        headers = {"Idempotency-Key": str(uuid4())}
        made = desk.post(
            f"/api/v1/cases/{case['id']}/assignments",
            json={"person_id": 100, "version": case["version"]},
            headers=headers,
        )
        assert made.status_code == 201, made.text
        version = made.json["case"]["version"]
        for action, more in (("acknowledge", {}), ("fail_mediation", {"note": "谈不拢"})):
            answer = desk.post(
                f"/api/v1/cases/{case['id']}/actions",
                json={"action": action, "version": version, **more},
            )
            assert answer.status_code == 200, answer.text
            case, version = answer.json, answer.json["version"]
        assert (case["failed_mediations"], case["state"]) == (failed, "pending")
    told = card_of(desk, case)
    assert told is not None
    assert told["stage"] == "joint"
    assert {need["role"] for need in told["needs"]} == {
        None, "judge", "prosecutor", "police_officer", "lawyer",
    }  # fmt: skip


# Why not -----------------------------------------------------------------------------------------


def test_why_not_is_told_in_words(sign_in: SignIn):
    desk = sign_in("dispatcher")
    case = report(desk)
    path = f"/api/v1/cases/{case['id']}/why-not?person="
    first = desk.get(f"{path}1").json
    assert (first["verdict"], first["rank"]) == ("recommended", 1)
    second = desk.get(f"{path}200").json
    assert (second["verdict"], second["reasons"][0]["code"]) == ("outranked", "higher_rung")
    assert second["ahead"]["person_id"] == 1
    assert second["text"].startswith("张200（社区工作者）排第")
    other = desk.get(f"{path}100").json
    assert (other["verdict"], other["rank"]) == ("excluded", None)
    assert other["text"] == "张100（专职人民调处员）不能派遣：该岗位不办这一类事项"
    person = desk.get("/api/v1/people/1").json
    desk.call("PUT", "/api/v1/people/1/duty", json={"duty": "on_leave"})
    assert desk.get(f"{path}1").json["reasons"][0]["code"] == "on_leave"
    assert person["version"] == 1
    desk.get("/locale/en")
    assert desk.get(f"{path}9999").status_code == 404
    assert desk.get(f"{path}0").status_code == 422
    assert sign_in("worker").get(f"{path}1").status_code == 403


def test_beyond_the_scope_role_and_rule_only(sign_in: SignIn):
    case = dispute(sign_in("dispatcher"), at=THERE)
    street = sign_in("other.dispatcher")
    seen = street.get(f"/api/v1/cases/{case['id']}/why-not?person=100")
    assert seen.status_code == 200, seen.text
    assert (seen.json["person_id"], seen.json["name"]) == (None, None)
    assert seen.json["role"] == "mediator"
    assert seen.json["reasons"][0]["code"] == "other_area"
    assert "100" not in seen.json["text"]
    assert "张" not in seen.json["text"]
    unseen = sign_in("street.dispatcher").get(f"/api/v1/cases/{case['id']}/why-not?person=100")
    assert unseen.status_code == 404
    assert COMMUNITY in grid_code(0, 0)


def test_a_person_is_found_by_phone_and_number(sign_in: SignIn):
    desk = sign_in("dispatcher")
    by_number = desk.get("/api/v1/people?q=100").json["items"]
    assert 100 in {one["id"] for one in by_number}
    by_phone = desk.get("/api/v1/people?q=13800000000").json["items"]
    assert len(by_phone) == 50
    assert desk.get("/api/v1/people?q=1380000000").json["items"] == []
