"""Bulk: one action on many cases, each decided by itself as if it came alone.

All cases are locked first, then all people their assignments name, each in the order of their ids:
two bulks that share cases or people wait for one another and never in a ring.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dispatch.action import act
from dispatch.actor import Actor
from dispatch.case.facts_store import lock_cases
from dispatch.case.store import Case
from dispatch.case.wish import Wish
from dispatch.office import Office
from geodata.db.scope import Conn
from geodata.errors import Conflict, Forbidden, GanxinError, InvalidInput, NotFound

MOST = 100
REFUSALS = (InvalidInput, Forbidden, NotFound, Conflict)
"""What stops one case and no other; any other error takes all of them back."""


@dataclass(frozen=True)
class Outcome:
    """What became of one case: the case after the action, or why it stands as it was."""

    case_id: int
    case: Case | None = None
    problem: GanxinError | None = None


def act_on_all(
    conn: Conn, office: Office, actor: Actor, wishes: Mapping[int, Wish]
) -> list[Outcome]:
    """Take an action on each case, by id; return what became of each in the order given.

    Raises
    ------
    InvalidInput
        None, or over :data:`MOST`.
    """
    if not 0 < len(wishes) <= MOST:
        raise InvalidInput(f"Name 1 to {MOST} cases", field="cases")
    into = {wish.into for wish in wishes.values() if wish.into is not None}
    _lock(conn, sorted({*wishes, *into}))
    return [_act(conn, office, actor, case_id, wish) for case_id, wish in wishes.items()]


def _lock(conn: Conn, case_ids: Sequence[int]) -> None:
    lock_cases(conn, case_ids)
    conn.execute("SELECT dispatch.lock_all_assignees(%s::bigint[])", (list(case_ids),))


def _act(conn: Conn, office: Office, actor: Actor, case_id: int, wish: Wish) -> Outcome:
    """Act within a savepoint: what is refused leaves nothing behind."""
    try:
        with conn.transaction():
            return Outcome(case_id, case=act(conn, office, actor, case_id, wish))
    except REFUSALS as problem:
        return Outcome(case_id, problem=problem)
