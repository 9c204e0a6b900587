"""Who reported a case: masked for everybody, in clear for a purpose, each reading on record."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from geodata.db import event
from tests.small_town import connect
from tests.web.browser_client import Client
from tests.web.test_case_flow import report

SignIn = Callable[[str], Client]
CONTACT = {"name": "王小明", "phone": "100 1234-5678"}


def read(who: Client, case: dict[str, Any], cid: int = 1, **body: Any) -> Any:
    return who.post(f"/api/v1/cases/{case['id']}/contacts/{cid}/read", json=body)


def timeline(who: Client, case: dict[str, Any], dsn: str) -> list[dict[str, Any]]:
    with connect(dsn) as conn:
        while event.seal(conn) is not None:
            pass
    return who.get(f"/api/v1/cases/{case['id']}/timeline").json["items"]


def test_in_clear_for_a_purpose_only_and_on_record(sign_in: SignIn, module_town: str):
    desk, clerk = sign_in("dispatcher"), sign_in("clerk")
    case = report(desk, reporter=CONTACT)
    shown = clerk.get(f"/api/v1/cases/{case['id']}")
    assert shown.json["contacts"] == [
        {"id": 1, "part": "reporter", "name": "王*", "phone": "100****5678"}
    ]
    assert "10012345678" not in shown.text
    for body in ({}, {"purpose": ""}, {"purpose": " \n"}):
        refused = read(clerk, case, **body)
        assert (refused.status_code, refused.json["field"]) == (422, "purpose"), body
    assert [e["kind"] for e in timeline(clerk, case, module_town)] == ["case.reported"]
    clear = clerk.post(
        f"/api/v1/cases/{case['id']}/contacts/1/read",
        json={"purpose": "回访核实"},
        headers={"Idempotency-Key": "again and again"},
    )
    assert clear.json == {"name": "王小明", "phone": "10012345678"}
    told = timeline(desk, case, module_town)[-1]
    assert (told["kind"], told["actor"]) == ("case.contact_read", _subject(clerk))
    assert "回访" not in str(told["payload"]), "the chain holds no words"
    with connect(module_town) as conn:
        kept = conn.execute("SELECT subject, purpose FROM dispatch.purposes").fetchall()
        assert [(row["subject"], row["purpose"]) for row in kept] == [(_subject(clerk), "回访核实")]
        assert event.verify(conn) is None
        stored = conn.execute("SELECT count(*) AS n FROM web.idempotency_keys").fetchone()
        assert stored["n"] == 0, "no clear number lies about in a kept reply"


def _subject(client: Client) -> str:
    return f"u:{client.get('/api/v1/session').json['user']['id']}"


def test_beyond_the_area_nobody_reads_it(sign_in: SignIn):
    case = report(sign_in("dispatcher"), reporter=CONTACT)
    assert read(sign_in("other.dispatcher"), case, purpose="好奇").status_code == 404
    assert read(sign_in("planner"), case, purpose="统计").status_code == 403


def test_the_database_itself_gives_no_clear_number_to_the_application(
    sign_in: SignIn, module_town: str
):
    report(sign_in("dispatcher"), reporter=CONTACT)
    with connect(module_town) as conn:
        conn.execute("SET ROLE ganxin_app")
        conn.execute("SELECT set_config('ganxin.areas', '210211', true)")
        assert conn.execute("SELECT phone_masked FROM dispatch.contacts").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("SELECT phone FROM dispatch.contacts")
        conn.rollback()


@pytest.mark.parametrize(
    ("words", "found"),
    [("5678", 1), ("10012345678", 1), ("1234", 0), ("10012345679", 0), ("0012345678", 0)],
)
def test_a_case_is_found_by_its_reporters_number(sign_in: SignIn, words: str, found: int):
    desk = sign_in("dispatcher")
    case = report(desk, reporter=CONTACT)
    items = desk.get(f"/api/v1/cases?q={words}").json["items"]
    assert [item["id"] for item in items] == [case["id"]] * found
    assert sign_in("other.dispatcher").get(f"/api/v1/cases?q={words}").json["items"] == []


@pytest.mark.parametrize(
    ("contact", "field"),
    [
        ({"phone": "12"}, "reporter.phone"), ({"phone": "abc12345"}, "reporter.phone"),
        ({}, "reporter.name"), ({"name": "王" * 61}, "reporter.name"),
    ],
)  # fmt: skip
def test_a_contact_that_is_none_is_refused(sign_in: SignIn, contact: Any, field: str):
    desk = sign_in("dispatcher")
    body = {
        "type": "H01", "description": "x", "address": "横0路5号", "reporter": contact,
    }  # fmt: skip
    answer = desk.post("/api/v1/cases", json=body)
    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert desk.get("/api/v1/cases").json["items"] == []


def test_who_is_dispatched_at_once_has_a_reporter_too(sign_in: SignIn):
    desk = sign_in("dispatcher")
    case = report(desk, assign=True, reporter={"phone": "12345"})
    (shown,) = desk.get(f"/api/v1/cases/{case['id']}").json["contacts"]
    assert (shown["name"], shown["phone"]) == (None, "****45")


def test_parties_are_noted_and_taken_away(sign_in: SignIn, module_town: str):
    desk, other = sign_in("dispatcher"), sign_in("other.dispatcher")
    case = report(desk, reporter=CONTACT)
    path = f"/api/v1/cases/{case['id']}/contacts"
    party = {"part": "respondent", "name": "李四", "phone": "10087654321"}
    assert desk.post(path, json=party).status_code == 201
    key = {"Idempotency-Key": "twice"}
    twice = desk.post(path, json={"part": "reporter", "name": "赵五"}, headers=key)
    assert (twice.status_code, twice.json["field"]) == (409, "part")
    assert other.post(path, json=party).status_code == 404
    assert other.get(path).status_code == 404
    shown = desk.get(path).json["items"]
    assert [(one["part"], one["name"]) for one in shown] == [
        ("reporter", "王*"), ("respondent", "李*"),
    ]  # fmt: skip
    gone = desk.call("DELETE", f"{path}/{shown[1]['id']}")
    assert [one["part"] for one in gone.json["items"]] == ["reporter"]
    assert read(desk, case, shown[1]["id"], purpose="x").status_code == 404
    assert desk.get("/api/v1/cases?q=4321").json["items"] == []
    told = [item["kind"] for item in timeline(desk, case, module_town)]
    assert told == ["case.reported", "case.contact_added", "case.contact_removed"]


PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def test_documents_are_put_in_fetched_and_taken_away(sign_in: SignIn):
    desk, other = sign_in("dispatcher"), sign_in("other.dispatcher")
    case = report(desk)
    path = f"/api/v1/cases/{case['id']}/documents"
    body = {"name": "现场 <b>照片</b>.png", "content": b64encode(PNG).decode()}
    (shown,) = desk.post(path, json=body).json["items"]
    assert (shown["media_type"], shown["size_bytes"]) == ("image/png", len(PNG))
    fetched = desk.get(f"{path}/{shown['id']}")
    assert (fetched.data, fetched.mimetype) == (PNG, "image/png")
    assert fetched.headers["Content-Disposition"].startswith("attachment;")
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    assert other.get(f"{path}/{shown['id']}").status_code == 404
    assert desk.call("DELETE", f"{path}/{shown['id']}").json["items"] == []
    assert desk.get(f"{path}/{shown['id']}").status_code == 404


@pytest.mark.parametrize("content", ["", "%%%", "PHNjcmlwdD4=", "QQ"])
def test_what_is_no_document_is_refused(sign_in: SignIn, content: str):
    desk = sign_in("dispatcher")
    case = report(desk)
    body = {"name": "x.html", "content": content}
    answer = desk.post(f"/api/v1/cases/{case['id']}/documents", json=body)
    assert (answer.status_code, answer.json["field"]) == (422, "content")
