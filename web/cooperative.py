"""Connections that wait for PostgreSQL as gevent waits: one watcher in its loop.

What can be written at once, nearly all, is not waited for: a pipeline of psycopg's asks at each of
its steps, and each time round gevent's loop costs more than the step.

psycopg finds ``select`` patched and then waits by polling every 100 ms through gevent's imitation
of ``poll``, which builds its watchers and a timer anew each time. That was 19 % of py-spy's samples
of a web process taking dispatches (14 round trips each then, on a busy machine).
"""

from __future__ import annotations

import select
from typing import Any, TypeVar

import psycopg
from gevent import get_hub, monkey
from psycopg import waiting
from psycopg.abc import PQGen

RV = TypeVar("RV")
new_poll = monkey.get_original("select", "poll")
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
    if state & WRITE and (now := at_once(fileno, state)):
        return now
    hub = get_hub()
    watcher = hub.loop.io(fileno, int(state))
    try:
        hub.wait(watcher)
    finally:
        watcher.close()
    return waiting.Ready(int(state))


def at_once(fileno: int, state: int) -> waiting.Ready:
    """Return what of it needs no waiting; an error or a hang-up is read as the end."""
    poller = new_poll()
    poller.register(fileno, select.POLLOUT | (select.POLLIN if state & READ else 0))
    events = next((found for _, found in poller.poll(0)), 0)
    can_write = WRITE if events & select.POLLOUT else 0
    return waiting.Ready(can_write | (READ if state & READ and events & ~select.POLLOUT else 0))
