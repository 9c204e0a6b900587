"""Actions of the closed loop: what I may do with a case now, and doing it."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch import desk
from dispatch.actor import Actor
from dispatch.case.decision import Allowed
from dispatch.case.loop import LEAD, Need
from dispatch.case.store import Case
from dispatch.case.wish import BEST, WORST, Closure, Colour, Wish
from dispatch.clock.limit import MAX_AMOUNT, Unit
from geodata.db.scope import Conn, scoped
from geodata.errors import InvalidInput
from geodata.road.snap import Snapper
from web.api.case_model import CaseOut
from web.api.case_view import view_case
from web.api.change import KEY_OPTIONAL, actor_of, change
from web.api.schema import (
    Answer,
    BodyId,
    IdPath,
    Line,
    Model,
    Moment,
    Page,
    Version,
    Words,
    problems,
)
from web.idempotency import Reply
from web.identity.guard import require
from web.identity.role import Permission
from web.pagination import page
from web.services import services

api = APIBlueprint("action", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="actions")])


class Wanted(Model):
    """An action, with what GET says that it needs."""

    action: Line
    role: Literal["lead", "mediator", "lawyer", "judge", "assist", "joint"] = Field(
        "lead", description="whose part in the case it is about, where it is about one"
    )
    person_id: BodyId | None = None
    reason: Words | None = None
    note: Words | None = None
    rating: int | None = Field(None, strict=True, ge=WORST, le=BEST)
    kind: Closure | None = None
    colour: Colour | None = None
    until: Moment | None = Field(None, description="when a suspended case goes on by itself")
    amount: int | None = Field(None, strict=True, ge=1, le=MAX_AMOUNT)
    unit: Unit | None = None
    into: BodyId | None = Field(None, description="the case this one is merged into")


class ActionIn(Wanted):
    """An action with the version looked at."""

    version: Version


class NeedOut(Answer):
    """A field that must or may come with an action."""

    field: str
    required: bool
    choices: list[str] | None = Field(description="what it may be; null: anything of its kind")


class AllowedOut(Answer):
    """An action that is open to who asks."""

    action: str
    to_state: str
    role: str = Field(description="whose part it is about: lead, or my own beside it")
    needs: list[NeedOut]


class AllowedPage(Page[AllowedOut]):
    """All of them, with the version of the case they are true of."""

    version: int


@api.get("/cases/<id>/actions", responses={200: AllowedPage, **problems(403, 404)})
def get_actions(path: IdPath) -> Response:
    """List the actions open to me now, with what each needs."""
    principal = require(Permission.CASE_READ)
    with scoped(services().pool, principal.scope) as conn:
        version, found = desk.list_actions(conn, services().office, actor_of(principal), path.id)
    return jsonify({**page([show_allowed(one) for one in found], None), "version": version})


@api.post(
    "/cases/<id>/actions",
    responses={200: CaseOut, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_action(path: IdPath, body: ActionIn) -> Response:
    """Take an action on a case; 409 names who was faster or what stands against it."""
    require(Permission.CASE_READ)
    roads = services().roads() if body.action in desk.SENDING else None

    def work(conn: Conn, actor: Actor) -> Reply:
        return Reply.of(200, view_case(conn, _act(conn, actor, roads, path.id, body)))

    return change(work)


def _act(conn: Conn, actor: Actor, roads: Snapper | None, case_id: int, body: ActionIn) -> Case:
    office = services().office
    if roads is None:
        return desk.act(conn, office, actor, case_id, wish_of(body, body.version))
    if body.person_id is None:
        raise InvalidInput(f"{body.action} needs: person_id", field="person_id")
    role = body.action if body.action in desk.BESIDE else body.role
    return desk.assign(conn, office, actor, roads, case_id, body.person_id, body.version, role).case


def wish_of(body: Wanted, version: int) -> Wish:
    """Return what somebody wants of a case in a version, as the loop knows it."""
    return Wish(
        action=body.action,
        version=version,
        assignment_role=body.role or LEAD,
        person_id=body.person_id,
        reason=body.reason,
        note=body.note,
        rating=body.rating,
        kind=body.kind,
        colour=body.colour,
        until=body.until,
        amount=body.amount,
        unit=body.unit,
        into=body.into,
    )


def show_allowed(allowed: Allowed) -> dict[str, Any]:
    """Return an allowed action as the API shows it."""
    return {
        "action": allowed.action,
        "to_state": allowed.to_state,
        "role": allowed.role,
        "needs": [_show_need(need, allowed) for need in allowed.needs],
    }


def _show_need(need: Need, allowed: Allowed) -> dict[str, Any]:
    choices: dict[str, list[str]] = {
        "kind": [str(kind) for kind in allowed.kinds],
        "colour": [colour.value for colour in Colour],
        "unit": [unit.value for unit in Unit],
        "rating": [str(score) for score in range(WORST, BEST + 1)],
    }
    return {"field": need.field, "required": need.required, "choices": choices.get(need.field)}
