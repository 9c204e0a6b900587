"""Express dispatch: locate, take in, rank and assign in one transaction, few round trips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Cursor
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from dispatch.actor import Actor
from dispatch.assign import ladder
from dispatch.assign.candidate import LEADS, Ground, Rows, first_choice, read_answering, statement
from dispatch.assign.card import LADDER_LEAD, Matter, Need, choose_lead
from dispatch.assign.ladder import Order
from dispatch.assign.store import Choice, Taken, facts_of, finite, taken_of
from dispatch.assign.travel import Goal
from dispatch.case import store as cases
from dispatch.case.contact import Part, add_contact
from dispatch.case.facts_store import read_facts
from dispatch.case.locate import Location, make_place, outside
from dispatch.case.loop import LEAD
from dispatch.case.store import Case, Draft
from dispatch.case.type import CaseType, choose_type, unknown_type
from dispatch.choice import Assigned, make_choice
from dispatch.clock.running import Running
from dispatch.clock.running_store import clock_rows
from dispatch.grade import grade_new
from dispatch.intake import Report, check_report, make_draft, place_of, street_of, take_in
from dispatch.notice import assigned, reported
from dispatch.office import Office, Rules
from dispatch.sending import send_first
from dispatch.timing import first_clocks, registers
from dispatch.turnout import read_lead
from geodata.db.event import Event, dump_row, tidings
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import Forbidden
from geodata.road.snap import Snapper


@dataclass(frozen=True)
class Dispatched:
    """A case taken in and assigned at once; ``assigned`` is None if nobody could be."""

    case: Case
    assigned: Assigned | None


@dataclass(frozen=True)
class Asked:
    """The one question of a dispatch, sent: its answer need not have come yet.

    Parameters
    ----------
    lonlat
        EPSG:4326, degrees: of the location.
    at
        Of the report: which grids held.
    now
        Who is responsible.
    """

    location: Location
    lonlat: tuple[float, float]
    at: datetime
    now: datetime
    answer: Cursor[tuple[Any, ...]]


def ask_ahead(conn: Conn, office: Office, actor: Actor, report: Report) -> Asked | None:
    """Ask for all that a dispatch needs to know, in a pipeline that has begun its transaction.

    None if the place is told by an address, which has to be looked up first.

    Raises
    ------
    InvalidInput, Forbidden
    """
    now = office.now()
    at = _check(report, actor, now)
    return _ask(conn, report, report.location, None, at, now) if report.location else None


def dispatch_now(
    conn: Conn,
    office: Office,
    actor: Actor,
    roads: Snapper,
    report: Report,
    asked: Asked | None = None,
) -> Dispatched:
    """Locate, take in, rank and assign the best candidate within scope, in one transaction.

    Who was taken a moment ago is passed over for the next on the list; with nobody left the case
    waits. One round trip reads everything and one writes it.

    Parameters
    ----------
    asked
        What :func:`ask_ahead` sent for this report in this transaction.

    Raises
    ------
    InvalidInput, Forbidden
    """
    if asked is None:
        asked = _ask_now(conn, office, actor, report)
    rules, now = office.rules(conn), asked.now
    found = _read(conn, actor, roads, report, asked)
    if _lead_of(rules, found.draft) == LADDER_LEAD:
        done = _assign_first(conn, office, rules, actor, found, now)
    else:
        done = _send_named(conn, office, actor, roads, found)
    if report.contact is not None:
        add_contact(conn, done.case.id, Part.REPORTER, report.contact, actor.subject, now)
    if done.assigned is not None:
        grade_new(conn, done.case)
    return done


def _lead_of(rules: Rules, draft: Draft) -> Need:
    """Return who is called to lead a case to be."""
    kind = draft.type
    matter = Matter(kind.code, kind.parent_code, kind.family, draft.level, draft.scale)
    return choose_lead(matter, rules.cards)


def _send_named(
    conn: Conn, office: Office, actor: Actor, roads: Snapper, found: _Found
) -> Dispatched:
    """Take a case in and send the first of those whom its card names to lead it."""
    case = take_in(conn, office, actor, cases.make_case(found.draft), found.draft.type)
    call = read_lead(conn, roads, case.id, office.now())
    sent = send_first(conn, office, actor, read_facts(conn, actor, case.id, None), call)
    return Dispatched(case if sent is None else sent.case, sent)


@dataclass(frozen=True)
class _Found:
    """What one round trip told: the case to be, and who of the lowest rung may lead."""

    draft: Draft
    goal: Goal
    rows: Rows

    @property
    def limit_s(self) -> float:
        """Return the type's arrival limit."""
        return self.draft.type.arrival_limit_s


def _check(report: Report, actor: Actor, now: datetime) -> datetime:
    if not registers(actor):
        raise Forbidden("Your role may not dispatch a case", role=actor.role)
    return check_report(report, actor, now)


