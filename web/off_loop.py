"""Work that would hold up a web process is done in threads; the greenlet that asks waits for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from gevent import sleep
from gevent.threadpool import ThreadPool

T = TypeVar("T")
_THREADS = {"password": 4}
"""Of rooms with more than one thread: argon2 lets go of the interpreter, so hashes run at once."""


def off_loop(work: Callable[[], T], room: str = "quick") -> T:
    """Return what the work returns, done in a thread; what it raises is raised here.

    The work may not touch what belongs to the loop: connections, the request, locks.

    Parameters
    ----------
    room
        Each room has one thread, so that two long works of one process never share its core, and
        none stands in the way of the quick ones; that of passwords has more.
    """
    result: T = _threads(room).apply(work)
    return result


def let_others() -> None:
    """Let what else waits in the loop have its turn, in the midst of a work that must be in it."""
    sleep(0)


@cache
def _threads(room: str) -> ThreadPool:
    return ThreadPool(_THREADS.get(room, 1))
