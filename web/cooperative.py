"""Connections that wait for PostgreSQL as gevent waits: one watcher in its loop.

psycopg finds ``select`` patched and then waits by polling every 100 ms through gevent's imitation
of ``poll``, which builds its watchers and a timer anew each time. That was 19 % of py-spy's samples
of a web process taking dispatches (14 round trips each then, on a busy machine).
"""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
from gevent import get_hub
from psycopg import waiting
from psycopg.abc import PQGen

RV = TypeVar("RV")
READ, WRITE = 1, 2  # of libev, and psycopg's Wait and Ready count alike


class CooperativeConnection(psycopg.Connection[dict[str, Any]]):
    """A connection for processes whose standard library gevent has patched."""

    def wait(self, gen: PQGen[RV], interval: float = 0.0, timeout: float | None = None) -> RV:
        """Run one of psycopg's generators to its end; other greenlets run meanwhile."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            state = next(gen)
            while True:
                state = gen.send(_ready(self.pgconn.socket, state))
        except StopIteration as done:
            found: RV = done.value
            return found


def _ready(fileno: int, state: waiting.Wait) -> waiting.Ready:
    """Wait for a descriptor; what was waited for is what is told to be ready."""
    hub = get_hub()
    watcher = hub.loop.io(fileno, int(state))
    try:
        hub.wait(watcher)
    finally:
        watcher.close()
    return waiting.Ready(int(state))
