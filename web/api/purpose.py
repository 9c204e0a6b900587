"""What was taken out of the system, and what for: one's own; for supervision what is in scope."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dispatch.purpose import Purpose, list_purposes
from geodata.db.scope import scoped
from web.api.schema import Answer, ListQuery, Page, moment_text, problems
from web.identity.guard import require
from web.identity.role import Permission
from web.identity.user import subject_names
from web.pagination import page
from web.services import services

api = APIBlueprint("purpose", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])


class PurposeOut(Answer):
    """Who took what when, the words of the purpose, and the facts of the event."""

    id: int
    by: str
    by_name: str | None
    purpose: str
    what: str
    facts: dict[str, Any]
    at: str


@api.get("/purposes", responses={200: Page[PurposeOut], **problems(403)})
def get_purposes(query: ListQuery) -> Response:
    """List purposes, newest first."""
    principal = require(Permission.CASE_EXPORT)
    whose = None if principal.may(Permission.PURPOSE_READ) else principal.subject
    with scoped(services().pool, principal.scope) as conn:
        found = list_purposes(conn, whose, limit=query.limit, cursor=query.cursor)
        names = subject_names(conn, [one.subject for one in found.items])
        items = [_show(one, names) for one in found.items]
    return jsonify(page(items, found.next))


def _show(one: Purpose, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": one.id,
        "by": one.subject,
        "by_name": names.get(one.subject),
        "purpose": one.purpose,
        "what": one.what,
        "facts": dict(one.facts),
        "at": moment_text(one.at),
    }
