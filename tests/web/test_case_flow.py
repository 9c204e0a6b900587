"""A case from its report to its end, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from geodata.crs import Datum, convert
from tests.small_town import grid_code, place
from tests.town_staff import HERE, STREET
from tests.web.browser_client import Client

SignIn = Callable[[str], Client]


def location(at: tuple[float, float] = HERE, datum: str = "WGS-84") -> dict[str, Any]:
    lon, lat = place(*at)
    if datum != "WGS-84":
        moved = convert(lon, lat, Datum.WGS84, Datum(datum))
        lon, lat = float(moved[0][0]), float(moved[1][0])
    return {"lon": lon, "lat": lat, "datum": datum}


def report(client: Client, at: tuple[float, float] = HERE, **more: Any) -> dict[str, Any]:
    body = {"type": "H01", "description": "井盖缺失", "location": location(at), **more}
    answer = client.post("/api/v1/cases", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json


def assign(client: Client, case: dict[str, Any], person_id: int, **options: Any) -> Any:
    body = {"person_id": person_id, "version": case["version"]}
    headers = {"Idempotency-Key": options.pop("key", None) or str(uuid4())}
    return client.post(f"/api/v1/cases/{case['id']}/assignments", json=body, headers=headers)


def test_a_case_goes_from_report_to_close(sign_in: SignIn):
    desk, worker = sign_in("dispatcher"), sign_in("worker")
    case = report(desk)
    assert case["state"] == "pending"
    assert case["grid"]["code"] == grid_code(0, 0)
    assert case["grid"]["street"] == "第1街道"
    assert case["family"] == "hazard"
    assert case["urgent"]

    first = desk.get(f"/api/v1/cases/{case['id']}/candidates").json["items"][0]
    assert first["person_id"] == 1
    assert first["reasons"][0]["text"]
    assert first["travel_s"] > 0
    made = assign(desk, case, first["person_id"])
    assert made.status_code == 201, made.text
    path = f"/api/v1/cases/{case['id']}/assignments/{made.json['id']}"
    version = made.json["case"]["version"]

    undone = desk.post(f"{path}/undo", json={"version": version})
    assert undone.status_code == 200, undone.text
    assert undone.json["state"] == "pending"
    again = assign(desk, undone.json, 1).json
    path = f"/api/v1/cases/{case['id']}/assignments/{again['id']}"
    version = again["case"]["version"]
    for step, state in (("acknowledge", "acknowledged"), ("arrive", "arrived")):
        answer = worker.post(f"{path}/{step}", json={"version": version})
        assert answer.status_code == 200, answer.text
        assert answer.json["state"] == state
        version = answer.json["version"]
    mine = worker.get("/api/v1/cases?mine=true").json["items"]
    assert [item["id"] for item in mine] == [case["id"]]
    done = worker.post(
        f"/api/v1/cases/{case['id']}/close", json={"version": version, "note": "关阀,已通风"}
    )
    assert done.status_code == 200, done.text
    assert done.json["state"] == "closed"
    shown = desk.get(f"/api/v1/cases/{case['id']}").json
    assert [a["state"] for a in shown["assignments"]] == ["undone", "done"]


def test_an_assignment_can_be_returned_with_a_reason(sign_in: SignIn):
    desk, worker = sign_in("dispatcher"), sign_in("worker")
    case = report(desk)
    made = assign(desk, case, 1).json
    path = f"/api/v1/cases/{case['id']}/assignments/{made['id']}/return"
    version = made["case"]["version"]
    refused = worker.post(path, json={"version": version})
    assert refused.status_code == 422
    assert refused.json["field"] == "reason"
    back = worker.post(path, json={"version": version, "reason": "不在本网格"})
    assert back.status_code == 200, back.text
    assert back.json["state"] == "pending"


def test_the_same_place_in_three_datums_is_in_the_same_grid(sign_in: SignIn):
    desk = sign_in("dispatcher")
    codes = {
        report(desk, location=location(HERE, datum))["grid"]["code"]
        for datum in ("WGS-84", "CGCS2000", "GCJ-02", "BD-09")
    }
    assert codes == {grid_code(0, 0)}


def test_a_case_can_be_taken_in_by_its_door_plate(sign_in: SignIn):
    desk = sign_in("dispatcher")
    body = {"type": "D0201", "description": "邻里噪声", "address": "横0路5号"}
    answer = desk.post("/api/v1/cases", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json["grid"]["code"] == grid_code(0, 0)


def test_a_case_can_be_dispatched_at_once(sign_in: SignIn):
    case = report(sign_in("dispatcher"), assign=True)
    assert case["state"] == "assigned"
    assert case["assignment"]["person_id"] == 1
    assert case["lead"]["name"] == "张1"


def test_whoever_comes_second_is_told_who_was_first(sign_in: SignIn):
    desk, other = sign_in("dispatcher"), sign_in("street.dispatcher")
    case = report(desk)
    assert assign(desk, case, 1).status_code == 201
    lost = assign(other, case, 100)
    assert lost.status_code == 409
    assert lost.json["code"] == "conflict"
    assert lost.json["winner"]["person_id"] == 1
    assert lost.json["winner"]["by_name"]
    assert not lost.json["winner"]["by_name"].startswith("u:")


def test_an_assignment_that_has_ended_cannot_be_undone_in_place_of_the_present_one(
    sign_in: SignIn,
):
    desk = sign_in("dispatcher")
    case = report(desk)
    old = assign(desk, case, 1).json
    path = f"/api/v1/cases/{case['id']}/assignments/{old['id']}/undo"
    undone = desk.post(path, json={"version": old["case"]["version"]}).json
    new = assign(desk, undone, 2).json
    answer = desk.post(path, json={"version": new["case"]["version"]})
    assert answer.status_code == 409
    assert desk.get(f"/api/v1/cases/{case['id']}").json["state"] == "assigned"


def test_the_route_of_a_candidate_is_a_line_along_named_streets(sign_in: SignIn):
    desk = sign_in("dispatcher")
    case = report(desk, (2.4, 1.4))
    path = f"/api/v1/cases/{case['id']}/candidates"
    chosen = next(c for c in desk.get(path).json["items"] if c["mode"] == "ebike")
    drawn = desk.get(f"{path}/{chosen['person_id']}/route")
    assert drawn.status_code == 200, drawn.text
    assert drawn.json["geometry"]["type"] == "LineString"
    assert drawn.json["properties"]["streets"]
    assert abs(drawn.json["properties"]["travel_s"] - chosen["travel_s"]) <= 0.1
    assert desk.get(f"{path}/99999/route").status_code == 404


def test_the_way_to_a_case_is_drawn_for_whoever_may_see_it(sign_in: SignIn):
    desk = sign_in("dispatcher")
    case = report(desk, (2.4, 1.4))
    lon, lat = case["lon"] + 0.01, case["lat"]
    drawn = desk.get(f"/api/v1/cases/{case['id']}/way?lon={lon}&lat={lat}&datum=WGS-84&mode=walk")
    assert drawn.status_code == 200, drawn.text
    assert drawn.json["geometry"]["type"] == "LineString"
    assert drawn.json["properties"]["distance_m"] > 0
    missing = desk.get(f"/api/v1/cases/999999/way?lon={lon}&lat={lat}&datum=WGS-84")
    assert missing.status_code == 404


def test_a_dispute_offers_the_mediator_lawyer_and_judge_of_its_community(sign_in: SignIn):
    desk = sign_in("dispatcher")
    case = report(desk, type="D0201")
    items = desk.get(f"/api/v1/cases/{case['id']}/candidates").json["items"]
    assert {"mediator", "lawyer", "judge"} <= {item["role"] for item in items}


def test_lists_are_filtered_and_paged(sign_in: SignIn):
    desk = sign_in("dispatcher")
    made = [report(desk)["id"] for _ in range(5)]
    first = desk.get("/api/v1/cases?limit=2&state=open").json
    second = desk.get(f"/api/v1/cases?limit=2&state=open&cursor={first['next']}").json
    third = desk.get(f"/api/v1/cases?limit=2&state=open&cursor={second['next']}").json
    seen = [item["id"] for part in (first, second, third) for item in part["items"]]
    assert seen == made[::-1]
    assert third["next"] is None
    assert desk.get("/api/v1/cases?family=dispute").json["items"] == []
    assert len(desk.get(f"/api/v1/cases?area={STREET}").json["items"]) == 5
    assert desk.get("/api/v1/cases?state=lost").status_code == 422


def test_duplicates_nearby_are_found_before_saving(sign_in: SignIn):
    desk = sign_in("dispatcher")
    case = report(desk)
    lon, lat = place(HERE[0] + 0.1, HERE[1])
    near = desk.get(f"/api/v1/cases/nearby?lon={lon}&lat={lat}&datum=WGS-84").json["items"]
    assert [item["id"] for item in near] == [case["id"]]
    assert 35 < near[0]["distance_m"] < 45
    grid = desk.get(f"/api/v1/locate?lon={lon}&lat={lat}&datum=WGS-84").json
    assert grid["code"] == grid_code(0, 0)


def test_the_figures_follow_the_cases(sign_in: SignIn):
    desk = sign_in("dispatcher")
    report(desk)
    report(desk, assign=True)
    figures = desk.get("/api/v1/figures").json
    assert figures["reported"] == 2
    assert figures["pending"] == 1
    assert figures["closing_rate"] == 0
    assert figures["on_duty"] > 40
    assert sum(hour["reported"] for hour in figures["hours"]) == 2


def test_a_winner_beyond_the_scope_has_a_role_but_no_name_and_no_id(sign_in: SignIn):
    desk, clerk = sign_in("dispatcher"), sign_in("clerk")
    case = report(desk)
    assert assign(desk, case, 32).status_code == 201
    lost = assign(clerk, case, 1)
    assert lost.status_code == 409
    winner = lost.json["winner"]
    assert (winner["person_id"], winner["name"], winner["person_role"]) == (
        None,
        None,
        "grid_worker",
    )
    shown = clerk.get(f"/api/v1/cases/{case['id']}").json
    assert shown["lead"]["person_id"] is None
    assert shown["assignments"][0]["person_id"] is None
