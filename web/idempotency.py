"""Idempotency keys: a request that is sent again gets the reply it had, and changes nothing.

The key is claimed, the work done and the reply stored in one transaction: there is no moment at
which the work is done and the reply unknown. Two requests with one key at the same time wait for
each other on the key's row. A lost race (409) is a reply too and is kept; other errors store
nothing, so that a corrected request may use the key.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Request, Response

from geodata.db.scope import Conn
from geodata.errors import Conflict, DataFault, IdempotencyMismatch, InvalidInput
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


def answer_once(conn: Conn, key: Key | None, work: Callable[[], Reply]) -> Reply:
    """Do the work, or return the reply that the key has already had.

    Parameters
    ----------
    conn
        Inside the transaction in which ``work`` writes.

    Raises
    ------
    IdempotencyMismatch
        The key was used with another request.
    """
    if key is None:
        return work()
    if not _claim(conn, key):
        return _stored(conn, key)
    try:
        reply = work()
    except Conflict as lost:  # nothing of it is half done: see dispatch/desk.py
        reply = Reply.of(409, problem(lost))
    conn.execute(
        "UPDATE web.idempotency_keys SET status = %s, body = %s WHERE user_id = %s AND key = %s",
        (reply.status, reply.body, key.user_id, key.text),
    )
    return reply


def _claim(conn: Conn, key: Key) -> bool:
    cursor = conn.execute(
        "INSERT INTO web.idempotency_keys (user_id, key, request_hash, status, body)"
        " VALUES (%s, %s, %s, 0, '') ON CONFLICT (user_id, key) DO NOTHING",
        (key.user_id, key.text, key.request_hash),
    )
    return cursor.rowcount == 1


def _stored(conn: Conn, key: Key) -> Reply:
    row = conn.execute(
        "SELECT request_hash, status, body FROM web.idempotency_keys"
        " WHERE user_id = %s AND key = %s",
        (key.user_id, key.text),
    ).fetchone()
    if row is None:
        raise DataFault("An idempotency key vanished between claim and answer")
    if bytes(row["request_hash"]) != key.request_hash:
        raise IdempotencyMismatch(f"This {HEADER} was used with another request", field=HEADER)
    return Reply(row["status"], row["body"])
