"""The roster's desk: a change is looked at, saved with its events, and taken back.

Who may change a roster: roles of the desk, for people whose home post lies in their area. What is
true of a person now follows at once; what begins later is left to the sweeper (``turn``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from dispatch.actor import Actor
from dispatch.case.store import get_case
from dispatch.consequence import HORIZON, Consequence, Task, foresee
from dispatch.notice import tell
from dispatch.office import Office
from dispatch.page import Page
from dispatch.people.store import Filter, Person, get_person, list_people
from dispatch.roster import store
from dispatch.roster.change import Change, Edit, PutTerms, Recuse, decide, edit_plan
from dispatch.roster.plan import AWAY, ON, Plan, Span, union
from dispatch.roster.store import Logged
from dispatch.turn import duty_events, tell_all, terms_event
from geodata.code import contains
from geodata.db.event import Event
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import Conflict, Forbidden, InvalidInput

EDITORS = frozenset({"commander", "dispatcher", "clerk", "administrator"})
UNDONE_FOR = timedelta(days=1)
"""How long a change can be taken back; later a new one says what holds."""
UNDO = "undo"


@dataclass(frozen=True)
class Row:
    """One row of the week: a person and the plan."""

    person: Person
    plan: Plan


@dataclass(frozen=True)
class Saved:
    """A change that was saved: the person and the plan as they are now."""

    row: Row
    consequence: Consequence


def read_board(
    conn: Conn,
    wanted: Filter,
    since: date,
    at: datetime,
    *,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Row]:
    """Return people in scope by id with the entries that hold on or after a day."""
    found = list_people(conn, wanted, limit=limit, cursor=cursor)
    plans = store.read_plans(conn, [one.id for one in found.items], at, since=since)
    return Page([Row(one, plans[one.id]) for one in found.items], found.next)


def read_row(conn: Conn, person_id: int, at: datetime) -> Row:
    """Return one person in scope with the whole plan; NotFound."""
    return Row(get_person(conn, person_id), store.read_plan(conn, person_id, at))


def may_edit(actor: Actor, home_code: str) -> bool:
    """Tell whether an actor may change the roster of a person whose home post lies there."""
    return actor.role in EDITORS and _within(actor, home_code)


def may_undo(changes: Sequence[Logged], now: datetime) -> bool:
    """Tell whether the latest change, which comes first, can be taken back."""
    last = next(iter(changes), None)
    return last is not None and last.kind != UNDO and last.changed_at >= now - UNDONE_FOR


def preview(
    conn: Conn, office: Office, actor: Actor, person_id: int, change: Change
) -> Consequence:
    """Return what a change would do; nothing is written.

    Raises
    ------
    InvalidInput, Forbidden, NotFound
    """
    now = office.now()
    row = read_row(conn, person_id, now)
    return _foresee(conn, row, _decided(conn, actor, row, change, now), now)


def save(
    conn: Conn, office: Office, actor: Actor, person_id: int, version: int, change: Change
) -> Saved:
    """Write a change, let what is true now follow, and tell of it.

    Parameters
    ----------
    version
        Of the roster that was looked at.

    Raises
    ------
    InvalidInput, Forbidden, NotFound
    Conflict
        ``version``: somebody else changed this roster meanwhile.
    """
    now = office.now()
    row = _at_version(conn, person_id, version, now)
    edit = _decided(conn, actor, row, change, now)
    consequence = _foresee(conn, row, edit, now)
    _write(conn, actor, row, edit, now)
    return Saved(read_row(conn, person_id, now), consequence)


def undo(conn: Conn, office: Office, actor: Actor, person_id: int, version: int) -> Saved:
    """Take back the latest change of a roster, within a day.

    Raises
    ------
    Conflict
        ``version``: it is not the latest any more, or too long ago, or is taken back already.
    Forbidden, NotFound
    """
    now = office.now()
    row = _at_version(conn, person_id, version, now)
    _check_editor(actor, row.person)
    changes = store.read_changes(conn, person_id, 1)
    if not may_undo(changes, now):
        raise Conflict("There is no change of the last day to take back", field="version")
    trace = store.read_trace(conn, row.plan, changes[0].version)
    edit = replace(
        edit_plan(row.plan, UNDO, now, trace.made, trace.removed),
        recuses=trace.readmitted,
        readmits=trace.recused,
    )
    consequence = _foresee(conn, row, edit, now)
    _write(conn, actor, row, edit, now)
    return Saved(read_row(conn, person_id, now), consequence)


def _at_version(conn: Conn, person_id: int, version: int, now: datetime) -> Row:
    """Return a row if it is at a version; otherwise tell who changed it."""
    row = read_row(conn, person_id, now)
    if row.plan.version != version:
        raise store.moved_on(conn, person_id)
    return row


def _decided(conn: Conn, actor: Actor, row: Row, change: Change, now: datetime) -> Edit:
    _check_editor(actor, row.person)
    if isinstance(change, Recuse):
        get_case(conn, change.case_id)
    edit = decide(row.plan, change, now)
    if isinstance(change, PutTerms):
        check_areas(conn, actor, row.plan, edit)
    return edit


def _check_editor(actor: Actor, person: Person) -> None:
    if not may_edit(actor, person.home_code):
        raise Forbidden("You may change the roster of people of your area only", reason="not_yours")


def check_areas(conn: Conn, actor: Actor, plan: Plan, edit: Edit) -> None:
    """Refuse areas that are none, and those of others: given or taken away alike."""
    old, new = plan.terms_at(edit.at), edit.after.terms_at(edit.at)
    moved = set(old.area_codes if old else ()) ^ set(new.area_codes if new else ())
    for code in sorted(moved):
        if not _within(actor, code):
            raise Forbidden(
                "An area beyond yours is neither given nor taken by you", reason="area_beyond"
            )
    added = sorted(moved & set(new.area_codes if new else ()))
    known = conn.execute("SELECT code FROM layers.areas WHERE code = ANY (%s)", (added,))
    unknown = set(added) - {one["code"] for one in known.fetchall()}
    if unknown:
        raise InvalidInput(
            f"There is no area {min(unknown)}",
            field="area_codes",
            reason="no_area",
            area=min(unknown),
        )


def _within(actor: Actor, code: str) -> bool:
    return any(contains(area, code) for area in actor.scope.areas)


def _write(conn: Conn, actor: Actor, row: Row, edit: Edit, now: datetime) -> None:
    version = store.write_edit(conn, edit, row.plan.version, actor.subject, now)
    told = [_changed(actor, row.person, edit, version, now)]
    if edit.after.terms_at(now) != row.plan.terms_at(now):
        told += terms_event(conn, actor, edit.after, now)
    duty = edit.after.duty_at(now)
    if duty != row.plan.duty_at(now):
        told += duty_events(conn, actor, {row.person.id: duty}, now)
    tell_all(conn, told)
    if edit.recuses is not None:
        case = get_case(conn, edit.recuses.case_id)
        tell(conn, _recused(actor, row.person, case.id, case.grid_code, now))


def _changed(actor: Actor, person: Person, edit: Edit, version: int, now: datetime) -> Event:
    return Event(
        kind="person.roster_changed",
        occurred_at=now,
        area_code=person.home_code,
        actor=actor.subject,
        person_id=person.id,
        payload={"change": edit.kind, "version": version, "from": edit.at.isoformat()},
    )


def _recused(actor: Actor, person: Person, case_id: int, grid_code: str, now: datetime) -> Event:
    return Event(
        kind="person.recused",
        occurred_at=now,
        area_code=grid_code,
        actor=actor.subject,
        case_id=case_id,
        person_id=person.id,
    )


def _foresee(conn: Conn, row: Row, edit: Edit, now: datetime) -> Consequence:
    person = row.person
    posts = _posts(conn, person.id, now)
    areas = {*posts, *(code for one in row.plan.terms for code in one.area_codes)}
    cover = _cover(conn, person, sorted(areas), now)
    return foresee(row.plan, edit, person.role, _tasks(conn, person.id), posts, cover, now)


def _tasks(conn: Conn, person_id: int) -> list[Task]:
    rows = conn.execute(query("dispatch", "list_roster_tasks"), {"person_id": person_id}).fetchall()
    return [Task(**{**one, "skills": tuple(one["skills"])}) for one in rows]


def _posts(conn: Conn, person_id: int, now: datetime) -> list[str]:
    rows = conn.execute(
        "SELECT DISTINCT area_code FROM dispatch.responsibilities"
        " WHERE person_id = %s AND building_id IS NOT NULL AND valid @> %s::timestamptz",
        (person_id, now),
    ).fetchall()
    return [one["area_code"] for one in rows]


def _cover(
    conn: Conn, person: Person, areas: Sequence[str], now: datetime
) -> dict[str, list[Span]]:
    """Return by area when colleagues are on duty there; who is off by the switch counts not."""
    rows = conn.execute(
        query("dispatch", "list_colleagues"),
        {"person_id": person.id, "role": person.role, "area_codes": list(areas), "at": now},
    ).fetchall()
    plans = store.read_plans(conn, sorted({one["id"] for one in rows}), now)
    spans: dict[str, list[Span]] = defaultdict(list)
    for one in rows:
        plan = plans[one["id"]]
        if one["duty"] in (ON, AWAY) or not plan.by_appointment:
            spans[one["area_code"]] += plan.on_spans(now, now + HORIZON)
    return {area: union(found) for area, found in spans.items()}
