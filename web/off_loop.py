"""Work that would hold up a web process is done in threads; the greenlet that asks waits for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from gevent.threadpool import ThreadPool

T = TypeVar("T")


def off_loop(work: Callable[[], T], room: str = "quick") -> T:
    """Return what the work returns, done in a thread; what it raises is raised here.

    The work may not touch what belongs to the loop: connections, the request, locks.

    Parameters
    ----------
    room
        Each room has one thread, so that two long works of one process never share its core, and
        none stands in the way of the quick ones.
    """
    result: T = _thread(room).apply(work)
    return result


@cache
def _thread(room: str) -> ThreadPool:
    del room
    return ThreadPool(1)
