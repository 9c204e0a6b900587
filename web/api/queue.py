"""The whole queue: proposals who goes where, accepting their lines, and what is done by type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Any, Literal

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch.actor import Actor
from dispatch.case.type import Family
from dispatch.queue import store
from dispatch.queue.acceptance import HOLDS, accept, sentence
from dispatch.queue.mode import DEFAULT, Mode, ModeRow, read_modes, set_mode
from dispatch.queue.plan import Tally
from dispatch.queue.proposal import MOST, propose
from dispatch.queue.store import ShownLine
from geodata.db.scope import Conn, scoped, unscoped
from geodata.errors import InvalidInput
from web.api.assignment_model import show_reason
from web.api.case_model import ReasonOut, role_label
from web.api.change import KEY_OPTIONAL, actor_of, change
from web.api.schema import Answer, BodyFlag, BodyId, IdPath, Line, Model, moment_text, problems
from web.idempotency import Reply
from web.identity.confirm import confirmed
from web.identity.guard import current, require
from web.identity.principal import Principal
from web.identity.role import Permission
from web.message import choose_locale
from web.off_loop import let_others
from web.services import services

api = APIBlueprint("queue", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="assignments")])

State = Literal["open", "accepted", "undone", "stale", "refused", "left"]


class ProposeIn(Model):
    """``after``: an earlier proposal, kept to where a change gains next to nothing."""

    after: BodyId | None = None


class AcceptIn(Model):
    """Lines of a proposal, by case, or all that are open."""

    cases: Annotated[list[BodyId], Field(min_length=1, max_length=MOST)] | None = None
    all: BodyFlag = False


class ModeIn(Model):
    """What is done with proposals for a type (a class holds for its types) or a family."""

    type: Line | None = None
    family: Family | None = None
    mode: Mode | None = Field(description="null: what is more general holds")


class WhoOut(Answer):
    """Somebody; beyond the scope the role only."""

    id: int | None
    name: str | None
    role: str | None
    role_label: str | None


class WhyOut(Answer):
    """Why a line does not hold, or why a case is left."""

    code: str
    text: str
    facts: dict[str, Any] | None


class LineOut(Answer):
    """What is proposed for one case, and what became of it; ``cost`` in arrival limits.

    ``instead``: who would go one by one; ``version`` and ``case_state``: of the case now.
    """

    case_id: int
    number: str
    type: str
    type_name: str
    type_name_en: str
    urgent: bool
    address: str | None
    reported_at: str
    version: int
    case_state: str
    person: WhoOut | None
    rung: str | None
    travel_s: float | None
    cost: float
    reasons: list[ReasonOut]
    differs: bool
    instead: WhoOut | None
    state: State
    why: WhyOut | None
    assignment_id: int | None


class TallyOut(Answer):
    """What an answer comes to: cost in arrival limits, seconds on the road, cases left and late."""

    cost: float
    road_s: float
    left: int
    late: int


class ProposalOut(Answer):
    """A proposal: nobody's place is taken until a line is accepted, before ``holds_until``."""

    id: int
    made_at: str
    holds_until: str
    waiting: int
    people: int
    together: TallyOut
    one_by_one: TallyOut
    solve_s: float
    lines: list[LineOut]


class AcceptedOut(Answer):
    """The lines that were asked for as they stand now, and how many are accepted."""

    items: list[LineOut]
    accepted: int
    refused: int


class ModeItem(Answer):
    """The mode of a type or a family."""

    type: str | None
    family: str | None
    mode: Mode


class ModesOut(Answer):
    """All modes, the most special one holds; ``default`` where none does."""

    items: list[ModeItem]
    default: Mode


@api.post(
    "/queue/proposals", responses={201: ProposalOut, **problems(403)},
    openapi_extensions=KEY_OPTIONAL,
)  # fmt: skip
def post_proposal(body: ProposeIn) -> Response:
    """Solve the whole queue of one's areas: who goes where so that the sum of costs is least."""
    require(Permission.CASE_ASSIGN)
    deps = services()
    roads = deps.roads()

    def work(conn: Conn, actor: Actor) -> Reply:
        made = propose(conn, deps.office, actor, roads, deps.travel, let_others, body.after)
        return Reply.of(201, _show(conn, made))

    return change(work)


@api.get("/queue/proposals/<id>", responses={200: ProposalOut, **problems(403, 404)})
def get_proposal(path: IdPath) -> Response:
    """Tell a proposal and what became of its lines."""
    principal = require(Permission.CASE_ASSIGN)
    with scoped(services().pool, principal.scope) as conn:
        return jsonify(_show(conn, path.id))


