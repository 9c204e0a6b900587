"""Values that refuse to be wrong: locations, plates, types, numbers, cursors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.case.locate import Location, is_ambiguous
from dispatch.case.store import case_number
from dispatch.case.type import Family, known_types
from dispatch.page import decode_cursor, encode_cursor
from geodata.address import Plate, parse_plate
from geodata.crs import Datum
from geodata.errors import InvalidInput


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ((float("nan"), 38.9, "WGS-84"), "location.lon"),
        ((float("inf"), 38.9, "WGS-84"), "location.lon"),
        ((121.5, float("-inf"), "WGS-84"), "location.lat"),
        ((38.9, 121.5, "WGS-84"), "location.lat"),
        ((181.0, 38.9, "WGS-84"), "location.lon"),
        ((10**400, 38.9, "WGS-84"), "location.lon"),
        ((True, 38.9, "WGS-84"), "location.lon"),
        (("121.5", 38.9, "WGS-84"), "location.lon"),
        ((None, 38.9, "WGS-84"), "location.lon"),
        ((121.5, 38.9, None), "location.datum"),
        ((121.5, 38.9, "NAD27"), "location.datum"),
        ((121.5, 38.9, "WGS-84", -1.0), "location.accuracy_m"),
        ((121.5, 38.9, "WGS-84", float("nan")), "location.accuracy_m"),
        ((121.5, 38.9, "WGS-84", 1e9), "location.accuracy_m"),
    ],
)
def test_a_bad_location_is_refused_by_field(values: tuple[Any, ...], field: str):
    with pytest.raises(InvalidInput) as caught:
        Location(*values)
    assert caught.value.field == field


def test_a_location_keeps_what_was_sent():
    place = Location(121, 38.9, "gcj02", 12)  # type: ignore[arg-type] - any spelling will do
    assert (place.lon, place.datum, place.accuracy_m) == (121.0, Datum.GCJ02, 12.0)


def test_ambiguity_is_about_the_next_grid():
    assert is_ambiguous(10.0, 10.0)
    assert not is_ambiguous(10.1, 10.0)
    assert is_ambiguous(0.0, None)


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("甘井子区泡崖街道兴华东路25号", Plate("泡崖街道", "兴华东路", "25", "", True)),
        ("辽宁省大连市甘井子区泡崖街道兴华东路25号", Plate("泡崖街道", "兴华东路", "25", "", True)),
        ("兴华东路25号1-2-3", Plate("", "兴华东路", "25", "1-2-3", True)),
        ("兴华东路 ２５－１ 号", Plate("", "兴华东路", "25-1", "", True)),
        ("兴华东路2", Plate("", "兴华东路", "2", "", False)),
        ("兴华", Plate("", "兴华", "", "", False)),
        ("201国道8号", Plate("", "201国道", "8", "", True)),
    ],
)
def test_an_address_is_taken_apart(text: str, plate: Plate):
    assert parse_plate(text, "甘井子区") == plate


def test_the_shipped_types_are_whole():
    types = known_types()
    codes = [kind.code for kind in types]
    assert len(set(codes)) == len(codes)
    disputes = [kind for kind in types if kind.family == "dispute"]
    assert sum(kind.parent_code is not None for kind in disputes) == 78
    assert sum(kind.parent_code is None for kind in disputes) == 17
    assert {kind.family for kind in types} == set(Family)
    seen: set[str] = set()
    for kind in types:
        assert kind.parent_code is None or kind.parent_code in seen
        assert kind.name
        assert kind.name_en
        assert kind.arrival_limit_s > 0
        seen.add(kind.code)


def test_a_number_has_the_local_day():
    """23:30 UTC is already tomorrow in the district."""
    at = datetime(2026, 2, 14, 23, 30, tzinfo=UTC)
    assert case_number(123, "210211", at) == "210211-20260215-000123"
    assert case_number(1_234_567, "210211", at) == "210211-20260215-1234567"


@given(st.text(max_size=20), st.integers(-(2**63), 2**63))
def test_a_cursor_comes_back(text: str, number: int):
    assert decode_cursor(encode_cursor(text, number), str, int) == (text, number)


@given(st.text(max_size=60))
def test_any_other_text_is_no_cursor(text: str):
    with pytest.raises(InvalidInput) as caught:
        decode_cursor(text, str, int)
    assert caught.value.field == "cursor"
