"""The work calendar by which clocks run: all read it, the district's administrators edit it."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BeforeValidator, Field

from dispatch.clock.calendar import FIRST_YEAR, LAST_YEAR, MAX_WINDOWS, Window
from dispatch.clock.edit import Editor, edit_day, edit_hours, edit_year
from dispatch.clock.store import (
    MAX_NAME,
    calendar_version,
    list_days,
    published_from,
    read_calendar,
)
from geodata.clock import local_day
from geodata.code import Level
from geodata.db.scope import Conn, unscoped
from geodata.errors import Forbidden, InvalidInput, Unavailable
from layers.area import list_areas
from web.api.schema import Answer, BodyFlag, Model, Text, problems
from web.identity.guard import require
from web.identity.principal import Principal
from web.identity.role import Permission
from web.services import services

api = APIBlueprint(
    "work_calendar", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="work calendar")]
)


def _day(value: object) -> date:
    """Read a day as it is written everywhere here: pydantic would also take seconds since 1970."""
    if not isinstance(value, str) or len(value) != len("2026-10-01"):
        raise ValueError("must be a day such as 2026-10-01")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a day such as 2026-10-01") from None


Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="local HH:MM")]


class CalendarQuery(Model):
    """Which year."""

    year: Year | None = Field(None, description="the present one if left out")


class DayPath(Model):
    """The day in a path."""

    day: Annotated[date, BeforeValidator(_day)]


class YearPath(Model):
    """The year in a path."""

    year: Year


class DayIn(Model):
    """Whether a day is worked, and what it is called."""

    working: BodyFlag
    name: Annotated[Text, Field(max_length=MAX_NAME)]


class WindowIn(Model):
    """A stretch of a working day during which the offices are open."""

    opens: Clock
    closes: Clock


class HoursIn(Model):
    """The office hours of all working days."""

    hours: list[WindowIn] = Field(min_length=1, max_length=MAX_WINDOWS)


class YearIn(Model):
    """Whether a year's calendar is complete."""

    published: BodyFlag


class DayOut(Answer):
    """A day that is not what Monday to Friday would make of it."""

    day: str
    working: bool
    name: str
    source: str = Field(description="``chinesecalendar``, or ``district`` for what was set here")


class WindowOut(Answer):
    """Office hours, local time."""

    opens: str
    closes: str


class CalendarOut(Answer):
    """The calendar of one year; due times that rest on an unpublished one are provisional."""

    year: int
    published: bool
    published_from: str | None
    days: list[DayOut]
    hours: list[WindowOut]
    version: int = Field(description="goes up with every change of the calendar")


@api.get("/work-calendar", responses={200: CalendarOut, **problems()})
def get_calendar(query: CalendarQuery) -> Response:
    """Show the days of a year that differ from Monday to Friday, and the office hours."""
    year = query.year or local_day(services().clock.now()).year
    with unscoped(services().pool) as conn:
        return jsonify(_show(conn, year))


@api.put("/work-calendar/days/<day>", responses={200: CalendarOut, **problems(403)})
def put_day(path: DayPath, body: DayIn) -> Response:
    """Say whether a day is worked; a program that knows better later leaves it as it was set."""
    principal = require(Permission.CALENDAR_EDIT)
    with unscoped(services().system_pool) as conn:
        editor = _editor(conn, principal)
        edit_day(conn, editor, path.day, working=body.working, name=body.name)
        return jsonify(_show(conn, path.day.year))


@api.put("/work-calendar/hours", responses={200: CalendarOut, **problems(403)})
def put_hours(body: HoursIn) -> Response:
    """Set the office hours of all working days, those of due times to come."""
    principal = require(Permission.CALENDAR_EDIT)
    hours = [_window(number, window) for number, window in enumerate(body.hours)]
    with unscoped(services().system_pool) as conn:
        edit_hours(conn, _editor(conn, principal), hours)
        return jsonify(_show(conn, local_day(services().clock.now()).year))


@api.put("/work-calendar/years/<year>", responses={200: CalendarOut, **problems(403)})
def put_year(path: YearPath, body: YearIn) -> Response:
    """Declare a year's calendar complete, before the program knows it, or take that back."""
    principal = require(Permission.CALENDAR_EDIT)
    with unscoped(services().system_pool) as conn:
        edit_year(conn, _editor(conn, principal), path.year, published=body.published)
        return jsonify(_show(conn, path.year))


def _window(number: int, window: WindowIn) -> Window:
    try:
        return Window(time.fromisoformat(window.opens), time.fromisoformat(window.closes))
    except InvalidInput as error:
        field = f"hours.{number}.{error.field}"
        raise InvalidInput(error.public_message, field=field) from None


def _editor(conn: Conn, principal: Principal) -> Editor:
    """Return who edits; the calendar is the whole district's, so their areas must cover it.

    Raises
    ------
    Forbidden
        They are administrator of a part.
    Unavailable
        No district is loaded, so nobody could be told.
    """
    now = services().clock.now()
    districts = tuple(area.code for area in list_areas(conn, now, level=Level.DISTRICT))
    if not districts:
        raise Unavailable("No district is loaded yet; try again later")
    if not all(principal.scope.covers(code) for code in districts):
        raise Forbidden("The work calendar is the whole district's: ask its administrator")
    return Editor(principal.subject, districts, now)


def _show(conn: Conn, year: int) -> dict[str, Any]:
    source = published_from(conn, year)
    return {
        "year": year,
        "published": source is not None,
        "published_from": source,
        "days": [
            {"day": one.day, "working": one.working, "name": one.name, "source": one.source}
            for one in list_days(conn, year)
            if one.differs
        ],
        "hours": [
            {"opens": f"{w.opens:%H:%M}", "closes": f"{w.closes:%H:%M}"}
            for w in read_calendar(conn).hours
        ],
        "version": calendar_version(conn),
    }
