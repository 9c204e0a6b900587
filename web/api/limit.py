"""Limits: how long each step of a case may take, by type, level and urgency."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field, Strict

from dispatch.actor import Actor
from dispatch.case.type import Family
from dispatch.clock.limit import MAX_AMOUNT, Limit, Unit
from dispatch.clock.limit_table import LimitKey, LimitRow, Step, read_limits
from dispatch.rule import drop_limit, set_limit
from geodata.code import Level
from geodata.db.scope import Conn, unscoped
from web.api.change import KEY_OPTIONAL, change
from web.api.schema import Answer, BodyFlag, IdPath, Line, Model, Page, problems
from web.idempotency import Reply
from web.identity.guard import require
from web.identity.role import Permission
from web.pagination import page
from web.services import services

api = APIBlueprint("limit", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])


class LimitIn(Model):
    """A limit and what it holds for; what is left out or null is for all."""

    step: Step
    family: Family | None = None
    type: Line | None = Field(None, description="a type, or a class for all its types")
    level: Level | None = Field(None, description="of the body that holds the case")
    urgent: BodyFlag | None = None
    amount: Annotated[int, Strict(), Field(ge=1, le=MAX_AMOUNT)]
    unit: Unit
    source: Line = "district"


class LimitItem(Answer):
    """One limit; ``edited``: the district's own, which a new version leaves alone."""

    id: int
    step: Step
    family: Family | None
    type: str | None
    level: Level | None
    urgent: bool | None
    amount: int
    unit: Unit
    source: str
    edited: bool


@api.get("/limits", responses={200: Page[LimitItem], **problems()})
def get_limits() -> Response:
    """List all limits, from the most general to the most special; the most special one holds."""
    with unscoped(services().pool) as conn:
        rows = read_limits(conn).rows
    return jsonify(page([_show(row) for row in rows], None))


@api.put(
    "/limits", responses={200: LimitItem, **problems(403, 409)}, openapi_extensions=KEY_OPTIONAL
)
def put_limit(body: LimitIn) -> Response:
    """Set a limit, in the place of the one for the same step, type, level and urgency."""
    require(Permission.TYPE_EDIT)
    family = None if body.family is None else body.family.value
    key = LimitKey(body.step, family, body.type, body.level, body.urgent)
    row = LimitRow(key, Limit(body.amount, body.unit), body.source)

    def work(conn: Conn, actor: Actor) -> Reply:
        return Reply.of(200, _show(set_limit(conn, services().clock, actor, row)))

    return change(work)


@api.delete(
    "/limits/<id>",
    responses={204: None, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def delete_limit(path: IdPath) -> Response:
    """Take a limit away: the next more general one holds."""
    require(Permission.TYPE_EDIT)

    def work(conn: Conn, actor: Actor) -> Reply:
        drop_limit(conn, services().clock, actor, path.id)
        return Reply(204, "")

    return change(work)


def _show(row: LimitRow) -> dict[str, Any]:
    key = row.key
    return {
        "id": row.id,
        "step": key.step,
        "family": key.family,
        "type": key.type_code,
        "level": key.level,
        "urgent": key.urgent,
        "amount": row.limit.amount,
        "unit": row.limit.unit,
        "source": row.source,
        "edited": row.edited,
    }
