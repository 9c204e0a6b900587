"""The desk: everything that happens to a case, each step one transaction with its event.

Every function takes a connection that is inside a transaction and already scoped
(:func:`geodata.db.scope.scoped`). A write is one conditional statement that does all or nothing;
an error therefore leaves nothing half done, whether its caller rolls back or not. Locks are taken
case first, then person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.action import act, list_actions
from dispatch.actor import Actor
from dispatch.assign import candidate as candidates
from dispatch.assign import ladder
from dispatch.assign import store as assignments
from dispatch.assign.ladder import Candidate
from dispatch.assign.store import Assignment
from dispatch.case import store as cases
from dispatch.case.facts import belongs
from dispatch.case.facts_store import read_facts
from dispatch.case.filter import Filter
from dispatch.case.locate import Location
from dispatch.case.loop import LEAD
from dispatch.case.order import NEWEST, Order
from dispatch.case.store import Case, Nearby
from dispatch.case.wish import Wish
from dispatch.case.words import check_text
from dispatch.choice import Assigned
from dispatch.express import Asked, Dispatched, ask_ahead, dispatch_now
from dispatch.grade import grade_case
from dispatch.intake import Report, report_case
from dispatch.notice import notice, tell
from dispatch.office import Office
from dispatch.page import Page
from dispatch.sending import BESIDE, Place, allow_sending, send
from dispatch.turnout import Turnout, read_turnout, send_turnout
from geodata.clock import Clock
from geodata.crs import Datum
from geodata.db.scope import Conn, Row
from geodata.errors import Forbidden, InvalidInput
from geodata.road.snap import Snapper

__all__ = [
    "BESIDE",
    "Asked",
    "Assigned",
    "CaseFile",
    "Dispatched",
    "Report",
    "acknowledge",
    "act",
    "advise",
    "arrive",
    "ask_ahead",
    "assign",
    "close_case",
    "dispatch_now",
    "get_case",
    "grade_case",
    "list_actions",
    "list_cases",
    "list_tasks",
    "nearby_cases",
    "recommend",
    "recuse",
    "report_case",
    "return_case",
    "send_turnout",
    "timeline",
    "undo",
    "void_case",
]  # fmt: skip

SENDING = ("dispatch", *BESIDE)
"""Actions of the loop that send somebody: :func:`assign`, with the reasons of the ladder."""
ASSIGNMENT_ROLES = (LEAD, "mediator", "lawyer", "judge", *BESIDE)


@dataclass(frozen=True)
class CaseFile:
    """A case with all its assignments, oldest first."""

    case: Case
    assignments: list[Assignment]


def nearby_cases(
    conn: Conn, clock: Clock, lon: float, lat: float, radius_m: float = 100.0, hours: float = 24.0
) -> list[Nearby]:
    """Return cases in scope near a WGS-84 point in space and time, nearest first."""
    point = Location(lon, lat, Datum.WGS84, None)
    return cases.nearby_cases(conn, point.lon, point.lat, clock.now(), radius_m, hours)


def recommend(
    conn: Conn, roads: Snapper, case_id: int, now: datetime, limit: int | None = None
) -> list[Candidate]:
    """Return who should go, in order of recommendation, each with reasons.

    Candidates beyond the caller's scope show role, minutes and reason only.

    Raises
    ------
    NotFound
        No such case within reach.
    """
    need, responders = candidates.read_candidates(conn, roads, case_id, now)
    return ladder.rank(responders, need.arrival_limit_s, need.grid_code, limit)


def advise(
    conn: Conn, roads: Snapper, case_id: int, now: datetime
) -> tuple[list[Candidate], Turnout | None]:
    """Return who should go, and how far the needs of the case's run card are met.

    Raises
    ------
    NotFound
        No such case within reach.
    """
    need, goal, responders = candidates.read_timed(conn, roads, case_id, now)
    ranked = ladder.rank(responders, need.arrival_limit_s, need.grid_code)
    return ranked, read_turnout(conn, roads, case_id, now, (goal, responders))


def assign(
    conn: Conn,
    office: Office,
    actor: Actor,
    roads: Snapper,
    case_id: int,
    person_id: int,
    version: int,
    role: str = LEAD,
) -> Assigned:
    """Assign one person to a case, with the reasons of this moment.

    The desk may also choose somebody whom the ladder does not offer (rung ``choice``).

    Raises
    ------
    Conflict
        The case moved on, or the person has no room, is off duty or stands aside; names who was
        first.
    NotFound, Forbidden, InvalidInput
    """
    if role not in ASSIGNMENT_ROLES:
        raise InvalidInput("role must be one of " + ", ".join(ASSIGNMENT_ROLES), field="role")
    facts = read_facts(conn, actor, case_id, None)
    row, wish = allow_sending(conn, office, actor, facts, person_id, version, role)
    need, responders = candidates.read_candidates(conn, roads, case_id, office.now())
    ordered = ladder.order(responders, need.arrival_limit_s)
    index = next((i for i, r in enumerate(ordered.responders) if _is(r, person_id)), None)
    if index is None:
        chosen = candidates.read_chosen(conn, roads, need, person_id)
        ordered, index = replace(ordered, responders=(chosen,)), 0
    return send(conn, office, actor, facts, row, wish, Place(ordered, index))


def _is(responder: ladder.Responder, person_id: int) -> bool:
    return responder.person_id == person_id and responder.in_scope


def undo(
    conn: Conn, office: Office, actor: Actor, case_id: int, version: int, role: str = LEAD
) -> Case:
    """Take an assignment back before it is acknowledged; the case waits again."""
    return act(conn, office, actor, case_id, Wish("undo", version, role))


def acknowledge(
    conn: Conn, office: Office, actor: Actor, case_id: int, version: int, role: str = LEAD
) -> Case:
    """Sign for an assignment: the assignee, or the desk on behalf."""
    return act(conn, office, actor, case_id, Wish("acknowledge", version, role))


def arrive(
    conn: Conn, office: Office, actor: Actor, case_id: int, version: int, role: str = LEAD
) -> Case:
    """Arrive; the person's next journey begins."""
    return act(conn, office, actor, case_id, Wish("arrive", version, role))


