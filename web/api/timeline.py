"""The timeline of a case: what happened, who held it how long, and its clocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dispatch import desk
from dispatch.case.loop import the_loop
from dispatch.case.record import Custody, Remark, list_custody, list_remarks
from dispatch.clock.running import Running, lateness_s
from dispatch.clock.running_store import read_clocks
from geodata.code import level_of
from geodata.db.scope import Conn, scoped
from web.api.history import EventItem, show_events
from web.api.schema import Answer, IdPath, Page, moment_text, problems
from web.identity import user
from web.identity.guard import require
from web.identity.role import Permission
from web.json_format import moment
from web.pagination import page
from web.services import services

api = APIBlueprint("timeline", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])


class TimelineItem(EventItem):
    """An event of a case, with the words that came with it; names beyond the scope are null."""

    words: str | None
    actor_name: str | None
    person_name: str | None


class CustodyOut(Answer):
    """How long one level held the case in one state; ``until`` is null for the present one."""

    holder: str
    level: str
    name: str | None
    state: str
    since: str
    until: str | None
    held_s: float


class ClockOut(Answer):
    """One run of a clock. ``late_s`` is the lateness of the level that held the case."""

    step: str
    holder: str
    level: str
    amount: int
    unit: str
    started_at: str
    yellow_at: str
    due_at: str
    first_due_at: str
    provisional: bool
    paused_at: str | None
    stopped_at: str | None
    late_s: float


class Timeline(Page[TimelineItem]):
    """What happened to a case in order; the stretches of its life, and every clock it had."""

    custody: list[CustodyOut]
    clocks: list[ClockOut]


@api.get("/cases/<id>/timeline", responses={200: Timeline, **problems(403, 404)})
def get_timeline(path: IdPath) -> Response:
    """Tell what has happened to a case, in order."""
    principal, deps = require(Permission.CASE_READ), services()
    now = deps.clock.now()
    with scoped(deps.pool, principal.scope) as conn:
        rows = [{**row, "case_id": path.id} for row in desk.timeline(conn, path.id)]
        items = with_words(show_events(conn, rows), list_remarks(conn, path.id))
        add_names(conn, items)
        custody, clocks = list_custody(conn, path.id), read_clocks(conn, path.id)
        names = deps.names.of(conn, {held.holder_code for held in custody}, now)
    return jsonify(
        {
            **page(items, None),
            "custody": [show_custody(held, names, now) for held in custody],
            "clocks": [show_clock(clock, now) for clock in clocks],
        }
    )


def with_words(items: list[dict[str, Any]], remarks: Sequence[Remark]) -> list[dict[str, Any]]:
    """Return events with the words of the step that made the same version of the case."""
    kinds = {row.action: row.event for row in the_loop().rows}
    words = {(one.version, kinds.get(one.action)): one.words for one in remarks}
    return [
        {**item, "words": words.get((item["payload"].get("version"), item["kind"]))}
        for item in items
    ]


def add_names(conn: Conn, items: list[dict[str, Any]]) -> None:
    """Put the names beside who acted and whom it is about, as far as they may be told."""
    people = {item["seq"]: f"p:{item['person_id']}" for item in items if item["person_id"]}
    actors = {item["actor"] for item in items if item["actor"]}
    names = user.subject_names(conn, actors.union(people.values()))
    for item in items:
        item["actor_name"] = names.get(item["actor"] or "")
        item["person_name"] = names.get(people.get(item["seq"], ""))


def show_custody(held: Custody, names: dict[str, str], now: datetime) -> dict[str, Any]:
    """Return a stretch of a case's life as the API shows it."""
    return {
        "holder": held.holder_code,
        "level": level_of(held.holder_code).value,
        "name": names.get(held.holder_code),
        "state": held.state,
        "since": moment(held.since),
        "until": moment_text(held.until),
        "held_s": round(held.held_s(now), 1),
    }


def show_clock(clock: Running, now: datetime) -> dict[str, Any]:
    """Return a clock as the API shows it."""
    return {
        "step": clock.step,
        "holder": clock.holder_code,
        "level": level_of(clock.holder_code).value,
        "amount": clock.amount,
        "unit": clock.unit.value,
        "started_at": moment(clock.started_at),
        "yellow_at": moment(clock.yellow_at),
        "due_at": moment(clock.due_at),
        "first_due_at": moment(clock.first_due_at),
        "provisional": clock.provisional,
        "paused_at": moment_text(clock.paused_at),
        "stopped_at": moment_text(clock.stopped_at),
        "late_s": round(lateness_s(clock, now), 1),
    }
