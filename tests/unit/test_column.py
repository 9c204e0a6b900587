"""Columns in PostgreSQL's binary form, byte by byte."""

from __future__ import annotations

import struct

import numpy as np

from geodata.db.column import encode


def test_an_array_is_a_header_and_lengths_and_values():
    raw = encode(np.array([1, -2], np.int64), ">i8", 20)
    assert struct.unpack(">iiIii", raw[:20]) == (1, 0, 20, 2, 1)
    assert struct.unpack(">iqiq", raw[20:]) == (8, 1, 8, -2)


def test_nan_is_a_value_and_empty_is_an_array():
    raw = encode(np.array([np.nan, 0.5]), ">f8", 701)
    assert np.isnan(struct.unpack(">d", raw[24:32])[0])
    assert struct.unpack(">iiI", encode(np.array([]), ">f8", 701)) == (0, 0, 701)
