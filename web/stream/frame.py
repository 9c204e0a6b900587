"""Server-sent events on the wire: text of one frame, the head of the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

RECONNECT_MS = 1000

HEAD = (
    b"HTTP/1.1 200 OK\r\n"
    b"Content-Type: text/event-stream; charset=utf-8\r\n"
    b"Cache-Control: no-store\r\n"
    b"X-Accel-Buffering: no\r\n"
    b"X-Content-Type-Options: nosniff\r\n"
    b"Connection: close\r\n"
    b"\r\n"
    b"retry: %d\n\n" % RECONNECT_MS
)


def compact(value: object) -> str:
    """Return JSON without blanks; one line, because JSON escapes line breaks in text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def frame(
    data: Mapping[str, Any] | str, *, event: str | None = None, seq: int | None = None
) -> bytes:
    """Return one frame.

    Parameters
    ----------
    data
        Content, or its JSON when it was serialised before.
    event
        Name of the event; None is the browser's ``message``.
    seq
        Cursor a browser will resume after; None leaves the browser's cursor where it is.
    """
    head = "" if seq is None else f"id: {seq}\n"
    if event is not None:
        head += f"event: {event}\n"
    text = data if isinstance(data, str) else compact(data)
    return f"{head}data: {text}\n\n".encode()
