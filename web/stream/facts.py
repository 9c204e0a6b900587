"""What the web process knows of a connection when it hands it to the stream process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from geodata.db.scope import Scope
from geodata.errors import InvalidInput

_CURSOR_DIGITS = 18


@dataclass(frozen=True)
class StreamFacts:
    """Who is listening, how far they may see and what they have already got.

    Parameters
    ----------
    credential
        ``sessions:12`` or ``tokens:3``: the row of ``web.sessions`` or ``web.tokens`` that let
        this connection in; when it ends, the stream ends.
    user_id
        Row of ``web.users``.
    scope
        Reach of the user; every event and position is filtered by it.
    since
        Last ``seq`` the client has seen, None for one that starts at the present.
    """

    credential: str
    user_id: int
    scope: Scope
    since: int | None = None

    def __post_init__(self) -> None:
        table, _, row_id = self.credential.partition(":")
        if table not in ("sessions", "tokens") or not row_id.isdigit():
            raise ValueError(f"not a credential: {self.credential!r}")

    def to_json(self) -> bytes:
        """Return the facts as the one message of the hand-over."""
        return json.dumps(
            {
                "credential": self.credential,
                "user_id": self.user_id,
                "areas": self.scope.areas,
                "subjects": self.scope.subjects,
                "since": self.since,
            }
        ).encode()

    @classmethod
    def from_json(cls, text: bytes) -> StreamFacts:
        """Read the message of a hand-over; it comes from our own web process."""
        found: dict[str, Any] = json.loads(text)
        return cls(
            credential=found["credential"],
            user_id=found["user_id"],
            scope=Scope(areas=tuple(found["areas"]), subjects=tuple(found["subjects"])),
            since=found["since"],
        )


def read_cursor(last_event_id: str | None, since: str | None) -> int | None:
    """Return where a client wants to go on, None for the present.

    A browser repeats the address it was given, so what it has seen since (the header) counts
    before what the address says.

    Raises
    ------
    InvalidInput
        The cursor is not a whole number of at most 18 digits.
    """
    for field, text in (("Last-Event-ID", last_event_id), ("since", since)):
        if text is None or not text.strip():
            continue
        digits = text.strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) <= _CURSOR_DIGITS):
            raise InvalidInput(f"{field} must be the id of an event: a whole number", field=field)
        return int(digits)
    return None
