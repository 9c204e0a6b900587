"""Grading a case: its level (01 especially grave … 04 ordinary) and its scale (01 … 03).

Both are said at the report or later; they decide which run card the case has.
"""

from __future__ import annotations

from dispatch.action import move_case
from dispatch.actor import Actor
from dispatch.assign import store as assignments
from dispatch.assign.card import check_grade
from dispatch.case import store as cases
from dispatch.case.facts import belongs, reaches
from dispatch.case.facts_store import lock_cases, read_facts
from dispatch.case.loop import LEAD
from dispatch.case.store import Case
from dispatch.case.wish import Wish
from dispatch.effect import Columns, Deed
from dispatch.notice import notice, tell
from dispatch.office import Office
from geodata.db.scope import Conn
from geodata.errors import Conflict, Forbidden

__all__ = ["grade_case", "grade_new"]


def grade_case(
    conn: Conn,
    office: Office,
    actor: Actor,
    case_id: int,
    version: int,
    level: int | None,
    scale: int | None,
) -> Case:
    """Say of what level and scale an open case is, and tell of it.

    Raises
    ------
    Conflict
        The case moved on, or has ended.
    NotFound, Forbidden, InvalidInput
    """
    check_grade(level, scale)
    loop, now = office.rules(conn).loop, office.now()
    lock_cases(conn, [case_id])
    facts = read_facts(conn, actor, case_id, None)
    if not belongs(loop, actor, "desk") or not reaches(actor, facts.holder_code):
        raise Forbidden("The desk that holds this case says its level", role=actor.role)
    if facts.version != version:
        raise assignments.moved_on(conn, case_id, LEAD)
    if loop.states[facts.state].end:
        raise Conflict(f"The case is {facts.state}", winner={"state": facts.state})
    columns: Columns = {"level": level, "scale": scale}
    move_case(conn, Deed(facts, Wish("grade", version), actor, now, version + 1), columns)
    case = cases.get_case(conn, case_id)
    tell(conn, notice(actor, case, "case.graded", now, level=level, scale=scale))
    return case


def grade_new(conn: Conn, case: Case) -> None:
    """Write level and scale of a case that dispatch.take_in_assigned has just written."""
    if case.level is not None or case.scale is not None:
        conn.execute(
            "UPDATE dispatch.cases SET level = %s, scale = %s WHERE id = %s",
            (case.level, case.scale, case.id),
        )
