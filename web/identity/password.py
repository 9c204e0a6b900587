"""Passwords: argon2id with the library's parameters, hashed off the event loop.

One hash takes about 0.1 s of CPU; in gevent's own loop it would stop every other request of the
process for as long, so it runs in a thread (argon2 releases the GIL).
"""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from web.off_loop import off_loop

MAX_LENGTH = 200
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    return off_loop(lambda: PasswordHasher().hash(password), "password")


def verify_password(stored: str | None, password: str) -> bool:
    """Tell whether a password is the stored one; an unknown account takes as long to refuse."""
    matches = off_loop(lambda: _matches(stored or _nobody(), password), "password")
    return matches and stored is not None


def make_password() -> str:
    """Return a random password of 60 bits that can be read aloud: ``k7mq-…``."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))


def _matches(stored: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return PasswordHasher().hash(secrets.token_hex(16))
