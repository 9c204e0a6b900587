"""Documents of a case: handed in, listed, fetched, taken away."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch import file
from dispatch.actor import Actor
from dispatch.case.document import KINDS, Document, decode_content, list_documents, read_document
from dispatch.case.store import get_case
from geodata.db.scope import Conn, scoped
from web.api.change import KEY_OPTIONAL, change
from web.api.schema import Answer, Id, IdPath, Line, Model, Page, problems
from web.idempotency import Reply
from web.identity.guard import require
from web.identity.role import Permission
from web.json_format import moment
from web.pagination import page
from web.services import services

api = APIBlueprint("document", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])

FILES: dict[str, Any] = {
    "description": "the file as it was handed in",
    "content": {
        kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS.values()
    },
}


class DocumentPath(Model):
    """A case and one of its documents."""

    id: Id
    did: Id


class DocumentIn(Model):
    """A JPEG, a PNG or a PDF of at most 700,000 bytes."""

    name: Line
    content: Annotated[str, Field(max_length=1_000_000, description="base64")]


class DocumentOut(Answer):
    """A document without its content."""

    id: int
    name: str
    media_type: str
    size_bytes: int
    added_by: str
    added_at: str


@api.get("/cases/<id>/documents", responses={200: Page[DocumentOut], **problems(403, 404)})
def get_documents(path: IdPath) -> Response:
    """List the documents of a case."""
    principal = require(Permission.CASE_READ)
    with scoped(services().pool, principal.scope) as conn:
        get_case(conn, path.id)
        return jsonify(page(show_documents(conn, path.id), None))


@api.post(
    "/cases/<id>/documents",
    responses={201: Page[DocumentOut], **problems(403, 404)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_document(path: IdPath, body: DocumentIn) -> Response:
    """Put a document into the file of a case."""
    require(Permission.CONTACT_EDIT)
    content = decode_content(body.content)

    def work(conn: Conn, actor: Actor) -> Reply:
        file.add_document(conn, services().office, actor, path.id, body.name, content)
        return Reply.of(201, page(show_documents(conn, path.id), None))

    return change(work)


@api.get("/cases/<id>/documents/<did>", responses={200: FILES, **problems(403, 404)})
def get_document(path: DocumentPath) -> Response:
    """Fetch a document; a browser saves it and never shows it as a page of ours."""
    principal = require(Permission.CASE_READ)
    with scoped(services().pool, principal.scope) as conn:
        name, media_type, content = read_document(conn, path.id, path.did)
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.cache_control.private = response.cache_control.no_store = True
    return response


@api.delete(
    "/cases/<id>/documents/<did>",
    responses={200: Page[DocumentOut], **problems(403, 404)},
    openapi_extensions=KEY_OPTIONAL,
)
def delete_document(path: DocumentPath) -> Response:
    """Take a document away that was put in by mistake."""
    require(Permission.CONTACT_EDIT)

    def work(conn: Conn, actor: Actor) -> Reply:
        file.remove_document(conn, services().office, actor, path.id, path.did)
        return Reply.of(200, page(show_documents(conn, path.id), None))

    return change(work)


def show_documents(conn: Conn, case_id: int) -> list[dict[str, Any]]:
    """Return the documents of a case in sight as the API shows them."""
    return [show_document(one) for one in list_documents(conn, case_id)]


def show_document(document: Document) -> dict[str, Any]:
    """Return one of them."""
    return {**vars(document), "added_at": moment(document.added_at)}
