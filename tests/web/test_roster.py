"""The roster over HTTP: the week, previews, versions, scope, files in and out."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest

from geodata.clock import local_day
from tests.small_town import grid_code
from tests.town_staff import COMMUNITY, FAR_COMMUNITIES, STREET
from tests.web.browser_client import Client

SignIn = Callable[[str], Client]
PEOPLE = "/api/v1/roster/people"
TODAY = local_day(datetime.now(UTC))
MONDAY = TODAY + timedelta(days=7 - TODAY.weekday())
"""Of next week: all of it is to come."""
WEEK = "{}-W{:02}".format(*MONDAY.isocalendar()[:2])


def shift(**more: Any) -> dict[str, Any]:
    return {
        "kind": "shift",
        "weekdays": [1, 2],
        "starts": "20:00",
        "ends": "08:00",
        "from_day": MONDAY.isoformat(),
        **more,
    }


def leave(day: date = MONDAY, **more: Any) -> dict[str, Any]:
    return {
        "kind": "leave",
        "from": f"{day}T00:00:00+08:00",
        "until": f"{day + timedelta(days=1)}T00:00:00+08:00",
        **more,
    }


def save(client: Client, person: int, version: int, change: dict[str, Any], status: int = 200):
    answer = client.post(f"{PEOPLE}/{person}/changes", json={"version": version, "change": change})
    assert answer.status_code == status, answer.text
    return answer.json


def test_a_week_shows_shifts_and_leave_of_people_in_scope(sign_in: SignIn):
    desk = sign_in("dispatcher")
    save(desk, 2, 1, shift())
    save(desk, 2, 2, leave(MONDAY + timedelta(days=1), leave_kind="sick", reason="牙痛"))
    found = desk.get(f"/api/v1/roster?week={WEEK}&limit=3").json
    assert found["week"] == WEEK
    assert found["days"][0] == MONDAY.isoformat()
    assert found["total"] == 52
    assert found["fairness"]["people"] == 52
    assert [item["id"] for item in found["items"]] == [1, 2, 3]
    row = found["items"][1]
    assert [(one["day"], one["from"][:16], one["until"][:16]) for one in row["shifts"]] == [
        (
            (MONDAY + timedelta(days=n)).isoformat(),
            f"{MONDAY + timedelta(days=n)}T12:00",
            f"{MONDAY + timedelta(days=n + 1)}T00:00",
        )
        for n in (0, 1)
    ]
    assert (row["leaves"][0]["kind"], row["leaves"][0]["reason"]) == ("sick", "牙痛")
    assert (row["version"], row["editable"], row["by_appointment"]) == (3, True, False)
    more = desk.get(f"/api/v1/roster?limit=3&cursor={found['next']}").json
    assert ([item["id"] for item in more["items"]], more["total"]) == ([4, 5, 6], None)
    # Why somebody is away is the affair of those who plan it.
    watcher = sign_in("supervisor").get(f"/api/v1/roster?week={WEEK}&q=张2").json["items"][0]
    assert (watcher["leaves"][0]["kind"], watcher["leaves"][0]["reason"]) == (None, None)
    judges = desk.get("/api/v1/roster?role=judge").json["items"]
    assert [one["area_codes"] for one in judges] == [sorted(FAR_COMMUNITIES)]
    assert desk.get("/api/v1/roster?skill=gas").json["items"] == []


@pytest.mark.parametrize("week", ["2026-48", "2026-W54", "2026-W00", "W1", "1999-W01"])
def test_a_week_that_is_none_is_refused(sign_in: SignIn, week: str):
    answer = sign_in("dispatcher").get(f"/api/v1/roster?week={week}")
    assert (answer.status_code, answer.json["field"]) == (422, "week")


def test_a_preview_names_the_grid_that_is_left_and_writes_nothing(sign_in: SignIn):
    desk = sign_in("dispatcher")
    answer = desk.post(f"{PEOPLE}/1/preview", json={"change": leave()})
    assert answer.status_code == 200, answer.text
    gap = answer.json["gaps"][0]
    assert (gap["area_code"], gap["role"], gap["count"]) == (grid_code(0, 0), "grid_worker", 1)
    assert gap["area_name"] == "网格001"
    assert gap["spans"][0]["from"].startswith(f"{MONDAY - timedelta(days=1)}T16:00")
    assert desk.get(f"{PEOPLE}/1").json["version"] == 1


def test_who_saves_second_is_told_who_was_first(sign_in: SignIn):
    desk, other = sign_in("dispatcher"), sign_in("street.dispatcher")
    save(desk, 1, 1, leave())
    lost = save(other, 1, 1, shift(), 409)
    assert lost["field"] == "version"
    assert (lost["winner"]["version"], lost["winner"]["by_name"]) == (2, "dispatcher")
    assert save(other, 1, 2, shift())["person"]["version"] == 3


def test_a_change_is_taken_back_once(sign_in: SignIn):
    desk = sign_in("dispatcher")
    saved = save(desk, 1, 1, leave())["person"]
    assert saved["undo"]
    back = desk.post(f"{PEOPLE}/1/undo", json={"version": 2}).json["person"]
    assert (back["version"], back["leaves"], back["undo"]) == (3, [], False)
    assert [one["kind"] for one in back["changes"]] == ["undo", "leave"]
    assert desk.post(f"{PEOPLE}/1/undo", json={"version": 3}).status_code == 409


def test_terms_are_kept_and_shown_as_they_were_and_will_be(sign_in: SignIn):
    desk = sign_in("dispatcher")
    change = {"kind": "terms", "from": f"{MONDAY}T00:00:00+08:00", "capacity": 1, "skills": ["gas"]}
    terms = save(desk, 3, 1, change)["person"]["terms"]
    assert [(one["state"], one["capacity"], one["skills"]) for one in terms] == [
        ("now", 3, []),
        ("to_come", 1, ["gas"]),
    ]
    dropped = save(desk, 3, 2, {"kind": "terms_end", "id": terms[1]["id"]})["person"]["terms"]
    assert [one["state"] for one in dropped] == ["now"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (shift(weekdays=[]), "weekdays"),
        (shift(weekdays=[8]), "weekdays.0"),
        (shift(starts="25:00"), "starts"),
        (shift(from_day="2020-01-06"), "from_day"),
        (shift(until_day="2020-01-06"), "until_day"),
        (shift(mood="good"), "mood"),
        (leave(until=f"{MONDAY - timedelta(days=3)}T00:00:00+08:00"), "until"),
        (leave(leave_kind="moon"), "leave_kind"),
        ({"kind": "terms"}, "terms"),
        ({"kind": "terms", "capacity": 21}, "capacity"),
        ({"kind": "terms", "area_codes": ["210211001001099"]}, "area_codes"),
        ({"kind": "moon"}, ""),
    ],
)
def test_a_change_that_cannot_be_is_refused_by_name(sign_in: SignIn, change: Any, field: str):
    for path, body in (
        ("preview", {"change": change}),
        ("changes", {"change": change, "version": 1}),
    ):
        answer = sign_in("dispatcher").post(f"{PEOPLE}/1/{path}", json=body)
        assert answer.status_code == 422, answer.text
        assert answer.json["field"].endswith(field)


def test_rosters_are_read_and_changed_by_whose_affair_they_are(sign_in: SignIn):
    for name in ("worker", "judge", "planner", "gateway"):
        assert sign_in(name).get("/api/v1/roster").status_code == 403
    assert sign_in("supervisor").post(
        f"{PEOPLE}/1/changes", json={"version": 1, "change": leave()}
    ).status_code == 403  # fmt: skip
    clerk = sign_in("clerk")
    seen = clerk.get("/api/v1/roster?limit=200").json["items"]
    assert all(any(code.startswith(COMMUNITY) for code in one["area_codes"]) for one in seen)
    save(clerk, 1, 1, leave())
    far = sign_in("other.dispatcher")
    save(far, 1, 2, shift(), 404)
    # The judge's home post is in the first street; the second one only looks.
    assert far.get(f"{PEOPLE}/300").json["editable"] is False
    save(far, 300, 1, leave(), 403)
    fewer = {"kind": "terms", "area_codes": [COMMUNITY]}
    save(sign_in("street.dispatcher"), 300, 1, fewer, 403)
    save(sign_in("dispatcher"), 300, 1, fewer)


def test_a_recusal_names_its_case(sign_in: SignIn):
    desk = sign_in("dispatcher")
    unknown = {"kind": "recusal", "case_number": "210211-20260101-000001", "why": "party"}
    assert save(desk, 1, 1, unknown, 404)["field"] == "case_number"


def send(client: Client, content: bytes, mode: str = "check"):
    body = {"content": base64.b64encode(content).decode(), "mode": mode}
    answer = client.post("/api/v1/roster/import", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json


HEAD = "人员编号,姓名,项目,星期,上班,下班,自,至,休假类别,说明,在办上限\n"


def test_a_file_names_every_bad_row_and_field_and_writes_nothing(sign_in: SignIn):
    desk = sign_in("street.dispatcher")
    rows = (
        f"5,张5,班次,周一至周五,08:00,18:00,{MONDAY},,,,\n"
        "5,张五,班次,1,08:00,18:00,,,,,\n"
        f"5,,班次,1,8点,18:00,{MONDAY},,,,\n"
        f"5,,班次,三,17:00,19:00,{MONDAY},,,,\n"  # overlaps the first row of this file
        f"6,,休假,,,,{MONDAY},{MONDAY},病假,,\n"
        f"6,,休假,,,,{MONDAY} 09:00,,月假,,\n"
        "17,,条件,,,,,,,,1\n"  # at home in the other street
        "6,,条件,,,,,,,,many\n"
        "x,,班次,,,,,,,,\n"
        "7,,加班,,,,,,,,\n"
    )
    for encoding in ("utf-8-sig", "gb18030"):
        found = send(desk, (HEAD + rows).encode(encoding), "all")
        assert (found["rows"], found["good"], found["written"]) == (10, 2, 0)
        assert [(one["row"], one["field"]) for one in found["problems"]] == [
            (3, "name"),
            (4, "starts"),
            (5, "starts"),
            (7, "kind"),
            (8, "person_id"),
            (9, "capacity"),
            (10, "person_id"),
            (11, "entry"),
        ]
    assert desk.get(f"{PEOPLE}/5").json["patterns"] == []
    assert send(desk, (HEAD + rows).encode(), "good")["written"] == 2
    assert desk.get(f"{PEOPLE}/5").json["patterns"][0]["weekdays"] == [1, 2, 3, 4, 5]
    away = desk.get(f"{PEOPLE}/6").json["leaves"][0]
    assert (away["from"][:16], away["until"][:16]) == (
        f"{MONDAY - timedelta(days=1)}T16:00",
        f"{MONDAY}T16:00",
    )


def test_what_goes_out_comes_back_unchanged_and_is_no_formula(sign_in: SignIn):
    desk = sign_in("dispatcher")
    save(desk, 8, 1, shift())
    save(desk, 8, 2, leave(MONDAY + timedelta(days=2), reason="=1+1"))
    answer = desk.post("/api/v1/roster/export", json={"area": STREET})
    assert answer.status_code == 200, answer.text
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).worksheets[0]
    rows = [row for row in sheet.iter_rows(min_row=2) if row[0].value == "8"]
    assert [row[2].value for row in rows] == ["班次", "休假", "条件"]
    assert (rows[1][9].value, rows[1][9].data_type) == ("=1+1", "s")
    back = send(desk, answer.data, "all")
    assert back["problems"] == []
    assert (back["rows"], back["unchanged"], back["written"]) == (sheet.max_row - 1,) * 2 + (0,)
    english = desk.call("POST", "/api/v1/roster/export?lang=en", json={"area": STREET}).data
    assert send(desk, english, "all")["unchanged"] == sheet.max_row - 1


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04junk", b"\xff\xfe\x00", b"a,b\n1,2\n"])
def test_a_file_that_is_no_table_is_refused(sign_in: SignIn, content: bytes):
    body = {"content": base64.b64encode(content).decode()}
    answer = sign_in("dispatcher").post("/api/v1/roster/import", json=body)
    assert (answer.status_code, answer.json["field"]) == (422, "file")
