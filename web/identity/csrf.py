"""Proof that a change by cookie comes from our own pages: the token of the session, sent back."""

from __future__ import annotations

import hmac

from web.errors import BadCsrfToken
from web.identity.principal import Principal

HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def check_csrf(principal: Principal, method: str, sent: str | None) -> None:
    """Refuse a change that a foreign page could have sent. Bearer tokens need no proof.

    Raises
    ------
    BadCsrfToken
        The header is missing or not that of the session.
    """
    if method in SAFE_METHODS or principal.csrf_token is None:
        return
    if not hmac.compare_digest((sent or "").encode(), principal.csrf_token.encode()):
        raise BadCsrfToken(
            f"Send the csrf_token of the session as {HEADER}; GET /api/v1/session tells it",
            field=HEADER,
        )
