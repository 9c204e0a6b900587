"""Server-side sessions: opened at sign-in, ended at sign-out, dead when the account is."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.db.query import query
from geodata.db.scope import Conn
from web.identity.principal import Principal, principal_of
from web.identity.secret import hash_secret, make_secret

COOKIE = "ganxin_session"
AGENT_LENGTH = 200
KEEP_KEYS_H = 24


@dataclass(frozen=True)
class OpenedSession:
    """A new session with the secret that only the cookie keeps."""

    secret: str
    principal: Principal


def open_session(
    conn: Conn, user_id: int, *, hours: int, address: str | None, agent: str
) -> OpenedSession:
    """Open a session for a user who has proved the password."""
    secret = make_secret()
    conn.execute(
        "INSERT INTO web.sessions (secret_hash, csrf_token, user_id, expires_at, address, agent)"
        " VALUES (%s, %s, %s, now() + make_interval(hours => %s), %s, %s)",
        (hash_secret(secret), make_secret(), user_id, hours, address, agent[:AGENT_LENGTH]),
    )
    principal = find_session(conn, secret)
    assert principal is not None  # noqa: S101 - the row was written by this transaction
    return OpenedSession(secret, principal)


def find_session(conn: Conn, secret: str) -> Principal | None:
    """Return who the cookie belongs to, None when it has ended."""
    row = conn.execute(
        query("web.identity", "find_session"), {"secret_hash": hash_secret(secret)}
    ).fetchone()
    return None if row is None else principal_of(row, "sessions")


def end_session(conn: Conn, session_id: int) -> None:
    """End a session; its event streams are told by a trigger."""
    conn.execute(
        "UPDATE web.sessions SET ended_at = now() WHERE id = %s AND ended_at IS NULL",
        (session_id,),
    )


def forget_old(conn: Conn) -> None:
    """Drop idempotency keys and rate windows that are a day old."""
    conn.execute(
        "DELETE FROM web.idempotency_keys WHERE created_at < now() - make_interval(hours => %s)",
        (KEEP_KEYS_H,),
    )
    conn.execute(
        "DELETE FROM web.rate_limits WHERE window_start < now() - make_interval(hours => %s)",
        (KEEP_KEYS_H,),
    )
