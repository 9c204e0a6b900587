"""The core of ``ganxin convert``: ``lon,lat`` lines in one datum to the same in another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from geodata.crs import Datum, convert
from geodata.errors import InvalidInput

BATCH_LINES = 10_000
"""Lines converted at once: enough to be fast, few enough to stream."""
DECIMALS = 9
"""Digits written after the point: 1e-9 degrees are 0.1 mm."""


def convert_lines(
    lines: Iterable[str], source: Datum, target: Datum, *, batch_lines: int = BATCH_LINES
) -> Iterator[str]:
    """Convert lines of ``lon,lat`` lazily, a batch at a time; blank lines stay blank.

    Lines before a bad one are given out first, so that what was written is always right.

    Parameters
    ----------
    lines
        Such as the standard input: longitude and latitude in degrees, separated by a comma.
    source, target
        Datums.

    Yields
    ------
    str
        ``lon,lat`` with nine decimals (0.1 mm), without a line end.

    Raises
    ------
    InvalidInput
        A line cannot be understood; the message names the line (from 1) and the field.
    """
    numbered = enumerate(lines, start=1)
    while batch := list(islice(numbered, batch_lines)):
        points, fault = _read(batch)
        yield from _write(points, source, target)
        if fault is not None:
            raise fault


Row = tuple[float, float] | None


def _read(batch: list[tuple[int, str]]) -> tuple[list[Row], InvalidInput | None]:
    """Return the rows up to the first bad line, and its fault."""
    rows: list[Row] = []
    for number, line in batch:
        try:
            rows.append(_parse(number, line))
        except InvalidInput as fault:
            return rows, fault
    return rows, None


def _parse(number: int, line: str) -> Row:
    text = line.strip().removeprefix("\ufeff")
    if not text:
        return None
    parts = text.split(",")
    if len(parts) != 2:
        raise _fault(number, "line", "must be lon,lat")
    return _degrees(number, "lon", parts[0], 180.0), _degrees(number, "lat", parts[1], 90.0)


def _degrees(number: int, field: str, text: str, limit_deg: float) -> float:
    try:
        value = float(text.replace("_", "?"))  # Python reads 1_2 as 12; a data file never means it
    except ValueError:
        raise _fault(number, field, "is not a number") from None
    if not abs(value) <= limit_deg:  # NaN too
        raise _fault(number, field, f"must be from -{limit_deg:g} to {limit_deg:g} degrees")
    return value


def _fault(number: int, field: str, what: str) -> InvalidInput:
    message = f"line {number}: {field} {what}; the order is lon,lat in degrees"
    return InvalidInput(message, field=field, line=number)


def _write(rows: list[Row], source: Datum, target: Datum) -> Iterator[str]:
    points = [row for row in rows if row is not None]
    lon, lat = convert([p[0] for p in points], [p[1] for p in points], source, target)
    done = zip(lon.tolist(), lat.tolist(), strict=True)
    for row in rows:
        yield "" if row is None else "{:.{d}f},{:.{d}f}".format(*next(done), d=DECIMALS)
