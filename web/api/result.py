"""Results: what I am told of the matters I reported."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dispatch.actor import Actor
from dispatch.case.result import Result, list_results, list_unverified, mark_read
from dispatch.case.store import get_case
from geodata.db.scope import Conn, scoped
from web.api.case_model import CaseOut
from web.api.case_view import view_cases
from web.api.change import KEY_OPTIONAL, actor_of, change
from web.api.schema import Answer, IdPath, ListQuery, Page, moment_text, problems
from web.idempotency import Reply
from web.identity.guard import require
from web.identity.role import Permission
from web.json_format import moment
from web.pagination import page
from web.services import services

api = APIBlueprint("result", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="results")])


class ResultOut(Answer):
    """The end of a matter somebody reported; ``case`` is another one if it was merged."""

    id: int
    report_id: int
    report_number: str
    case_id: int
    case_number: str
    kind: str
    words: str | None
    told_at: str
    read_at: str | None


@api.get("/results", responses={200: Page[ResultOut], **problems(403)})
def get_results(query: ListQuery) -> Response:
    """List what I was told of my reports, newest first."""
    principal = require(Permission.CASE_READ)
    with scoped(services().pool, principal.scope) as conn:
        found = list_results(conn, limit=query.limit, cursor=query.cursor)
    return jsonify(page([show_result(one) for one in found.items], found.next))


@api.get("/results/unverified", responses={200: Page[CaseOut], **problems(403)})
def get_unverified() -> Response:
    """List what I reported and is said to be done: it waits for my verification."""
    principal = require(Permission.CASE_READ)
    with scoped(services().pool, principal.scope) as conn:
        ids = list_unverified(conn, actor_of(principal).subjects)
        items = view_cases(conn, [get_case(conn, one) for one in ids])
    return jsonify(page(items, None))


@api.post(
    "/results/<id>/read",
    responses={200: Answer, **problems(403, 404)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_read(path: IdPath) -> Response:
    """Note that I have read a result."""
    require(Permission.CASE_READ)

    def work(conn: Conn, actor: Actor) -> Reply:
        del actor  # row security knows whose it is
        mark_read(conn, path.id, services().clock.now())
        return Reply.of(200, {})

    return change(work)


def show_result(result: Result) -> dict[str, Any]:
    """Return a result as the API shows it."""
    return {
        **vars(result),
        "told_at": moment(result.told_at),
        "read_at": moment_text(result.read_at),
    }
