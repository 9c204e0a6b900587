"""Nobody is told of a case or person beyond their scope: one test walks every route of the API.

The demo district is marked so that a leak shows in any text: every person is named 人<id>, every
case described as 述<id>完. A dispatcher of the district asks everything first, so that every cache
is warm with more than the others may see.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from flask import Flask

from geodata.clock import FixedClock
from geodata.db.scope import Conn
from geodata.road.snap import Snapper
from geodata.road.store import load_graph
from tests.conftest import DEMO_AS_OF, DEMO_SEED
from tests.mvt import decode, tile_at
from tests.small_town import connect
from tests.town_staff import Login, load_logins
from tests.web.browser_client import Client
from tests.web.conftest import serve
from web.identity.demo import choose_accounts, read_staff

MARKS = {
    "person": re.compile(r"人(\d+)|电(\d+)"),
    "case": re.compile(r"述(\d+)完|\d{6}-\d{8}-(\d{6,})"),
}
JSON = {"Accept": "application/json"}
YEARS = "since=2018-01-01T00:00:00Z&until=2027-01-01T00:00:00Z"
WALKERS = (
    "street.dispatcher",
    "clerk",
    "worker",
    "mediator",
    "judge",
    "lawyer",
    "street.planner",
    "street.supervisor",
    "street.administrator",
    "street.system",
)


@dataclass
class Truth:
    """Who and what there is, read past row security."""

    cases: dict[int, tuple[str, str, float, float]]
    """grid code, state, lon, lat"""
    people: dict[int, tuple[list[str], str]]
    """home and area codes, duty"""
    taken_part: set[tuple[str, int]]
    incidents: set[int]
    """Cases that risk is measured from: neither void nor recommended by a risk map."""

    def incidents_in(self, login: Login) -> set[int]:
        """Return the incidents in the areas of an account, which its risk maps are of."""
        return {i for i in self.incidents if self.cases[i][0].startswith(login.area_codes)}

    def visible_cases(self, login: Login, subjects: tuple[str, ...]) -> set[int]:
        """Return the cases in the areas of an account, and those it took part in."""
        here = {i for i, c in self.cases.items() if c[0].startswith(login.area_codes)}
        return here | {case_id for subject, case_id in self.taken_part if subject in subjects}

    def visible_people(self, login: Login) -> set[int]:
        """Return the people at home in or answering for the areas of an account, and itself."""
        here = {
            i
            for i, (codes, _) in self.people.items()
            if any(code.startswith(login.area_codes) for code in codes)
        }
        return here | ({login.person_id} if login.person_id else set())


@dataclass
class World:
    """The application on the marked demo, with the accounts that walk it."""

    app: Flask
    truth: Truth
    logins: dict[str, Login]
    clients: dict[str, Client] = field(default_factory=dict)
    subjects: dict[str, tuple[str, ...]] = field(default_factory=dict)


def mark(conn: Conn) -> None:
    conn.execute("UPDATE dispatch.people SET name = '人' || id, phone = '电' || id")
    conn.execute("UPDATE dispatch.cases SET description = '述' || id || '完', closing_note = NULL")


def read_truth(conn: Conn) -> Truth:
    cases = conn.execute(
        "SELECT id, grid_code, state, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM dispatch.cases"
    )
    people = conn.execute("SELECT id, home_code, area_codes, duty FROM dispatch.people")
    taken = conn.execute("SELECT subject, case_id FROM dispatch.participations")
    incidents = conn.execute(
        "SELECT c.id FROM dispatch.cases c JOIN dispatch.case_types t ON t.code = c.type_code"
        " WHERE c.state <> 'void' AND t.family <> 'recommendation'"
    )
    return Truth(
        {r["id"]: (r["grid_code"], r["state"], r["lon"], r["lat"]) for r in cases},
        {r["id"]: ([r["home_code"], *r["area_codes"]], r["duty"]) for r in people},
        {(r["subject"], r["case_id"]) for r in taken},
        {r["id"] for r in incidents},
    )


def logins_of(conn: Conn) -> dict[str, Login]:
    accounts = choose_accounts("210211", read_staff(conn), DEMO_SEED)
    found = {a.username: Login(a.username, a.role, a.area_codes, a.person_id) for a in accounts}
    street = found["street.dispatcher"].area_codes
    for role in ("planner", "supervisor", "administrator", "system"):
        found[f"street.{role}"] = Login(f"street.{role}", role, street)
    return found


def live_through(world: World, conn: Conn) -> None:
    """Let things happen across borders: help from another street, a judge called elsewhere."""
    desk = world.clients["dispatcher"]
    street = world.logins["street.dispatcher"].area_codes
    judge = world.logins["judge"]
    waiting = [i for i, c in world.truth.cases.items() if c[1] == "pending"]
    mine = next(i for i in waiting if c_in(world.truth.cases[i], street))
    afar = next(i for i in waiting if not c_in(world.truth.cases[i], judge.area_codes))
    stranger = next(
        i
        for i, (codes, duty) in world.truth.people.items()
        if duty == "on_duty" and not any(code.startswith(street) for code in codes)
    )
    for case_id, person_id, role in ((mine, stranger, "lead"), (afar, judge.person_id, "judge")):
        version = desk.get(f"/api/v1/cases/{case_id}").json["version"]
        answer = desk.post(
            f"/api/v1/cases/{case_id}/assignments",
            json={"person_id": person_id, "version": version, "role": role},
            headers={"Idempotency-Key": str(uuid4())},
        )
        assert answer.status_code == 201, answer.text
    for name in ("dispatcher", "street.dispatcher"):
        proposed = world.clients[name].post("/api/v1/queue/proposals", json={})
        assert proposed.status_code == 201, proposed.text
        assert proposed.json["lines"]
    for name in ("dispatcher", "clerk"):
        body = {"name": name, "query": "since=2018-01-01&until=2026-12-31&unit=grid"}
        saved = world.clients[name].post("/api/v1/risk/maps", json=body)
        assert saved.status_code == 201, saved.text
    conn.execute("SELECT geodata.seal_events(1000)")
    conn.commit()


def c_in(case: tuple[str, str, float, float], areas: tuple[str, ...]) -> bool:
    return case[0].startswith(areas)


@pytest.fixture(scope="module")
def world(
    clone: Callable[[str], str], demo_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    dsn = clone(demo_template)
    with connect(dsn) as conn:
        mark(conn)
        add_waiting(conn)
        logins = logins_of(conn)
        load_logins(conn, "no password", logins.values())
        conn.execute("ANALYZE")
        conn.commit()
        roads = Snapper(load_graph(conn))
        home = tmp_path_factory.mktemp("home")
        for app in serve(dsn, roads, home, FixedClock(DEMO_AS_OF)):
            world = World(app, read_truth(conn), logins)
            for name, login in logins.items():
                client = world.clients[name] = Client(app, name)
                user_id = client.get("/api/v1/session").json["user"]["id"]
                person = (f"p:{login.person_id}",) if login.person_id else ()
                world.subjects[name] = (f"u:{user_id}", *person)
            live_through(world, conn)
            world.truth = read_truth(conn)
            warm_caches(world)
            yield world


def warm_caches(world: World) -> None:
    """Let the dispatcher of the district ask a few of everybody's questions on every route."""
    paths = [rule[:3] for name in WALKERS for rule in walk(world, name).values()]
    for path in dict.fromkeys(chain.from_iterable(paths)):
        world.clients["dispatcher"].get(path, headers=JSON)


