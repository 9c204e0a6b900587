"""Bearer tokens of the user who asks."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from geodata.db.scope import Row, unscoped
from geodata.errors import Forbidden
from web.api.schema import Answer, IdPath, Line, ListQuery, Model, Page, moment_text, problems
from web.identity.guard import current
from web.identity.token import create_token, end_token, list_tokens
from web.pagination import decode_cursor, encode_cursor, page
from web.services import services

api = APIBlueprint("token", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="tokens")])


class NewToken(Model):
    """A token to be made."""

    name: Line
    expires_in_days: int | None = Field(None, ge=1, le=3650)


class Token(Answer):
    """A token without its secret."""

    id: int
    name: str
    created_at: str
    expires_at: str | None
    ended_at: str | None


class MadeToken(Token):
    """A token with its secret, shown this once."""

    token: str


@api.post("/tokens", responses={201: MadeToken, **problems(403, 422)})
def make_token(body: NewToken) -> tuple[Response, int]:
    """Make a token that may do what its owner may."""
    if current().credential != "sessions":
        # Or a leaked token would outlive its revocation through those it made.
        raise Forbidden("A token makes no tokens: sign in with the password")
    with unscoped(services().pool) as conn:
        row = create_token(conn, current().user_id, body.name, body.expires_in_days)
    return jsonify({**_public(row), "token": row["token"]}), 201


@api.get("/tokens", responses={200: Page[Token], **problems(422)})
def get_tokens(query: ListQuery) -> Response:
    """List one's own tokens, newest first."""
    after = decode_cursor(query.cursor, [int])[0] if query.cursor else None
    with unscoped(services().pool) as conn:
        rows = list_tokens(conn, current().user_id, after, query.limit + 1)
    shown = rows[: query.limit]
    following = encode_cursor(shown[-1]["id"]) if len(rows) > len(shown) else None
    return jsonify(page([_public(row) for row in shown], following))


@api.delete("/tokens/<id>", responses={204: None, **problems(403, 404)})
def revoke_token(path: IdPath) -> Response:
    """Revoke one of one's own tokens."""
    with unscoped(services().pool) as conn:
        end_token(conn, current().user_id, path.id)
    services().gate.verdicts.drop("tokens", path.id)
    return Response(status=204)


def _public(row: Row) -> dict[str, object]:
    return {
        "id": row["id"],
        "name": row["name"],
        "created_at": moment_text(row["created_at"]),
        "expires_at": moment_text(row["expires_at"]),
        "ended_at": moment_text(row.get("ended_at")),
    }
