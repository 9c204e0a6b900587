"""The work calendar in the database: seeded, edited, versioned, and safe from the next seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

import psycopg
import pytest

from dispatch.clock import shipped
from dispatch.clock.calendar import OFFICE_HOURS, Window
from dispatch.clock.edit import Editor, edit_day, edit_hours, edit_year
from dispatch.clock.store import (
    calendar_version,
    list_days,
    published_from,
    read_calendar,
    read_hours,
    seed_calendar,
    set_day,
    set_hours,
    set_year,
    shipped_calendar,
)
from geodata.db.scope import Conn
from geodata.errors import InvalidInput
from tests.small_town import AS_OF, connect
from web.cli import main
from web.upgrade import upgrade

NEW_YEAR = date(2027, 1, 1)
HOURS = (Window(time(9), time(12)), Window(time(13), time(18)))


@pytest.fixture
def owner(empty_db: str) -> Iterator[Conn]:
    """Return the owner's connection to a seeded database; nothing is committed."""
    with connect(empty_db) as conn:
        seed_calendar(conn)
        yield conn
        conn.rollback()


@pytest.fixture
def system(owner: Conn) -> Conn:
    """Return the same connection as the role that edits."""
    owner.execute("SET ROLE ganxin_system")
    return owner


def test_an_upgrade_seeds_what_ships(empty_db: str):
    upgrade(empty_db)
    with connect(empty_db, "ganxin_app") as conn:
        assert read_calendar(conn) == shipped_calendar()
        version = calendar_version(conn)
    upgrade(empty_db)
    with connect(empty_db, "ganxin_app") as conn:
        assert calendar_version(conn) == version


def test_before_it_is_seeded_nothing_is_published(empty_db: str):
    with connect(empty_db) as conn:
        calendar = read_calendar(conn)
        assert (calendar.published, calendar.hours) == (frozenset(), OFFICE_HOURS)
        assert seed_calendar(conn) == len(shipped.shipped_years())
        assert seed_calendar(conn) == 0


def test_what_the_district_set_outlives_the_next_seed(system: Conn):
    made_up, holiday = date(2026, 10, 10), date(2026, 3, 9)
    assert set_day(system, made_up, working=False, name="")
    assert set_day(system, holiday, working=False, name="区庆")
    assert set_hours(system, HOURS)
    edited = read_calendar(system)
    assert not edited.is_working(made_up)
    assert not edited.is_working(holiday)
    assert edited.hours == HOURS
    system.execute("RESET ROLE")
    version = calendar_version(system)
    assert seed_calendar(system) == 0
    assert read_calendar(system) == edited
    assert calendar_version(system) == version


def test_a_newer_library_brings_its_years_and_mends_its_own_days(
    owner: Conn, monkeypatch: pytest.MonkeyPatch
):
    """As of a database seeded by an older library, with a day wrong and one too many."""
    owner.execute("DELETE FROM dispatch.work_years WHERE year = 2026")
    owner.execute("DELETE FROM dispatch.work_days WHERE day >= '2026-01-01'")
    owner.execute("UPDATE dispatch.work_days SET working = true WHERE day = '2025-10-01'")
    owner.execute(
        "INSERT INTO dispatch.work_days VALUES ('2025-03-03', false, 'x', 'chinesecalendar')"
    )
    set_day(owner, date(2026, 1, 5), working=False, name="区庆")
    assert seed_calendar(owner) == 1
    found = read_calendar(owner)
    assert found.free == shipped_calendar().free | {date(2026, 1, 5)}
    assert found.worked == shipped_calendar().worked
    assert found.published == shipped_calendar().published


def test_a_year_the_district_declared_is_its_own(owner: Conn):
    owner.execute("DELETE FROM dispatch.work_years WHERE year = 2026")
    owner.execute("DELETE FROM dispatch.work_days WHERE day >= '2026-01-01'")
    assert set_year(owner, 2026, published=True)
    assert seed_calendar(owner) == 0
    assert list_days(owner, 2026) == []
    assert published_from(owner, 2026) == "district"


def test_a_year_is_declared_and_taken_back(system: Conn):
    assert published_from(system, 2027) is None
    assert set_year(system, 2027, published=True)
    assert not set_year(system, 2027, published=True)
    assert read_calendar(system).is_published(2027)
    assert set_year(system, 2027, published=False)
    assert not set_year(system, 2027, published=False)
    assert not set_year(system, 2026, published=True)
    with pytest.raises(InvalidInput, match=r"2026 comes with chinesecalendar 1\.11\.0") as refused:
        set_year(system, 2026, published=False)
    assert refused.value.field == "published"


