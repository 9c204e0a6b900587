"""Proposals in the database: what they are made from, their lines, and what becomes of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from psycopg.rows import class_row, tuple_row
from psycopg.types.json import Jsonb

from dispatch.assign.candidate import LEADS, Rows, statement
from dispatch.assign.card import LADDER_LEAD, Card, Matter, choose_lead
from dispatch.assign.card_store import read_cards
from dispatch.queue.plan import Line, Plan, Tally, Waiting
from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.errors import NotFound


@dataclass(frozen=True)
class Head:
    """A proposal without its lines.

    Parameters
    ----------
    waiting
        Cases that waited, also those beyond the most that are asked at once.
    people
        Who could be sent to any of them.
    solve_s
        Seconds of the solver alone.
    """

    id: int
    made_at: datetime
    made_by: str
    waiting: int
    people: int
    together: Tally
    one_by_one: Tally
    solve_s: float


@dataclass(frozen=True)
class ShownLine:
    """A line with its case and person as they are in sight now.

    Parameters
    ----------
    state
        ``open``, ``accepted``, ``undone`` (taken back since), ``stale``, ``refused``, or ``left``
        (nobody is proposed).
    version, case_state
        Of the case as it stands.
    name, instead_name
        None beyond the caller's scope.
    differs
        Whether somebody else, or nobody, would go one by one.
    """

    case_id: int
    number: str
    type_code: str
    type_name: str
    type_name_en: str
    urgent: bool
    address: str | None
    reported_at: datetime
    case_version: int
    version: int
    case_state: str
    person_id: int | None
    name: str | None
    person_role: str | None
    rung: str | None
    travel_s: float | None
    cost: float
    reasons: list[dict[str, Any]]
    instead_id: int | None
    instead_name: str | None
    instead_role: str | None
    left_why: str | None
    state: str
    why: str | None
    why_facts: dict[str, Any] | None
    assignment_id: int | None
    differs: bool


@dataclass(frozen=True)
class OpenLine:
    """What is needed to accept a line: its state may be another by now."""

    case_id: int
    case_version: int
    person_id: int | None
    state: str


@dataclass(frozen=True)
class Settled:
    """What a line came to: ``accepted`` with its assignment, ``stale`` or ``refused`` with why."""

    state: str
    why: str | None = None
    facts: dict[str, Any] | None = None
    assignment_id: int | None = None


def read_waiting(conn: Conn, areas: Sequence[str] | None, most: int) -> tuple[list[Waiting], int]:
    """Return waiting cases in areas (None: everywhere in sight), and how many there are in all."""
    rows = conn.execute(
        query("dispatch.assign", "list_waiting"),
        {"areas": None if areas is None else list(areas), "limit": most},
    ).fetchall()
    cards = read_cards(conn)
    return [_waiting(row, cards) for row in rows], rows[0]["waiting"] if rows else 0


def _waiting(row: Row, cards: Sequence[Card]) -> Waiting:
    matter = Matter(**{field.name: row[field.name] for field in fields(Matter)})
    own = {name: row[name] for name in (f.name for f in fields(Waiting)) if name in row}
    return Waiting(**own, by_card=choose_lead(matter, cards) != LADDER_LEAD)


def read_options(conn: Conn, case_ids: Sequence[int], now: datetime) -> Rows:
    """Return who may lead which case: its id, then the columns of a responder without times."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        return cursor.execute(
            statement("list_queue_candidates", LEADS), {"case_ids": list(case_ids), "now": now}
        ).fetchall()


