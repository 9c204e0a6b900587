"""The roster: a week of it, one person's, what a change would do, and the change."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch import roster_desk
from dispatch.actor import Actor
from dispatch.case.type import list_types
from dispatch.consequence import HORIZON, Consequence
from dispatch.fairness import read_fairness
from dispatch.people.store import Filter
from dispatch.roster import store
from dispatch.roster.change import Change
from dispatch.roster_desk import Row, Saved, may_edit
from geodata.clock import local_day, midnight
from geodata.db.scope import Conn, scoped
from geodata.errors import InvalidInput, NotFound
from layers.area import require_area
from web.api.case_model import role_label
from web.api.change import KEY_OPTIONAL, actor_of, change
from web.api.roster_model import (
    ConsequenceOut,
    PreviewIn,
    RecusalIn,
    RosterOut,
    SavedOut,
    SaveIn,
    UndoIn,
    WeekOut,
    change_of,
    show_consequence,
    show_leave,
    show_pattern,
    show_terms,
)
from web.api.schema import AreaCode, IdPath, Line, ListQuery, Model, moment_text, problems
from web.idempotency import Reply
from web.identity.confirm import confirmed
from web.identity.guard import current, require
from web.identity.role import Permission
from web.identity.user import subject_names
from web.message import choose_locale
from web.roster_word import said_in
from web.services import services

api = APIBlueprint("roster", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="people")])
DAYS = 7
_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


class RosterFilter(Model):
    """Which people."""

    area: AreaCode | None = Field(None, description="at home in it, or answering for it")
    role: list[Line] | None = Field(None, description="roles of the roster; may be repeated")
    skill: Line | None = None
    q: str | None = Field(None, min_length=1, max_length=50, description="part of the name")


class WeekQuery(RosterFilter, ListQuery):
    """Which week of whom."""

    week: Line | None = Field(None, description="2026-W48; the present one if left out")


class WeekOfQuery(Model):
    """Which week."""

    week: Line | None = Field(None, description="2026-W48; the present one if left out")


@api.get("/roster", responses={200: WeekOut, **problems(403, 404)})
def get_week(query: WeekQuery) -> Response:
    """List people in scope with their shifts and leave in a week, local time, Monday first."""
    principal, deps = require(Permission.ROSTER_READ), services()
    now = deps.clock.now()
    monday = monday_of(query.week, now)
    wanted = filter_of(query)
    with scoped(deps.pool, principal.scope) as conn:
        require_area(conn, query.area)
        found = roster_desk.read_board(
            conn, wanted, monday, now, limit=query.limit, cursor=query.cursor
        )
        shared = read_fairness(conn, wanted, now) if query.cursor is None else None
        names = deps.names.of(conn, {row.person.home_code for row in found.items}, now)
    items = [show_week(row, monday, now, names) for row in found.items]
    counts = {"total": shared and shared.people, "fairness": shared and vars(shared)}
    return jsonify({**_week_facts(monday, now), **counts, "items": items, "next": found.next})


@api.get("/roster/people/<id>", responses={200: RosterOut, **problems(403, 404)})
def get_roster(path: IdPath, query: WeekOfQuery) -> Response:
    """Show the whole roster of one person in scope: what was, is and is to come."""
    principal, deps = require(Permission.ROSTER_READ), services()
    now = deps.clock.now()
    with scoped(deps.pool, principal.scope) as conn:
        row = roster_desk.read_row(conn, path.id, now)
        return jsonify(show_roster(conn, row, monday_of(query.week, now), now))


@api.post("/roster/people/<id>/preview", responses={200: ConsequenceOut, **problems(403, 404, 409)})
def post_preview(path: IdPath, body: PreviewIn) -> Response:
    """Show what a change would do to open cases and to areas; nothing is written."""
    principal, deps = require(Permission.ROSTER_EDIT), services()
    with confirmed(deps.pool, principal) as (conn, _):
        with _in_words():
            wanted = _change(conn, body.change)
            found = roster_desk.preview(conn, deps.office, actor_of(principal), path.id, wanted)
        return jsonify(_shown(conn, found))


@api.post(
    "/roster/people/<id>/changes",
    responses={200: SavedOut, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_change(path: IdPath, body: SaveIn) -> Response:
    """Save a change; 409 if the roster of this person was changed since ``version``."""
    require(Permission.ROSTER_EDIT)

    def work(conn: Conn, actor: Actor) -> Reply:
        with _in_words():
            wanted = _change(conn, body.change)
            office = services().office
            saved = roster_desk.save(conn, office, actor, path.id, body.version, wanted)
        return Reply.of(200, _saved(conn, saved))

    return change(work)


@api.post(
    "/roster/people/<id>/undo",
    responses={200: SavedOut, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_undo(path: IdPath, body: UndoIn) -> Response:
    """Take back the latest change of a roster, within a day."""
    require(Permission.ROSTER_EDIT)

    def work(conn: Conn, actor: Actor) -> Reply:
        saved = roster_desk.undo(conn, services().office, actor, path.id, body.version)
        return Reply.of(200, _saved(conn, saved))

    return change(work)


def _in_words() -> AbstractContextManager[None]:
    return said_in(services().messages, choose_locale(current().locale))


def filter_of(given: RosterFilter) -> Filter:
    """Return whom a request asks for."""
    return Filter(
        roles=tuple(given.role or ()), area_code=given.area, text=given.q, skill=given.skill
    )


def monday_of(week: str | None, now: datetime) -> date:
    """Return the first day of an ISO week, or of the present one; InvalidInput."""
    if week is None:
        today = local_day(now)
        return today - timedelta(days=today.weekday())
    found = _WEEK.fullmatch(week)
    try:
        if found is None:
            raise ValueError
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise InvalidInput("A week is written 2026-W48", field="week") from None
    if not date(2000, 1, 1) <= monday <= date(2199, 1, 1):
        raise InvalidInput("A week lies between 2000 and 2199", field="week")
    return monday


def _week_facts(monday: date, now: datetime) -> dict[str, Any]:
    year, week, _ = monday.isocalendar()
    days = [(monday + timedelta(days=n)).isoformat() for n in range(DAYS)]
    return {"week": f"{year}-W{week:02}", "days": days, "now": moment_text(now)}


def show_week(row: Row, monday: date, now: datetime, names: Mapping[str, str]) -> dict[str, Any]:
    """Return one person in a week as the API shows it."""
    person, plan = row.person, row.plan
    since, until = midnight(monday), midnight(monday + timedelta(days=DAYS))
    editable = may_edit(actor_of(current()), person.home_code)
    spans = sorted(
        (start, end, shift.id or 0)
        for shift in plan.shifts
        for start, end in shift.spans(monday - timedelta(days=1), monday + timedelta(days=DAYS - 1))
        if end > since
    )
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "role_label": role_label(person.role, choose_locale(current().locale)),
        "organisation": person.organisation,
        "home_code": person.home_code,
        "home_name": names.get(person.home_code),
        "area_codes": person.area_codes,
        "skills": person.skills,
        "capacity": person.capacity,
        "travel_mode": person.travel_mode,
        "load": person.load,
        "duty": person.duty,
        "duty_since": moment_text(person.duty_since),
        "version": plan.version,
        "editable": editable,
        "by_appointment": plan.by_appointment,
        "shifts": [
            {
                "id": number,
                "day": local_day(start).isoformat(),
                "from": moment_text(start),
                "until": moment_text(end),
            }
            for start, end, number in spans
        ],
        "leaves": [
            show_leave(one, whole=editable)
            for one in plan.leaves
            if one.from_at < until and (one.until_at is None or one.until_at > since)
        ],
        "terms_from": [
            moment_text(one.from_at)
            for one in plan.terms
            if one.from_at is not None and since <= one.from_at < until
        ],
    }


def show_roster(conn: Conn, row: Row, monday: date, now: datetime) -> dict[str, Any]:
    """Return everything of one person's roster as the API shows it."""
    person, plan = row.person, row.plan
    names = services().names.of(conn, {person.home_code}, now)
    shown = show_week(row, monday, now, names)
    whole = shown["editable"]
    changes = store.read_changes(conn, person.id)
    editors = subject_names(conn, [one.changed_by for one in changes])
    current_terms = plan.terms_at(now)
    return {
        **shown,
        "leaves": [show_leave(one, whole=whole) for one in plan.leaves],
        "patterns": [show_pattern(one) for one in plan.shifts],
        "terms": [show_terms(one, now, current_terms) for one in plan.terms],
        "recusals": [
            {
                "case_id": one.case_id if one.number else None,
                "number": one.number,
                "why": one.kind,
                "reason": one.reason if whole else None,
                "since": moment_text(one.since),
            }
            for one in store.read_recusals(conn, person.id)
        ],
        "changes": [
            {
                "version": one.version,
                "kind": one.kind,
                "by_name": editors.get(one.changed_by),
                "at": moment_text(one.changed_at),
            }
            for one in changes
        ],
        "undo": whole and roster_desk.may_undo(changes, now),
    }


def _saved(conn: Conn, saved: Saved) -> dict[str, Any]:
    now = services().clock.now()
    return {
        "person": show_roster(conn, saved.row, monday_of(None, now), now),
        "consequence": _shown(conn, saved.consequence),
    }


def _shown(conn: Conn, found: Consequence) -> dict[str, Any]:
    deps = services()
    now = deps.clock.now()
    codes = {gap.area_code for gap in found.gaps}
    names = dict(deps.names.of(conn, codes, now)) if codes else {}
    types = {kind.code: kind for kind in list_types(conn)} if found.cases else {}
    label = partial(role_label, locale=choose_locale(current().locale))
    return show_consequence(found, now + HORIZON, names, types, label)


def _change(conn: Conn, given: Any) -> Change:
    """Return the change a request asks for; the number of a case is looked up within the scope."""
    if not isinstance(given, RecusalIn):
        return change_of(given)
    row = conn.execute(
        "SELECT id FROM dispatch.cases WHERE number = %s", (given.case_number.strip(),)
    ).fetchone()
    if row is None:
        raise NotFound(
            "There is no case of this number in your area", field="case_number", reason="no_case"
        )
    return change_of(given, row["id"])
