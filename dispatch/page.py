"""Pages of lists: a cursor is the sort key of the last row, opaque to the caller."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from geodata.errors import InvalidInput

T = TypeVar("T")
MAX_LIMIT = 500


@dataclass(frozen=True)
class Page(Generic[T]):
    """Items of one page and the cursor of the next, None at the end."""

    items: list[T]
    next: str | None


def check_limit(limit: int) -> int:
    """Return the page length, or refuse it."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"limit must be 1 to {MAX_LIMIT}", field="limit")
    return limit


def encode_cursor(*key: str | int) -> str:
    """Return the cursor after a row with this sort key."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type[str] | type[int]) -> tuple[str | int, ...]:
    """Return the sort key of a cursor.

    Raises
    ------
    InvalidInput
        The text did not come from :func:`encode_cursor` with keys of these kinds.
    """
    problem = InvalidInput("The cursor is not one of this list; start without it", field="cursor")
    if len(cursor) > 400:
        raise problem
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        key = json.loads(raw)
    except (ValueError, binascii.Error, RecursionError):
        raise problem from None
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
        raise problem
    return tuple(key)


def decode_moment(text: str | int) -> datetime:
    """Return the aware moment held in a cursor."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise InvalidInput("The cursor holds no moment", field="cursor") from None
    if moment.tzinfo is None:
        raise InvalidInput("The cursor holds no moment", field="cursor")
    return moment
