"""Express dispatch: locate, take in, rank and assign in one transaction, few round trips."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from psycopg.rows import tuple_row

from dispatch.actor import Actor
from dispatch.assign import candidate as candidates
from dispatch.assign import ladder
from dispatch.assign import store as assignments
from dispatch.assign.ladder import Order
from dispatch.case import store as cases
from dispatch.case.locate import Location, make_place, outside
from dispatch.case.store import Case, Draft
from dispatch.case.transition import LEAD, Transition, decide
from dispatch.case.type import CaseType, unknown_type
from dispatch.choice import Assigned, make_choice
from dispatch.intake import Report, check_report, make_draft, place_of
from dispatch.notice import tell, tell_assigned
from geodata.clock import Clock
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.road.snap import Snapper


@dataclass(frozen=True)
class Dispatched:
    """A case taken in and assigned at once; ``assigned`` is None if nobody could be."""

    case: Case
    assigned: Assigned | None


def dispatch_now(
    conn: Conn, clock: Clock, actor: Actor, roads: Snapper, report: Report
) -> Dispatched:
    """Locate, take in, rank and assign the best candidate within scope, in one transaction.

    Who was taken a moment ago is passed over for the next on the list; with nobody left the case
    waits. One round trip reads everything, the writes go in a pipeline.

    Raises
    ------
    InvalidInput, Forbidden
    """
    row = decide("assign", actor.role)
    at = check_report(report, actor, clock.now())
    if report.location is None:
        location, _ = place_of(conn, report, at)
    else:
        location = report.location
    draft, ordered = _prepare(conn, actor, roads, report, location, at)
    case = cases.make_case(draft)
    with conn.pipeline():
        cases.insert_case(conn, case, actor.subjects)
        tell(conn, actor, case, "case.reported", at, channel=case.channel)
    return _assign_first(conn, actor, row, case, ordered, clock.now())


def _prepare(
    conn: Conn, actor: Actor, roads: Snapper, report: Report, location: Location, at: datetime
) -> tuple[Draft, Order]:
    """Read type, id, place and responders in one round trip."""
    lon, lat = location.to_wgs84()
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            query("dispatch.assign", "prepare_dispatch"),
            {
                "type_code": report.type_code,
                "lon": lon,
                "lat": lat,
                "at": at,
                **candidates.RULE_PARAMS,
            },
        ).fetchall()
    if not rows:
        raise unknown_type(report.type_code)
    first = rows[0]
    if first[10] is None:
        raise outside(conn, location, at)
    code, family, parent, name, name_en, urgent, limit_s, skills, source = first[1:10]
    kind = CaseType(code, family, parent, name, name_en, urgent, limit_s, tuple(skills), source)
    names = ("grid_code", "edge_m", "runner_up_code", "runner_up_m", "building_id")
    found = dict(zip(names, first[10:15], strict=True))
    place = make_place(found, lon, lat, location.accuracy_m)
    draft = make_draft(first[0], kind, place, location, report, actor, at, roads)
    responders = candidates.time_rows(roads, lon, lat, [row[15:] for row in rows])
    return draft, ladder.order(responders, kind.arrival_limit_s)


def _assign_first(
    conn: Conn, actor: Actor, row: Transition, case: Case, ordered: Order, now: datetime
) -> Dispatched:
    """Assign the best candidate who is still free; the case waits if there is none."""
    passed: list[int] = []
    while (index := ladder.first_assignable(ordered, passed)) is not None:
        line = ladder.candidate(ordered, index, case.grid_code)
        choice = make_choice(row, case.id, case.version, LEAD, ordered, index, line, actor, now)
        taken = assignments.take(conn, choice)
        if taken.assignment_id is not None:
            case = _led(case, choice, taken)
            tell_assigned(conn, actor, case, choice, taken)
            person_id = choice.responder.person_id
            return Dispatched(case, Assigned(case, taken.assignment_id, person_id, line))
        passed.append(choice.responder.person_id)
    return Dispatched(case, None)


def _led(case: Case, choice: assignments.Choice, taken: assignments.Taken) -> Case:
    """Return the case as it is after its first assignment, without reading it again."""
    lead = cases.Lead(
        person_id=choice.responder.person_id,
        name=choice.responder.name,
        role=choice.responder.role,
        state="assigned",
        travel_s=assignments.finite(choice.responder.travel_s, 1),
        travelling=taken.travelling,
    )
    return replace(
        case,
        state=choice.to_state or case.state,
        version=case.version + 1,
        state_since=choice.at,
        lead=lead,
    )
