"""Filters of the desk that somebody keeps: one's own, seen by nobody else."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch.actor import Actor
from geodata.db.scope import Conn, scoped
from web.api.change import KEY_OPTIONAL, change
from web.api.schema import Answer, IdPath, Model, Page, Text, moment_text, problems
from web.idempotency import Reply
from web.identity.guard import require
from web.identity.role import Permission
from web.pagination import page
from web.saved_filter import (
    MOST_NAME,
    MOST_QUERY,
    SavedFilter,
    delete_filter,
    list_filters,
    save_filter,
)
from web.services import services

api = APIBlueprint("saved_filter", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])


class FilterIn(Model):
    """A filter to be kept: what stands behind the question mark of the desk's address."""

    name: Annotated[Text, Field(min_length=1, max_length=MOST_NAME, pattern=r"\S")]
    query: Annotated[Text, Field(max_length=MOST_QUERY)]


class FilterOut(Answer):
    """A kept filter."""

    id: int
    name: str
    query: str
    made_at: str


@api.get("/filters", responses={200: Page[FilterOut], **problems(403)})
def get_filters() -> Response:
    """List my filters by name."""
    principal = require(Permission.PAGE_DESK)
    with scoped(services().pool, principal.scope) as conn:
        found = list_filters(conn)
    return jsonify(page([_show(one) for one in found], None))


@api.post(
    "/filters", responses={201: FilterOut, **problems(403, 409)}, openapi_extensions=KEY_OPTIONAL
)
def post_filter(body: FilterIn) -> Response:
    """Keep a filter; one of mine that has the name is replaced."""
    require(Permission.PAGE_DESK)

    def work(conn: Conn, actor: Actor) -> Reply:
        at = services().clock.now()
        saved = save_filter(conn, actor.subject, body.name.strip(), body.query, at)
        return Reply.of(201, _show(saved))

    return change(work)


@api.delete("/filters/<id>", responses={204: None, **problems(403, 404)})
def remove_filter(path: IdPath) -> Response:
    """Delete a filter of mine."""
    principal = require(Permission.PAGE_DESK)
    with scoped(services().pool, principal.scope) as conn:
        delete_filter(conn, path.id)
    return Response(status=204)


def _show(one: SavedFilter) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "query": one.query,
        "made_at": moment_text(one.made_at),
    }