def _ask_now(conn: Conn, office: Office, actor: Actor, report: Report) -> Asked:
    now = office.now()
    at = _check(report, actor, now)
    if report.location is not None:
        return _ask(conn, report, report.location, None, at, now)
    location, plate = place_of(conn, report, at)
    return _ask(conn, report, location, plate.building_id, at, now)


def _ask(
    conn: Conn,
    report: Report,
    location: Location,
    building: int | None,
    at: datetime,
    now: datetime,
) -> Asked:
    lon, lat = location.to_wgs84()
    values = {
        "type_code": report.type_code,
        "lon": lon,
        "lat": lat,
        "building": building,
        "at": at,
        "now": now,
    }
    cursor = conn.cursor(row_factory=tuple_row)
    answer = cursor.execute(statement("prepare_dispatch", LEADS), values)
    return Asked(location, (lon, lat), at, now, answer)


def _read(conn: Conn, actor: Actor, roads: Snapper, report: Report, asked: Asked) -> _Found:
    """Read type, id, place and the leads of the lowest rung."""
    with asked.answer as cursor:
        rows = cursor.fetchall()
    location, at, (lon, lat) = asked.location, asked.at, asked.lonlat
    if not rows:
        choose_type(conn, report.type_code)  # says why it may not be chosen
        raise unknown_type(report.type_code)
    first = rows[0]
    if first[10] is None:
        raise outside(conn, location, at)
    code, family, parent, name, name_en, urgent, limit_s, skills, source = first[1:10]
    kind = CaseType(code, family, parent, name, name_en, urgent, limit_s, tuple(skills), source)
    names = ("grid_code", "edge_m", "runner_up_code", "runner_up_m", "building_id")
    where = dict(zip(names, first[10:15], strict=True))
    place = make_place(where, lon, lat, location.accuracy_m)
    goal = Goal(roads, lon, lat)
    street = street_of(roads, goal.position)
    draft = make_draft(first[0], kind, place, location, report, actor, at, street)
    return _Found(draft, goal, [row[15:] for row in rows])


def _orders(conn: Conn, found: _Found, now: datetime) -> Iterator[Order]:
    """Yield who is first, then, if that one is gone or not to be told, everybody in order."""
    if found.rows[0][0] is None:
        return  # on no rung is anybody who may lead
    first = first_choice(found.goal, found.rows, found.limit_s)
    if first is not None:
        yield first
    draft, place = found.draft, found.draft.place
    kind, skills = draft.type, list(draft.type.skills)
    ground = Ground(draft.case_id, place.grid_code, place.building_id, kind.family, skills)
    yield ladder.order(read_answering(conn, found.goal, ground, now), found.limit_s)


def _assign_first(
    conn: Conn, office: Office, rules: Rules, actor: Actor, found: _Found, now: datetime
) -> Dispatched:
    """Assign the best candidate who is still free; the case waits if there is none."""
    case, kind = cases.make_case(found.draft), found.draft.type
    led = replace(case, state="assigned", version=case.version + 1, state_since=now)
    led, clocks = first_clocks(rules, led, kind, now)
    passed: list[int] = []
    for ordered in _orders(conn, found, now):
        while (index := ladder.first_assignable(ordered, passed)) is not None:
            line = ladder.candidate(ordered, index, case.grid_code)
            choice = make_choice(
                case.id,
                case.version,
                LEAD,
                (case.state, led.state),
                ordered,
                index,
                line,
                actor,
                now,
            )
            events = (reported(actor, case), assigned(actor, led, choice))
            taken = _write(conn, led, choice, actor.subjects, events, clocks)
            person_id = choice.responder.person_id
            if taken.assignment_id is not None:
                led = replace(led, lead=_lead(choice, taken))
                return Dispatched(led, Assigned(led, taken.assignment_id, person_id, line))
            passed.append(person_id)
    return Dispatched(take_in(conn, office, actor, case, kind), None)


def _write(
    conn: Conn,
    case: Case,
    choice: Choice,
    subjects: Sequence[str],
    events: Sequence[Event],
    clocks: Sequence[Running],
) -> Taken:
    """Write a case that is assigned at once, with its events; all or nothing, in one statement."""
    row = conn.execute(
        query("dispatch", "take_in_assigned"),
        {
            "new_case": Jsonb(
                {**vars(case), "lead": None, "held_since": case.state_since}, dumps=dump_row
            ),
            "lon": case.lon,
            "lat": case.lat,
            "chosen": Jsonb(facts_of(choice), dumps=dump_row),
            "subjects": list(subjects),
            "tidings": tidings(*events),
            "clocks": clock_rows(clocks),
            "person_id": choice.responder.person_id,
        },
    ).fetchone()
    return taken_of(row or {"held_id": case.id})


def _lead(choice: Choice, taken: Taken) -> cases.Lead:
    """Return who leads a case now, without reading it again."""
    return cases.Lead(
        person_id=choice.responder.person_id,
        name=choice.responder.name,
        role=choice.responder.role,
        state="assigned",
        travel_s=finite(choice.responder.travel_s, 1),
        travelling=taken.travelling,
    )
