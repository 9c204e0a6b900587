"""The report over HTTP: who gets it, of what, as which file; no connection waits meanwhile."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import openpyxl
import pytest
from flask import Flask

from layers.risk.question import Unit
from mapsvc.report.form import MEDIA_TYPES, Format
from mapsvc.report.subject import Subject
from tests.small_town import AS_OF, DISTRICT, add_case, connect
from tests.town_staff import OTHER_STREET, STREET
from tests.web.browser_client import Client
from web.api import risk_report

SignIn = Callable[[str], Client]
PERIOD = "since=2026-01-01T00:00:00%2B08:00&until=2026-03-01T00:00:00%2B08:00"
PATH = "/api/v1/risk/report"


@pytest.fixture
def cases(app: Flask, module_town: str) -> None:
    """Put six cases into the first street and two into the other."""
    del app  # it empties the town first
    with connect(module_town) as conn:
        for number in range(8):
            column = 0.5 + number * 0.3 if number < 6 else 5.5
            at = AS_OF - timedelta(days=number)
            add_case(conn, column, 0.5 + number % 3, reported_at=at, type_code="D0201")


def get(client: Client, form: str, more: str = "") -> object:
    return client.get(f"{PATH}.{form}?{PERIOD}&cell_m=50{more}")


@pytest.mark.parametrize("form", list(Format))
def test_every_form_is_a_download_with_a_name(cases: None, sign_in: SignIn, form: Format):
    answer = get(sign_in("planner"), form, "&locale=zh")
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == MEDIA_TYPES[form]
    told = answer.headers["Content-Disposition"]
    assert told.startswith("attachment; ")
    assert told.isascii()
    name = unquote(told.partition("filename*=UTF-8''")[2])
    assert name == f"小城区-风险报告-2026-02-28.{form}"
    assert answer.headers["Cache-Control"] == "no-store"
    begins = {"html": b"<!DOCTYPE", "png": b"\x89PNG", "pdf": b"%PDF", "xlsx": b"PK", "tif": b"II"}
    assert answer.data.startswith(begins.get(form, b"{"))


def test_the_reader_chooses_the_language(cases: None, sign_in: SignIn):
    planner = sign_in("planner")
    english = get(planner, "html", "&locale=en").data.decode()
    assert 'lang="en"' in english
    assert "Risk density report" in english
    assert 'lang="zh-CN"' in get(planner, "html", "&locale=zh").data.decode()


def test_a_street_gets_only_its_street(cases: None, sign_in: SignIn):
    sign_in("planner").get(f"{PATH}.geojson?{PERIOD}")  # what the district was told stays with it
    made = json.loads(get(sign_in("street.dispatcher"), "geojson").data)
    grids = [f["properties"] for f in made["features"] if f["properties"]["unit"] == "grid"]
    assert len(grids) == 16
    assert all(one["code"].startswith(STREET) for one in grids)
    assert sum(one["count"] for one in grids) == 6
    assert made["about"]["events"] == "6"
    book = openpyxl.load_workbook(io.BytesIO(get(sign_in("street.dispatcher"), "xlsx").data))
    codes = [row[0] for row in book["网格"].iter_rows(min_row=2, values_only=True)]
    assert len(codes) == 16
    assert all(code.startswith(STREET) for code in codes)


def test_an_area_beyond_the_scope_is_not_there(cases: None, sign_in: SignIn):
    answer = get(sign_in("street.dispatcher"), "geojson", f"&area={OTHER_STREET}")
    assert (answer.status_code, answer.json["field"]) == (404, "area")
    made = json.loads(get(sign_in("street.dispatcher"), "geojson", f"&area={DISTRICT}").data)
    assert made["about"]["events"] == "6"


def test_what_is_asked_for_decides_what_is_counted(cases: None, sign_in: SignIn):
    planner = sign_in("planner")
    about = [
        json.loads(get(planner, "geojson", more).data)["about"]
        for more in ("", "&family=hazard", f"&area={OTHER_STREET}", "&half_life_days=5")
    ]
    assert [one["events"] for one in about] == ["8", "0", "2", "8"]
    assert about[3]["weighted"] == "yes"


def test_who_may_not_see_the_map_gets_no_report(cases: None, sign_in: SignIn, app: Flask):
    answer = get(sign_in("worker"), "pdf")
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert app.test_client().get(f"{PATH}.pdf?{PERIOD}").status_code == 401


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (f"{PATH}.docx?{PERIOD}", "format"),
        (f"{PATH}.pdf?until=2026-03-01T00:00:00Z", "since"),
        (f"{PATH}.pdf?{PERIOD}&cell_m=7", "cell_m"),
        (f"{PATH}.pdf?{PERIOD}&area=999999", "area"),
        (f"{PATH}.pdf?{PERIOD}&type=X99", "type"),
        (f"{PATH}.pdf?{PERIOD}&locale=fr", "locale"),
        (f"{PATH}.pdf?{PERIOD}&paper=a3", "paper"),
    ],
)
def test_what_cannot_be_made_is_refused(sign_in: SignIn, path: str, field: str):
    answer = sign_in("planner").get(path)
    assert (answer.status_code, answer.json["field"]) == (422, field)


def test_no_connection_waits_while_the_file_is_made(
    cases: None, sign_in: SignIn, app: Flask, monkeypatch: pytest.MonkeyPatch
):
    pool, seen = app.extensions["ganxin"].pool, []

    def make(subject: Subject, form: Format) -> bytes:
        stats = pool.get_stats()
        seen.append((stats["pool_size"] - stats["pool_available"], threading.get_native_id()))
        return f"{subject.finding(subject.question.measure, Unit.GRID).n} {form}".encode()

    monkeypatch.setattr(risk_report, "make_report", make)
    answer = get(sign_in("planner"), "pdf")
    assert answer.data == b"8 pdf"
    [(lent, thread)] = seen
    assert lent == 0
    assert thread != threading.get_native_id()
