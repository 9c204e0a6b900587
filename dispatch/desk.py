"""The desk: everything that happens to a case, each step one transaction with its event.

Every function takes a connection that is inside a transaction and already scoped
(:func:`geodata.db.scope.scoped`). A write is one conditional statement that does all or nothing;
an error therefore leaves nothing half done, whether its caller rolls back or not. Locks are taken
case first, then person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.actor import Actor
from dispatch.assign import candidate as candidates
from dispatch.assign import ladder
from dispatch.assign import store as assignments
from dispatch.assign.ladder import Candidate
from dispatch.assign.store import Assignment, Departure, Step
from dispatch.case import store as cases
from dispatch.case.locate import Location
from dispatch.case.store import Case, Filter, Nearby
from dispatch.case.transition import LEAD, check_text, decide, moves_case, states_from
from dispatch.choice import Assigned, make_choice
from dispatch.express import Dispatched, dispatch_now
from dispatch.intake import Report, report_case
from dispatch.notice import assigned, departed, notice, tell
from dispatch.page import Page
from geodata.clock import Clock
from geodata.crs import Datum
from geodata.db.scope import Conn, Row
from geodata.errors import InvalidInput
from geodata.road.snap import Snapper

__all__ = [
    "Assigned", "CaseFile", "Dispatched", "Report", "acknowledge", "arrive", "assign",
    "close_case", "dispatch_now", "get_case", "list_cases", "list_tasks", "nearby_cases",
    "recommend", "recuse", "report_case", "return_case", "timeline", "undo", "void_case",
]  # fmt: skip

ASSIGNMENT_ROLES = (LEAD, "mediator", "lawyer", "judge", "assist")


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


def assign(
    conn: Conn,
    clock: Clock,
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
    row = decide("assign", actor.role)
    if role not in ASSIGNMENT_ROLES:
        raise InvalidInput("role must be one of " + ", ".join(ASSIGNMENT_ROLES), field="role")
    now = clock.now()
    need, responders = candidates.read_candidates(conn, roads, case_id, now)
    ordered = ladder.order(responders, need.arrival_limit_s)
    index = next((i for i, r in enumerate(ordered.responders) if _is(r, person_id)), None)
    if index is None:
        chosen = candidates.read_chosen(conn, roads, need, person_id)
        ordered, index = replace(ordered, responders=(chosen,)), 0
    line = ladder.candidate(ordered, index, need.grid_code)
    choice = make_choice(row, case_id, version, role, ordered, index, line, actor, now)
    taken = assignments.take(conn, choice)
    if taken.assignment_id is None:
        raise assignments.refuse(conn, taken, choice)
    case = cases.get_case(conn, case_id)
    tell(conn, assigned(actor, case, choice, travelling=taken.travelling))
    return Assigned(case, taken.assignment_id, person_id, line)


def _is(responder: ladder.Responder, person_id: int) -> bool:
    return responder.person_id == person_id and responder.in_scope


def undo(
    conn: Conn, clock: Clock, actor: Actor, case_id: int, version: int, role: str = LEAD
) -> Case:
    """Take an assignment back before it is acknowledged; the case waits again."""
    return _step(conn, clock, actor, "undo", case_id, version, role)


def acknowledge(
    conn: Conn, clock: Clock, actor: Actor, case_id: int, version: int, role: str = LEAD
) -> Case:
    """Sign for an assignment: the assignee, or the desk on behalf."""
    return _step(conn, clock, actor, "acknowledge", case_id, version, role)


def arrive(
    conn: Conn, clock: Clock, actor: Actor, case_id: int, version: int, role: str = LEAD
) -> Case:
    """Arrive; the person's next journey begins."""
    return _step(conn, clock, actor, "arrive", case_id, version, role)


def return_case(
    conn: Conn,
    clock: Clock,
    actor: Actor,
    case_id: int,
    version: int,
    reason: str,
    role: str = LEAD,
) -> Case:
    """Give an assignment back with a reason; the case waits again."""
    return _step(conn, clock, actor, "return", case_id, version, role, reason)


def close_case(
    conn: Conn, clock: Clock, actor: Actor, case_id: int, version: int, note: str
) -> Case:
    """Close a case; all its assignments are done."""
    return _step(conn, clock, actor, "close", case_id, version, LEAD, note)


def void_case(
    conn: Conn, clock: Clock, actor: Actor, case_id: int, version: int, reason: str
) -> Case:
    """Strike a pending case that was none."""
    return _step(conn, clock, actor, "void", case_id, version, LEAD, reason)


def _step(
    conn: Conn,
    clock: Clock,
    actor: Actor,
    action: str,
    case_id: int,
    version: int,
    role: str,
    text: str | None = None,
) -> Case:
    """Take one step of the table: state, event and the next journeys of who became free.

    Raises
    ------
    Conflict
        The case is not as the caller saw it, or the step is another person's.
    """
    row = decide(action, actor.role, is_assignee=actor.person_id is not None, text=text)
    now = clock.now()
    move = Step(
        case_id=case_id,
        version=version,
        role=None if row.ends_all else role,
        from_states=states_from(row, role),
        to_state=row.to_state if moves_case(row, role) else None,
        assignment_from=row.assignment_from,
        assignment_to=row.assignment_to or "",
        person_id=None if actor.role in row.who else actor.person_id,
        at=now,
        text=text,
    )
    done = assignments.step(conn, move)
    if done is None:
        raise assignments.moved_on(conn, case_id, role)
    case = cases.get_case(conn, case_id)
    people = done[1]
    freed = people if row.assignment_to != "acknowledged" else []
    subjects: list[int | None] = [*people] or [None]
    tell(
        conn,
        *(notice(actor, case, row.event, now, person_id=one, role=role) for one in subjects),
        *(departed(actor, one, now) for one in _set_out(conn, freed)),
    )
    return case


def _set_out(conn: Conn, people: Sequence[int]) -> list[Departure]:
    """Let people whose journey ended begin the next one."""
    return assignments.next_journeys(conn, people) if people else []


def recuse(
    conn: Conn, clock: Clock, actor: Actor, case_id: int, person_id: int, reason: str
) -> None:
    """Note that a person stands aside from a case (kin, party, former counsel)."""
    decide("assign", actor.role)
    case = cases.get_case(conn, case_id)
    if assignments.recuse(conn, case.id, person_id, check_text(reason, "reason"), clock.now()):
        tell(conn, notice(actor, case, "person.recused", clock.now(), person_id=person_id))


def get_case(conn: Conn, case_id: int) -> CaseFile:
    """Return one case in scope with its assignments; NotFound."""
    return CaseFile(cases.get_case(conn, case_id), assignments.list_assignments(conn, case_id))


def list_cases(
    conn: Conn, wanted: Filter, *, limit: int = 50, cursor: str | None = None
) -> Page[Case]:
    """Return a page of cases in scope, newest first."""
    return cases.list_cases(conn, wanted, limit=limit, cursor=cursor)


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
