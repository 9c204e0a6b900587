"""The whole queue over HTTP: solving, accepting in part, modes, and who may what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from geodata.db.scope import unscoped
from tests.town_staff import HERE, THERE
from tests.web.browser_client import Client
from tests.web.test_case_flow import assign, report

SignIn = Callable[[str], Client]
API = "/api/v1/queue"


def solve(client: Client, **body: Any) -> dict[str, Any]:
    answer = client.post(f"{API}/proposals", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


def accept(client: Client, proposal: dict[str, Any], **body: Any) -> Any:
    return client.post(f"{API}/proposals/{proposal['id']}/accept", json=body)


def test_a_proposal_is_made_accepted_in_part_and_told_again(sign_in: SignIn):
    desk = sign_in("dispatcher")
    one, other = report(desk, HERE, type="H05"), report(desk, THERE, type="H05")
    proposal = solve(desk)
    assert [line["case_id"] for line in proposal["lines"]] == [one["id"], other["id"]]
    assert {line["state"] for line in proposal["lines"]} == {"open"}
    assert proposal["lines"][0]["person"]["role"] == "grid_worker"
    assert proposal["lines"][0]["reasons"][0]["code"] == "own_grid"
    assert proposal["together"]["cost"] <= proposal["one_by_one"]["cost"]
    assert proposal["waiting"] == 2
    answer = accept(desk, proposal, cases=[one["id"]])
    assert (answer.status_code, answer.json["accepted"], answer.json["refused"]) == (200, 1, 0)
    line = answer.json["items"][0]
    assert (line["state"], line["case_state"], line["version"]) == ("accepted", "assigned", 2)
    undo = desk.post(
        f"/api/v1/cases/{one['id']}/actions",
        json={"action": "undo", "role": "lead", "version": line["version"]},
        headers={"Idempotency-Key": str(uuid4())},
    )
    assert undo.status_code == 200, undo.text
    told = desk.get(f"{API}/proposals/{proposal['id']}").json
    assert [line["state"] for line in told["lines"]] == ["undone", "open"]
    newer = solve(desk, after=proposal["id"])
    assert [line["state"] for line in newer["lines"]] == ["open", "open"]
    assert desk.post(f"{API}/proposals", json={"after": "x"}).status_code == 422
    rest = accept(desk, proposal, all=True).json
    assert [(line["case_id"], line["state"]) for line in rest["items"]] == [
        (other["id"], "accepted")
    ]


def test_what_somebody_else_took_says_who(sign_in: SignIn):
    desk = sign_in("dispatcher")
    case = report(desk, HERE, type="H05")
    proposal = solve(desk)
    other = desk.get(f"/api/v1/cases/{case['id']}/candidates").json["items"][1]
    assert assign(desk, case, other["person_id"]).status_code == 201
    answer = accept(desk, proposal, all=True)
    line = answer.json["items"][0]
    assert (answer.json["accepted"], answer.json["refused"]) == (0, 1)
    assert (line["state"], line["why"]["code"]) == ("stale", "taken_by")
    assert line["why"]["text"] == f"已由{other['name']}接手"
    assert line["why"]["facts"]["person_id"] == other["person_id"]


def test_what_cannot_be_accepted_is_refused(sign_in: SignIn):
    desk = sign_in("dispatcher")
    case = report(desk, HERE, type="H05")
    proposal = solve(desk)
    for body in ({}, {"cases": [case["id"]], "all": True}, {"cases": []}, {"cases": [10**9]}):
        assert accept(desk, proposal, **body).status_code == 422, body
    assert accept(desk, {"id": 10**9}, all=True).status_code == 404
    assert desk.get(f"{API}/proposals/{10**9}").status_code == 404


@pytest.mark.parametrize("name", ["worker", "planner"])
def test_who_does_not_dispatch_sees_no_proposal(sign_in: SignIn, name: str):
    proposal = solve(sign_in("dispatcher"))
    client = sign_in(name)
    assert client.post(f"{API}/proposals", json={}).status_code == 403
    assert client.get(f"{API}/proposals/{proposal['id']}").status_code == 403
    assert accept(client, proposal, all=True).status_code == 403


def test_modes_are_set_by_administrator_and_commander_and_each_is_told(sign_in: SignIn, app: Flask):
    admin, desk = sign_in("admin"), sign_in("dispatcher")
    assert desk.get(f"{API}/modes").json == {"items": [], "default": "advise"}
    body = {"type": "H05", "mode": "off"}
    assert desk.call("PUT", f"{API}/modes", json=body).status_code == 403
    changed = admin.call("PUT", f"{API}/modes", json=body)
    assert changed.status_code == 200, changed.text
    assert changed.json["items"] == [{"type": "H05", "family": None, "mode": "off"}]
    report(desk, HERE, type="H05")
    assert solve(desk)["lines"] == []
    gone = admin.call("PUT", f"{API}/modes", json={"type": "H05", "mode": None})
    assert gone.json["items"] == []
    family = {"family": "police", "mode": "automatic"}
    assert sign_in("commander").call("PUT", f"{API}/modes", json=family).status_code == 200
    assert admin.call("PUT", f"{API}/modes", json={**family, "mode": None}).json["items"] == []
    assert len(solve(desk)["lines"]) == 1
    for wrong in (
        {"mode": "off"},
        {"type": "H05", "family": "hazard", "mode": "off"},
        {"type": "none", "mode": "off"},
        {"type": "H05", "mode": "always"},
        {"type": "H05"},
    ):
        assert admin.call("PUT", f"{API}/modes", json=wrong).status_code == 422, wrong
    with unscoped(app.extensions["ganxin"].system_pool) as conn:
        told = conn.execute(
            "SELECT payload FROM geodata.events_pending WHERE kind = 'queue.mode_changed'"
            " ORDER BY id"
        ).fetchall()
    assert [row["payload"] for row in told] == [
        {"type": "H05", "family": None, "before": None, "now": "off"},
        {"type": "H05", "family": None, "before": "off", "now": None},
        {"type": None, "family": "police", "before": None, "now": "automatic"},
        {"type": None, "family": "police", "before": "automatic", "now": None},
    ]
