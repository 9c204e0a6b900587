"""Bearer tokens for machines: scoped like their owner, revocable, shown once."""

from __future__ import annotations

from datetime import datetime

from geodata.db.query import query
from geodata.db.scope import Conn, Row
from geodata.errors import NotFound
from web.identity.principal import Principal, principal_of
from web.identity.secret import TOKEN_PREFIX, hash_secret, make_secret


def create_token(conn: Conn, user_id: int, name: str, expires_in_days: int | None) -> Row:
    """Make a token; the answer is the only place its secret is ever seen."""
    secret = TOKEN_PREFIX + make_secret()
    row = conn.execute(
        "INSERT INTO web.tokens (secret_hash, user_id, name, expires_at)"
        " VALUES (%s, %s, %s, now() + make_interval(days => %s))"
        " RETURNING id, name, created_at, expires_at",
        (hash_secret(secret), user_id, name, expires_in_days),
    ).fetchone()
    return {**(row or {}), "token": secret}


def find_token(conn: Conn, secret: str) -> Principal | None:
    """Return whose token this is, None when it has ended."""
    row = conn.execute(
        query("web.identity", "find_token"), {"secret_hash": hash_secret(secret)}
    ).fetchone()
    return None if row is None else principal_of(row, "tokens")


def list_tokens(conn: Conn, user_id: int, after_id: int | None, limit: int) -> list[Row]:
    """Return the tokens of a user, newest first; ``after_id`` continues a list."""
    return conn.execute(
        "SELECT id, name, created_at, expires_at, ended_at FROM web.tokens"
        " WHERE user_id = %s AND id < coalesce(%s, 9223372036854775807)"
        " ORDER BY id DESC LIMIT %s",
        (user_id, after_id, limit),
    ).fetchall()


def end_token(conn: Conn, user_id: int, token_id: int) -> datetime:
    """Revoke a token of the user; revoking twice is fine.

    Raises
    ------
    NotFound
        The user has no such token.
    """
    row = conn.execute(
        "UPDATE web.tokens SET ended_at = coalesce(ended_at, now())"
        " WHERE id = %s AND user_id = %s RETURNING ended_at",
        (token_id, user_id),
    ).fetchone()
    if row is None:
        raise NotFound("There is no such token")
    ended: datetime = row["ended_at"]
    return ended
