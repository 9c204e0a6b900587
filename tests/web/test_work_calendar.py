"""The work calendar over HTTP: everybody reads it, the district's administrator edits it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from geodata.db.event import read_since, seal
from geodata.db.scope import Conn
from tests.small_town import connect
from tests.town_staff import STREET, Login, load_logins
from tests.web.browser_client import Client

SignIn = Callable[[str], Client]
PATH = "/api/v1/work-calendar"
SHIPPED_HOURS = [
    {"opens": "08:30", "closes": "11:30"},
    {"opens": "13:30", "closes": "17:30"},
]


@pytest.fixture(autouse=True)
def fresh_calendar(module_town: str):
    """Put back what a test edits: the town is the module's."""
    yield
    with connect(module_town) as conn:
        conn.execute("DELETE FROM dispatch.work_days WHERE source = 'district'")
        conn.execute("DELETE FROM dispatch.work_years WHERE published_from = 'district'")
        conn.execute("DELETE FROM dispatch.work_hours")
        conn.execute(
            "INSERT INTO dispatch.work_hours VALUES ('08:30', '11:30'), ('13:30', '17:30')"
        )


def events(conn: Conn) -> list[Any]:
    seal(conn)
    return [row for row in read_since(conn, 0, 100) if row["kind"] == "calendar.changed"]


def put(client: Client, path: str, **body: Any):
    return client.call("PUT", f"{PATH}/{path}", json=body)


def test_a_year_is_shown_by_what_differs(sign_in: SignIn):
    shown = sign_in("worker").get(f"{PATH}?year=2026")
    assert shown.status_code == 200, shown.text
    assert (shown.json["year"], shown.json["published"]) == (2026, True)
    assert shown.json["published_from"] == "chinesecalendar 1.11.0"
    assert shown.json["hours"] == SHIPPED_HOURS
    days = {one["day"]: one for one in shown.json["days"]}
    assert len(days) == 19 + 6
    assert days["2026-10-10"] == {
        "day": "2026-10-10", "working": True, "name": "国庆节调休", "source": "chinesecalendar",
    }  # fmt: skip
    assert days["2026-10-01"]["working"] is False
    assert "2026-10-03" not in days
    unknown = sign_in("worker").get(f"{PATH}?year=2027").json
    assert (unknown["published"], unknown["published_from"], unknown["days"]) == (False, None, [])


def test_the_present_year_is_meant_where_none_is_named(sign_in: SignIn, app: Flask):
    shown = sign_in("worker").get(PATH).json
    assert shown["year"] == app.extensions["ganxin"].clock.now().year


def test_the_administrator_enters_a_new_notice(sign_in: SignIn, module_town: str):
    admin = sign_in("admin")
    version = admin.get(PATH).json["version"]
    day = put(admin, "days/2027-01-01", working=False, name="元旦")
    assert day.status_code == 200, day.text
    assert day.json["days"] == [
        {"day": "2027-01-01", "working": False, "name": "元旦", "source": "district"}
    ]
    assert not day.json["published"]
    assert put(admin, "years/2027", published=True).json["published_from"] == "district"
    hours = [{"opens": "13:00", "closes": "18:00"}, {"opens": "09:00", "closes": "12:00"}]
    changed = put(admin, "hours", hours=hours)
    assert changed.status_code == 200, changed.text
    assert changed.json["hours"] == hours[::-1]
    assert put(admin, "hours", hours=hours).json["version"] == changed.json["version"] > version
    with connect(module_town) as conn:
        told = events(conn)
    user = admin.get("/api/v1/session").json["user"]["id"]
    assert [(row["actor"], row["area_code"]) for row in told] == [(f"u:{user}", "210211")] * 3
    assert [row["payload"]["what"] for row in told] == ["day", "year", "hours"]


def test_a_day_set_back_is_shown_no_more(sign_in: SignIn):
    admin = sign_in("admin")
    put(admin, "days/2026-10-10", working=False, name="")
    days = admin.get(f"{PATH}?year=2026").json["days"]
    assert "2026-10-10" not in {one["day"] for one in days}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("days/2027-01-01", {"working": False, "name": "x"}),
        ("hours", {"hours": SHIPPED_HOURS[:1]}),
        ("years/2027", {"published": True}),
    ],
)
def test_nobody_else_edits(sign_in: SignIn, module_town: str, path: str, body: dict[str, Any]):
    for name in ("commander", "dispatcher", "planner", "supervisor", "worker", "gateway"):
        assert put(sign_in(name), path, **body).status_code == 403, name
    with connect(module_town) as conn:
        load_logins(conn, "no password", [Login("street.admin", "administrator", (STREET,))])
    part = put(sign_in("street.admin"), path, **body)
    assert part.status_code == 403
    assert "whole district" in part.json["detail"]
    with connect(module_town) as conn:
        conn.execute("DELETE FROM web.sessions USING web.users u"
                     " WHERE u.id = user_id AND username = 'street.admin'")  # fmt: skip
        conn.execute("DELETE FROM web.users WHERE username = 'street.admin'")
        assert events(conn) == []


DAY = {"working": False, "name": "x"}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("days/2027-02-30", DAY, "day"),
        ("days/20270101", DAY, "day"),
        ("days/1798761600", DAY, "day"),
        ("days/0001-01-01", DAY, "day"),
        ("days/2027-01-01", DAY | {"working": 1}, "working"),
        ("days/2027-01-01", {"working": True}, "name"),
        ("days/2027-01-01", DAY | {"name": "x" * 61}, "name"),
        ("days/2027-01-01", DAY | {"mood": 1}, "mood"),
        ("years/1900", {"published": True}, "year"),
        ("years/2026", {"published": False}, "published"),
        ("years/2027", {"published": "yes"}, "published"),
        ("hours", {"hours": []}, "hours"),
        ("hours", {"hours": SHIPPED_HOURS * 2}, "hours"),
        ("hours", {"hours": SHIPPED_HOURS * 4}, "hours"),
        ("hours", {"hours": [{"opens": "09:00", "closes": "08:00"}]}, "hours.0.closes"),
        ("hours", {"hours": [{"opens": "9:00", "closes": "18:00"}]}, "hours.0.opens"),
        ("hours", {"hours": [{"opens": "09:00", "closes": "24:00"}]}, "hours.0.closes"),
        ("hours", {"hours": [{"opens": "09:00", "closes": "18:00Z"}]}, "hours.0.closes"),
        ("hours", {"hours": [{"opens": "09:00", "closes": "１８:00"}]}, "hours.0.closes"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    sign_in: SignIn, module_town: str, path: str, body: dict[str, Any], field: str
):
    answer = put(sign_in("admin"), path, **body)
    assert answer.status_code == 422, answer.text
    assert answer.json["field"] == field
    with connect(module_town) as conn:
        assert events(conn) == []


@pytest.mark.parametrize("year", ["1991", "2201", "x", "2026.5", ""])
def test_a_year_that_is_none_is_refused(sign_in: SignIn, year: str):
    answer = sign_in("worker").get(PATH, query_string={"year": year})
    assert answer.status_code == 422
    assert answer.json["field"] == "year"
