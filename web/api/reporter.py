"""Who reported a case, in clear: for a stated purpose, which is kept with the reading."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch.actor import Actor
from dispatch.case.reporter import MAX_PURPOSE, read_clear
from geodata.db.scope import Conn
from web.api.change import change
from web.api.schema import Answer, IdPath, Model, Text, problems
from web.idempotency import Reply
from web.identity.guard import require
from web.identity.role import Permission
from web.services import services

api = APIBlueprint("reporter", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])


class PurposeIn(Model):
    """Why somebody wants to see what is masked."""

    purpose: Text | None = Field(None, max_length=MAX_PURPOSE, description="needed; is kept")


class ClearReporter(Answer):
    """The name and phone as they were given."""

    name: str | None
    phone: str | None


@api.post("/cases/<id>/reporter", responses={200: ClearReporter, **problems(403, 404)})
def post_reporter(path: IdPath, body: PurposeIn) -> Response:
    """Read the reporter in clear: without a purpose refused, with one an event of the case."""
    require(Permission.REPORTER_READ)

    def work(conn: Conn, actor: Actor) -> Reply:
        now = services().clock.now()
        contact = read_clear(conn, actor.subject, path.id, body.purpose, now)
        return Reply.of(200, {"name": contact.name, "phone": contact.phone})

    return change(work)