def return_case(
    conn: Conn,
    office: Office,
    actor: Actor,
    case_id: int,
    version: int,
    reason: str,
    role: str = LEAD,
) -> Case:
    """Give an assignment back with a reason; the case waits again."""
    return act(conn, office, actor, case_id, Wish("return", version, role, reason=reason))


def close_case(
    conn: Conn, office: Office, actor: Actor, case_id: int, version: int, note: str
) -> Case:
    """Close a case for good; all its assignments are done."""
    return act(conn, office, actor, case_id, Wish("close", version, note=note))


def void_case(
    conn: Conn, office: Office, actor: Actor, case_id: int, version: int, reason: str
) -> Case:
    """Strike a case that was none."""
    return act(conn, office, actor, case_id, Wish("void", version, reason=reason))


def recuse(
    conn: Conn, office: Office, actor: Actor, case_id: int, person_id: int, reason: str
) -> None:
    """Note that a person stands aside from a case (kin, party, former counsel)."""
    if not belongs(office.rules(conn).loop, actor, "desk"):
        raise Forbidden("Your role may not recuse a person", role=actor.role)
    case, now = cases.get_case(conn, case_id), office.now()
    if assignments.recuse(conn, case.id, person_id, check_text(reason, "reason"), now):
        tell(conn, notice(actor, case, "person.recused", now, person_id=person_id))


def get_case(conn: Conn, case_id: int) -> CaseFile:
    """Return one case in scope with its assignments; NotFound."""
    return CaseFile(cases.get_case(conn, case_id), assignments.list_assignments(conn, case_id))


def list_cases(
    conn: Conn,
    wanted: Filter,
    *,
    limit: int = 50,
    cursor: str | None = None,
    order: Order = NEWEST,
) -> Page[Case]:
    """Return a page of cases in scope, newest first unless asked otherwise."""
    return cases.list_cases(conn, wanted, limit=limit, cursor=cursor, order=order)


def list_tasks(conn: Conn, actor: Actor) -> list[CaseFile]:
    """Return the actor's own live assignments with their cases, the present journey first."""
    if actor.person_id is None:
        return []
    tasks = assignments.list_tasks(conn, actor.person_id)
    return [CaseFile(cases.get_case(conn, task.case_id), [task]) for task in tasks]


def timeline(conn: Conn, case_id: int) -> list[Row]:
    """Return the sealed events of a case in order; NotFound.

    An event is sealed within a moment of its transaction (docs/decisions/0003), so the last step
    may be missing for some tens of milliseconds.
    """
    cases.get_case(conn, case_id)
    return conn.execute(
        "SELECT seq, occurred_at, kind, person_id, actor, payload FROM geodata.events"
        " WHERE case_id = %s ORDER BY seq",
        (case_id,),
    ).fetchall()
