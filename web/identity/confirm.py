"""A transaction for a change: the scope is bound and the credential confirmed in one round trip.

A change may therefore be admitted by a verdict that is a moment old: what has ended meanwhile is
noticed inside the very transaction that writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from geodata.db.query import query
from geodata.db.scope import Conn, Pool
from geodata.errors import Unauthenticated
from web.identity.principal import Principal


@contextmanager
def confirmed(pool: Pool, principal: Principal) -> Iterator[Conn]:
    """Lend a connection inside one transaction within the scope of a principal who may still act.

    Raises
    ------
    Unauthenticated
        The session or token has ended, or the account was changed.
    """
    with pool.connection() as conn:  # its first statement begins the transaction, its end commits
        row = conn.execute(
            query("web.identity", "bind_principal"),
            {
                "areas": ",".join(principal.scope.areas),
                "subjects": ",".join(principal.scope.subjects),
                "credential": principal.credential,
                "credential_id": principal.credential_id,
                "user_id": principal.user_id,
                "role": principal.role,
                "area_codes": list(principal.area_codes),
            },
        ).fetchone()
        if row is None or not row["live"]:
            raise Unauthenticated("The session has ended, or your account was changed: sign in")
        yield conn
