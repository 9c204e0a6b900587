"""Secrets of sessions and tokens: random, shown once, kept only as a hash."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_PREFIX = "gx_"  # noqa: S105 - the public mark of a token, for secret scanners


def make_secret() -> str:
    """Return 256 random bits as text fit for a cookie or a header."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> bytes:
    """Return what is stored of a secret. It is random already, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
