"""Idempotency keys: a request that is sent again gets the reply it had, and changes nothing.

The work is done and the reply stored under the key in one transaction: there is no moment at which
the work is done and the reply unknown. Two requests with one key at the same time wait for each
other on the key's lock (web/identity/confirm.py). A lost race (409) is a reply too and is kept;
other errors store nothing, so that a corrected request may use the key.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Request, Response
from psycopg.errors import UniqueViolation

from geodata.db.scope import Conn
from geodata.errors import Conflict, IdempotencyMismatch, InvalidInput
from web.errors import PROBLEM_TYPE, problem
from web.json_format import plain

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[!-~]{1,200}", re.ASCII)


@dataclass(frozen=True)
class Reply:
    """What goes back: a status and a JSON text."""

    status: int
    body: str

    @classmethod
    def of(cls, status: int, value: Any) -> Reply:
        """Return the reply that carries a JSON value."""
        return cls(
            status, json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=plain)
        )

    def response(self) -> Response:
        """Return the HTTP response."""
        media = PROBLEM_TYPE if self.status >= 400 else "application/json"
        return Response(self.body, status=self.status, mimetype=media)


@dataclass(frozen=True)
class Key:
    """One user's key with the hash of what it was sent with."""

    user_id: int
    text: str
    request_hash: bytes


def read_key(request: Request, user_id: int, *, required: bool) -> Key | None:
    """Return the key of a request.

    Raises
    ------
    InvalidInput
        The header is missing where it is required, or malformed.
    """
    text = request.headers.get(HEADER)
    if text is None and not required:
        return None
    if text is None or not _KEY.fullmatch(text):
        raise InvalidInput(
            f"Send {HEADER}: 1 to 200 visible ASCII characters, new for each intention",
            field=HEADER,
        )
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    digest.update(request.get_data())
    return Key(user_id, text, digest.digest())


@dataclass(frozen=True)
class Stored:
    """The reply that a key has already had, with the hash of the request it was given to."""

    request_hash: bytes
    status: int
    body: str


def answer_once(
    conn: Conn, key: Key | None, stored: Stored | None, work: Callable[[], Reply]
) -> Reply:
    """Do the work and keep its reply, or return the reply that the key has already had.

    Parameters
    ----------
    conn
        Inside the transaction in which ``work`` writes; with a key it is committed here, together
        with the reply, in one round trip.
    stored
        What :func:`web.identity.confirm.confirmed` found under the key.

    Raises
    ------
    IdempotencyMismatch
        The key was used with another request.
    """
    if key is None:
        return work()
    if stored is not None:
        if stored.request_hash != key.request_hash:
            raise IdempotencyMismatch(f"This {HEADER} was used with another request", field=HEADER)
        return Reply(stored.status, stored.body)
    try:
        reply = work()
    except Conflict as lost:  # nothing of it is half done: see dispatch/desk.py
        reply = Reply.of(409, problem(lost))
    try:
        with conn.pipeline():
            conn.execute(
                "INSERT INTO web.idempotency_keys (user_id, key, request_hash, status, body)"
                " VALUES (%s, %s, %s, %s, %s)",
                (key.user_id, key.text, key.request_hash, reply.status, reply.body),
            )
            conn.execute("COMMIT", prepare=False)  # commit() would wait for the INSERT alone first
    except UniqueViolation as taken:  # somebody stored a reply without the key's lock
        raise Conflict(
            f"Another request with this {HEADER} is being answered; send it again",
            field=HEADER,
        ) from taken
    return reply
