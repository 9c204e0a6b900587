"""Accepting lines of a proposal: each becomes an assignment if it still holds, else it is told why.

Each line is a transaction of its own. Nothing is looked up first: the conditional write that every
dispatch goes through (dispatch/assign/sql/assign_person.sql) decides, and what it refuses is the
reason. A line that was accepted before is answered as it stands, so that it may be asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta

from dispatch.actor import Actor
from dispatch.assign.need_store import lock_people
from dispatch.assign.rung import BY_CHOICE
from dispatch.case.facts_store import lock_cases
from dispatch.desk import assign
from dispatch.office import Office
from dispatch.queue import store
from dispatch.queue.store import OpenLine, Settled, ShownLine
from geodata.db.scope import Conn
from geodata.errors import Conflict, Forbidden, GanxinError, InvalidInput, NotFound
from geodata.road.snap import Snapper

HOLDS = timedelta(minutes=10)
"""How long a proposal may be accepted: later too many have moved for its minutes to be true."""
REFUSALS = (Conflict, NotFound, Forbidden, InvalidInput)
"""What stops one line and no other; any other error is a fault."""
STALE, REFUSED = "stale", "refused"
EXPIRED = Settled(STALE, "expired")
SENTENCES: dict[str, tuple[str, str]] = {
    "case_moved": ("案件已变化，请重新求解", "the case has changed since; solve again"),
    "taken_by": ("已由{who}接手", "{who} has it already"),
    "no_room": ("该人员在办已满", "this person has no room any more"),
    "off_duty": ("该人员已不在岗", "this person is not on duty any more"),
    "recused": ("该人员已回避此案", "this person stands aside from the case"),
    "not_answering": ("该人员已不负责此处", "this person does not answer for the place any more"),
    "not_in_reach": ("案件或人员已不在您的辖区", "the case or the person has left your area"),
    "expired": ("建议已超过 10 分钟", "the proposal is older than 10 minutes"),
    "not_allowed": ("您不能派遣此案", "you may not dispatch this case"),
    "nobody": ("辖区内无人可派", "nobody of your area who answers for it is free"),
    "unreachable": ("没有道路可到", "no road leads there"),
    "by_card": ("预案卡指定了牵头人，请按卡派遣", "its run card names who leads: send by the card"),
    "too_far": ("所有人都太远", "everybody is too far away"),
    "others": ("能去的人更需要去别处", "those who could go are needed more elsewhere"),
}  # fmt: skip
"""Why a line no longer holds, or why a case is left, in Chinese and in English."""


Begin = Callable[[], AbstractContextManager[Conn]]
"""Opens a transaction, scoped to who accepts."""


def accept(
    begin: Begin,
    office: Office,
    actor: Actor,
    roads: Snapper,
    proposal_id: int,
    case_ids: Sequence[int] | None = None,
) -> list[ShownLine]:
    """Accept lines of a proposal, or all that are open; return them as they stand afterwards.

    Parameters
    ----------
    case_ids
        Whose lines; None for all that are open.

    Raises
    ------
    NotFound
        There is no such proposal in sight.
    InvalidInput
        It proposes nobody for a case that was named.
    """
    with begin() as conn:
        made_at = store.read_head(conn, proposal_id).made_at
        proposed = store.list_proposed(conn, proposal_id)
    wanted = [case for case, state in proposed.items() if state == "open"]
    if case_ids is not None:
        if not set(case_ids) <= set(proposed):
            raise InvalidInput("The proposal names nobody for one of these cases", field="cases")
        wanted = list(dict.fromkeys(case_ids))
    expired = office.now() - made_at > HOLDS
    for case_id in wanted:
        with begin() as conn:
            _accept_line(conn, office, actor, roads, proposal_id, case_id, expired=expired)
    with begin() as conn:
        return store.read_lines(conn, proposal_id, wanted)


def _accept_line(
    conn: Conn,
    office: Office,
    actor: Actor,
    roads: Snapper,
    proposal_id: int,
    case_id: int,
    *,
    expired: bool,
) -> None:
    line = store.lock_line(conn, proposal_id, case_id)
    if line is None or line.state != "open":
        return  # somebody was first with this very line: it is shown as it stands
    settled = EXPIRED if expired else _try(conn, office, actor, roads, line)
    store.settle_line(conn, proposal_id, case_id, settled, actor.subject, office.now())


def _try(conn: Conn, office: Office, actor: Actor, roads: Snapper, line: OpenLine) -> Settled:
    """Send whom a line names within a savepoint: what is refused leaves nothing behind."""
    try:
        with conn.transaction():
            made = _send(conn, office, actor, roads, line)
    except REFUSALS as problem:
        return judge(problem)
    return Settled("accepted", assignment_id=made)


def _send(conn: Conn, office: Office, actor: Actor, roads: Snapper, line: OpenLine) -> int:
    """Assign the proposed person with the reasons of this moment; return the assignment's id.

    Somebody who does not stand on the ladder any more is not sent by the back door of the desk's
    own choice. Case and person are locked first, as always in this order: else somebody without
    room when the ladder is read and with room when the write decides would seem not to answer.
    """
    if line.person_id is None:
        raise InvalidInput("Nobody is proposed for this case", field="cases")
    lock_cases(conn, [line.case_id])
    lock_people(conn, [line.person_id])
    made = assign(conn, office, actor, roads, line.case_id, line.person_id, line.case_version)
    if made.candidate.rung == BY_CHOICE:
        raise Conflict(
            "This person does not answer for the place any more",
            field="person_id",
            winner={"reason": "not_answering"},
        )
    return made.assignment_id


def judge(problem: GanxinError) -> Settled:
    """Return why a line does not hold, from what the dispatch was refused with. Pure."""
    if isinstance(problem, NotFound):
        return Settled(STALE, "not_in_reach")
    if not isinstance(problem, Conflict):
        return Settled(REFUSED, "not_allowed")
    winner = problem.winner or {}
    if problem.field == "person_id":
        code = {"duty": "off_duty"}.get(winner.get("reason", ""), winner.get("reason", "no_room"))
        return Settled(STALE, code, {k: v for k, v in winner.items() if k in ("by", "at")} or None)
    if winner.get("person_role"):
        known = ("name", "person_id", "person_role", "by", "at")
        return Settled(STALE, "taken_by", {k: winner[k] for k in known if winner.get(k)})
    return Settled(STALE, "case_moved", {"state": winner.get("state")})


def sentence(code: str, locale: str = "zh", who: str = "") -> str:
    """Return why a line no longer holds, or why a case is left, in words.

    >>> sentence("taken_by", "en", "Li Na")
    'Li Na has it already'
    """
    zh, en = SENTENCES[code]
    return (en if locale == "en" else zh).format(who=who)
