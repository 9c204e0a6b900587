"""Opaque cursors: the sort key of the last row shown, in a wrapping nobody should look into.

A cursor grants nothing: the next page is read under the scope of whoever asks.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from geodata.errors import InvalidInput

MAX_LENGTH = 400


def encode_cursor(*key: str | int) -> str:
    """Return the cursor that stands for a sort key."""
    text = json.dumps(key, ensure_ascii=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, types: Sequence[type]) -> list[Any]:
    """Return the sort key in a cursor.

    Raises
    ------
    InvalidInput
        The text was not made by :func:`encode_cursor` for this list.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise _stale() from None
    if not isinstance(key, list) or len(key) != len(types):
        raise _stale()
    if any(type(part) is not wanted for part, wanted in zip(key, types, strict=True)):
        raise _stale()
    return key


def _stale() -> InvalidInput:
    return InvalidInput("The cursor is not one of this list; start again", field="cursor")


def page(items: list[Any], next_cursor: str | None) -> dict[str, Any]:
    """Return the body of a list."""
    return {"items": items, "next": next_cursor}
