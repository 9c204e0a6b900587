"""A place of the risk map over HTTP: its numbers in the small town, its scope, bad questions."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import shapely
from flask import Flask

from geodata.db.scope import Conn
from tests.small_town import GRID_M, STREETS, add_case, connect, grid_code, place
from tests.web.browser_client import Client
from web.api import risk_place
from web.api.risk_place_model import PlaceQuery

SignIn = Callable[[str], Client]
NOW = datetime.now(UTC).replace(microsecond=0)
PATH = "/api/v1/risk/place"
PERIOD = {
    "since": (NOW - timedelta(days=60)).isoformat(),
    "until": (NOW + timedelta(hours=1)).isoformat(),
}
FIRST = {"unit": "grid", "code": grid_code(0, 0)}
BORDER = [(3.5, 0), (4.5, 0), (4.5, 1), (3.5, 1)]
"""A quarter of a square kilometre across the border of the two streets, in grids."""
RISK_ROLES = ("commander", "dispatcher", "clerk", "planner", "supervisor", "admin")


def ring(corners: list[tuple[float, float]]) -> dict[str, str]:
    return {"ring": ",".join(f"{degrees:.8f}" for at in corners for degrees in place(*at))}


def around(column: float, row: float, radius_m: float) -> dict[str, float]:
    lon, lat = place(column, row)
    return {"lon": lon, "lat": lat, "radius_m": radius_m}


def ask(client: Client, where: dict[str, Any], **more: Any) -> Any:
    return client.get(PATH, query_string=PERIOD | where | more)


def explain(client: Client, where: dict[str, Any], **more: Any) -> Any:
    answer = ask(client, where, **more)
    assert answer.status_code == 200, answer.text
    return answer.json


def report(conn: Conn, column: float, row: float, days_ago: float = 1, **more: Any) -> int:
    return add_case(conn, column, row, reported_at=NOW - timedelta(days=days_ago), **more)


def stand(conn: Conn, person_id: int, column: float, row: float) -> None:
    lon, lat = place(column, row)
    conn.execute(
        "INSERT INTO dispatch.positions (person_id, lon, lat, measured_at, received_at)"
        " VALUES (%s, %s, %s, now(), now())",
        (person_id, lon, lat),
    )


@pytest.fixture
def cases(app: Flask, module_town: str) -> dict[str, int]:
    """Let things happen: four cases in the first grid, some at the border, people about."""
    with connect(module_town) as conn:
        made = {
            "old": report(conn, 0.5, 0.5, 50),
            "urgent": report(conn, 0.5, 0.52, 2, type_code="H01", urgent=True),
            "new": report(conn, 0.48, 0.5, 1),
            "corner": report(conn, 0.9, 0.9, 3, state="closed"),
            "void": report(conn, 0.5, 0.5, 1, state="void"),
            "before": report(conn, 0.5, 0.5, 70),
            "mine": report(conn, 3.6, 0.5),
            "mine too": report(conn, 3.9, 0.5),
            "theirs": report(conn, 4.2, 0.5),
            "theirs too": report(conn, 4.45, 0.5),
            "theirs as well": report(conn, 4.4, 0.9),
        }
        for person_id, at in ((1, (0.5, 0.4)), (100, (0.6, 0.5)), (2, (0.5, 0.6))):
            stand(conn, person_id, *at)
        for person_id, at in ((13, (3.8, 0.5)), (17, (4.2, 0.5)), (18, (4.3, 0.5))):
            stand(conn, person_id, *at)
        conn.execute("UPDATE dispatch.people SET duty = 'off_duty', version = 2 WHERE id = 2")
    return made


@pytest.mark.usefixtures("cases")
def test_numbers_of_a_grid(sign_in: SignIn):
    found = explain(sign_in("planner"), FIRST)
    assert (found["n"], found["residents"]) == (4, 960)
    assert found["area_km2"] == pytest.approx(0.16, rel=1e-3)
    days = found["days"]
    assert 60 <= days <= 60 + 1 / 24  # the period ends an hour from now: that has not passed
    assert found["per_km2"] == pytest.approx(4 / 0.16 * 30 / days, rel=1e-3)
    assert found["per_1000"] == pytest.approx(4 / 0.96)
    # 9 incidents of 32 grids with as many residents each: 4 are 14.2 times the mean.
    times = found["times_mean"]
    assert times["value"] == pytest.approx(4 / (9 / 32))
    assert (times["low"], times["high"]) == pytest.approx((3.875, 36.415), abs=1e-2)
    told = [(one["code"], one["name"], one["n"]) for one in found["types"]["items"]]
    assert told == [("D0201", "用水排水通行通风采光", 3), ("H01", "井盖缺失", 1)]
    assert found["types"]["rest"] == 0
    assert sum(found["weekdays"]) == sum(found["hours"]) == 4
    assert found["change"]["trend"] == "steady"
    assert (found["change"]["later"], found["change"]["earlier"]) == (3, 1)
    outline = shapely.geometry.shape(found["geometry"])
    assert outline.contains(shapely.Point(found["lon"], found["lat"]))
    assert (found["lon"], found["lat"]) == pytest.approx(place(0.5, 0.5), abs=1e-6)


def test_newest_cases_come_first_and_name_nobody(sign_in: SignIn, cases: dict[str, int]):
    answer = ask(sign_in("planner"), FIRST)
    told = [case["id"] for case in answer.json["cases"]]
    assert told == [cases[name] for name in ("new", "urgent", "corner", "old")]
    assert set(answer.json["cases"][0]) == {
        "id", "number", "type", "type_name", "type_name_en", "state", "urgent", "reported_at",
    }  # fmt: skip
    for private in ("张", "13800000000", '"phone"', '"description"'):
        assert private not in json.dumps(answer.json, ensure_ascii=False)


def test_at_most_eight_cases_are_named(sign_in: SignIn, app: Flask, module_town: str):
    with connect(module_town) as conn:
        made = [report(conn, 2.5, 2.5, 20 - n) for n in range(12)]
    found = explain(sign_in("planner"), {"unit": "grid", "code": grid_code(2, 2)})
    assert found["n"] == 12
    assert [case["id"] for case in found["cases"]] == made[:3:-1]


def test_a_case_with_an_end_since_is_told_as_it_is_now(
    sign_in: SignIn, cases: dict[str, int], module_town: str
):
    planner = sign_in("planner")
    explain(planner, FIRST)
    with connect(module_town) as conn:
        conn.execute("UPDATE dispatch.cases SET state = 'void' WHERE id = %s", (cases["new"],))
    assert explain(planner, FIRST)["cases"][0]["state"] == "void"


@pytest.mark.usefixtures("cases")
def test_a_circle_takes_in_what_is_nearer_than_its_radius(sign_in: SignIn):
    planner = sign_in("planner")
    # (0.9, 0.9) is 226 m from the middle of the grid, the others 8 m at most.
    assert explain(planner, around(0.5, 0.5, 220))["n"] == 3
    assert explain(planner, around(0.5, 0.5, 230))["n"] == 4
    whole = explain(planner, around(0.5, 0.5, 150))
    assert whole["area_km2"] == pytest.approx(0.15**2 * 3.14159, rel=1e-3)
    corner = explain(planner, around(0, 0, 200))
    assert corner["area_km2"] == pytest.approx(0.2**2 * 3.14159 / 4, rel=1e-3)


@pytest.mark.usefixtures("cases")
def test_people_on_duty_are_counted_by_role(sign_in: SignIn):
    found = explain(sign_in("planner"), FIRST)["people"]
    assert {one["role"]: one["n"] for one in found} == {"grid_worker": 1, "mediator": 1}
    assert {one["role_label"] for one in found} == {"网格员", "专职人民调处员"}
    # The mediator is 0.14 grids, 57 m, away from the worker.
    near = explain(sign_in("planner"), around(0.5, 0.4, 50))["people"]
    assert near == [{"role": "grid_worker", "role_label": "网格员", "n": 1}]


@pytest.mark.usefixtures("cases")
def test_only_fresh_positions_that_can_be_are_counted(sign_in: SignIn, module_town: str):
    planner, counted = sign_in("planner"), []
    for age_s, suspect in ((880, False), (920, False), (0, True), (0, False)):
        with connect(module_town) as conn:
            conn.execute(
                "UPDATE dispatch.positions SET received_at = now() - make_interval(secs => %s),"
                " measured_at = now() - interval '1 day', suspect = %s WHERE person_id = 1",
                (age_s, suspect),
            )
        found = explain(planner, FIRST)
        assert found["people_within_s"] == 900
        counted.append({one["role"] for one in found["people"]})
    fresh, gone = {"grid_worker", "mediator"}, {"mediator"}
    assert counted == [fresh, gone, gone, fresh]


@pytest.mark.usefixtures("cases")
def test_nothing_is_worked_out_while_a_connection_is_lent(
    sign_in: SignIn, app: Flask, monkeypatch: pytest.MonkeyPatch
):
    pool, seen = app.extensions["ganxin"].pool, []

    def watched(work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*values: Any) -> Any:
            stats = pool.get_stats()
            lent = stats["pool_size"] - stats["pool_available"]
            seen.append((work.__name__, lent, threading.get_native_id()))
            return work(*values)

        return run

    for name in ("explain_place", "cells_of_place", "measure_coverage"):
        monkeypatch.setattr(risk_place, name, watched(getattr(risk_place, name)))
    outline = PlaceQuery.outline
    monkeypatch.setattr(PlaceQuery, "outline", watched(outline))
    explain(sign_in("planner"), {"unit": "hexagon", "code": _hexagon(sign_in("planner"))})
    names, lent, threads = zip(*seen, strict=True)
    assert names == ("outline", "explain_place", "cells_of_place", "measure_coverage")
    assert set(lent) == {0}
    assert threading.get_native_id() not in threads


def _hexagon(client: Client) -> str:
    rows = client.get("/api/v1/risk/units", query_string=PERIOD | {"unit": "hexagon"}).json
    return next(row["code"] for row in rows["items"] if row["count"])


@pytest.mark.usefixtures("cases")
def test_assets_and_what_covers_the_place(sign_in: SignIn):
    found = explain(sign_in("planner"), FIRST)
    assert {one["kind"]: one["count"] for one in found["assets"]} == {
        "alarm_pillar": 1, "camera": 1, "fuel_station": 1,
    }  # fmt: skip
    camera, pillar = found["coverage"]
    assert (camera["kind"], camera["reach_m"]) == ("camera", 100)
    assert (pillar["kind"], pillar["reach_m"]) == ("alarm_pillar", 300)
    # From (0.5, 0.5) to the camera at (0.1, 0.01) and the pillar at (0.5, 0.01).
    assert camera["nearest"]["distance_m"] == pytest.approx(GRID_M * 0.6325, abs=1)
    assert pillar["nearest"]["distance_m"] == pytest.approx(GRID_M * 0.49, abs=1)
    for told, dx in ((camera, 0.1), (pillar, 0.5)):
        assert told["gap"] == pytest.approx(_gap(dx, told["reach_m"]), abs=0.02), told["kind"]


def _gap(dx: float, reach_m: float) -> float:
    """Return the share of the first grid that discs round the devices leave, by their area."""
    devices = [(column + dx, row + 0.01) for column in (0, 1, 2) for row in (0, 1)]
    discs = [shapely.Point(x * GRID_M, y * GRID_M).buffer(reach_m, 64) for x, y in devices]
    grid = shapely.box(0, 0, GRID_M, GRID_M)
    return float(shapely.difference(grid, shapely.union_all(discs)).area / grid.area)


def test_what_is_out_of_order_covers_nothing(sign_in: SignIn, module_town: str):
    before = explain(sign_in("planner"), FIRST)["coverage"][0]
    broken = "UPDATE layers.assets SET attributes = %s WHERE id = 1"
    with connect(module_town) as conn:
        conn.execute(broken, ('{"status": "fault"}',))
    after = explain(sign_in("planner"), FIRST)["coverage"][0]
    with connect(module_town) as conn:
        conn.execute(broken, ("{}",))
    assert before["nearest"]["id"] == 1 != after["nearest"]["id"]
    assert after["gap"] > before["gap"]


def test_a_ring_over_the_border_counts_what_is_in_scope(sign_in: SignIn, cases: dict[str, int]):
    seen = {}
    for name in ("planner", "street.dispatcher", "other.dispatcher"):
        found = explain(sign_in(name), ring(BORDER))
        people = sum(one["n"] for one in found["people"])
        seen[name] = (found["n"], round(found["area_km2"], 3), found["residents"], people)
        shown = {case["id"] for case in found["cases"]}
        ids = {"planner": ("mine", "theirs"), "street.dispatcher": ("mine",)}
        wanted = ids.get(name, ("theirs",))
        assert shown == {cases[key] for key in cases if key.startswith(wanted)}
    # Two of the four columns of buildings of a grid lie in its half.
    assert seen == {
        "planner": (5, 0.16, 960, 3),
        "street.dispatcher": (2, 0.08, 480, 1),
        "other.dispatcher": (3, 0.08, 480, 2),
    }


@pytest.mark.usefixtures("cases")
def test_the_mean_is_that_of_the_scope(sign_in: SignIn):
    mine = explain(sign_in("street.dispatcher"), FIRST)
    # 6 of the 9 incidents are in the first street, on half of the residents.
    assert mine["times_mean"]["value"] == pytest.approx(4 / (6 / 16))
    narrowed = explain(sign_in("planner"), FIRST, area=STREETS[0])
    assert narrowed["times_mean"] == mine["times_mean"]
    wider = explain(sign_in("street.dispatcher"), FIRST, area="210211")
    assert wider["times_mean"] == mine["times_mean"]


@pytest.mark.usefixtures("cases")
def test_a_place_beyond_the_scope_is_not_there(sign_in: SignIn):
    there = grid_code(4, 0)
    wheres = (
        {"unit": "grid", "code": there},
        {"unit": "community", "code": there[:12]},
        around(4.5, 0.5, 100),
        ring([(4.2, 0.2), (4.4, 0.2), (4.4, 0.4)]),
    )
    for where in wheres:
        assert ask(sign_in("street.dispatcher"), where).status_code == 404, where
        assert ask(sign_in("planner"), where).status_code == 200, where
    beyond = ask(sign_in("street.dispatcher"), FIRST, area=STREETS[1])
    assert (beyond.status_code, beyond.json["field"]) == (404, "area")


@pytest.mark.usefixtures("cases")
def test_a_unit_has_the_count_that_the_map_shows(sign_in: SignIn):
    planner = sign_in("planner")
    for unit in ("grid", "community", "hexagon"):
        listed = planner.get("/api/v1/risk/units", query_string=PERIOD | {"unit": unit})
        rows = [row for row in listed.json["items"] if row["count"]]
        assert rows
        for row in rows:
            found = explain(planner, {"unit": unit, "code": row["code"]})
            assert found["n"] == row["count"], row
            assert found["area_km2"] == pytest.approx(row["area_km2"], rel=0.05)


@pytest.mark.usefixtures("cases")
def test_filters_and_weights(sign_in: SignIn):
    planner = sign_in("planner")
    assert explain(planner, FIRST, family="hazard")["n"] == 1
    assert explain(planner, FIRST, type="D02")["n"] == 3
    assert explain(planner, FIRST, urgency="ordinary")["n"] == 3
    plain, heavy = (explain(planner, FIRST, urgent_weight=weight) for weight in (1, 5))
    assert (plain["weighted"], heavy["weighted"]) == (False, True)
    assert heavy["n"] == plain["n"]
    assert heavy["per_km2"] == pytest.approx(plain["per_km2"] * 8 / 4)


@pytest.mark.usefixtures("cases")
def test_who_does_not_see_the_risk_map_sees_no_place_of_it(sign_in: SignIn):
    for name in RISK_ROLES:
        assert ask(sign_in(name), FIRST).status_code == 200, name
    for name in ("worker", "mediator", "judge", "lawyer", "gateway"):
        assert ask(sign_in(name), FIRST).status_code == 403, name


@pytest.mark.parametrize(
    ("where", "field", "status"),
    [
        ({}, "lon", 422),
        ({"lon": 121.5}, "lat", 422),
        ({"lat": 38.9}, "lon", 422),
        ({"lon": "nan", "lat": 38.9}, "lon", 422),
        ({"lon": 181, "lat": 38.9}, "lon", 422),
        ({"lon": 38.9, "lat": 121.5}, "lat", 422),
        ({"lon": 1, "lat": 1}, "lon", 404),
        ({"lon": -179, "lat": 89.9}, "lon", 404),
        ({**around(1, 1, 100), "radius_m": 49}, "radius_m", 422),
        ({**around(1, 1, 100), "radius_m": 3001}, "radius_m", 422),
        ({**around(1, 1, 100), **FIRST}, "unit", 422),
        ({**around(1, 1, 100), **ring(BORDER)}, "ring", 422),
        ({"unit": "grid"}, "code", 422),
        ({"code": grid_code(0, 0)}, "unit", 422),
        ({"unit": "raster", "code": grid_code(0, 0)}, "unit", 422),
        ({"unit": "street", "code": "210211001"}, "unit", 422),
        ({"unit": "grid", "code": "210211001"}, "code", 404),
        ({"unit": "hexagon", "code": "8830062723fffff"}, "code", 404),
        ({"ring": ""}, "ring", 422),
        ({"ring": "121.5,38.9,121.6"}, "ring", 422),
        ({"ring": "121.5,38.9,121.6,38.9"}, "ring", 422),
        ({"ring": "121.5,38.9,121.6,38.9,x,39"}, "ring", 422),
        ({"ring": "121.5,38.9,121.6,38.9,inf,39"}, "ring", 422),
        ({"ring": "38.9,121.5,38.9,121.6,39,121.6"}, "ring", 422),
        (ring([(0, 0), (1, 1), (1, 0), (0, 1)]), "ring", 422),
        ({"ring": ",".join(["121.5,38.9"] * 3)}, "ring", 422),
        ({"ring": ",".join(f"121.{n:03},38.{n % 2 + n:03}" for n in range(201))}, "ring", 422),
        ({"ring": "1," * 3001}, "ring", 422),
        ({"ring": "-1,1,1,1,1,-1,-1,-1"}, "ring", 404),
        ({**FIRST, "since": "now"}, "since", 422),
        ({**FIRST, "until": PERIOD["since"]}, "until", 422),
        ({**FIRST, "area": "210211999"}, "area", 422),
        ({**FIRST, "type": "X99"}, "type", 422),
        ({**FIRST, "weekday": 8}, "weekday", 422),
        ({**FIRST, "urgent_weight": 0}, "urgent_weight", 422),
        ({**FIRST, "colour": "red"}, "colour", 422),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_is_refused_by_name(
    shared_app: Flask, where: dict[str, Any], field: str, status: int
):
    answer = ask(Client(shared_app, "planner"), where)
    assert answer.status_code == status, answer.text
    assert answer.json["field"].split(".")[0] == field
