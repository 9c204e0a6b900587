"""Stories of the closed loop over HTTP: each a matter as people live through it.

The clock is set by the story. 30 September 2026 is the last working day before National Day; the
offices open again on Thursday, 8 October.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from dispatch.office import Office
from dispatch.sweep import sweep
from geodata.clock import LOCAL_ZONE, FixedClock
from geodata.db import event
from geodata.db.pool import make_pool
from geodata.road.snap import Snapper
from tests.small_town import CASE_TABLES, connect, place
from tests.town_staff import COMMUNITY, DISTRICT, HERE, STREET
from tests.web.browser_client import Client
from tests.web.conftest import serve

Json = dict[str, Any]
WORKER, MEDIATOR, LAWYER = 1, 100, 301


@dataclass
class Town:
    """A town with its web and a clock that the story sets."""

    app: Flask
    dsn: str
    clock: FixedClock

    def sign_in(self, username: str) -> Client:
        return Client(self.app, username)

    def at(self, text: str) -> None:
        """Set the clock: local time."""
        self.clock.at = datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)

    def wait(self, **time: int) -> None:
        self.clock.at += timedelta(**time)

    def seal(self) -> None:
        """Give the events their order, as the sequencer does."""
        with connect(self.dsn) as conn:
            while event.seal(conn) is not None:
                pass

    def sweep(self) -> int:
        """Let a sweeper tell all that is due; return how many marks it told."""
        pool = make_pool(self.dsn, "ganxin_system", name="sweeper", max_size=2)
        told, office = 0, Office(self.clock)
        try:
            while done := sweep(pool, office).told:
                told += done
        finally:
            pool.close()
        return told


@pytest.fixture
def town(module_town: str, town_roads: Snapper, tmp_path: Path) -> Iterator[Town]:
    with connect(module_town) as conn:
        conn.execute(("TRUNCATE " + CASE_TABLES).encode())
    clock = FixedClock(datetime(2026, 9, 21, 9, 0, tzinfo=LOCAL_ZONE))
    for app in serve(module_town, town_roads, tmp_path, clock):
        yield Town(app, module_town, clock)


def report(who: Client, kind: str = "H01", channel: str | None = None, at: Any = HERE) -> Json:
    lon, lat = place(*at)
    body = {
        "type": kind, "description": "阳台漏水,渗到楼下",
        "location": {"lon": lon, "lat": lat, "datum": "WGS-84"},
    }  # fmt: skip
    answer = who.post("/api/v1/cases", json=body | ({"channel": channel} if channel else {}))
    assert answer.status_code == 201, answer.text
    return answer.json


def look(who: Client, case: Json) -> Json:
    return who.get(f"/api/v1/cases/{case['id']}").json


def may(who: Client, case: Json) -> dict[str, Json]:
    found = who.get(f"/api/v1/cases/{case['id']}/actions").json
    return {item["action"]: item for item in found["items"]}


def ask(who: Client, case: Json, action: str, **needs: Any) -> Any:
    """Take an action on the case as it stands now; return the answer."""
    body = {"action": action, "version": look(who, case)["version"], **needs}
    headers = {"Idempotency-Key": str(uuid4())}
    return who.post(f"/api/v1/cases/{case['id']}/actions", json=body, headers=headers)


def do(who: Client, case: Json, action: str, **needs: Any) -> Json:
    answer = ask(who, case, action, **needs)
    assert answer.status_code == 200, answer.text
    return answer.json


def timeline(who: Client, case: Json) -> Json:
    return who.get(f"/api/v1/cases/{case['id']}/timeline").json


def held_s(who: Client, case: Json) -> dict[str, float]:
    """Return the seconds each level held the case."""
    found: dict[str, float] = {}
    for stretch in timeline(who, case)["custody"]:
        found[stretch["level"]] = found.get(stretch["level"], 0.0) + stretch["held_s"]
    return found


def test_a_balcony_leaks_and_the_matter_is_settled_for_good(town: Town):
    worker, clerk, mediator = (town.sign_in(name) for name in ("worker", "clerk", "mediator"))
    case = report(worker, "D0201", channel="grid_worker")
    assert (case["state"], case["holder"]["code"]) == ("reported", COMMUNITY)
    assert "self_settle" in may(worker, case)
    town.wait(minutes=5)
    do(clerk, case, "accept")
    town.wait(minutes=5)
    do(clerk, case, "dispatch", person_id=MEDIATOR)
    do(clerk, case, "dispatch", person_id=LAWYER, role="lawyer")
    town.wait(minutes=10)
    do(mediator, case, "acknowledge")
    town.wait(minutes=30)
    do(mediator, case, "arrive")
    assert "close" not in may(mediator, case), "the reporting grid worker verifies first"
    town.wait(days=2)
    handled = do(mediator, case, "finish", note="双方签订协议,楼上修防水")
    assert (handled["state"], handled["lead"]) == ("handled", None)
    refused = ask(clerk, case, "close", note="办结")
    assert (refused.status_code, refused.json["field"]) == (409, "kind")
    town.wait(minutes=40)
    assert set(may(worker, case)) == {"verify", "reject"}
    assert ask(worker, case, "verify").json["field"] == "rating"
    do(worker, case, "verify", rating=5, note="已不漏水")
    town.wait(minutes=20)
    closed = do(clerk, case, "close", note="已回访,居民满意")
    assert (closed["state"], closed["closing_kind"]) == ("closed", "substantive")
    assert [one["state"] for one in look(clerk, case)["assignments"]] == ["done", "done"]
    told = worker.get("/api/v1/results").json["items"]
    assert [(one["report_id"], one["case_id"], one["words"]) for one in told] == [
        (case["id"], case["id"], "已回访,居民满意")
    ]
    assert sum(held_s(clerk, case).values()) == pytest.approx(2 * 86_400 + 110 * 60)
    steps = [clock["step"] for clock in timeline(clerk, case)["clocks"]]
    assert steps == ["register", "dispatch", "settle", "acknowledge", "handle", "verify", "close"]


def test_five_reports_of_one_matter_and_every_reporter_is_told(town: Town):
    names = ("worker", "mediator", "clerk", "street.dispatcher", "dispatcher")
    people = {name: town.sign_in(name) for name in names}
    cases = {name: report(who) for name, who in people.items()}
    desk, main = people["dispatcher"], cases["clerk"]
    for name in ("worker", "mediator", "street.dispatcher"):
        merged = do(desk, cases[name], "merge", into=main["id"], reason="同一处漏水")
        assert (merged["state"], merged["merged_into"]) == ("merged", main["id"])
    do(desk, main, "merge", into=cases["dispatcher"]["id"])  # merged ones come along
    root = cases["dispatcher"]
    do(desk, root, "dispatch", person_id=WORKER)
    do(people["worker"], root, "acknowledge")
    do(people["worker"], root, "arrive")
    do(people["worker"], root, "finish", note="已修好")
    refused = ask(desk, root, "close", note="已修好")
    assert refused.status_code == 409, "one of the reports is a grid worker's"
    do(people["worker"], root, "verify", rating=4)
    do(desk, root, "close", note="已修好")
    for name, who in people.items():
        told = who.get("/api/v1/results").json["items"]
        assert [(one["report_id"], one["case_id"]) for one in told] == [
            (cases[name]["id"], root["id"])
        ], name
    read = people["worker"].post(f"/api/v1/results/{told[0]['id']}/read")
    assert read.status_code == 404, "another's result"
    again = ask(desk, cases["worker"], "merge", into=root["id"])
    assert again.status_code == 409
    alone = do(desk, cases["mediator"], "unmerge", reason="另一处漏水")
    assert (alone["state"], alone["merged_into"]) == ("pending", None)


def test_a_struck_case_is_told_and_a_merge_taken_back_takes_sight_back(town: Town):
    worker, desk = town.sign_in("worker"), town.sign_in("dispatcher")
    there = report(desk, at=(4.4, 0.4))
    assert worker.get(f"/api/v1/cases/{there['id']}").status_code == 404
    mine = report(worker)
    do(desk, mine, "merge", into=there["id"])
    assert worker.get(f"/api/v1/cases/{there['id']}").status_code == 200
    do(desk, mine, "unmerge", reason="误并")
    assert worker.get(f"/api/v1/cases/{there['id']}").status_code == 404
    do(desk, mine, "merge", into=there["id"])
    do(desk, there, "void", reason="误报")
    told = worker.get("/api/v1/results").json["items"]
    assert [(one["kind"], one["report_id"], one["words"]) for one in told] == [
        ("case.voided", mine["id"], "误报")
    ]


def test_returned_three_times_it_climbs_three_levels(town: Town):
    """Grid, community, street: each says why it is not theirs; the ledger keeps every hop."""
    clerk, street, desk = (
        town.sign_in(name) for name in ("clerk", "street.dispatcher", "dispatcher")
    )
    case = report(clerk)
    for person, sender, reason in ((WORKER, clerk, "产权在物业"), (200, clerk, "需街道协调")):
        town.wait(minutes=30)
        do(sender, case, "dispatch", person_id=person)
        do(sender, case, "return", reason=reason)
    do(clerk, case, "escalate", reason="社区无力解决")
    assert ask(clerk, case, "dispatch", person_id=WORKER).status_code == 403
    town.wait(minutes=30)
    do(street, case, "dispatch", person_id=400)
    do(street, case, "return", reason="涉及两个街道")
    town.wait(hours=1)
    up = do(street, case, "escalate", reason="请区里协调")
    assert (up["holder"]["code"], up["holder"]["level"], up["hops"]) == (DISTRICT, "district", 5)
    ledger = [one["return_reason"] for one in look(desk, case)["assignments"]]
    assert ledger == ["产权在物业", "需街道协调", "涉及两个街道"]
    town.seal()
    words = [item["words"] for item in timeline(desk, case)["items"] if item["words"]]
    assert words[-1] == "请区里协调"
    held = held_s(desk, case)
    assert (held["community"], held["street"]) == (3600.0, 5400.0)


def test_up_by_itself_when_late_and_down_again(town: Town):
    clerk, street = town.sign_in("clerk"), town.sign_in("street.dispatcher")
    case = report(clerk, "D0201")
    assert case["due_at"] is not None
    town.wait(hours=3)
    assert town.sweep() > 0
    up = look(street, case)
    assert (up["holder"]["code"], up["hops"], up["id"]) == (STREET, 1, case["id"])
    late = {
        (clock["step"], clock["level"]): clock["late_s"]
        for clock in timeline(street, case)["clocks"]
    }
    assert late["dispatch", "community"] > 7200
    assert late["dispatch", "street"] == 0
    assert ask(clerk, case, "hand_down", reason="x").status_code == 403
    down = do(street, case, "hand_down", reason="由社区先行调解")
    assert (down["holder"]["code"], down["hops"]) == (COMMUNITY, 2)
    assert "dispatch" in may(clerk, case)


def test_suspended_over_a_holiday_nobody_is_late(town: Town):
    town.at("2026-09-30T15:00")
    clerk, worker = town.sign_in("clerk"), town.sign_in("worker")
    case = report(clerk, "H05")
    do(clerk, case, "dispatch", person_id=WORKER)
    do(worker, case, "acknowledge")
    do(worker, case, "arrive")
    before = [c for c in timeline(clerk, case)["clocks"] if c["stopped_at"] is None]
    town.at("2026-09-30T16:00")
    until = "2026-10-08T08:30:00+08:00"
    stopped = do(clerk, case, "suspend", reason="等待配件", until=until)
    assert (stopped["state"], stopped["due_at"]) == ("suspended", None)
    town.at("2026-10-05T12:00")
    assert town.sweep() == 0
    town.at("2026-10-08T08:31")
    assert town.sweep() >= 1, "it goes on by itself"
    resumed = look(clerk, case)
    assert resumed["state"] == "arrived"
    after = {c["step"]: c for c in timeline(clerk, case)["clocks"] if c["stopped_at"] is None}
    for clock in before:
        moved = datetime.fromisoformat(after[clock["step"]]["due_at"])
        was = datetime.fromisoformat(clock["due_at"])
        assert after[clock["step"]]["first_due_at"] == clock["first_due_at"]
        if clock["unit"] == "working_hours":  # 1 h and a half of Wednesday's afternoon stood still
            expected = timedelta(days=8, hours=1, minutes=30)
            assert moved - was <= expected + timedelta(hours=14)
        assert moved > was
    assert all(clock["late_s"] == 0 for clock in after.values())


def test_a_late_case_gets_a_yellow_and_then_a_red_card(town: Town):
    clerk, boss, worker = (town.sign_in(n) for n in ("clerk", "supervisor", "worker"))
    case = report(clerk)
    do(clerk, case, "dispatch", person_id=WORKER)
    do(worker, case, "acknowledge")
    town.wait(days=3)
    town.sweep()
    late = look(boss, case)
    assert datetime.fromisoformat(late["due_at"]) < town.clock.now()
    assert set(may(boss, case)) == {"supervise"}
    assert do(boss, case, "supervise", colour="yellow", reason="超期未处置")["card"] == "yellow"
    town.wait(days=1)
    assert do(boss, case, "supervise", colour="red", reason="仍未处置")["card"] == "red"
    assert do(boss, case, "supervise", colour="yellow", reason="x")["card"] == "red"
    asked = do(worker, case, "extend", amount=2, unit="working_days", reason="等待配件")
    refused = ask(worker, case, "approve_extension")
    assert refused.status_code in (403, 409)
    first = asked["due_at"]
    town.wait(minutes=5)
    desk = town.sign_in("dispatcher")
    granted = do(desk, case, "approve_extension")
    assert granted["due_at"] > first
    kept = [c for c in timeline(desk, case)["clocks"] if c["stopped_at"] is None]
    assert all(clock["first_due_at"] < clock["due_at"] for clock in kept)
    town.seal()
    told = [item["kind"] for item in timeline(desk, case)["items"]]
    assert told.count("case.supervised") == 3


def test_services_at_once_assisted_and_joint(town: Town):
    clerk, worker = town.sign_in("clerk"), town.sign_in("worker")
    kinds = {kind["code"]: kind for kind in clerk.get("/api/v1/case-types").json["items"]}
    by_kind: dict[str, str] = {}
    for code, kind in kinds.items():
        if kind["family"] == "service" and kind["service_kind"]:
            by_kind.setdefault(kind["service_kind"], code)
    assert set(by_kind) == {"immediate", "assisted", "joint"}

    at_once = report(worker, by_kind["immediate"], channel="grid_worker")
    settled = do(worker, at_once, "self_settle", note="当场代缴医保")
    assert (settled["state"], settled["closing_kind"]) == ("closed", "substantive")

    assisted = report(clerk, by_kind["assisted"], channel="resident")
    do(clerk, assisted, "dispatch", person_id=200)
    helped = do(clerk, assisted, "assist", person_id=WORKER)
    assert helped["state"] == "assigned"
    do(worker, assisted, "acknowledge", role="assist")
    do(clerk, assisted, "acknowledge")
    do(worker, assisted, "finish", role="assist", note="已送餐")
    do(clerk, assisted, "finish", note="已安排每日送餐")
    assert do(clerk, assisted, "close", note="老人满意")["state"] == "closed"
    do(clerk, assisted, "rate", rating=5)

    joint = report(clerk, by_kind["joint"], channel="resident")
    do(clerk, joint, "dispatch", person_id=200)
    do(clerk, joint, "joint", person_id=WORKER)
    do(town.sign_in("street.dispatcher"), joint, "joint", person_id=400)  # of the street
    do(clerk, joint, "acknowledge")
    waits = ask(clerk, joint, "finish", note="完成")
    assert (waits.status_code, waits.json["winner"]["open_joint"]) == (409, 2)
    do(worker, joint, "acknowledge", role="joint")
    do(worker, joint, "finish", role="joint", note="已现场办理")
    do(clerk, joint, "acknowledge", role="joint", person_id=400)
    do(clerk, joint, "finish", role="joint", person_id=400, note="街道已办理")
    do(clerk, joint, "finish", note="三方办结")
    assert do(clerk, joint, "close", note="已回访")["closing_kind"] == "substantive"
