"""A transaction for a change: scope, credential and stored reply in one round trip.

A change may therefore be admitted by a verdict that is a moment old: what has ended meanwhile is
noticed inside the very transaction that writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from geodata.db.query import query
from geodata.db.scope import Conn, Pool
from geodata.errors import Unauthenticated
from web.idempotency import Key, Stored
from web.identity.principal import Principal


@contextmanager
def confirmed(
    pool: Pool,
    principal: Principal,
    key: Key | None = None,
    ahead: Callable[[Conn], None] | None = None,
) -> Iterator[tuple[Conn, Stored | None]]:
    """Lend a connection inside one transaction within the scope of a principal who may still act.

    With it comes the reply that the key has already had, None if it is new. Until the transaction
    ends, others with the same key wait.

    Parameters
    ----------
    ahead
        Sends a first question of the work, which travels along: it must change nothing, since it
        is asked before the answer tells whether the work is to be done.

    Raises
    ------
    Unauthenticated
        The session or token has ended, or the account was changed.
    """
    with pool.connection() as conn:
        with conn.pipeline():  # psycopg's BEGIN travels with the question
            cursor = conn.execute(
                query("web.identity", "begin_change"),
                {
                    "areas": ",".join(principal.scope.areas),
                    "subjects": ",".join(principal.scope.subjects),
                    "credential": principal.credential,
                    "credential_id": principal.credential_id,
                    "user_id": principal.user_id,
                    "role": principal.role,
                    "area_codes": list(principal.area_codes),
                    "key": key and key.text,
                },
            )
            if ahead is not None:
                ahead(conn)
        row = cursor.fetchone()
        if row is None or not row["live"]:
            raise Unauthenticated("The session has ended, or your account was changed: sign in")
        had = row["status"] is not None
        yield conn, Stored(row["request_hash"], row["status"], row["body"]) if had else None
