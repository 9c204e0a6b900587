"""Whole numpy columns as query parameters, in PostgreSQL's binary form, without a loop in Python.

psycopg adapts lists value by value; for thousands of positions a second that loop would cost more
than the statement. The layout is that of ``array_recv``: a header, then length and value of each
element, big-endian.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import Cursor
from psycopg.adapt import Dumper
from psycopg.pq import Format

_FLOAT8, _FLOAT8_ARRAY = 701, 1022
_INT8, _INT8_ARRAY = 20, 1016


@dataclass(frozen=True, eq=False)
class Floats:
    """A column of float8, shape (n,); NaN stays NaN."""

    values: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Integers:
    """A column of bigint, shape (n,)."""

    values: NDArray[np.int64]


def encode(values: NDArray[Any], kind: str, element_oid: int) -> bytes:
    """Return a one-dimensional array without nulls in binary form."""
    rows = np.empty(len(values), dtype=[("length", ">i4"), ("value", kind)])
    rows["length"] = 8
    rows["value"] = values
    if not len(values):
        return struct.pack(">iiI", 0, 0, element_oid)
    return struct.pack(">iiIii", 1, 0, element_oid, len(values), 1) + rows.tobytes()


class _FloatsDumper(Dumper):
    format = Format.BINARY
    oid = _FLOAT8_ARRAY

    def dump(self, obj: Floats) -> bytes:
        return encode(obj.values, ">f8", _FLOAT8)


class _IntegersDumper(Dumper):
    format = Format.BINARY
    oid = _INT8_ARRAY

    def dump(self, obj: Integers) -> bytes:
        return encode(obj.values, ">i8", _INT8)


def accept_columns(cursor: Cursor[Any]) -> None:
    """Let a cursor take :class:`Floats` and :class:`Integers` as parameters."""
    cursor.adapters.register_dumper(Floats, _FloatsDumper)
    cursor.adapters.register_dumper(Integers, _IntegersDumper)