def add_waiting(conn: Conn) -> None:
    """Let some closed cases of every street wait again, so that there is something to see."""
    conn.execute(
        "UPDATE dispatch.cases SET state = 'pending', closed_at = NULL WHERE id IN"
        " (SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY left(grid_code, 12)"
        " ORDER BY reported_at DESC, id) AS n FROM dispatch.cases WHERE state = 'closed') q"
        " WHERE n = 1)"
    )


def sample(seen: set[int], everything: set[int]) -> tuple[list[int], list[int]]:
    """Return some ids in scope and some beyond, the newest of each."""
    return sorted(seen)[-3:], sorted(everything - seen)[-3:]


def walk(world: World, name: str) -> dict[str, list[str]]:
    """Return, for every rule of the API that answers GET, the addresses somebody tries."""
    login, truth = world.logins[name], world.truth
    mine, alien = sample(truth.visible_cases(login, world.subjects[name]), set(truth.cases))
    known, stranger = sample(truth.visible_people(login), set(truth.people))
    cases, people = mine + alien, known + stranger
    api = "/api/v1"
    names = [f"人{person}" for person in people] + [f"述{case}完" for case in cases]
    places = [truth.cases[case][2:] for case in cases]
    grids = [truth.cases[case][0] for case in cases]
    code = login.area_codes[0]
    tiles = [(z, *tile_at(*at, z)) for at in places for z in (0, 9, 11, 14, 16)]
    return {
        "/api/v1/session": [f"{api}/session"],
        "/api/v1/tokens": [f"{api}/tokens"],
        "/api/v1/areas": [f"{api}/areas?level=street", f"{api}/areas?q=街道"],
        "/api/v1/areas/<code>": [f"{api}/areas/{code}"],
        "/api/v1/assets": [f"{api}/assets?kind=camera&limit=200"],
        "/api/v1/assets/<id>": [f"{api}/assets/1"],
        "/api/v1/asset-kinds": [f"{api}/asset-kinds"],
        "/api/v1/addresses": [f"{api}/addresses?q=兴"],
        "/api/v1/case-types": [f"{api}/case-types"],
        "/api/v1/work-calendar": [f"{api}/work-calendar?year=2026"],
        "/api/v1/limits": [f"{api}/limits"],
        "/api/v1/cases": [
            f"{api}/cases?limit=200",
            f"{api}/cases?state=open&limit=200",
            f"{api}/cases?mine=true&limit=200",
            f"{api}/cases?area=210211&limit=200",
            *(f"{api}/cases?q={text}" for text in names),
            f"{api}/cases?order=due&light=red&light=yellow&light=green&limit=200",
            f"{api}/cases?holder=210211&stuck=true&returned=false&limit=200",
            *(f"{api}/cases?lead={person}" for person in people),
        ],
        "/api/v1/desk": [f"{api}/desk", f"{api}/desk?area=210211&holder=210211"],
        "/api/v1/purposes": [f"{api}/purposes"],
        "/api/v1/filters": [f"{api}/filters"],
        "/api/v1/cases/nearby": [
            f"{api}/cases/nearby?lon={lon}&lat={lat}&datum=WGS-84&radius_m=3000&hours=8784"
            for lon, lat in places
        ],
        "/api/v1/locate": [f"{api}/locate?lon={a}&lat={b}&datum=WGS-84" for a, b in places],
        "/api/v1/cases/<id>": [f"{api}/cases/{case}" for case in cases],
        "/api/v1/cases/<id>/candidates": [f"{api}/cases/{case}/candidates" for case in cases],
        "/api/v1/cases/<id>/candidates/<person_id>/route": [
            f"{api}/cases/{case}/candidates/{person}/route"
            for case in cases
            for person in people[-2:]
        ],
        "/api/v1/cases/<id>/why-not": [
            f"{api}/cases/{case}/why-not?person={person}" for case in cases for person in people
        ],
        "/api/v1/run-cards": [f"{api}/run-cards"],
        "/api/v1/queue/modes": [f"{api}/queue/modes"],
        "/api/v1/queue/proposals/<id>": [f"{api}/queue/proposals/{n}" for n in (1, 2)],
        "/api/v1/cases/<id>/way": [
            f"{api}/cases/{case}/way?lon={lon}&lat={lat}&datum=WGS-84"
            for case in cases
            for lon, lat in places[:1]
        ],
        "/api/v1/cases/<id>/assignments": [f"{api}/cases/{case}/assignments" for case in cases],
        "/api/v1/cases/<id>/timeline": [f"{api}/cases/{case}/timeline" for case in cases],
        "/api/v1/cases/<id>/actions": [f"{api}/cases/{case}/actions" for case in cases],
        "/api/v1/cases/<id>/contacts": [f"{api}/cases/{case}/contacts" for case in cases],
        "/api/v1/cases/<id>/documents": [f"{api}/cases/{case}/documents" for case in cases],
        "/api/v1/cases/<id>/documents/<did>": [f"{api}/cases/{case}/documents/1" for case in cases],
        "/api/v1/results/unverified": [f"{api}/results/unverified"],
        "/api/v1/results": [f"{api}/results?limit=200"],
        "/api/v1/people": [
            f"{api}/people?limit=200",
            f"{api}/people?role=judge&limit=200",
            f"{api}/people?area=210211&limit=200",
            *(f"{api}/people?q={text}" for text in names),
        ],
        "/api/v1/people/<id>": [f"{api}/people/{person}" for person in people],
        "/api/v1/roster": [
            f"{api}/roster?limit=200",
            f"{api}/roster?area=210211&role=judge&limit=200",
            *(f"{api}/roster?q={text}" for text in names),
        ],
        "/api/v1/roster/people/<id>": [f"{api}/roster/people/{person}" for person in people],
        "/api/v1/search": [f"{api}/search?limit=20&q={text}" for text in names],
        "/api/v1/figures": [f"{api}/figures"],
        "/api/v1/live": [f"{api}/live"],
        "/api/v1/risk/surface": [
            f"{api}/risk/surface?{YEARS}&cell_m=200",
            f"{api}/risk/surface?{YEARS}&cell_m=200&area=210211",
        ],
        "/api/v1/risk/units": [
            f"{api}/risk/units?{YEARS}&unit={unit}{area}"
            for unit in ("grid", "community", "hexagon")
            for area in ("", "&area=210211")
        ],
        "/api/v1/risk/backtest": [f"{api}/risk/backtest"],
        "/api/v1/risk/shapes": [f"{api}/risk/shapes?unit=community"],
        "/api/v1/risk/days": [f"{api}/risk/days?{YEARS}", f"{api}/risk/days?{YEARS}&area=210211"],
        "/api/v1/risk/place": [
            *(f"{api}/risk/place?{YEARS}&lon={a}&lat={b}&radius_m=3000" for a, b in places),
            *(f"{api}/risk/place?{YEARS}&lon={a}&lat={b}&area=210211" for a, b in places),
            *(f"{api}/risk/place?{YEARS}&unit=community&code={codes[:12]}" for codes in grids),
        ],
        "/api/v1/risk/report.<format>": [
            f"{api}/risk/report.geojson?{YEARS}&cell_m=200",
            f"{api}/risk/report.html?{YEARS}&cell_m=200&area=210211",
        ],
        "/api/v1/risk/maps": [f"{api}/risk/maps"],
        "/api/v1/risk/maps/<id>": [f"{api}/risk/maps/1", f"{api}/risk/maps/2"],
        "/api/v1/events": [f"{api}/events?limit=1000", f"{api}/events?since=49000&limit=1000"],
        "/tiles/<layer>/<z>/<x>/<y>.mvt": [
            f"/tiles/cases/{z}/{x}/{y}.mvt?state={state}"
            for z, x, y in dict.fromkeys(tiles)
            for state in ("open", "all")
        ],
    }


