"""Reading the roster, and the duty of people on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import sql
from psycopg.rows import class_row

from dispatch.actor import Actor
from dispatch.page import Page, check_limit, decode_cursor, encode_cursor
from dispatch.people.role import ROLES
from geodata.clock import Clock
from geodata.code import parse_code
from geodata.db import event
from geodata.db.event import Event
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.errors import Conflict, Forbidden, InvalidInput, NotFound

DUTIES = ("on_duty", "off_duty", "on_leave")
DUTY_DESK = frozenset({"commander", "dispatcher", "clerk", "administrator", "system"})
MAX_SEARCH = 50


@dataclass(frozen=True)
class Person:
    """Somebody on the roster. lon, lat (EPSG:4326) are the last fix, or the home post.

    ``measured_at`` is None while only the home post is known. ``load`` counts the live
    assignments the caller may see.
    """

    id: int
    name: str
    role: str
    team: str
    organisation: str | None
    phone: str | None
    skills: list[str]
    home_code: str
    area_codes: list[str]
    travel_mode: str
    capacity: int
    duty: str
    duty_since: datetime
    assumed: bool
    version: int
    lon: float
    lat: float
    measured_at: datetime | None
    suspect: bool
    load: int


@dataclass(frozen=True)
class Filter:
    """Whom to list; empty or None means all.

    Parameters
    ----------
    area_code
        At home in it, or answers for it, for a part of it, or for what contains it.
    text
        Part of the name or of the organisation, or the whole phone or number of the person.
    """

    roles: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    duty: str | None = None
    area_code: str | None = None
    text: str | None = None
    skill: str | None = None


def list_people(
    conn: Conn, wanted: Filter, *, limit: int = 50, cursor: str | None = None
) -> Page[Person]:
    """Return people in scope by id."""
    conditions, values = _conditions(wanted)
    if cursor is not None:
        values["after"] = decode_cursor(cursor, int)[0]
        conditions.append(sql.SQL("p.id > %(after)s"))
    values["limit"] = check_limit(limit) + 1
    with conn.cursor(row_factory=class_row(Person)) as rows:
        found = rows.execute(
            _select() + _where(conditions) + sql.SQL(" ORDER BY p.id LIMIT %(limit)s"), values
        ).fetchall()
    items = found[:limit]
    return Page(items, encode_cursor(items[-1].id) if len(found) > limit else None)


def count_given(conn: Conn, wanted: Filter, since: datetime) -> list[int]:
    """Return for each person in scope that a filter finds how many cases they were given."""
    conditions, values = _conditions(wanted)
    select = sql.SQL(
        "SELECT (SELECT count(*) FROM dispatch.assignments a WHERE a.person_id = p.id"
        " AND a.assigned_at >= %(since)s AND a.state <> ALL ('{undone,lapsed}'))::integer AS n"
        " FROM dispatch.people p"
    )
    values["since"] = since
    return [row["n"] for row in conn.execute(select + _where(conditions), values)]


def get_person(conn: Conn, person_id: int) -> Person:
    """Return one person in scope.

    Raises
    ------
    NotFound
        No such person, or none within reach.
    """
    with conn.cursor(row_factory=class_row(Person)) as rows:
        person = rows.execute(_select() + sql.SQL(" WHERE p.id = %s"), (person_id,)).fetchone()
    if person is None:
        raise NotFound("There is no such person in your area", person_id=person_id)
    return person


def set_duty(
    conn: Conn, clock: Clock, actor: Actor, person_id: int, duty: str, version: int
) -> Person:
    """Change somebody's duty: one's own, or anybody's from the desk; writes its event.

    Live assignments stay with the person: the desk sees them and decides.

    Raises
    ------
    Conflict
        The version has moved on.
    InvalidInput, Forbidden, NotFound
    """
    if duty not in DUTIES:
        raise InvalidInput("duty must be one of " + ", ".join(DUTIES), field="duty")
    if actor.role not in DUTY_DESK and actor.person_id != person_id:
        raise Forbidden("You may change your own duty only", person_id=person_id)
    now = clock.now()
    row = conn.execute(
        "UPDATE dispatch.people SET duty = %s, duty_since = %s, version = version + 1"
        " WHERE id = %s AND version = %s RETURNING home_code, role, version",
        (duty, now, person_id, version),
    ).fetchone()
    person = get_person(conn, person_id)
    if row is None:
        raise Conflict(
            f"This person's duty was changed meanwhile: it is {person.duty}",
            field="version",
            winner={"duty": person.duty, "version": person.version},
        )
    event.append(conn, duty_changed(actor, {**row, "id": person_id, "duty": duty}, now))
    return person


def duty_changed(actor: Actor, row: Row, at: datetime) -> Event:
    """Return the event of a duty that was changed: ``id``, ``home_code``, ``duty``, ``role``."""
    return Event(
        kind="person.duty_changed",
        occurred_at=at,
        area_code=row["home_code"],
        actor=actor.subject,
        person_id=row["id"],
        payload={name: row[name] for name in ("duty", "role", "version")},
    )


def _select() -> sql.Composable:
    return sql.SQL(query("dispatch.people", "select_person"))


def _where(conditions: Sequence[sql.Composable]) -> sql.Composable:
    clauses: sql.Composable = sql.SQL(" AND ").join(conditions)
    return sql.SQL(" WHERE ") + clauses if conditions else clauses


_CONDITIONS: dict[str, LiteralString] = {
    "roles": "p.role = ANY (%(roles)s)",
    "teams": "p.team = ANY (%(teams)s)",
    "duty": "p.duty = %(duty)s",
    "area_code": "(p.home_code ^@ %(area_code)s OR EXISTS (SELECT FROM unnest(p.area_codes)"
    " a (code) WHERE a.code ^@ %(area_code)s OR %(area_code)s ^@ a.code))",
    "skill": "%(skill)s = ANY (p.skills)",
    "text": "(p.name ILIKE %(text)s OR p.organisation ILIKE %(text)s"
    " OR p.phone = %(whole)s OR p.id::text = %(whole)s)",
}


def _conditions(wanted: Filter) -> tuple[list[sql.Composable], dict[str, Any]]:
    """Return the conditions of what is given, and their values."""
    _check_words(wanted)
    text = wanted.text
    given: dict[str, Any] = {
        "roles": list(wanted.roles) or None,
        "teams": list(wanted.teams) or None,
        "duty": wanted.duty,
        "area_code": wanted.area_code and parse_code(wanted.area_code, field="area_code"),
        "skill": wanted.skill,
        "text": None if text is None else _pattern(text),
    }
    values = {name: value for name, value in given.items() if value is not None}
    clauses: list[sql.Composable] = [sql.SQL(_CONDITIONS[name]) for name in values]
    return clauses, values if text is None else {**values, "whole": text.strip()}


def _check_words(wanted: Filter) -> None:
    for role in wanted.roles:
        if role not in ROLES:
            raise InvalidInput("role must be one of " + ", ".join(ROLES), field="role")
    if wanted.duty is not None and wanted.duty not in DUTIES:
        raise InvalidInput("duty must be one of " + ", ".join(DUTIES), field="duty")


def _pattern(text: str) -> str:
    """Return the LIKE pattern of a part of a name, in which % and _ are only characters."""
    if len(text) > MAX_SEARCH or "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise InvalidInput(f"A search has at most {MAX_SEARCH} characters of text", field="text")
    escaped = text.strip().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
