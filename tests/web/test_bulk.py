"""One action on many cases: each by itself, under the rules of a single one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from tests.small_town import connect
from tests.town_staff import THERE
from tests.web.browser_client import Client
from tests.web.test_case_flow import assign, report

SignIn = Callable[[str], Client]
REPORTED = "UPDATE dispatch.cases SET state = 'reported' WHERE id = ANY (%s)"


@pytest.fixture
def waiting(sign_in: SignIn, module_town: str) -> list[dict[str, Any]]:
    """Return three cases of the first community that nobody has accepted."""
    desk = sign_in("dispatcher")
    made = [report(desk, type="H15") for _ in range(3)]
    unaccept(module_town, made)
    return [desk.get(f"/api/v1/cases/{case['id']}").json for case in made]


def unaccept(dsn: str, made: list[dict[str, Any]]) -> None:
    with connect(dsn) as conn:
        conn.execute(REPORTED, ([case["id"] for case in made],))


def bulk(client: Client, action: str, cases: list[dict[str, Any]], **more: Any) -> Any:
    key = more.pop("key", None)
    seen = [{"id": case["id"], "version": case["version"]} for case in cases]
    return client.post(
        "/api/v1/cases/bulk",
        json={"action": action, "cases": seen, **more},
        headers={"Idempotency-Key": key} if key else {},
    )


def kinds(dsn: str) -> list[tuple[str, int]]:
    with connect(dsn) as conn:
        rows = conn.execute("SELECT kind, case_id FROM geodata.events_pending ORDER BY id")
        return [(row["kind"], row["case_id"]) for row in rows if row["kind"] != "case.reported"]


def test_every_case_is_accepted_with_its_event(
    sign_in: SignIn, waiting: list[dict[str, Any]], module_town: str
):
    answer = bulk(sign_in("clerk"), "accept", waiting)
    assert answer.status_code == 200, answer.text
    assert answer.json["done"] == 3
    for item, case in zip(answer.json["items"], waiting, strict=True):
        assert item == {
            "id": case["id"],
            "done": True,
            "version": case["version"] + 1,
            "state": "pending",
            "problem": None,
        }
    assert kinds(module_town) == [("case.accepted", case["id"]) for case in waiting]


def test_what_one_case_refuses_hinders_no_other(
    sign_in: SignIn, waiting: list[dict[str, Any]], module_town: str
):
    desk, clerk = sign_in("dispatcher"), sign_in("clerk")
    afar = report(desk, THERE, type="H15")
    first, second, third = waiting
    assert bulk(desk, "accept", [second]).json["done"] == 1
    up = desk.post(
        f"/api/v1/cases/{third['id']}/actions",
        json={"action": "escalate", "version": third["version"], "reason": "超出社区能力"},
    ).json
    answer = bulk(clerk, "accept", [afar, second, up, first, {"id": 10**9, "version": 1}])
    assert answer.status_code == 200, answer.text
    problems = {item["id"]: item["problem"] for item in answer.json["items"]}
    assert problems[first["id"]] is None
    codes = {number: one["code"] for number, one in problems.items() if one}
    assert codes == {
        afar["id"]: "not_found",
        second["id"]: "conflict",
        up["id"]: "forbidden",
        10**9: "not_found",
    }
    assert problems[second["id"]]["winner"]["state"] == "pending"
    assert answer.json["done"] == 1
    assert [item["id"] for item in answer.json["items"]][:2] == [afar["id"], second["id"]]
    states = [desk.get(f"/api/v1/cases/{c['id']}").json for c in (afar, up, first)]
    assert [(one["state"], one["version"]) for one in states] == [
        ("pending", afar["version"]),
        ("reported", up["version"]),
        ("pending", first["version"] + 1),
    ]
    assert [case for kind, case in kinds(module_town) if kind == "case.accepted"] == [
        second["id"],
        first["id"],
    ]


def test_a_refused_case_leaves_nothing_behind(
    sign_in: SignIn, waiting: list[dict[str, Any]], module_town: str
):
    """A step that fails after its assignments have moved takes them back with it."""
    desk = sign_in("dispatcher")
    ready = bulk(desk, "accept", waiting).json["items"]
    sent = [assign(desk, case, person).json for case, person in zip(ready, (1, 2, 3), strict=True)]
    seen = [one["case"] for one in sent]
    with connect(module_town) as conn:
        conn.execute(
            "ALTER TABLE dispatch.cases ADD CONSTRAINT no_return"
            f" CHECK (id <> {seen[1]['id']} OR hops = 0)"
        )
    try:
        answer = bulk(desk, "return", seen, reason="不在本网格")
        assert answer.status_code == 500
        with connect(module_town) as conn:
            rows = conn.execute("SELECT state, live FROM dispatch.assignments").fetchall()
        assert {(row["state"], row["live"]) for row in rows} == {("assigned", True)}
    finally:
        with connect(module_town) as conn:
            conn.execute("ALTER TABLE dispatch.cases DROP CONSTRAINT no_return")
    stale = [seen[0], seen[1] | {"version": 1}, seen[2]]
    answer = bulk(desk, "return", stale, reason="不在本网格")
    assert [item["done"] for item in answer.json["items"]] == [True, False, True]
    with connect(module_town) as conn:
        rows = conn.execute("SELECT case_id, state FROM dispatch.assignments ORDER BY case_id")
        assert [row["state"] for row in rows] == ["returned", "assigned", "returned"]


def test_what_an_action_needs_is_needed_of_each(sign_in: SignIn, waiting: list[dict[str, Any]]):
    desk = sign_in("dispatcher")
    without = bulk(desk, "escalate", waiting).json
    assert without["done"] == 0
    assert {item["problem"]["field"] for item in without["items"]} == {"reason"}
    answer = bulk(desk, "escalate", waiting, reason="超出社区能力").json
    assert answer["done"] == 3
    holders = {desk.get(f"/api/v1/cases/{case['id']}").json["holder"]["level"] for case in waiting}
    assert holders == {"street"}


def test_a_repeated_bulk_gets_the_reply_it_had(
    sign_in: SignIn, waiting: list[dict[str, Any]], module_town: str
):
    clerk, key = sign_in("clerk"), str(uuid4())
    first = bulk(clerk, "accept", waiting[:2], key=key)
    again = bulk(clerk, "accept", waiting[:2], key=key)
    assert again.json == first.json
    assert len(kinds(module_town)) == 2
    other = bulk(clerk, "accept", waiting, key=key)
    assert other.status_code == 422
    assert other.json["code"] == "idempotency_mismatch"


@pytest.mark.parametrize("role", ["worker", "supervisor", "planner"])
def test_who_may_not_act_on_one_may_not_on_many(
    sign_in: SignIn, waiting: list[dict[str, Any]], role: str
):
    answer = bulk(sign_in(role), "accept", waiting)
    assert {item["problem"]["code"] for item in answer.json["items"]} == {"forbidden"}


def test_a_supervisor_gives_cards_to_many(sign_in: SignIn, waiting: list[dict[str, Any]]):
    answer = bulk(sign_in("supervisor"), "supervise", waiting, colour="red", reason="超期未办")
    assert answer.json["done"] == 3
    listed = sign_in("dispatcher").get("/api/v1/cases?card=red").json["items"]
    assert {one["id"] for one in listed} == {case["id"] for case in waiting}


def test_what_no_bulk_may_be_is_refused_as_a_whole(sign_in: SignIn, waiting: list[dict[str, Any]]):
    desk = sign_in("dispatcher")
    one = waiting[0]
    many = [{"id": number, "version": 1} for number in range(1, 102)]
    for action, cases, field in (
        ("dance", waiting, "action"),
        ("dispatch", waiting, "action"),
        ("joint", waiting, "action"),
        ("accept", [one, one], "cases"),
        ("accept", [], "cases"),
        ("accept", many, "cases"),
    ):
        answer = bulk(desk, action, cases)
        assert answer.status_code == 422, (action, answer.text)
        assert answer.json["field"] == field
    assert desk.get(f"/api/v1/cases/{one['id']}").json["version"] == one["version"]


def test_the_desk_counts_what_its_lists_hold(
    sign_in: SignIn, waiting: list[dict[str, Any]], app: Flask
):
    desk, clerk = sign_in("dispatcher"), sign_in("clerk")
    report(desk, THERE, type="H15")
    bulk(desk, "accept", waiting[:1])
    bulk(desk, "escalate", waiting[1:2], reason="超出社区能力")
    counted = clerk.get("/api/v1/desk").json
    assert counted["tabs"]["open"] == 3
    assert (counted["tabs"]["accept"], counted["tabs"]["dispatch"]) == (2, 1)
    assert counted["tabs"]["returned"] == 1
    assert {(one["level"], one["open"]) for one in counted["holders"]} == {
        ("community", 2),
        ("street", 1),
    }
    here = clerk.get(f"/api/v1/desk?holder={clerk_area(clerk)}").json
    assert here["tabs"]["open"] == 2
    listed = clerk.get(f"/api/v1/cases?state=open&holder={clerk_area(clerk)}").json["items"]
    assert len(listed) == 2
    assert desk.get("/api/v1/desk").json["tabs"]["open"] == 4
    asked = desk.get("/api/v1/desk?state=closed&light=red&stuck=true").json
    assert asked["tabs"] == desk.get("/api/v1/desk").json["tabs"]


def clerk_area(client: Client) -> str:
    return client.get("/api/v1/session").json["user"]["area_codes"][0]
