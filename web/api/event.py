"""Events: one stream per browser (handed over to the stream process), or pages of JSON."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from geodata.db.event import read_since
from geodata.db.scope import scoped
from web.api.history import EventItem, show_events
from web.api.schema import MAX_LIMIT, Model, problems
from web.identity.guard import require
from web.identity.principal import Principal
from web.identity.role import Permission
from web.pagination import decode_cursor, encode_cursor, page
from web.services import services
from web.stream.facts import StreamFacts, read_cursor
from web.stream.handoff import hand_over

api = APIBlueprint("event", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="events")])


class EventQuery(Model):
    """Where to go on."""

    since: str | None = Field(None, max_length=30, description="seq of the last event seen")
    limit: int = Field(MAX_LIMIT, ge=1, le=1000)
    cursor: str | None = Field(None, max_length=400)


_PAGE = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": EventItem.model_json_schema()},
        "next": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
}
STREAM = {
    "text/event-stream": {"schema": {"type": "string"}},
    "application/json": {"schema": _PAGE},
}


@api.get("/events", responses={200: {"content": STREAM}, **problems(403, 422, 429, 503)})
def get_events(query: EventQuery) -> Response:
    """Stream events in scope (text/event-stream); with ``Accept: application/json`` one page."""
    principal = require(Permission.EVENT_READ)
    if _wants_json():
        return jsonify(_page(principal, query))
    facts = StreamFacts(
        credential=f"{principal.credential}:{principal.credential_id}",
        user_id=principal.user_id,
        scope=principal.scope,
        since=read_cursor(request.headers.get("Last-Event-ID"), query.since),
    )
    return hand_over(request.environ, facts, services().settings.stream_socket)


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/event-stream", "application/json"])
    return best == "application/json"


def _page(principal: Principal, query: EventQuery) -> dict[str, Any]:
    if query.cursor:
        since = decode_cursor(query.cursor, [int])[0]
    else:
        since = read_cursor(None, query.since) or 0
    with scoped(services().pool, principal.scope) as conn:
        items = show_events(conn, read_since(conn, since, query.limit + 1))
    shown = items[: query.limit]
    following = encode_cursor(shown[-1]["seq"]) if len(items) > query.limit else None
    return page(shown, following)