def insert_proposal(
    conn: Conn, plan: Plan, by: str, areas: Sequence[str], waiting: int, at: datetime
) -> int:
    """Write a proposal with its lines and return its id."""
    row = conn.execute(
        query("dispatch.queue", "insert_proposal"),
        {
            "made_at": at, "made_by": by, "areas": list(areas), "waiting": waiting,
            "people": plan.people, "together": Jsonb(asdict(plan.together)),
            "one_by_one": Jsonb(asdict(plan.one_by_one)), "solve_s": plan.solve_s,
        },
    ).fetchone()  # fmt: skip
    if row is None:
        raise AssertionError("an insert returns its row")
    lines = Jsonb([_line_facts(line, turn) for turn, line in enumerate(plan.lines)])
    conn.execute(
        query("dispatch.queue", "insert_proposal_lines"), {"proposal_id": row["id"], "lines": lines}
    )
    return int(row["id"])


def _line_facts(line: Line, turn: int) -> dict[str, Any]:
    reasons = [reason.to_json() for reason in line.reasons]
    return {**vars(line), "reasons": reasons, "turn": turn}


def read_head(conn: Conn, proposal_id: int) -> Head:
    """Return a proposal without its lines.

    Raises
    ------
    NotFound
        There is none, or none whose areas are all in sight.
    """
    row = conn.execute(
        "SELECT id, made_at, made_by, waiting, people, together, one_by_one, solve_s"
        " FROM dispatch.proposals WHERE id = %s",
        (proposal_id,),
    ).fetchone()
    if row is None:
        raise NotFound("There is no such proposal in your area", proposal_id=proposal_id)
    tallies = {name: Tally(**row[name]) for name in ("together", "one_by_one")}
    return Head(**{**row, **tallies})


def read_lines(
    conn: Conn, proposal_id: int, case_ids: Sequence[int] | None = None
) -> list[ShownLine]:
    """Return the lines of a proposal, or those of some cases, in the order of waiting."""
    with conn.cursor(row_factory=class_row(ShownLine)) as cursor:
        return cursor.execute(
            query("dispatch.queue", "list_proposal_lines"),
            {
                "proposal_id": proposal_id,
                "case_ids": None if case_ids is None else list(case_ids),
            },
        ).fetchall()


def read_named(conn: Conn, proposal_id: int) -> dict[int, int]:
    """Return whom a proposal named, by case; nobody if there is none in sight any more."""
    rows = conn.execute(
        "SELECT case_id, person_id FROM dispatch.proposal_lines"
        " WHERE proposal_id = %s AND person_id IS NOT NULL",
        (proposal_id,),
    ).fetchall()
    return {row["case_id"]: row["person_id"] for row in rows}


def list_proposed(conn: Conn, proposal_id: int) -> dict[int, str]:
    """Return the state of each line that names somebody, by case, in the order of waiting."""
    rows = conn.execute(
        "SELECT case_id, state FROM dispatch.proposal_lines"
        " WHERE proposal_id = %s AND person_id IS NOT NULL ORDER BY turn",
        (proposal_id,),
    ).fetchall()
    return {row["case_id"]: row["state"] for row in rows}


def lock_line(conn: Conn, proposal_id: int, case_id: int) -> OpenLine | None:
    """Lock a line until the end of the transaction: of two who accept it one is first."""
    with conn.cursor(row_factory=class_row(OpenLine)) as cursor:
        return cursor.execute(
            "SELECT case_id, case_version, person_id, state FROM dispatch.proposal_lines"
            " WHERE proposal_id = %s AND case_id = %s FOR NO KEY UPDATE",
            (proposal_id, case_id),
        ).fetchone()


def settle_line(
    conn: Conn, proposal_id: int, case_id: int, settled: Settled, by: str, at: datetime
) -> None:
    """Write what became of a locked line."""
    conn.execute(
        "UPDATE dispatch.proposal_lines SET state = %s, why = %s, why_facts = %s,"
        " assignment_id = %s, decided_by = %s, decided_at = %s"
        " WHERE proposal_id = %s AND case_id = %s",
        (
            settled.state, settled.why, settled.facts and Jsonb(settled.facts),
            settled.assignment_id, by, at, proposal_id, case_id,
        ),
    )  # fmt: skip
