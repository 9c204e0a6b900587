"""The frame of every change to a case: permission, key, one scoped transaction, one reply."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from dispatch.actor import Actor
from geodata.db.scope import Conn
from geodata.errors import Conflict
from web.idempotency import HEADER, Reply, answer_once, read_key
from web.identity.confirm import confirmed
from web.identity.guard import current
from web.identity.principal import Principal
from web.identity.user import display_name
from web.services import services

KEY_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "description": "1 to 200 visible ASCII characters, new for each intention; a repeated request"
    " gets the reply it had",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
KEY_MARK = "x-idempotency-key"
KEY_REQUIRED = {KEY_MARK: "required"}
KEY_OPTIONAL = {KEY_MARK: "optional"}
"""Marks of operations, from which web/openapi.py makes the documented header."""
Work = Callable[[Conn, Actor], Reply]


def actor_of(principal: Principal) -> Actor:
    """Return the user as dispatch knows actors."""
    return Actor(subject=principal.subject, role=principal.role, scope=principal.scope)


def change(
    work: Work,
    *,
    key_required: bool = False,
    secret: bool = False,
    ahead: Callable[[Conn, Actor], None] | None = None,
) -> Response:
    """Do the work in one transaction within the scope of who asks; repeat nothing.

    Parameters
    ----------
    work
        Gets the connection and the actor; what it raises takes everything back.
    key_required
        Whether the Idempotency-Key must be there.
    secret
        The reply is for this reader and moment only: a key is not heeded, nothing is kept.
    ahead
        Sends a question that the work will need, with the beginning of the transaction.
    """
    principal = current()
    key = None if secret else read_key(request, principal.user_id, required=key_required)
    actor = actor_of(principal)
    question = None if ahead is None else lambda conn: ahead(conn, actor)
    with confirmed(services().pool, principal, key, question) as (conn, stored):
        reply = answer_once(conn, key, stored, lambda: _told(conn, work, actor))
    return reply.response()


def _told(conn: Conn, work: Work, actor: Actor) -> Reply:
    """Do the work; who loses a race is told the name of whoever decided it."""
    try:
        return work(conn, actor)
    except Conflict as lost:
        if lost.winner and lost.winner.get("by"):
            lost.winner["by_name"] = display_name(conn, lost.winner["by"])
        raise
