"""Coordinates as they come in addresses of requests: ``lon,lat`` and ``west,south,east,north``."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from geodata.errors import InvalidInput

Numbers = Annotated[str, Field(max_length=120, pattern=r"^[-+0-9.eE,]+$")]
Bbox = tuple[float, float, float, float]


def parse_point(text: str, field: str) -> tuple[float, float]:
    """Return (lon, lat) in degrees.

    Raises
    ------
    InvalidInput
        Not two finite numbers in range.
    """
    lon, lat = _numbers(text, 2, field)
    _check(lon, lat, field)
    return lon, lat


def parse_bbox(text: str, field: str = "bbox") -> Bbox:
    """Return (west, south, east, north) in degrees.

    Raises
    ------
    InvalidInput
        Not four finite numbers in range, or the sides swapped.
    """
    west, south, east, north = _numbers(text, 4, field)
    _check(west, south, field)
    _check(east, north, field)
    if west >= east or south >= north:
        raise InvalidInput(f"{field} is west,south,east,north with west < east", field=field)
    return west, south, east, north


def _numbers(text: str, count: int, field: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != count or not all(math.isfinite(number) for number in numbers):
        raise InvalidInput(f"{field} must be {count} numbers with commas between", field=field)
    return numbers


def _check(lon: float, lat: float, field: str) -> None:
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise InvalidInput(f"{field} is out of range: longitude comes first", field=field)
