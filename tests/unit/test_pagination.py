"""Cursors: opaque, their own list's only, and never trusted."""

from __future__ import annotations

import pytest

from geodata.errors import InvalidInput
from web.pagination import decode_cursor, encode_cursor


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
