"""A web process with nothing but the stream's doorway: what the API does around it is not here.

The facts come as a header instead of from a session; ``/ping`` shows what a kept connection does.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response, request

from geodata.errors import TooManyRequests, Unavailable
from web.stream.facts import StreamFacts
from web.stream.handoff import hand_over

application = Flask(__name__)


@application.get("/api/v1/events")
def events() -> Response:
    facts = StreamFacts.from_json(request.headers["X-Facts"].encode())
    cursor = request.headers.get("Last-Event-ID")
    if cursor is not None:
        facts = StreamFacts(facts.credential, facts.user_id, facts.scope, int(cursor))
    return hand_over(request.environ, facts, Path(os.environ["STREAM_SOCKET"]))


@application.get("/ping")
def ping() -> str:
    return f"pong {os.getpid()}"


@application.errorhandler(Unavailable)
def unavailable(error: Unavailable) -> tuple[str, int, dict[str, str]]:
    return error.public_message, 503, {"Retry-After": "2"}


@application.errorhandler(TooManyRequests)
def too_many(error: TooManyRequests) -> tuple[str, int, dict[str, str]]:
    return error.public_message, 429, {"Retry-After": str(error.retry_after_s)}
