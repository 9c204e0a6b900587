"""Why not: reads how a person stands to a case, and asks for the rule that decided it."""

from __future__ import annotations

from datetime import datetime

from dispatch.assign import ladder
from dispatch.assign.candidate import read_candidates, statement
from dispatch.assign.rung import LADDER
from dispatch.assign.why_not import Standing, WhyNot, why_not
from geodata.db.scope import Conn
from geodata.errors import NotFound
from geodata.road.snap import Snapper


def explain_person(
    conn: Conn, roads: Snapper, case_id: int, person_id: int, now: datetime
) -> tuple[Standing, WhyNot]:
    """Return how somebody stands to a case, and why they are not the first to be sent.

    Of somebody beyond the caller's scope no name, no number and no recusal's words come out.

    Raises
    ------
    NotFound
        No such case within reach, or no such person.
    """
    need, responders = read_candidates(conn, roads, case_id, now)
    row = conn.execute(
        statement("get_standing"), {"case_id": case_id, "person_id": person_id, "now": now}
    ).fetchone()
    if row is None:
        raise NotFound("There is no such person", field="person", person_id=person_id)
    recusal = (row["recusal"] or "") if row["recused"] else None
    standing = Standing(
        row["person_id"], row["role"], row["duty"], row["load"], row["capacity"], row["rung"],
        recusal, row["part"], row["in_scope"], row["name"],
    )  # fmt: skip
    ordered = ladder.order(responders, need.arrival_limit_s)
    return standing, why_not(standing, LADDER, row["family"], row["skills"], ordered)
