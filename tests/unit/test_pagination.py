"""Cursors: opaque, their own list's only, and never trusted; short caches, rooms of threads."""

from __future__ import annotations

import threading
import time
import weakref

import gevent
import pytest

from geodata.errors import InvalidInput
from web.off_loop import off_loop
from web.pagination import decode_cursor, encode_cursor
from web.short_cache import ShortCache


def test_a_cursor_brings_its_key_back():
    cursor = encode_cursor("2026-02-15T00:00:00+00:00", 7)
    assert decode_cursor(cursor, [str, int]) == ["2026-02-15T00:00:00+00:00", 7]


@pytest.mark.parametrize(
    "cursor", ["", "x", "????", "bnVsbA", "WzEsMl0", "W3RydWVd", "e30", "W10", "W" * 4000, "甘"]
)
def test_what_is_no_cursor_of_this_list_is_refused(cursor: str):
    with pytest.raises(InvalidInput) as caught:
        decode_cursor(cursor, [int])
    assert caught.value.field == "cursor"


def test_a_short_cache_keeps_scopes_apart_and_forgets():
    now = [0.0]
    cache: ShortCache[str] = ShortCache(2.0, lambda: now[0])
    assert cache.get("street", lambda: "street's") == "street's"
    assert cache.get("district", lambda: "district's") == "district's"
    assert cache.get("street", lambda: "new") == "street's"
    now[0] = 2.1
    assert cache.get("street", lambda: "new") == "new"


class Value:
    """Something that a weak reference may point to."""


def test_a_short_cache_lets_go_of_what_is_too_old_when_it_takes_in_more():
    now = [0.0]
    cache: ShortCache[Value] = ShortCache(2.0, lambda: now[0])
    old = weakref.ref(cache.get("old", Value))
    now[0] = 1.0
    young = weakref.ref(cache.get("young", Value))
    now[0] = 2.5
    cache.get("new", Value)
    assert old() is None
    assert young() is not None


def test_a_short_cache_keeps_at_most_so_many():
    cache: ShortCache[int] = ShortCache(2.0, lambda: 0.0, most=2)
    assert [cache.get(key, lambda: 1) for key in ("a", "b", "c")] == [1, 1, 1]
    assert [cache.get(key, lambda: 2) for key in ("c", "b")] == [1, 1]
    assert cache.get("a", lambda: 2) == 2


def test_a_key_made_anew_takes_no_other_ones_place():
    now = [0.0]
    cache: ShortCache[int] = ShortCache(2.0, lambda: now[0], most=2)
    cache.get("a", lambda: 1)
    now[0] = 1.5
    cache.get("b", lambda: 1)
    now[0] = 2.5
    assert cache.get("a", lambda: 2) == 2
    assert cache.get("b", lambda: 2) == 1


def test_two_passwords_are_hashed_side_by_side_and_two_long_works_are_not():
    together = threading.Barrier(2)
    waiting = [
        gevent.spawn(off_loop, lambda: together.wait(timeout=20), "password") for _ in range(2)
    ]
    assert sorted(one.get() for one in waiting) == [0, 1]
    at_once, most = 0, 0

    def work() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        time.sleep(0.01)
        at_once -= 1

    gevent.joinall([gevent.spawn(off_loop, work, "long") for _ in range(3)], raise_error=True)
    assert most == 1
