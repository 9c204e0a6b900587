"""The peer: server-sent events the way Flask's guides show them, one generator per browser.

Each connection asks the database every second for what is newer than its cursor. Served by
gunicorn with 16 threads (each stream holds one) or with gevent.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from threading import Event as Signal

import psycopg
from flask import Flask, Response
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from geodata.db.event import last_seq, read_since

POLL_S = 1.0
PAGE = 1000


def create_app() -> Flask:
    """Build the peer's application."""
    pool = ConnectionPool(
        os.environ["GANXIN_DATABASE_URL"],
        connection_class=psycopg.Connection[dict[str, object]],
        kwargs={"row_factory": dict_row},
        min_size=1,
        max_size=8,
        timeout=60,
        open=True,
    )
    app = Flask(__name__)

    @app.get("/api/v1/events")
    def events() -> Response:
        return Response(follow(pool), mimetype="text/event-stream")

    return app


def follow(pool: ConnectionPool[psycopg.Connection[dict[str, object]]]) -> Iterator[str]:
    """Yield events for ever."""
    with pool.connection() as conn:
        cursor = last_seq(conn)
    yield "event: hello\ndata: {}\n\n"
    while True:
        Signal().wait(POLL_S)
        with pool.connection() as conn:
            rows = read_since(conn, cursor, PAGE)
        for row in rows:
            cursor = row["seq"]
            payload = json.dumps(row["payload"], separators=(",", ":"))
            yield f"id: {cursor}\ndata: {payload}\n\n"