@api.post("/queue/proposals/<id>/accept", responses={200: AcceptedOut, **problems(403, 404)})
def post_acceptance(path: IdPath, body: AcceptIn) -> Response:
    """Send whom a proposal names, each case by itself; what no longer holds tells why.

    Safe to repeat: a line that was accepted is answered as it stands.
    """
    principal = require(Permission.CASE_ASSIGN)
    if (body.cases is None) != body.all:
        raise InvalidInput("Name the cases, or say all: one of the two", field="cases")
    deps, locale = services(), choose_locale(principal.locale)
    lines = accept(
        partial(_begin, principal), deps.office, actor_of(principal), deps.roads(), path.id,
        body.cases,
    )  # fmt: skip
    refused = sum(line.why is not None for line in lines)
    items = [_show_line(line, locale) for line in lines]
    return jsonify({"items": items, "accepted": len(lines) - refused, "refused": refused})


@api.get("/queue/modes", responses={200: ModesOut, **problems()})
def get_modes() -> Response:
    """Tell what is done with proposals, by type and family."""
    with unscoped(services().pool) as conn:
        return jsonify(_show_modes(read_modes(conn)))


@api.put(
    "/queue/modes", responses={200: ModesOut, **problems(403)}, openapi_extensions=KEY_OPTIONAL
)
def put_mode(body: ModeIn) -> Response:
    """Say for a type or family whether the queue is off, advises, or sends by itself."""
    require(Permission.QUEUE_EDIT)
    family = None if body.family is None else body.family.value

    def work(conn: Conn, actor: Actor) -> Reply:
        rows = set_mode(conn, services().clock, actor, family, body.type, body.mode)
        return Reply.of(200, _show_modes(rows))

    return change(work)


@contextmanager
def _begin(principal: Principal) -> Iterator[Conn]:
    with confirmed(services().pool, principal) as (conn, _):
        yield conn


def _show(conn: Conn, proposal_id: int) -> dict[str, Any]:
    head, lines = store.read_head(conn, proposal_id), store.read_lines(conn, proposal_id)
    locale = choose_locale(current().locale)
    return {
        "id": head.id,
        "made_at": moment_text(head.made_at),
        "holds_until": moment_text(head.made_at + HOLDS),
        "waiting": head.waiting,
        "people": head.people,
        "together": _show_tally(head.together),
        "one_by_one": _show_tally(head.one_by_one),
        "solve_s": head.solve_s,
        "lines": [_show_line(line, locale) for line in lines],
    }


def _show_tally(tally: Tally) -> dict[str, Any]:
    return {**vars(tally), "cost": round(tally.cost, 3)}


def _show_line(line: ShownLine, locale: str) -> dict[str, Any]:
    return {
        "case_id": line.case_id,
        "number": line.number,
        "type": line.type_code,
        "type_name": line.type_name,
        "type_name_en": line.type_name_en,
        "urgent": line.urgent,
        "address": line.address,
        "reported_at": moment_text(line.reported_at),
        "version": line.version,
        "case_state": line.case_state,
        "person": _who(line.person_id, line.name, line.person_role, locale),
        "rung": line.rung,
        "travel_s": line.travel_s,
        "cost": round(line.cost, 3),
        "reasons": [show_reason(reason, locale) for reason in line.reasons],
        "differs": line.differs,
        "instead": _who(line.instead_id, line.instead_name, line.instead_role, locale),
        "state": line.state,
        "why": _why(line, locale),
        "assignment_id": line.assignment_id,
    }


def _who(
    person_id: int | None, name: str | None, role: str | None, locale: str
) -> dict[str, Any] | None:
    if role is None:
        return None
    label = role_label(role, locale)
    return {"id": person_id, "name": name, "role": role, "role_label": label}


def _why(line: ShownLine, locale: str) -> dict[str, Any] | None:
    code = line.left_why or line.why
    if code is None:
        return None
    facts = line.why_facts or {}
    role = facts.get("person_role")
    who = facts.get("name") or (role_label(role, locale) if role else "")
    return {"code": code, "text": sentence(code, locale, who), "facts": line.why_facts}


def _show_modes(rows: list[ModeRow]) -> dict[str, Any]:
    items = [{"type": r.type_code, "family": r.family, "mode": r.mode} for r in rows]
    return {"items": items, "default": DEFAULT}