def named(kind: str, text: str) -> set[int]:
    return {int(a or b) for a, b in MARKS[kind].findall(text)}


def ids_of(value: Any, key: str) -> Iterator[int]:
    """Yield every number that stands under a key, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == key or name.endswith("_" + key):
                if isinstance(inner, int):
                    yield inner
            else:
                yield from ids_of(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from ids_of(inner, key)


def own_ids(rule: str, body: Any) -> tuple[set[int], set[int]]:
    """Return the cases and people an answer lists as its own rows."""
    rows = {item["id"] for item in body.get("items", []) if isinstance(item.get("id"), int)}
    if rule in ("/api/v1/cases", "/api/v1/cases/nearby"):
        return rows, set()
    if rule in ("/api/v1/people", "/api/v1/roster"):
        return set(), rows
    if rule == "/api/v1/risk/place":
        return {case["id"] for case in body.get("cases", [])}, set()
    if rule == "/api/v1/live":
        return {case["id"] for case in body["cases"]}, set(body["people"]["id"])
    return set(), set()


def tile_cases(body: bytes) -> tuple[set[int], int]:
    """Return the ids of the cases in a tile, and how many its clusters count."""
    layers = decode(body)
    points = {feature.id for feature in layers.get("case", []) if feature.id is not None}
    counted = sum(feature.properties["cases"] for feature in layers.get("case_cluster", []))
    return points, counted


def test_the_walk_leaves_out_no_route(world: World):
    rules = {
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith(("/api/v1/", "/tiles/")) and "GET" in (rule.methods or ())
    }
    assert set(walk(world, "judge")) == rules


@pytest.mark.parametrize("name", WALKERS)
def test_no_route_tells_of_what_is_beyond_the_scope(world: World, name: str):
    login, client = world.logins[name], world.clients[name]
    cases = world.truth.visible_cases(login, world.subjects[name])
    people = world.truth.visible_people(login)
    assert cases < set(world.truth.cases)
    assert people < set(world.truth.people)
    for rule, paths in walk(world, name).items():
        for path in paths:
            answer = client.get(path, headers=JSON)
            assert answer.status_code in (200, 403, 404), (path, answer.text)
            if rule.startswith("/tiles/"):
                points, counted = tile_cases(answer.data)
                assert points <= cases, path
                assert counted <= len(cases), path
                continue
            if answer.mimetype == "image/png":
                assert json.loads(answer.headers["Ganxin-Finding"])["n"] <= len(cases), path
                continue
            if rule.startswith("/api/v1/risk/report"):
                continue  # files: tests/web/test_risk_report.py looks into them
            text = json.dumps(answer.json, ensure_ascii=False)
            assert named("person", text) <= people, path
            assert named("case", text) <= cases, path
            assert set(ids_of(answer.json, "person_id")) <= people, path
            assert set(ids_of(answer.json, "case_id")) <= cases, path
            listed = own_ids(rule, answer.json)
            assert listed[0] <= cases, path
            assert listed[1] <= people, path


@pytest.mark.parametrize("name", WALKERS)
def test_counts_are_of_the_scope_and_of_all_of_it(world: World, name: str):
    login, client, truth = world.logins[name], world.clients[name], world.truth
    cases = truth.visible_cases(login, world.subjects[name])
    people = truth.visible_people(login)
    still = {i for i in cases if truth.cases[i][1] not in ("closed", "void")}
    figures = client.get("/api/v1/figures").json
    assert figures["reported"] == len(cases)
    assert figures["closed"] == len({i for i in cases if truth.cases[i][1] == "closed"})
    assert figures["on_duty"] == len([i for i in people if truth.people[i][1] == "on_duty"])
    live = client.get("/api/v1/live").json
    assert {case["id"] for case in live["cases"]} == still
    assert tile_cases(client.get("/tiles/cases/0/0/0.mvt").data)[1] == len(still)
    assert len(still) <= 200
    listed = client.get("/api/v1/cases?state=open&limit=200").json["items"]
    assert {item["id"] for item in listed} == still


RISK_WALKERS = ("street.dispatcher", "clerk", "street.planner", "street.supervisor")


@pytest.mark.parametrize("name", RISK_WALKERS)
def test_risk_is_measured_from_the_scope_and_from_all_of_it(world: World, name: str):
    login, client = world.logins[name], world.clients[name]
    mine = world.truth.incidents_in(login)
    assert 0 < len(mine) < len(world.truth.incidents)
    api = "/api/v1/risk"
    days = client.get(f"{api}/days?{YEARS}").json["items"]
    units = client.get(f"{api}/units?{YEARS}&unit=grid").json
    surface = client.get(f"{api}/surface?{YEARS}&cell_m=25")
    assert sum(item["count"] for item in days) == len(mine)
    assert sum(item["count"] for item in units["items"]) == units["facts"]["n"] == len(mine)
    assert json.loads(surface.headers["Ganxin-Finding"])["n"] == len(mine)
    west, south, east, north = 121.0, 38.5, 122.0, 39.5
    ring = f"{west},{south},{east},{south},{east},{north},{west},{north}"
    assert client.get(f"{api}/place?{YEARS}&ring={ring}").json["n"] == len(mine)


def test_saved_maps_are_shown_to_whom_their_areas_are_open(world: World):
    seen = {
        name: [
            one["made_by_name"]
            for one in world.clients[name].get("/api/v1/risk/maps").json["items"]
        ]
        for name in ("dispatcher", *RISK_WALKERS)
    }
    assert seen.pop("dispatcher") == ["clerk", "dispatcher"]
    clerk = world.logins["clerk"].area_codes
    for name, makers in seen.items():
        covered = all(code.startswith(world.logins[name].area_codes) for code in clerk)
        assert makers == (["clerk"] if covered else []), name


@pytest.mark.parametrize("name", ["street.dispatcher", "clerk", "judge", "street.system"])
def test_what_is_beyond_the_scope_is_not_there_and_cannot_be_changed(world: World, name: str):
    login, client, truth = world.logins[name], world.clients[name], world.truth
    case = sample(truth.visible_cases(login, world.subjects[name]), set(truth.cases))[1][0]
    person = sample(truth.visible_people(login), set(truth.people))[1][0]
    assert client.get(f"/api/v1/cases/{case}").status_code == 404
    assert client.get(f"/api/v1/people/{person}").status_code == 404
    key = {"Idempotency-Key": str(uuid4())}
    path = f"/api/v1/cases/{case}"
    skip = {"kind": "shift_skip", "id": 1, "day": "2026-11-23"}
    tries = [
        ("POST", f"{path}/assignments", {"person_id": person, "version": 1}),
        ("POST", f"{path}/assignments/1/undo", {"version": 1}),
        ("POST", f"{path}/assignments/1/acknowledge", {"version": 1}),
        ("POST", f"{path}/assignments/1/arrive", {"version": 1}),
        ("POST", f"{path}/assignments/1/return", {"version": 1, "reason": "x"}),
        ("POST", f"{path}/close", {"version": 1, "note": "x"}),
        ("POST", f"{path}/void", {"version": 1, "reason": "x"}),
        ("PUT", f"/api/v1/people/{person}/duty", {"duty": "off_duty"}),
        ("POST", f"/api/v1/roster/people/{person}/preview", {"change": skip}),
        ("POST", f"/api/v1/roster/people/{person}/changes", {"change": skip, "version": 1}),
        ("POST", f"/api/v1/roster/people/{person}/undo", {"version": 2}),
    ]
    for method, where, body in tries:
        answer = client.call(method, where, json=body, headers=key)
        assert answer.status_code in (403, 404), (where, answer.text)


@pytest.mark.parametrize("name", ["street.dispatcher", "clerk", "street.supervisor"])
def test_a_desk_counts_and_a_file_holds_the_scope_and_all_of_it(world: World, name: str):
    login, client, truth = world.logins[name], world.clients[name], world.truth
    cases = truth.visible_cases(login, world.subjects[name])
    still = {i for i in cases if truth.cases[i][1] not in ("closed", "void", "merged")}
    assert client.get("/api/v1/desk").json["tabs"]["open"] == len(still) > 0
    assert client.get("/api/v1/desk?area=210211").json["tabs"]["open"] == len(still)
    for wanted in ({"state": ["open"]}, {"area": "210211", "state": ["open"], "order": "due"}):
        answer = client.post("/api/v1/cases/export", json={"purpose": "x", **wanted})
        assert answer.status_code == 200, answer.text
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
        text = "\n".join(str(cell) for row in book.worksheets[0].values for cell in row)
        assert named("case", text) == still
        assert named("person", text) <= truth.visible_people(login)


def test_no_action_on_many_reaches_beyond_the_scope(world: World):
    login, client, truth = world.logins["clerk"], world.clients["clerk"], world.truth
    aliens = sample(truth.visible_cases(login, world.subjects["clerk"]), set(truth.cases))[1]
    seen = [{"id": case, "version": 1} for case in aliens]
    body = {"action": "void", "cases": seen, "reason": "x"}
    answer = client.post("/api/v1/cases/bulk", json=body)
    assert {item["problem"]["code"] for item in answer.json["items"]} == {"not_found"}
    assert {item["problem"].get("winner") for item in answer.json["items"]} == {None}


def test_candidates_beyond_the_scope_show_role_minutes_and_reason_only(world: World):
    login, client = world.logins["clerk"], world.clients["clerk"]
    seen = world.truth.visible_cases(login, world.subjects["clerk"])
    waiting = [i for i in seen if world.truth.cases[i][1] == "pending"]
    beyond = [
        candidate
        for case in waiting
        for candidate in client.get(f"/api/v1/cases/{case}/candidates").json["items"]
        if not candidate["in_scope"]
    ]
    assert beyond
    told = {"rank", "role", "role_label", "assignment_role", "rung", "reasons", "travel_s"}
    for candidate in beyond:
        rest = {k: v for k, v in candidate.items() if k not in told | {"in_scope", "duty"}}
        assert set(rest.values()) == {None}, candidate
        assert candidate["reasons"]


def test_a_judge_sees_communities_in_three_streets_and_the_cases_taken_part_in(world: World):
    login = world.logins["judge"]
    assert len({code[:9] for code in login.area_codes}) >= 3
    listed = world.clients["judge"].get("/api/v1/cases?limit=200&state=open").json["items"]
    afar = [item for item in listed if not item["grid"]["code"].startswith(login.area_codes)]
    assert len(afar) == 1
    assert {item["grid"]["code"][:9] for item in listed} >= {c[:9] for c in login.area_codes}
