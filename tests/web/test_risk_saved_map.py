"""Saved maps: kept with what they said of themselves, seen by whose scope covers their areas."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from geodata.clock import LOCAL_ZONE
from geodata.db.scope import NOTHING, Scope, set_scope
from layers.risk.saved_map import make_trust
from tests.small_town import DISTRICT, STREETS, add_case, connect
from tests.web.browser_client import Client
from web.api import risk_map

SignIn = Callable[[str], Client]
PATH = "/api/v1/risk/maps"
NOW = datetime.now(UTC).replace(microsecond=0)
TODAY = NOW.astimezone(LOCAL_ZONE).date()
FIRST = TODAY - timedelta(days=60)
DAYS = f"since={FIRST}&until={TODAY}"
QUERY = f"{DAYS}&unit=grid&at=121.5,38.9,12.00&q=%E5%A4%9C"
QUESTION = {
    "since": datetime.combine(FIRST, time(), LOCAL_ZONE).isoformat(),
    "until": datetime.combine(TODAY + timedelta(days=1), time(), LOCAL_ZONE).isoformat(),
    "unit": "grid",
}
"""The same, as the map itself is asked for."""


@pytest.fixture(autouse=True)
def cases(app: Flask, module_town: str) -> None:
    """Let five cases happen, three of them in the first street."""
    with connect(module_town) as conn:
        for column in (0.5, 1.5, 2.5, 4.5, 5.5):
            add_case(conn, column, 0.5, reported_at=NOW - timedelta(days=1))


def send(client: Client, key: str | None = None, **change: Any) -> Any:
    body = {"name": "夜间", "query": QUERY} | change
    return client.post(PATH, json=body, headers={"Idempotency-Key": key} if key else {})


def save(client: Client, **change: Any) -> Any:
    answer = send(client, **change)
    assert answer.status_code == 201, answer.text
    return answer.json


def listed(client: Client) -> list[int]:
    return [one["id"] for one in client.get(PATH).json["items"]]


def count(dsn: str) -> int:
    with connect(dsn) as conn:
        return conn.execute("SELECT count(*) AS n FROM layers.risk_maps").fetchone()["n"]


def test_a_map_is_kept_with_what_it_said_of_itself(sign_in: SignIn, module_town: str, app: Flask):
    planner = sign_in("planner")
    units = planner.get("/api/v1/risk/units", query_string=QUESTION).json
    made = save(planner)
    assert (made["name"], made["query"], made["made_by_name"]) == ("夜间", QUERY, "planner")
    assert (made["areas"], made["mine"]) == ([DISTRICT], True)
    assert made["trust"] == {"facts": units["facts"], "backtest": None}
    assert made["trust"]["facts"]["n"] == 5
    with connect(module_town) as conn:
        add_case(conn, 0.6, 0.5, reported_at=NOW)
    assert planner.get(f"{PATH}/{made['id']}").json == made
    assert planner.get(PATH).json == {"items": [made], "next": None}


def test_what_it_says_is_not_for_the_client_to_say(sign_in: SignIn, module_town: str):
    answer = send(sign_in("planner"), trust={"facts": {"n": 1_000_000}})
    assert (answer.status_code, answer.json["field"]) == (422, "trust")
    for field in ("areas", "made_by", "made_at", "id", "unit", "since", "bandwidth_m"):
        assert send(sign_in("planner"), **{field: "x"}).json["field"] == field
    assert count(module_town) == 0


def test_a_backtest_is_kept_beside_the_facts():
    assert make_trust({"n": 1}) == {"facts": {"n": 1}, "backtest": None}
    assert make_trust({"n": 1}, {"pai": 8.6}) == {"facts": {"n": 1}, "backtest": {"pai": 8.6}}


@pytest.mark.parametrize(
    ("query", "question"),
    [
        ("unit=raster", {"unit": "raster"}),
        ("unit=community&measure=relative", {"unit": "community", "measure": "relative"}),
        ("unit=grid&family=hazard", {"unit": "grid", "family": "hazard"}),
        ("unit=grid&urgent_weight=5", {"unit": "grid", "urgent_weight": 5}),
        ("unit=grid&half_life=30", {"unit": "grid", "half_life_days": 30}),
        ("unit=grid&bandwidth=200", {"unit": "grid", "bandwidth_m": 200}),
        ("unit=grid&type=H01", {"unit": "grid", "type": "H01"}),
    ],
)
def test_the_facts_are_of_the_map_that_the_link_opens(
    sign_in: SignIn, query: str, question: dict[str, Any]
):
    planner = sign_in("planner")
    facts = save(planner, query=f"{DAYS}&{query}")["trust"]["facts"]
    asked = QUESTION | question
    if question["unit"] == "raster":
        answer = planner.get("/api/v1/risk/surface", query_string=asked | {"unit": "raster"})
        told = json.loads(answer.headers["Ganxin-Finding"])
        told.pop("corners")
    else:
        told = planner.get("/api/v1/risk/units", query_string=asked).json["facts"]
    assert facts == told


def test_days_left_out_are_written_in_so_that_the_link_shows_the_same_tomorrow(sign_in: SignIn):
    made = save(sign_in("planner"), query="")
    first = TODAY - timedelta(days=179)
    assert made["query"] == f"since={first}&until={TODAY}"
    assert made["trust"]["facts"]["n"] == 5
    assert save(sign_in("planner"), query="unit=grid")["query"] == f"unit=grid&{made['query']}"


def test_a_bandwidth_left_out_is_the_backtests(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch):
    told = {"chosen_m": 160.0, "likelihood_m": 490.0}
    monkeypatch.setattr(risk_map, "_backtest", lambda address, principal: told)
    planner = sign_in("planner")
    for query, metres in (
        (DAYS, 160), (f"{DAYS}&measure=relative", 490), (f"{DAYS}&bandwidth=230", 230),
    ):  # fmt: skip
        trust = save(planner, query=query)["trust"]
        assert trust["facts"]["bandwidth_m"] == metres
        assert trust["backtest"] == told


def test_who_sees_a_map(sign_in: SignIn):
    made = {
        name: save(sign_in(name), name=name)["id"]
        for name in ("planner", "street.dispatcher", "other.dispatcher", "clerk")
    }
    seen = {name: listed(sign_in(name)) for name in made}
    everything = sorted(made.values(), reverse=True)
    assert seen["planner"] == listed(sign_in("admin")) == everything
    assert seen["street.dispatcher"] == [made["clerk"], made["street.dispatcher"]]
    assert seen["other.dispatcher"] == [made["other.dispatcher"]]
    assert seen["clerk"] == [made["clerk"]]
    for name, client in ((name, sign_in(name)) for name in made):
        for map_id in made.values():
            status = client.get(f"{PATH}/{map_id}").status_code
            assert status == (200 if map_id in seen[name] else 404)


def test_a_map_says_what_its_maker_may_see(sign_in: SignIn):
    assert save(sign_in("street.dispatcher"))["trust"]["facts"]["n"] == 3
    assert save(sign_in("other.dispatcher"))["trust"]["facts"]["n"] == 2


def test_only_its_maker_deletes_a_map(sign_in: SignIn, module_town: str):
    planner, street = sign_in("planner"), sign_in("street.dispatcher")
    wide, narrow = save(planner), save(street)
    assert planner.get(f"{PATH}/{narrow['id']}").json["mine"] is False
    assert planner.call("DELETE", f"{PATH}/{narrow['id']}").status_code == 403
    assert street.call("DELETE", f"{PATH}/{wide['id']}").status_code == 404
    assert (listed(planner), count(module_town)) == ([narrow["id"], wide["id"]], 2)
    gone = planner.call("DELETE", f"{PATH}/{wide['id']}")
    assert (gone.status_code, gone.data) == (204, b"")
    assert planner.call("DELETE", f"{PATH}/{wide['id']}").status_code == 404
    assert listed(planner) == [narrow["id"]]
    planner.csrf = "guessed"
    assert planner.call("DELETE", f"{PATH}/{narrow['id']}").json["code"] == "bad_csrf_token"


def test_a_deleted_map_comes_back_as_it_was(sign_in: SignIn, module_town: str):
    planner = sign_in("planner")
    made = save(planner)
    with connect(module_town) as conn:
        add_case(conn, 0.6, 0.5, reported_at=NOW)
    assert planner.call("DELETE", f"{PATH}/{made['id']}").status_code == 204
    assert planner.get(f"{PATH}/{made['id']}").status_code == 404
    back = planner.post(f"{PATH}/{made['id']}/restore")
    assert (back.status_code, back.json) == (200, made)
    assert planner.get(PATH).json["items"] == [made]
    assert planner.post(f"{PATH}/{made['id']}/restore").json == made


def test_only_its_maker_brings_a_map_back(sign_in: SignIn):
    planner, street = sign_in("planner"), sign_in("street.dispatcher")
    narrow = save(street)["id"]
    assert planner.post(f"{PATH}/{narrow}/restore").status_code == 403
    street.call("DELETE", f"{PATH}/{narrow}")
    for name in ("planner", "other.dispatcher"):
        assert sign_in(name).post(f"{PATH}/{narrow}/restore").status_code == 404
    assert listed(street) == []
    assert street.post(f"{PATH}/{narrow}/restore").status_code == 200
    assert listed(planner) == [narrow]


def test_after_a_day_a_deleted_map_is_gone_for_good(sign_in: SignIn, module_town: str):
    planner, clerk = sign_in("planner"), sign_in("clerk")
    old, young, other = save(planner), save(planner), save(clerk)
    for client, one in ((planner, old), (planner, young), (clerk, other)):
        client.call("DELETE", f"{PATH}/{one['id']}")
    with connect(module_town) as conn:
        conn.execute(
            "UPDATE layers.risk_maps SET deleted_at = now() - interval '25 hours' WHERE id <> %s",
            (young["id"],),
        )
    assert planner.post(f"{PATH}/{old['id']}/restore").status_code == 404
    assert count(module_town) == 3
    kept = save(planner)
    with connect(module_town) as conn:
        rows = conn.execute("SELECT id FROM layers.risk_maps ORDER BY id").fetchall()
    assert [row["id"] for row in rows] == [young["id"], other["id"], kept["id"]]
    assert listed(planner) == [kept["id"]]


def test_pages_newest_first(sign_in: SignIn):
    planner = sign_in("planner")
    made = [save(planner, name=str(n))["id"] for n in range(5)]
    found, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        answer = planner.get(PATH, query_string={"limit": 2, **more}).json
        assert len(answer["items"]) <= 2
        found += [one["id"] for one in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert found == made[::-1]
    assert planner.get(f"{PATH}?cursor=WzEsMl0").json["field"] == "cursor"


def test_sent_twice_it_is_saved_once(sign_in: SignIn, module_town: str):
    planner, key = sign_in("planner"), str(uuid4())
    first, again = send(planner, key), send(planner, key)
    assert first.json == again.json
    assert count(module_town) == 1
    assert send(planner, key, name="else").json["code"] == "idempotency_mismatch"


def test_who_does_not_see_the_risk_map_sees_no_saved_one(sign_in: SignIn, module_town: str):
    map_id = save(sign_in("clerk"))["id"]
    for name in ("worker", "mediator", "judge", "lawyer", "gateway"):
        client = sign_in(name)
        assert client.get(PATH).status_code == 403
        assert client.get(f"{PATH}/{map_id}").status_code == 403
        assert client.call("DELETE", f"{PATH}/{map_id}").status_code == 403
        assert client.post(f"{PATH}/{map_id}/restore").status_code == 403
        assert send(client).status_code == 403
    assert count(module_town) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": None}, "name"),
        ({"name": "a\u0000"}, "name"),
        ({"query": None}, "query"),
        ({"query": "x" * 2001}, "query"),
        ({"query": "no pair"}, "query"),
        ({"query": "nopair"}, "query"),
        ({"query": "a=1&&b"}, "query"),
        ({"query": "a=1#top"}, "query"),
        ({"query": 'a="><script>'}, "query"),
        ({"query": "a=%ff"}, "query"),
        ({"query": "&".join(["a=1"] * 201)}, "query"),
        ({"query": "a=1\nb=2"}, "query"),
        ({"query": "since=yesterday"}, "since"),
        ({"query": "since=2026-03-01&until=2026-02-01"}, "until"),
        ({"query": "since=2001-01-01"}, "since"),
        ({"query": f"area={STREETS[0]}"}, "area"),
        ({"query": "type=X99"}, "type"),
        ({"query": "family=hazard&family=dispute"}, "family"),
        ({"query": "hours=7-24"}, "hours"),
        ({"query": "measure=guess"}, "measure"),
        ({"query": "bandwidth=1"}, "bandwidth"),
    ],
)
def test_a_map_that_cannot_be_is_refused_by_name(
    sign_in: SignIn, module_town: str, change: dict[str, Any], field: str
):
    answer = send(sign_in("planner"), **change)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json["field"].split(".")[0] == field, answer.text
    assert count(module_town) == 0


def test_the_longest_map_is_taken(sign_in: SignIn):
    rest = f"&{DAYS}"
    made = save(sign_in("planner"), name="图" * 120, query="a=" + "x" * (1998 - len(rest)) + rest)
    assert (len(made["name"]), len(made["query"])) == (120, 2000)
    # Days written in make it longer still.
    assert send(sign_in("planner"), query="a=" + "x" * 1998).json["field"] == "query"


INSERT = (
    "INSERT INTO layers.risk_maps (name, query, trust, made_by, made_by_name, areas, made_at)"
    " VALUES ('x', 'a=1', '{}', %s, 'x', %s, now())"
)


def test_row_security_holds_without_the_program(sign_in: SignIn, module_town: str):
    save(sign_in("planner"))
    with connect(module_town, "ganxin_app") as conn:
        for scope, seen in ((None, 0), (NOTHING, 0), (Scope((STREETS[0],)), 0), (Scope(STREETS), 0),
                            (Scope((DISTRICT,)), 1)):  # fmt: skip
            if scope is not None:
                set_scope(conn, scope)
            found = conn.execute("SELECT count(*) AS n FROM layers.risk_maps").fetchone()
            gone = conn.execute("DELETE FROM layers.risk_maps").rowcount
            assert (found["n"], gone) == (seen, 0), scope
            conn.rollback()


@pytest.mark.parametrize(
    ("scope", "made_by", "areas"),
    [
        (None, "u:1", [DISTRICT]),
        (Scope((DISTRICT,), ("u:1",)), "u:2", [DISTRICT]),
        (Scope((STREETS[0],), ("u:1",)), "u:1", [DISTRICT]),
        (Scope((STREETS[0],), ("u:1",)), "u:1", list(STREETS)),
    ],
    ids=["no scope", "another maker", "wider", "another street too"],
)
def test_row_security_refuses_what_is_not_the_makers_own(
    module_town: str, scope: Scope | None, made_by: str, areas: list[str]
):
    with connect(module_town, "ganxin_app") as conn:
        if scope is not None:
            set_scope(conn, scope)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(INSERT, (made_by, areas))
    with connect(module_town, "ganxin_app") as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("UPDATE layers.risk_maps SET name = 'y'")
        conn.rollback()


def test_row_security_shows_a_deleted_map_to_its_maker_and_marks_nobody_elses(
    sign_in: SignIn, module_town: str
):
    planner = sign_in("planner")
    save(planner)
    mark = "UPDATE layers.risk_maps SET deleted_at = now()"
    with connect(module_town) as conn:
        maker = conn.execute("SELECT made_by FROM layers.risk_maps").fetchone()["made_by"]
    with connect(module_town, "ganxin_app") as conn:
        set_scope(conn, Scope((DISTRICT,), ("u:999",)))
        assert conn.execute(mark).rowcount == 0
        set_scope(conn, Scope((DISTRICT,), (maker,)))
        assert conn.execute(mark).rowcount == 1
        for subject, seen in ((maker, 1), ("u:999", 0)):
            set_scope(conn, Scope((DISTRICT,), (subject,)))
            assert len(conn.execute("SELECT id FROM layers.risk_maps").fetchall()) == seen
        conn.rollback()


@pytest.mark.parametrize(
    ("column", "value"), [("areas", "{}"), ("name", ""), ("query", "x" * 2001)]
)
def test_the_table_refuses_what_is_no_map(module_town: str, column: str, value: str):
    row = {"areas": "{210211}", "name": "x", "query": "a=1"} | {column: value}
    with connect(module_town) as conn, pytest.raises(psycopg.errors.CheckViolation):
        conn.execute(
            "INSERT INTO layers.risk_maps (name, query, trust, made_by, made_by_name, areas,"
            " made_at) VALUES (%(name)s, %(query)s, '{}', 'u:1', 'x', %(areas)s::text[], now())",
            row,
        )
