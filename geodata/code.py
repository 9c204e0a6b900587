"""Area codes: 6 / 9 / 12 / 15 / 17 digits, truncated by level; a prefix is the containing area.

Source: 统计用区划代码 (2 province + 2 prefecture + 2 county + 3 street + 3 community), plus 3
digits for the grid and 2 for the micro-grid, numbered west to east, north to south.
"""

from __future__ import annotations

import re
from enum import StrEnum

from geodata.errors import InvalidInput


class Level(StrEnum):
    """The four levels of governance, and the micro-grid below them."""

    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    MICRO_GRID = "micro_grid"


DIGITS: dict[Level, int] = {
    Level.DISTRICT: 6,
    Level.STREET: 9,
    Level.COMMUNITY: 12,
    Level.GRID: 15,
    Level.MICRO_GRID: 17,
}
_LEVEL_OF = {digits: level for level, digits in DIGITS.items()}
_CODE = re.compile(r"[0-9]{6}(?:[0-9]{3}){0,3}|[0-9]{17}", re.ASCII)


def parse_code(text: str, *, field: str = "code") -> str:
    """Return the truncated form of an area code, or say what is wrong with it.

    Twelve-digit official codes are cut to their level: ``210211000000`` is the district 210211.

    Raises
    ------
    InvalidInput
        The text is not 6, 9, 12, 15 or 17 ASCII digits.
    """
    if not _CODE.fullmatch(text):
        raise InvalidInput(f"Area code {text[:20]!r} is not 6, 9, 12, 15 or 17 digits", field=field)
    if len(text) == 12 and text.endswith("000"):
        return text[:6] if text.endswith("000000") else text[:9]
    return text


def level_of(code: str) -> Level:
    """Return the level of a truncated code by its length."""
    try:
        return _LEVEL_OF[len(code)]
    except KeyError:
        raise InvalidInput(f"Area code {code[:20]!r} has no level", field="code") from None


def parent_of(code: str) -> str | None:
    """Return the code of the area one level up, None for a district."""
    levels = list(Level)
    at = levels.index(level_of(code))
    return None if at == 0 else code[: DIGITS[levels[at - 1]]]


def contains(outer: str, inner: str) -> bool:
    """Tell whether the area of ``outer`` contains that of ``inner`` (or is it)."""
    return inner.startswith(outer)
