"""The work calendar in the database: seeded from what ships, edited by the district."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from psycopg.rows import class_row

from dispatch.clock.calendar import (
    FIRST_YEAR,
    LAST_YEAR,
    OFFICE_HOURS,
    Window,
    WorkCalendar,
    check_hours,
)
from dispatch.clock.shipped import (
    DISTRICT,
    LIBRARY,
    WorkDay,
    shipped_calendar,
    shipped_days,
    shipped_from,
    shipped_years,
)
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import InvalidInput

MAX_NAME = 60

__all__ = [
    "calendar_version",
    "list_days",
    "published_from",
    "read_calendar",
    "read_hours",
    "seed_calendar",
    "set_day",
    "set_hours",
    "set_year",
    "shipped_calendar",
]


def seed_calendar(conn: Conn) -> int:
    """Write what ships; return how many years became published. Safe to call at every start.

    What the district has set stays: its days, its hours, and years it has declared published.
    """
    days = shipped_days()
    _lock(conn)
    conn.execute(
        query("dispatch.clock", "seed_work_days"),
        {
            "days": [one.day for one in days],
            "working": [one.working for one in days],
            "names": [one.name for one in days],
            "source": LIBRARY,
            "district": DISTRICT,
        },
    )
    new = conn.execute(
        "INSERT INTO dispatch.work_years (year, published_from)"
        " SELECT y, %s FROM unnest(%s::smallint[]) y ON CONFLICT DO NOTHING",
        (shipped_from(), list(shipped_years())),
    )
    if not read_hours(conn):
        _write_hours(conn, OFFICE_HOURS)
    return new.rowcount


def read_calendar(conn: Conn) -> WorkCalendar:
    """Return the district's calendar; the usual office hours where none are set.

    To keep it, read :func:`calendar_version` first: an edit in between is then noticed next time.
    """
    days = list_days(conn)
    years = conn.execute("SELECT year FROM dispatch.work_years").fetchall()
    return WorkCalendar(
        free=frozenset(one.day for one in days if not one.working),
        worked=frozenset(one.day for one in days if one.working),
        published=frozenset(row["year"] for row in years),
        hours=read_hours(conn) or OFFICE_HOURS,
    )


def calendar_version(conn: Conn) -> int:
    """Return a number that goes up with every change of the calendar."""
    row = conn.execute("SELECT version FROM dispatch.work_calendar_version").fetchone()
    return 0 if row is None else int(row["version"])


def list_days(conn: Conn, year: int | None = None) -> list[WorkDay]:
    """Return the days that have a row, of one year or of all, in order."""
    with conn.cursor(row_factory=class_row(WorkDay)) as rows:
        return rows.execute(
            "SELECT day, working, name, source FROM dispatch.work_days"
            " WHERE %(year)s::integer IS NULL OR extract(year FROM day) = %(year)s ORDER BY day",
            {"year": year},
        ).fetchall()


def read_hours(conn: Conn) -> tuple[Window, ...]:
    """Return the office hours in order; none before the calendar is seeded."""
    rows = conn.execute("SELECT opens, closes FROM dispatch.work_hours ORDER BY opens").fetchall()
    return tuple(Window(row["opens"], row["closes"]) for row in rows)


def published_from(conn: Conn, year: int) -> str | None:
    """Return where the calendar of a year comes from, None if it is not published."""
    row = conn.execute(
        "SELECT published_from FROM dispatch.work_years WHERE year = %s", (year,)
    ).fetchone()
    return None if row is None else row["published_from"]


def set_day(conn: Conn, day: date, *, working: bool, name: str) -> bool:
    """Say whether a day is worked; tell whether that changed anything (``ganxin_system``).

    Raises
    ------
    InvalidInput
        ``day``, ``name``.
    """
    _check_year(day.year, "day")
    if len(name) > MAX_NAME:
        raise InvalidInput(f"name must be at most {MAX_NAME} characters", field="name")
    _lock(conn)
    written = conn.execute(
        "INSERT INTO dispatch.work_days AS d (day, working, name, source) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (day) DO UPDATE"
        " SET working = excluded.working, name = excluded.name, source = excluded.source"
        " WHERE d IS DISTINCT FROM excluded",
        (day, working, name, DISTRICT),
    )
    return written.rowcount == 1


def set_hours(conn: Conn, hours: Sequence[Window]) -> bool:
    """Set the office hours of all working days; tell whether that changed anything.

    Raises
    ------
    InvalidInput
        ``hours``: none, too many, overlapping, or with seconds.
    """
    ordered = check_hours(hours)
    if any(at.second or at.microsecond for w in ordered for at in (w.opens, w.closes)):
        raise InvalidInput("hours must be whole minutes", field="hours")
    _lock(conn)
    if read_hours(conn) == ordered:
        return False
    conn.execute("DELETE FROM dispatch.work_hours")
    _write_hours(conn, ordered)
    return True


def set_year(conn: Conn, year: int, *, published: bool) -> bool:
    """Declare a year's calendar complete, or no longer so; tell whether that changed anything.

    For the weeks between the State Council's notice and the program that knows it.

    Raises
    ------
    InvalidInput
        ``year``: out of range. ``published``: the program knows the year; its days can be set, but
        it stays published.
    """
    _check_year(year, "year")
    _lock(conn)
    if published:
        written = conn.execute(
            "INSERT INTO dispatch.work_years (year, published_from) VALUES (%s, %s)"
            " ON CONFLICT DO NOTHING",
            (year, DISTRICT),
        )
        return written.rowcount == 1
    source = published_from(conn, year)
    if source not in (None, DISTRICT):
        raise InvalidInput(f"The calendar of {year} comes with {source}", field="published")
    return conn.execute("DELETE FROM dispatch.work_years WHERE year = %s", (year,)).rowcount == 1


def _write_hours(conn: Conn, hours: Sequence[Window]) -> None:
    conn.execute(
        "INSERT INTO dispatch.work_hours (opens, closes)"
        " SELECT * FROM unnest(%s::time[], %s::time[])",
        ([w.opens for w in hours], [w.closes for w in hours]),
    )


def _lock(conn: Conn) -> None:
    """Let edits follow one another, to the end of the transaction."""
    conn.execute("SELECT FROM dispatch.work_calendar_version FOR UPDATE")


def _check_year(year: int, field: str) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidInput(f"{field} must be from {FIRST_YEAR} to {LAST_YEAR}", field=field)
