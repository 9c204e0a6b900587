"""People of a case who are not staff: noted, masked, and in clear for a stated purpose."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch import file
from dispatch.actor import Actor
from dispatch.case.contact import MAX_PURPOSE, Contact, Masked, Part, list_masked, read_clear
from dispatch.case.store import get_case
from geodata.db.scope import Conn, scoped
from web.api.change import KEY_OPTIONAL, change
from web.api.schema import Answer, Id, IdPath, Line, Model, Page, Text, problems
from web.idempotency import Reply
from web.identity.guard import require
from web.identity.role import Permission
from web.pagination import page
from web.services import services

api = APIBlueprint("contact", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])


class ContactPath(Model):
    """A case and somebody of it."""

    id: Id
    cid: Id


class PartyIn(Model):
    """Somebody who has to do with a case: a name, a phone number, or both."""

    part: Literal["reporter", "applicant", "respondent", "witness"]
    name: Line | None = None
    phone: Line | None = None


class PurposeIn(Model):
    """Why somebody wants to see what is masked."""

    purpose: Text | None = Field(None, max_length=MAX_PURPOSE, description="needed; is kept")


class ContactOut(Answer):
    """Somebody of a case behind masks: 张*, 138****1234."""

    id: int
    part: str
    name: str | None
    phone: str | None


class ClearContact(Answer):
    """The name and phone as they were given."""

    name: str | None
    phone: str | None


@api.get("/cases/<id>/contacts", responses={200: Page[ContactOut], **problems(403, 404)})
def get_contacts(path: IdPath) -> Response:
    """List who reported a case, and its parties, masked."""
    principal = require(Permission.CASE_READ)
    with scoped(services().pool, principal.scope) as conn:
        get_case(conn, path.id)
        return jsonify(page(show_contacts(conn, path.id), None))


@api.post(
    "/cases/<id>/contacts",
    responses={201: Page[ContactOut], **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_contact(path: IdPath, body: PartyIn) -> Response:
    """Note a party, a witness, or who reported it."""
    require(Permission.CONTACT_EDIT)
    contact = Contact(body.name, body.phone, field="body")

    def work(conn: Conn, actor: Actor) -> Reply:
        file.add_party(conn, services().office, actor, path.id, Part(body.part), contact)
        return Reply.of(201, page(show_contacts(conn, path.id), None))

    return change(work)


@api.delete(
    "/cases/<id>/contacts/<cid>",
    responses={200: Page[ContactOut], **problems(403, 404)},
    openapi_extensions=KEY_OPTIONAL,
)
def delete_contact(path: ContactPath) -> Response:
    """Take somebody away who was noted by mistake."""
    require(Permission.CONTACT_EDIT)

    def work(conn: Conn, actor: Actor) -> Reply:
        file.remove_party(conn, services().office, actor, path.id, path.cid)
        return Reply.of(200, page(show_contacts(conn, path.id), None))

    return change(work)


@api.post("/cases/<id>/contacts/<cid>/read", responses={200: ClearContact, **problems(403, 404)})
def post_reading(path: ContactPath, body: PurposeIn) -> Response:
    """Read somebody in clear: without a purpose refused, with one an event of the case."""
    require(Permission.CONTACT_READ)

    def work(conn: Conn, actor: Actor) -> Reply:
        now = services().clock.now()
        contact = read_clear(conn, actor.subject, path.id, path.cid, body.purpose, now)
        return Reply.of(200, {"name": contact.name, "phone": contact.phone})

    return change(work, secret=True)


def show_contacts(conn: Conn, case_id: int) -> list[dict[str, Any]]:
    """Return the people of a case in sight, masked, as the API shows them."""
    return [show_contact(one) for one in list_masked(conn, case_id)]


def show_contact(masked: Masked) -> dict[str, Any]:
    """Return one of them."""
    return {
        "id": masked.id,
        "part": masked.part,
        "name": masked.name_masked,
        "phone": masked.phone_masked,
    }
