"""The desk: everything that happens to a case, each step one transaction with its event.

Every function takes a connection that is inside a transaction and already scoped
(:func:`geodata.db.scope.scoped`); an error leaves the transaction to be rolled back by whoever
opened it. Locks are taken case first, then person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dispatch.actor import Actor
from dispatch.page import Page
from geodata.clock import Clock
from geodata.db.scope import Conn


@dataclass(frozen=True)
class Report:
    """A request to take in a case: a point or an address, never neither.

    Parameters
    ----------
    location
        :class:`dispatch.case.locate.Location` (lon, lat, datum, accuracy_m) or None.
    address
        A door plate as written; located by exact plate when ``location`` is None, kept as text
        otherwise.
    channel
        grid_worker, resident, hotline, police, alarm_pillar, patrol or desk.
    reported_at
        When it was reported; None is now. History and phones that were offline send it.
    """

    type_code: str
    description: str
    location: Any | None = None
    address: str | None = None
    channel: str = "desk"
    reported_at: datetime | None = None


def report_case(conn: Conn, clock: Clock, actor: Actor, report: Report) -> Any:
    """Take in a case -> ``dispatch.case.store.Case`` (grid_code, runner_up_code, edge_m ...)."""
    raise NotImplementedError


def nearby_cases(
    conn: Conn, clock: Clock, lon: float, lat: float, radius_m: float = 100.0, hours: float = 24.0
) -> list[Any]:
    """Return cases in scope near a WGS-84 point in space and time, nearest first."""
    raise NotImplementedError


def recommend(conn: Conn, graph: Any, case_id: int, now: datetime) -> list[Any]:
    """Return ``dispatch.assign.ladder.Candidate`` in order of recommendation; NotFound."""
    raise NotImplementedError


def assign(
    conn: Conn,
    clock: Clock,
    actor: Actor,
    graph: Any,
    case_id: int,
    person_id: int,
    version: int,
    role: str = "lead",
) -> Any:
    """Assign one person -> ``dispatch.assign.store.Assignment``; Conflict names the winner."""
    raise NotImplementedError


def undo(conn: Conn, clock: Clock, actor: Actor, case_id: int, version: int) -> Any:
    """Take the lead assignment back before it is acknowledged -> Case."""
    raise NotImplementedError


def acknowledge(
    conn: Conn, clock: Clock, actor: Actor, case_id: int, version: int, role: str = "lead"
) -> Any:
    """Sign for an assignment (the assignee, or the desk on behalf) -> Case."""
    raise NotImplementedError


def arrive(
    conn: Conn, clock: Clock, actor: Actor, case_id: int, version: int, role: str = "lead"
) -> Any:
    """Arrive; the person's next journey begins -> Case."""
    raise NotImplementedError


def return_case(
    conn: Conn,
    clock: Clock,
    actor: Actor,
    case_id: int,
    version: int,
    reason: str,
    role: str = "lead",
) -> Any:
    """Give an assignment back with a reason; the case waits again -> Case."""
    raise NotImplementedError


def close_case(
    conn: Conn, clock: Clock, actor: Actor, case_id: int, version: int, note: str
) -> Any:
    """Close a case; all its assignments are done -> Case."""
    raise NotImplementedError


def void_case(
    conn: Conn, clock: Clock, actor: Actor, case_id: int, version: int, reason: str
) -> Any:
    """Strike a pending case that was none -> Case."""
    raise NotImplementedError


def get_case(conn: Conn, case_id: int) -> Any:
    """Return one case in scope with its assignments; NotFound."""
    raise NotImplementedError


def list_cases(
    conn: Conn, filters: Any, *, limit: int = 50, cursor: str | None = None
) -> Page[Any]:
    """Return a page of cases in scope, newest first (``dispatch.case.store.Filter``)."""
    raise NotImplementedError


def timeline(conn: Conn, case_id: int) -> Sequence[dict[str, Any]]:
    """Return the sealed events of a case in order."""
    raise NotImplementedError


def dispatch_now(conn: Conn, clock: Clock, actor: Actor, graph: Any, report: Report) -> Any:
    """Locate, take in, rank and assign the best candidate -> Dispatched(case, assignment|None)."""
    raise NotImplementedError
