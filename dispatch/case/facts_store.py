"""Reading the facts of a case for a decision, and locking it so that they stay true."""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.actor import Actor
from dispatch.case.facts import Facts, Target
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import NotFound


def lock_cases(conn: Conn, case_ids: Sequence[int]) -> None:
    """Lock cases in the order of their ids, as far as they are in sight, until the end."""
    conn.execute(
        "SELECT id FROM dispatch.cases WHERE id = ANY (%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        (list(case_ids),),
    )


def read_facts(conn: Conn, actor: Actor, case_id: int, into: int | None) -> Facts:
    """Return what a decision needs to know of a case and of who decides.

    Parameters
    ----------
    into
        A case it may be merged into.

    Raises
    ------
    NotFound
        No such case, or none in sight.
    """
    row = conn.execute(
        query("dispatch.case", "read_facts"),
        {
            "case_id": case_id,
            "person_id": actor.person_id,
            "subjects": list(actor.subjects),
            "into": into,
        },
    ).fetchone()
    if row is None:
        raise NotFound("There is no such case in your area", case_id=case_id)
    target = None
    if row["target_id"] is not None:
        target = Target(row["target_id"], row["target_number"], row["target_state"])
    known = {name: value for name, value in row.items() if not name.startswith("target_")}
    parts = tuple((part["role"], part["state"]) for part in row["my_parts"])
    channels = tuple(row["channels"])
    return Facts(**{**known, "my_parts": parts, "channels": channels}, target=target)
