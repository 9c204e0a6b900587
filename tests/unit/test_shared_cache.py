"""Values shared by who asks at the same time, kept for a while, the least used first to go."""

from __future__ import annotations

import weakref

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


def test_a_cache_keeps_scopes_apart_and_forgets():
    now = [0.0]
    cache: SharedCache[str] = SharedCache(1000, 2.0, lambda: now[0])
    assert cache.get("street", lambda: "street's") == "street's"
    assert cache.get("district", lambda: "district's") == "district's"
    assert cache.get("street", lambda: "new") == "street's"
    now[0] = 2.1
    assert cache.get("street", lambda: "new") == "new"


class Value:
    """Something that a weak reference may point to."""


def test_a_cache_lets_go_of_what_is_too_old_when_it_takes_in_more():
    now = [0.0]
    cache: SharedCache[Value] = SharedCache(1000, 2.0, lambda: now[0])
    old = weakref.ref(cache.get("old", Value))
    now[0] = 1.0
    young = weakref.ref(cache.get("young", Value))
    now[0] = 2.5
    cache.get("new", Value)
    assert old() is None
    assert young() is not None


def test_a_cache_keeps_at_most_so_many():
    cache: SharedCache[int] = SharedCache(2, 2.0, lambda: 0.0)
    assert [cache.get(key, lambda: 1) for key in ("a", "b", "c")] == [1, 1, 1]
    assert [cache.get(key, lambda: 2) for key in ("c", "b")] == [1, 1]
    assert cache.get("a", lambda: 2) == 2


def test_a_key_made_anew_takes_no_other_ones_place():
    now = [0.0]
    cache: SharedCache[int] = SharedCache(2, 2.0, lambda: now[0])
    cache.get("a", lambda: 1)
    now[0] = 1.5
    cache.get("b", lambda: 1)
    now[0] = 2.5
    assert cache.get("a", lambda: 2) == 2
    assert cache.get("b", lambda: 2) == 1
