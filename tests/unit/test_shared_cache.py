"""Values shared by who asks at the same time, kept for a while, the least used first to go."""

from __future__ import annotations

import gevent
import pytest
from gevent.event import Event

from web.shared_cache import SharedCache


def test_what_is_being_made_is_made_once():
    cache: SharedCache[int] = SharedCache(4)
    made: list[int] = []
    go = Event()

    def make() -> int:
        go.wait()
        made.append(1)
        return 7

    asking = [gevent.spawn(cache.get, "a", make) for _ in range(5)]
    gevent.sleep(0)
    go.set()
    gevent.joinall(asking, raise_error=True)
    assert [one.value for one in asking] == [7] * 5
    assert made == [1]


def test_a_failure_reaches_all_who_wait_and_is_not_kept():
    cache: SharedCache[int] = SharedCache(4)
    go = Event()

    def fail() -> int:
        go.wait()
        raise ValueError("no")

    asking = [gevent.spawn(_caught, cache, fail) for _ in range(3)]
    gevent.sleep(0)
    go.set()
    gevent.joinall(asking)
    assert [one.value for one in asking] == ["no"] * 3
    assert cache.get("a", lambda: 3) == 3


def _caught(cache: SharedCache[int], make) -> str:
    with pytest.raises(ValueError, match="no") as caught:
        cache.get("a", make)
    return str(caught.value)


def test_the_least_used_goes_and_old_ones_are_made_anew():
    now = [0.0]
    cache: SharedCache[str] = SharedCache(2, ttl_s=10.0, monotonic=lambda: now[0])
    assert cache.get("a", lambda: "a1") == "a1"
    assert cache.get("b", lambda: "b1") == "b1"
    assert cache.get("a", lambda: "a2") == "a1"  # asked for again: b is the least used now
    assert cache.get("c", lambda: "c1") == "c1"
    assert cache.get("a", lambda: "a2") == "a1"
    assert cache.get("b", lambda: "b2") == "b2"
    now[0] = 10.5
    assert cache.get("b", lambda: "b3") == "b3"
