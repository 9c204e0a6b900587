"""The whole queue: reading it, timing who could go, and proposing who goes where.

A proposal is rows, and nobody's place is taken by it: dispatch/queue_acceptance.py makes
assignments of its lines, those that still hold.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.actor import Actor
from dispatch.assign.candidate import Rows, time_rows
from dispatch.assign.flow.solver import warm as warm_solver
from dispatch.assign.ladder import Responder
from dispatch.assign.matrix import MODES, TravelMatrix, goals
from dispatch.assign.travel import Goal, Spot, positions_of
from dispatch.case.facts import is_process
from dispatch.office import Office
from dispatch.queue_plan import Plan, Waiting, make_plan
from dispatch.queue_store import insert_proposal, read_options, read_waiting
from geodata.db.scope import Conn
from geodata.road.profile import Mode
from geodata.road.snap import Snapper

MOST = 2000
"""Cases that are looked at together; those that wait the longest, urgent ones first."""
REACH_S = 1800.0
"""Who needs longer is asked about only where nobody is nearer. An assumption: 2,000 cases are timed
in 1 s and 210 MB; within an hour in 2.3 s and 450 MB."""
AT_ONCE = 100
"""Cases searched for between two pauses."""
NO_TRAVEL = "none"


Pause = Callable[[], None]
"""Lets others have their turn in the midst of a long work."""


def no_pause() -> None:
    """Go on at once."""


def propose(
    conn: Conn, office: Office, actor: Actor, roads: Snapper, pause: Pause = no_pause
) -> int:
    """Solve the queue of the actor's areas now and write the proposal; return its id.

    Parameters
    ----------
    conn
        Scoped to the actor; of ``ganxin_system`` for a process, whose queue is everybody's.
    pause
        Called every tenth of a second or so: 2,000 cases take two seconds.
    """
    areas = None if is_process(actor) else actor.scope.areas
    plan, queue = plan_queue(conn, roads, areas, office.now(), pause)
    return keep(conn, office, actor, plan, queue, areas)


@dataclass(frozen=True)
class Queue:
    """The cases that are looked at together, and how many wait in all."""

    cases: Sequence[Waiting]
    waiting: int


def plan_queue(
    conn: Conn,
    roads: Snapper,
    areas: Sequence[str] | None,
    now: datetime,
    pause: Pause = no_pause,
    most: int = MOST,
) -> tuple[Plan, Queue]:
    """Return the plan for the cases that wait in areas (None: everywhere), and these cases."""
    cases, waiting = read_waiting(conn, areas, most)
    rows = read_options(conn, [case.id for case in cases], now)
    options = time_options(roads, cases, rows, pause)
    return make_plan(cases, options, now), Queue(cases, waiting)


def keep(
    conn: Conn,
    office: Office,
    actor: Actor,
    plan: Plan,
    queue: Queue,
    areas: Sequence[str] | None,
    modes: Collection[str] | None = None,
) -> int:
    """Write a plan as a proposal, or only its lines for cases of some modes; return its id."""
    cases = queue.cases
    of_mode = {case.id for case in cases if modes is None or case.mode in modes}
    plan = replace(plan, lines=tuple(line for line in plan.lines if line.case_id in of_mode))
    where = areas or sorted({case.grid_code[:6] for case in cases})
    return insert_proposal(conn, plan, actor.subject, where, queue.waiting, office.now())


def time_options(
    roads: Snapper, cases: Sequence[Waiting], rows: Rows, pause: Pause = no_pause
) -> Mapping[int, Sequence[Responder]]:
    """Return by case who may lead it, with travel times in seconds.

    One search per case and mode, and everybody looked up in it. Who needs longer than the reach
    counts as if no road led there, unless nobody of the case is nearer: then all are timed.

    Parameters
    ----------
    rows
        The case's id, then the columns of a responder.
    """
    spots = {row[1]: Spot(row[6], row[7], row[8], row[9], row[10]) for row in rows}
    matrix = _fill_matrix(roads, cases, spots, pause)
    times = matrix.between([row[0] for row in rows], [row[1] for row in rows]).tolist()
    found: dict[int, list[Responder]] = defaultdict(list)
    for row, travel_s in zip(rows, times, strict=True):
        known = None if row[6] == NO_TRAVEL else travel_s
        found[row[0]].append(Responder._make((*row[1:], known, None)))
    for case in cases:
        people = found.get(case.id)
        if people and all(r.travel_s == math.inf for r in people):
            goal = Goal(roads, case.lon, case.lat)
            found[case.id] = time_rows(goal, [tuple(r[:16]) for r in people])
    return found


def _fill_matrix(
    roads: Snapper, cases: Sequence[Waiting], spots: Mapping[int, Spot], pause: Pause
) -> TravelMatrix:
    matrix = TravelMatrix(roads.graph, REACH_S)
    for mode in MODES:
        ids = [person_id for person_id, spot in spots.items() if spot.mode == mode]
        if ids:
            matrix.move(ids, mode, positions_of(roads, [spots[one] for one in ids], Mode(mode)))
    for start in range(0, len(cases), AT_ONCE):
        part = cases[start : start + AT_ONCE]
        at = goals(roads, [case.lon for case in part], [case.lat for case in part])
        matrix.place([case.id for case in part], at)
        pause()
    return matrix


def warm(roads: Snapper) -> None:
    """Compile the loops of the queue, or load them, ahead of the first proposal."""
    x_m, y_m = roads.graph.shape_x_m[:1], roads.graph.shape_y_m[:1]
    at = {mode: roads.snap_metric(x_m, y_m, mode) for mode in MODES}
    matrix = TravelMatrix(roads.graph, 1.0)
    for number, mode in enumerate(MODES):
        matrix.move([number], mode, at[mode])
    matrix.place([0], at)
    warm_solver()