def test_only_a_change_moves_the_version(system: Conn):
    version = calendar_version(system)
    assert set_day(system, NEW_YEAR, working=False, name="元旦")
    assert calendar_version(system) == version + 1
    assert not set_day(system, NEW_YEAR, working=False, name="元旦")
    assert not set_hours(system, OFFICE_HOURS)
    assert calendar_version(system) == version + 1
    assert set_day(system, NEW_YEAR, working=True, name="元旦")
    assert set_hours(system, HOURS)
    assert set_year(system, 2027, published=True)
    assert calendar_version(system) >= version + 4


@pytest.mark.parametrize(
    ("day", "name", "field"),
    [
        (date(1991, 12, 31), "", "day"),
        (date(2201, 1, 1), "", "day"),
        (NEW_YEAR, "长" * 61, "name"),
    ],
)
def test_a_day_that_cannot_be_is_refused(system: Conn, day: date, name: str, field: str):
    with pytest.raises(InvalidInput) as refused:
        set_day(system, day, working=False, name=name)
    assert refused.value.field == field
    assert list_days(system, day.year) == []


@pytest.mark.parametrize(
    "hours",
    [
        (),
        (Window(time(8), time(12)), Window(time(11), time(13))),
        (Window(time(8), time(12, 0, 30)),),
    ],
)
def test_hours_that_cannot_be_are_refused(system: Conn, hours: tuple[Window, ...]):
    with pytest.raises(InvalidInput) as refused:
        set_hours(system, hours)
    assert refused.value.field == "hours"
    assert read_hours(system) == OFFICE_HOURS


@pytest.mark.parametrize(
    ("opens", "closes"),
    [("11:00", "14:00"), ("12:00", "12:00"), ("18:00", "24:00"), ("18:00", "18:00:30")],
)
def test_the_database_too_refuses_hours_that_cannot_be(system: Conn, opens: str, closes: str):
    with pytest.raises(psycopg.errors.IntegrityError):
        system.execute("INSERT INTO dispatch.work_hours VALUES (%s, %s)", (opens, closes))


def test_the_application_reads_and_does_not_write(owner: Conn):
    owner.execute("SET ROLE ganxin_app")
    assert read_calendar(owner) == shipped_calendar()
    for table in ("work_days", "work_years", "work_hours", "work_calendar_version"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), owner.transaction():
            owner.execute(f"DELETE FROM dispatch.{table}")  # noqa: S608 - our own words


def test_every_edit_that_changes_something_is_an_event(system: Conn):
    editor = Editor("u:7", ("210211",), AS_OF)
    for _ in range(2):
        edit_day(system, editor, NEW_YEAR, working=False, name="元旦")
        edit_hours(system, editor, HOURS[::-1])
        edit_year(system, editor, 2027, published=True)
    told = system.execute(
        "SELECT kind, area_code, actor, occurred_at, payload"
        " FROM geodata.events_pending ORDER BY id"
    ).fetchall()
    assert [row["payload"] for row in told] == [
        {"what": "day", "day": "2027-01-01", "working": False},
        {"what": "hours", "hours": [["09:00", "12:00"], ["13:00", "18:00"]]},
        {"what": "year", "year": 2027, "published": True},
    ]
    assert {(r["kind"], r["area_code"], r["actor"], r["occurred_at"]) for r in told} == {
        ("calendar.changed", "210211", "u:7", AS_OF)
    }


def test_two_edits_of_the_hours_follow_one_another(empty_db: str):
    with connect(empty_db) as first, connect(empty_db) as second:
        second.execute("SET lock_timeout = '50ms'")
        set_hours(first, HOURS)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            set_hours(second, OFFICE_HOURS)
        second.rollback()
        first.commit()
        assert set_hours(second, (Window(time(7), time(19)),))
        assert read_hours(second) == (Window(time(7), time(19)),)


def test_the_command_takes_the_districts_calendar(
    empty_db: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("GANXIN_DATABASE_URL", empty_db)
    words = ["clock", "due", "2026-12-31T10:00", "--working-days", "1"]
    assert main(words) == 0
    shown = capsys.readouterr()
    assert shown.out == "2027-01-01T10:00:00+08:00 provisional\n"
    assert "as shipped, the database has none yet: run `ganxin migrate`" in shown.err
    upgrade(empty_db)
    with connect(empty_db) as conn:
        set_day(conn, NEW_YEAR, working=False, name="元旦")
        set_year(conn, 2027, published=True)
        conn.commit()
    assert main(words) == 0
    shown = capsys.readouterr()
    assert shown.out == "2027-01-04T10:00:00+08:00 final\n"
    assert shown.err == "Work calendar: the district's.\n"
