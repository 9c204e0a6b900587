"""Areas, assets, addresses, types, tiles, the live picture, events, health, documents."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from openapi_spec_validator import validate

from geodata.db.event import seal
from geodata.db.scope import unscoped
from tests.small_town import DISTRICT, grid_code, place
from tests.town_staff import COMMUNITY, HERE, STREET
from tests.web.browser_client import Client
from tests.web.test_case_flow import assign, report

SignIn = Callable[[str], Client]


@pytest.fixture
def desk(shared_app: Flask) -> Client:
    return Client(shared_app, "dispatcher")


def codes(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["code"] for item in answer.json["items"]]


def test_areas_by_level_parent_prefix_and_name(desk: Client):
    assert codes(desk.get("/api/v1/areas?level=district")) == [DISTRICT]
    assert len(codes(desk.get(f"/api/v1/areas?parent={STREET}"))) == 4
    assert len(codes(desk.get(f"/api/v1/areas?prefix={COMMUNITY}&level=grid"))) == 4
    assert codes(desk.get("/api/v1/areas?q=第1街道")) == [STREET]
    assert codes(desk.get(f"/api/v1/areas?q={STREET}&limit=1")) == [STREET]
    first = desk.get("/api/v1/areas?level=grid&limit=20").json
    rest = codes(desk.get(f"/api/v1/areas?level=grid&limit=20&cursor={first['next']}"))
    assert len(rest) == 12
    assert desk.get("/api/v1/areas?level=planet").status_code == 422


def test_one_area_with_its_outline_and_neighbours(desk: Client):
    answer = desk.get(f"/api/v1/areas/{grid_code(1, 1)}")
    assert answer.json["outline"]["type"] == "MultiPolygon"
    assert len(answer.json["neighbors"]) == 4
    again = desk.get(
        f"/api/v1/areas/{grid_code(1, 1)}", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    assert desk.get("/api/v1/areas/999999").status_code == 404
    assert desk.get("/api/v1/areas/12").status_code == 422


def test_assets_by_kind_area_box_and_nearness(desk: Client):
    cameras = desk.get(f"/api/v1/assets?kind=camera&area={COMMUNITY}").json["items"]
    assert len(cameras) == 4
    two = desk.get(f"/api/v1/assets?kind=camera,alarm_pillar&area={COMMUNITY}").json["items"]
    assert len(two) == 8
    west, south = place(0, 0)
    box = f"{west - 0.001},{south - 0.001},{west + 0.004},{south + 0.001}"
    assert desk.get(f"/api/v1/assets?bbox={box}").json["items"]
    lon, lat = place(*HERE)
    near = desk.get(f"/api/v1/assets?near={lon},{lat}&kind=camera").json["items"]
    assert near[0]["distance_m"] > 0
    one = desk.get(f"/api/v1/assets/{cameras[0]['id']}").json
    assert one["name"] == cameras[0]["name"]
    kinds = {item["kind"]: item["count"] for item in desk.get("/api/v1/asset-kinds").json["items"]}
    assert kinds["camera"] == 32
    assert desk.get("/api/v1/assets/999999").status_code == 404
    assert desk.get("/api/v1/assets?kind=ufo").status_code == 422


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("bbox=1,2,3", "bbox"),
        ("bbox=nan,0,1,1", "bbox"),
        ("bbox=2,0,1,1", "bbox"),
        ("bbox=38,121,39,122", "bbox"),
        ("near=38.9,121.5&kind=camera", "near"),
        ("near=121.5,38.9", "kind"),
        ("radius_m=inf&near=1,1&kind=camera", "radius_m"),
    ],
)
def test_coordinates_that_are_none(desk: Client, query: str, field: str):
    answer = desk.get(f"/api/v1/assets?{query}")
    assert answer.status_code == 422
    assert answer.json["field"] == field


def test_addresses_and_types(desk: Client):
    found = desk.get("/api/v1/addresses?q=横0路").json["items"]
    assert len(found) == 10
    types = desk.get("/api/v1/case-types?family=hazard").json["items"]
    assert {kind["family"] for kind in types} == {"hazard"}


def test_tiles_are_checked_tagged_and_only_for_the_known(desk: Client, shared_app: Flask):
    assert shared_app.test_client().get("/tiles/basemap/0/0/0.mvt").status_code == 401
    for layer in ("basemap", "areas", "assets", "cases"):
        answer = desk.get(f"/tiles/{layer}/11/1715/784.mvt")
        assert answer.status_code == 200, answer.text
        assert answer.mimetype == "application/vnd.mapbox-vector-tile"
        headers = {"If-None-Match": answer.headers["ETag"]}
        assert desk.get(f"/tiles/{layer}/11/1715/784.mvt", headers=headers).status_code == 304


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("basemap/30/0/0", 422, "z"),
        ("basemap/3/8/0", 422, "x"),
        ("basemap/3/0/8", 422, "y"),
        ("basemap/3/-1/0", 422, "x"),
        ("cases/3/0/" + "9" * 5000, 422, "y"),
        ("nothing/3/0/0", 404, "layer"),
        ("basemap/a/0/0", 422, "z"),
        ("basemap/3/1.5/0", 422, "x"),
    ],
)
def test_tile_numbers_that_are_none(desk: Client, path: str, status: int, field: str):
    answer = desk.get(f"/tiles/{path}.mvt")
    assert answer.status_code == status
    assert answer.json["field"] == field


def test_the_live_picture_and_the_events_of_a_case(app: Flask, sign_in: SignIn):
    desk = sign_in("dispatcher")
    case = report(desk)
    assign(desk, case, 1)
    with unscoped(app.extensions["ganxin"].system_pool) as conn:
        seal(conn)
    live = desk.get("/api/v1/live").json
    assert [item["id"] for item in live["cases"]] == [case["id"]]
    first = desk.get("/api/v1/events?limit=1", headers={"Accept": "application/json"}).json
    assert first["items"][0]["kind"] == "case.reported"
    rest = desk.get(
        f"/api/v1/events?cursor={first['next']}", headers={"Accept": "application/json"}
    ).json
    assert rest["items"][0]["kind"] == "assignment.assigned"
    timeline = desk.get(f"/api/v1/cases/{case['id']}/timeline").json["items"]
    assert [item["kind"] for item in timeline][:2] == ["case.reported", "assignment.assigned"]
    lead = desk.get(f"/api/v1/cases/{case['id']}").json["lead"]
    assert timeline[1]["person_name"] == lead["name"]
    assert timeline[1]["actor_name"] == desk.get("/api/v1/session").json["user"]["display_name"]


def test_a_stream_without_the_stream_process_is_503(desk: Client):
    answer = desk.get("/api/v1/events", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 503
    assert desk.get("/api/v1/events?since=-1").status_code == 422


def test_health_tells_what_to_repair(shared_app: Flask):
    http = shared_app.test_client()
    assert http.get("/health/live").json == {"status": "live"}
    ready = http.get("/health/ready")
    assert ready.status_code == 503
    checks = ready.json["checks"]
    assert [checks[name] for name in ("database", "migrations", "graph")] == ["ok"] * 3
    assert "ganxin serve" in checks["stream"]


def test_the_openapi_document_is_valid_and_open(shared_app: Flask):
    answer = shared_app.test_client().get("/api/openapi.json")
    assert answer.status_code == 200
    assert answer.json["openapi"].startswith("3.1")
    validate(answer.json)


def test_static_files_are_kept_for_ever_and_modules_are_scripts(shared_app: Flask):
    static = shared_app.extensions["ganxin"].static
    http = shared_app.test_client()
    with http.get(static.url("icon.svg")) as answer:
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    with http.get("/static/old/icon.svg") as old:
        assert "immutable" not in old.headers["Cache-Control"]
    assert http.get(static.url("../app.py")).status_code == 404


def test_messages_come_in_both_languages(shared_app: Flask):
    http = shared_app.test_client()
    zh, en = (http.get(f"/messages/{name}.json").json for name in ("zh", "en"))
    assert zh.keys() == en.keys()
    assert http.get("/messages/fr.json").status_code == 404
