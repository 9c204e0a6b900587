"""Reading what the needs of a run card are filled from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import tuple_row

from dispatch.assign.candidate import statement, time_rows
from dispatch.assign.card import Matter
from dispatch.assign.ladder import Responder
from dispatch.assign.need import Counts, Held
from dispatch.assign.rung import Rule
from dispatch.assign.travel import Goal
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import NotFound


@dataclass(frozen=True)
class CaseGround:
    """A case as its card sees it: matter, place, and the parts people have in it.

    lon, lat are EPSG:4326, ``arrival_limit_s`` is the type's.
    """

    case_id: int
    version: int
    state: str
    matter: Matter
    skills: tuple[str, ...]
    grid_code: str
    building_id: int | None
    lon: float
    lat: float
    arrival_limit_s: float
    held: tuple[Held, ...]


@dataclass(frozen=True)
class KeptBack:
    """By role: how many people a rule keeps from being sent, and who has the skill asked for."""

    counts: Mapping[str, Counts]
    able: Mapping[str, tuple[int, ...]]


def read_case_ground(conn: Conn, case_id: int) -> CaseGround:
    """Return a case as its card sees it.

    Raises
    ------
    NotFound
        No such case within reach.
    """
    row = conn.execute(query("dispatch.assign", "list_held"), {"case_id": case_id}).fetchone()
    if row is None:
        raise NotFound("There is no such case in your area", case_id=case_id)
    matter = Matter(
        row["type_code"], row["parent_code"], row["family"], row["level"], row["scale"],
        row["failed_mediations"],
    )  # fmt: skip
    held = tuple(Held(**{**part, "done": bool(part["done"])}) for part in row["held"])
    return CaseGround(
        row["id"], row["version"], row["state"], matter, tuple(row["skills"]), row["grid_code"],
        row["building_id"], row["lon"], row["lat"], row["arrival_limit_s"], held,
    )  # fmt: skip


def read_people(
    conn: Conn, goal: Goal, ground: CaseGround, now: datetime, rules: tuple[Rule, ...]
) -> list[Responder]:
    """Return who answers for a case's place by some rules, with travel times, in no order."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            statement("list_answering", rules), _place_values(ground, now)
        ).fetchall()
    return time_rows(goal, rows)


def count_kept_back(
    conn: Conn, ground: CaseGround, now: datetime, rules: tuple[Rule, ...], skill: str | None
) -> KeptBack:
    """Return how many people a rule keeps from being sent, counted by role in the database."""
    rows = conn.execute(
        statement("count_kept_back", rules), {**_place_values(ground, now), "skill": skill}
    ).fetchall()
    counts = {
        row["role"]: Counts(
            row["off_duty"], row["on_leave"], row["recused"], row["at_capacity"], row["unskilled"]
        )
        for row in rows
    }
    return KeptBack(counts, {row["role"]: tuple(row["able"]) for row in rows})


def lock_people(conn: Conn, people: Sequence[int]) -> None:
    """Lock people in the order of their ids, as far as they are in sight, until the end.

    Whoever locks several takes them in this order (migration 0021), so that nobody waits in a ring.
    """
    conn.execute(
        "SELECT id FROM dispatch.people WHERE id = ANY (%s::bigint[]) ORDER BY id"
        " FOR NO KEY UPDATE",
        (list(people),),
    )


def _place_values(ground: CaseGround, now: datetime) -> dict[str, object]:
    return {
        "case_id": ground.case_id,
        "grid": ground.grid_code,
        "building": ground.building_id,
        "family": ground.matter.family,
        "skills": list(ground.skills),
        "now": now,
    }
