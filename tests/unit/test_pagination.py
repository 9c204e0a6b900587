"""Cursors: opaque, their own list's only, and never trusted."""

from __future__ import annotations

import pytest

from geodata.errors import InvalidInput
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
