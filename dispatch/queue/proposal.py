"""The whole queue: reading it, timing who could go, and proposing who goes where.

A proposal is rows, and nobody's place is taken by it: dispatch/queue/acceptance.py makes
assignments of its lines, those that still hold.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.actor import Actor
from dispatch.assign.candidate import Rows, time_rows
from dispatch.assign.flow.solver import warm as warm_solver
from dispatch.assign.ladder import Responder
from dispatch.assign.matrix import MODES, TravelMatrix
from dispatch.assign.memory import Pairing, Pause, Place, TravelMemory, no_pause
from dispatch.assign.travel import Goal, Spot
from dispatch.office import Office
from dispatch.queue.plan import Plan, Waiting, make_plan
from dispatch.queue.store import insert_proposal, read_named, read_options, read_waiting
from geodata.db.scope import Conn
from geodata.road.snap import Snapper

MOST = 2000
"""Cases that are looked at together; those that wait the longest, urgent ones first."""
REACH_S = 1800.0
"""Who needs longer is asked about only where nobody is nearer. An assumption that bounds what a
process keeps: 2,000 cases within it take some 200 MB, within an hour 450 MB."""


def new_memory() -> TravelMemory:
    """Return the travel times that a process keeps from one proposal to the next: none yet."""
    return TravelMemory(REACH_S, MOST)


def propose(
    conn: Conn,
    office: Office,
    actor: Actor,
    roads: Snapper,
    memory: TravelMemory,
    pause: Pause = no_pause,
    after: int | None = None,
) -> int:
    """Solve the queue of the actor's areas now and write the proposal; return its id.

    Parameters
    ----------
    conn
        Scoped to the actor.
    memory
        Of this process: only places and cases that it does not know are searched for.
    pause
        Called every tenth of a second or so while they are.
    after
        An earlier proposal, whose pairs are kept where a change gains next to nothing.
    """
    areas = actor.scope.areas
    earlier = {} if after is None else read_named(conn, after)
    plan, queue = plan_queue(conn, roads, memory, areas, office.now(), pause, earlier)
    return keep(conn, office, actor, plan, queue, areas)


@dataclass(frozen=True)
class Queue:
    """The cases that are looked at together, and how many wait in all."""

    cases: Sequence[Waiting]
    waiting: int


def plan_queue(
    conn: Conn,
    roads: Snapper,
    memory: TravelMemory,
    areas: Sequence[str] | None,
    now: datetime,
    pause: Pause = no_pause,
    earlier: Mapping[int, int] | None = None,
) -> tuple[Plan, Queue]:
    """Return the plan for the cases that wait in areas (None: everywhere), and these cases."""
    cases, waiting = read_waiting(conn, areas, MOST)
    rows = read_options(conn, [case.id for case in cases if not case.by_card], now)
    options = time_options(roads, memory, cases, rows, pause)
    return make_plan(cases, options, now, earlier=earlier), Queue(cases, waiting)


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
    roads: Snapper,
    memory: TravelMemory,
    cases: Sequence[Waiting],
    rows: Rows,
    pause: Pause = no_pause,
) -> Mapping[int, Sequence[Responder]]:
    """Return by case who may lead it, with travel times in seconds.

    Who needs longer than the reach counts as if no road led there, unless nobody of the case is
    nearer: then all are timed.

    Parameters
    ----------
    rows
        The case's id, then the columns of a responder.
    """
    people = {row[1]: row for row in rows}
    spots = {one: Spot(*row[6:11]) for one, row in people.items()}
    places = {case.id: Place(case.lon, case.lat) for case in cases}
    pairs = Pairing([row[0] for row in rows], [row[1] for row in rows])
    times = memory.between(roads, places, spots, pairs, pause).tolist()
    found: dict[int, list[Responder]] = defaultdict(list)
    for row, travel_s in zip(rows, times, strict=True):
        known = None if math.isnan(travel_s) else travel_s
        found[row[0]].append(Responder._make((*row[1:], known, None)))
    for case in cases:
        far = found.get(case.id)
        if far and all(r.travel_s == math.inf for r in far):
            found[case.id] = time_rows(Goal(roads, case.lon, case.lat), [r[:16] for r in far])
    return found


def warm(roads: Snapper) -> None:
    """Compile the loops of the queue, or load them, ahead of the first proposal."""
    x_m, y_m = roads.graph.shape_x_m[:1], roads.graph.shape_y_m[:1]
    at = {mode: roads.snap_metric(x_m, y_m, mode) for mode in MODES}
    matrix = TravelMatrix(roads.graph, 1.0)
    matrix.place([0], at)
    for mode in MODES:
        matrix.between([0], mode, at[mode])
    warm_solver()
