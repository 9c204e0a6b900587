"""Rooms of threads beside the loop: how many works of a kind go side by side."""

from __future__ import annotations

import threading

import gevent

from web.off_loop import off_loop


def test_two_passwords_are_hashed_side_by_side_and_two_long_works_are_not():
    together = threading.Barrier(2)
    waiting = [
        gevent.spawn(off_loop, lambda: together.wait(timeout=20), "password") for _ in range(2)
    ]
    assert sorted(one.get() for one in waiting) == [0, 1]
    at_once, most = 0, 0
    threads: set[int] = set()
    go = threading.Event()

    def work() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        threads.add(threading.get_ident())
        go.wait(timeout=20)
        at_once -= 1

    works = [gevent.spawn(off_loop, work, "long") for _ in range(3)]
    gevent.sleep(0)  # all three are handed over before the first may end
    go.set()
    gevent.joinall(works, raise_error=True)
    assert most == 1
    assert len(threads) == 1
