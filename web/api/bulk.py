"""One action on many cases: each by itself, under the rules of a single one."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch import desk
from dispatch.actor import Actor
from dispatch.bulk import MOST, Outcome, act_on_all
from dispatch.case.loop import the_loop
from dispatch.case.wish import Wish
from geodata.db.scope import Conn
from geodata.errors import Conflict, InvalidInput
from web.api.action import Wanted, wish_of
from web.api.change import KEY_OPTIONAL, change
from web.api.schema import Answer, BodyId, Model, Problem, Version, problems
from web.errors import problem
from web.idempotency import Reply
from web.identity.guard import require
from web.identity.role import Permission
from web.identity.user import display_name
from web.services import services

api = APIBlueprint("bulk", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="actions")])


class SeenCase(Model):
    """A case as it was looked at."""

    id: BodyId
    version: Version


class BulkIn(Wanted):
    """An action with what it needs, the same for all of these cases."""

    cases: list[SeenCase] = Field(min_length=1, max_length=MOST)


class OutcomeOut(Answer):
    """What became of one case: its new version and state, or why it stands as it was."""

    id: int
    done: bool
    version: int | None
    state: str | None
    problem: Problem | None


class BulkOut(Answer):
    """One outcome for each case, in the order they were named."""

    items: list[OutcomeOut]
    done: int


@api.post("/cases/bulk", responses={200: BulkOut, **problems(403)}, openapi_extensions=KEY_OPTIONAL)
def post_bulk(body: BulkIn) -> Response:
    """Take an action on up to 100 cases; one that is refused hinders no other."""
    require(Permission.CASE_READ)
    _check(body)

    def work(conn: Conn, actor: Actor) -> Reply:
        outcomes = act_on_all(conn, services().office, actor, _wishes(body))
        items = [_show(conn, outcome) for outcome in outcomes]
        return Reply.of(200, {"items": items, "done": sum(item["done"] for item in items)})

    return change(work)


def _check(body: BulkIn) -> None:
    if body.action not in the_loop().actions:
        raise InvalidInput(f"There is no action {body.action[:40]!r}", field="action")
    if body.action in desk.SENDING:
        raise InvalidInput("People are sent case by case, by who should go", field="action")
    if len({seen.id for seen in body.cases}) < len(body.cases):
        raise InvalidInput("A case is named twice", field="cases")


def _wishes(body: BulkIn) -> dict[int, Wish]:
    return {seen.id: wish_of(body, seen.version) for seen in body.cases}


def _show(conn: Conn, outcome: Outcome) -> dict[str, Any]:
    case, refused = outcome.case, outcome.problem
    if isinstance(refused, Conflict) and refused.winner and refused.winner.get("by"):
        refused.winner["by_name"] = display_name(conn, refused.winner["by"])
    return {
        "id": outcome.case_id,
        "done": case is not None,
        "version": case.version if case else None,
        "state": case.state if case else None,
        "problem": problem(refused) if refused else None,
    }
