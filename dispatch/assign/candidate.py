"""Candidates for a case: read in one round trip, timed on the road graph, ranked by the ladder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from psycopg import sql
from psycopg.rows import tuple_row

from dispatch.assign.ladder import Order, Responder, order
from dispatch.assign.rung import BESIDE_THE_LEAD, COLUMN_TYPES, LADDER, Rule, columns
from dispatch.assign.travel import Goal, Spot
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import NotFound
from geodata.road.snap import Snapper

LEADS = tuple(rule for rule in LADDER if rule.role not in BESIDE_THE_LEAD)
"""The ladder without those who only join: who may be sent at once."""


@cache
def statement(name: str, rules: tuple[Rule, ...] = LADDER) -> bytes:
    """Return a query of ``sql/`` with the ladder written into it, so that it is planned in."""
    casts = zip(vars(columns(rules)).values(), COLUMN_TYPES, strict=True)
    arrays = [sql.Literal(text) + sql.SQL("::" + kind) for text, kind in casts]
    composed = sql.SQL(query("dispatch.assign", name)).format(rules=sql.SQL(", ").join(arrays))
    return composed.as_bytes(None)


CANDIDATE_COLUMNS = 16
"""Columns that ``list_candidates`` and ``prepare_dispatch`` end with: those of ``Responder``."""


@dataclass(frozen=True)
class Need:
    """What a case asks for: where, within which time, and in which state it is."""

    case_id: int
    grid_code: str
    lon: float
    lat: float
    arrival_limit_s: float


def read_candidates(
    conn: Conn, roads: Snapper, case_id: int, now: datetime
) -> tuple[Need, list[Responder]]:
    """Return who answers for a case at a moment, with travel times, in no order.

    Raises
    ------
    NotFound
        No such case within reach.
    """
    need, _, responders = read_timed(conn, roads, case_id, now)
    return need, responders


def read_timed(
    conn: Conn, roads: Snapper, case_id: int, now: datetime
) -> tuple[Need, Goal, list[Responder]]:
    """Do as :func:`read_candidates`, and return the place with the searches made for it."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            statement("list_candidates"), {"case_id": case_id, "now": now}
        ).fetchall()
    if not rows:
        raise NotFound("There is no such case in your area", case_id=case_id)
    need = Need(case_id, *rows[0][:4])
    goal = Goal(roads, need.lon, need.lat)
    return need, goal, time_rows(goal, [row[4:] for row in rows])


@dataclass(frozen=True)
class Ground:
    """What decides who answers for a place, before there is a case."""

    case_id: int
    grid: str
    building: int | None
    family: str
    skills: list[str]


def read_answering(conn: Conn, goal: Goal, ground: Ground, now: datetime) -> list[Responder]:
    """Do as :func:`read_candidates` for a case that is still to be written."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(statement("list_answering"), {**vars(ground), "now": now}).fetchall()
    return time_rows(goal, rows)


Rows = Sequence[tuple[Any, ...]]


def time_rows(goal: Goal, rows: Rows, limit_s: float = math.inf) -> list[Responder]:
    """Return responders of rows that hold the candidate columns; a row of nulls is nobody.

    Parameters
    ----------
    limit_s
        Search no further: who is beyond it counts as out of reach. inf finds everybody.
    """
    rows = [row for row in rows if row[0] is not None]
    spots = [Spot(row[5], row[6], row[7], row[8], row[9]) for row in rows]
    times = goal.times(spots, limit_s)
    return [Responder._make((*row, *time)) for row, time in zip(rows, times, strict=True)]


def first_choice(goal: Goal, rows: Rows, limit_s: float) -> Order | None:
    """Return the recommended responder alone, if the leads of the lowest rung are enough to tell.

    If one of them meets the limit the rung is open, and who stands first among them stands first
    of all leads (a test holds that true). None if the whole list is needed: nobody of them can meet
    the limit, or who is first is beyond the caller's scope.
    """
    # Limits are compared in tenths of a second: who is a hair beyond may yet be equal.
    ordered = order(time_rows(goal, rows, limit_s + 0.05), limit_s)
    if not ordered.open_rungs:
        return None
    first = ordered.responders[0]
    # Who travels, even late, goes before who does not: then the whole list is needed.
    passed_over = first.travel_s is None and len(ordered.travellers) > 0
    return None if passed_over or not first.in_scope else replace(ordered, responders=(first,))


def read_chosen(conn: Conn, roads: Snapper, need: Need, person_id: int) -> Responder:
    """Return somebody whom the ladder does not offer but the desk chose; rung 0.

    Raises
    ------
    NotFound
        No such person within reach.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(query("dispatch.assign", "get_responder"), (person_id,)).fetchall()
    if not rows:
        raise NotFound("There is no such person in your area", person_id=person_id)
    return time_rows(Goal(roads, need.lon, need.lat), rows)[0]
