"""The gate of every request: who is it, is the change theirs, what may they do.

One small query per request. Reads of tiles and of the live picture come by the hundred from one
map and may be served from a verdict at most :data:`VERDICT_S` old, kept in this process.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Request, g, request

from geodata.db.scope import Conn, Pool, unscoped
from geodata.errors import Unauthenticated
from web.identity.csrf import HEADER, check_csrf
from web.identity.principal import Credential, Principal
from web.identity.role import Permission
from web.identity.secret import hash_secret
from web.identity.session import COOKIE, find_session
from web.identity.token import find_token

VERDICT_S = 2.0
MAX_VERDICTS = 10_000
Finder = Callable[[Conn, str], Principal | None]


class VerdictCache:
    """Principals by the hash of their secret, each believed for a short while."""

    def __init__(self, ttl_s: float = VERDICT_S) -> None:
        self._ttl_s = ttl_s
        self._known: dict[bytes, tuple[float, Principal]] = {}

    def get(self, secret: str) -> Principal | None:
        """Return a verdict that is still fresh."""
        found = self._known.get(hash_secret(secret))
        if found is None or found[0] < time.monotonic():
            return None
        return found[1]

    def put(self, secret: str, principal: Principal) -> None:
        """Keep a verdict; the oldest go when there are too many."""
        if len(self._known) >= MAX_VERDICTS:
            self._known.clear()
        self._known[hash_secret(secret)] = (time.monotonic() + self._ttl_s, principal)

    def drop(self, credential: Credential, credential_id: int) -> None:
        """Forget a credential that has just ended here."""
        gone = (credential, credential_id)
        self._known = {
            key: kept
            for key, kept in self._known.items()
            if (kept[1].credential, kept[1].credential_id) != gone
        }


class Gate:
    """Finds the principal of a request and keeps it in ``flask.g``."""

    def __init__(self, pool: Pool, verdicts: VerdictCache) -> None:
        self._pool = pool
        self.verdicts = verdicts

    def admit(self, *, cached: bool = False) -> Principal:
        """Return who is asking, or refuse.

        Raises
        ------
        Unauthenticated
            No session or token, or one that has ended.
        BadCsrfToken
            A change by cookie without the session's token.
        """
        principal = self.find(cached=cached)
        if principal is None:
            raise Unauthenticated("Sign in first: nobody is signed in, or the session has ended")
        check_csrf(principal, request.method, request.headers.get(HEADER))
        return principal

    def find(self, *, cached: bool = False) -> Principal | None:
        """Return who is asking, None for a stranger."""
        if "principal" not in g:
            g.principal = self._look_up(cached=cached)
        found: Principal | None = g.principal
        return found

    def _look_up(self, *, cached: bool) -> Principal | None:
        secret, finder = _credential(request)
        if not secret:
            return None
        if cached and (known := self.verdicts.get(secret)):
            return known
        with unscoped(self._pool) as conn:
            principal = finder(conn, secret)
        if cached and principal is not None:
            self.verdicts.put(secret, principal)
        return principal


def current() -> Principal:
    """Return the principal that the gate admitted to this request."""
    principal: Principal | None = g.get("principal")
    if principal is None:
        raise Unauthenticated("Sign in first")
    return principal


def require(permission: Permission) -> Principal:
    """Return the principal if the role may do this.

    Raises
    ------
    Unauthenticated, Forbidden
        Nobody is signed in, or the role lacks the permission.
    """
    principal = current()
    principal.require(permission)
    return principal


def _credential(request: Request) -> tuple[str, Finder]:
    """Return the secret sent and what finds it; a bearer token goes before a cookie."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, secret = header.partition(" ")
        return (secret.strip() if scheme.lower() == "bearer" else ""), find_token
    return request.cookies.get(COOKIE, ""), find_session
