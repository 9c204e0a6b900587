"""The roster as a table for people: heads and words in their language, read back in any."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dispatch.roster.entry import LEAVE_KINDS, TRAVEL_MODES
from dispatch.roster_file import COLUMNS, ENTRIES, Line
from dispatch.roster_file import Sheet as Rows
from geodata.errors import InvalidInput
from mapsvc.cell import Column
from mapsvc.workbook import Sheet
from web.message import LOCALES, Messages

Say = Callable[[str], str]
_WIDTHS = {"person_id": 10, "name": 12, "reason": 24, "areas": 44, "from": 17, "until": 17}
_WORDS = {"entry": ENTRIES, "kind": LEAVE_KINDS, "travel_mode": TRAVEL_MODES}


def roster_sheets(rows: Rows, say: Say) -> list[Sheet]:
    """Return the sheets of an export: the rows, and how the file is read back."""
    columns = [Column(say(f"roster_file.{name}"), _WIDTHS.get(name, 12)) for name in COLUMNS]
    return [
        Sheet(say("roster_file.sheet"), columns, [_row(line, say) for line in rows.lines]),
        Sheet(
            say("roster_file.about"),
            [Column(say("roster_file.column"), 16), Column(say("roster_file.how"), 90)],
            [[say(f"roster_file.{name}"), say(f"roster_file.how_{name}")] for name in COLUMNS],
        ),
    ]


def _row(line: Line, say: Say) -> list[object]:
    cells: list[object] = []
    for name in COLUMNS:
        value = line.cells.get(name, "")
        cells.append(say(f"roster.{name}_{value}") if value and name in _WORDS else value or None)
    return cells


def read_lines(table: Sequence[Sequence[str]], messages: Messages) -> list[Line]:
    """Return the rows of a table by column, their words as codes; columns may stand in any order.

    Raises
    ------
    InvalidInput
        ``file``: a head is missing that nothing can be read without.
    """
    heads, words = _heads(messages), _words(messages)
    places = {heads[head.casefold()]: n for n, head in enumerate(table[0])
              if head.casefold() in heads}  # fmt: skip
    missing = [name for name in ("person_id", "entry") if name not in places]
    if missing:
        raise InvalidInput(
            "The first row must name the columns; missing: " + ", ".join(missing), field="file"
        )
    lines = []
    for number, row in enumerate(table[1:], 2):
        cells = {name: row[n] for name, n in places.items() if n < len(row)}
        if any(cells.values()):
            lines.append(Line(number, {k: _coded(k, v, words) for k, v in cells.items()}))
    return lines


def _coded(name: str, value: str, words: Mapping[str, Mapping[str, str]]) -> str:
    return words.get(name, {}).get(value.casefold(), value)


def _heads(messages: Messages) -> dict[str, str]:
    """Return the columns by their heads in every language, and by their own names."""
    found: dict[str, str] = {name: name for name in COLUMNS}
    for locale in LOCALES:
        found |= {messages.text(locale, f"roster_file.{n}").casefold(): n for n in COLUMNS}
    return found


def _words(messages: Messages) -> dict[str, dict[str, str]]:
    found: dict[str, Any] = {name: {code: code for code in codes} for name, codes in _WORDS.items()}
    for locale in LOCALES:
        for name, codes in _WORDS.items():
            found[name] |= {messages.text(locale, f"roster.{name}_{c}").casefold(): c
                            for c in codes}  # fmt: skip
    return found
