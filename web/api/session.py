"""Sign in, who am I, sign out."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from geodata.db.scope import unscoped
from geodata.errors import TooManyRequests, Unauthenticated
from web.api.schema import Answer, Locale, Model, Text, moment_text, problems
from web.identity.guard import current
from web.identity.password import MAX_LENGTH, verify_password
from web.identity.principal import Principal
from web.identity.rate_limit import count_attempt, forgive_attempt
from web.identity.role import home_of
from web.identity.session import COOKIE, OpenedSession, end_session, forget_old, open_session
from web.identity.token import end_token
from web.identity.user import find_password
from web.services import Services, services

api = APIBlueprint("session", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="session")])


class SignIn(Model):
    """Name and password of an account."""

    username: Text = Field(min_length=1, max_length=64)
    password: Text = Field(min_length=1, max_length=MAX_LENGTH)


class User(Answer):
    """An account as it is shown to its owner."""

    id: int
    username: str
    display_name: str
    role: str
    level: str
    area_codes: list[str]
    person_id: int | None
    locale: Locale
    permissions: list[str]


class Session(Answer):
    """A session, or what a bearer token stands for."""

    user: User
    csrf_token: str | None = Field(description="send back as X-CSRF-Token; null for a token")
    expires_at: str | None
    home: str = Field(description="the page on which this role starts")


@api.post(
    "/session", responses={200: Session, **problems(429)}, openapi_extensions={"security": []}
)
def sign_in(body: SignIn) -> Response:
    """Sign in: the answer sets the cookie and carries the CSRF token."""
    deps = services()
    opened = _open(deps, body, request.remote_addr or "unknown")
    response = jsonify(_session(opened.principal))
    _set_cookie(deps, response, opened.secret)
    return response


@api.get("/session", responses={200: Session, **problems()})
def who_am_i() -> Response:
    """Tell who is signed in, with the CSRF token."""
    return jsonify(_session(current()))


@api.delete("/session", responses={204: None, **problems(403)})
def sign_out() -> Response:
    """End the session (or the token) used for this request; its event streams end with it."""
    deps, principal = services(), current()
    with unscoped(deps.pool) as conn:
        if principal.credential == "sessions":
            end_session(conn, principal.credential_id)
        else:
            end_token(conn, principal.user_id, principal.credential_id)
    deps.gate.verdicts.drop(principal.credential, principal.credential_id)
    response = Response(status=204)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="Lax")
    return response


def _open(deps: Services, body: SignIn, address: str) -> OpenedSession:
    """Count, check and open in three short steps: no connection is held while argon2 works."""
    with unscoped(deps.pool) as conn:
        wait_s = count_attempt(conn, body.username, address)
        user_id, stored = find_password(conn, body.username)
    if wait_s is not None:
        raise TooManyRequests("Too many failed attempts; wait and try again", retry_after_s=wait_s)
    if not verify_password(stored, body.password) or user_id is None:
        raise Unauthenticated("The name or the password is wrong", field="password")
    with unscoped(deps.pool) as conn:
        forgive_attempt(conn, body.username, address)
        forget_old(conn)
        return open_session(
            conn,
            user_id,
            hours=deps.settings.session_hours,
            address=address,
            agent=request.headers.get("User-Agent", ""),
        )


def _set_cookie(deps: Services, response: Response, secret: str) -> None:
    response.set_cookie(
        COOKIE,
        secret,
        max_age=deps.settings.session_hours * 3600,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=deps.settings.secure_cookies,
    )


def _session(principal: Principal) -> dict[str, object]:
    return {
        "user": principal.public(),
        "csrf_token": principal.csrf_token,
        "expires_at": moment_text(principal.expires_at),
        "home": home_of(principal.role),
    }
