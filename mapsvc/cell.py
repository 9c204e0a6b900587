"""Cells of workbooks: a text stays a text, whatever it begins with.

A cell that begins with ``=``, ``+``, ``-``, ``@``, a tab or a return is neither a formula here nor
becomes one when somebody saves the sheet as CSV (OWASP, CSV injection).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from mapsvc.style import style_tokens

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
TEXT = "@"
WHOLE = "#,##0"
MOMENT = "yyyy-mm-dd hh:mm"
MOST_TEXT = 32_767
"""Characters that a cell holds (Excel specifications and limits)."""


@dataclass(frozen=True)
class Column:
    """A column: its name (a message id, or the words of its head), width in letters, format."""

    name: str
    width: float
    form: str = TEXT


def put_table(sheet: Worksheet, columns: Sequence[Column], heads: Sequence[str],
              rows: Sequence[Sequence[object]]) -> None:  # fmt: skip
    """Write a head that stays in sight, and rows under it."""
    for number, (column, head) in enumerate(zip(columns, heads, strict=True), 1):
        cell = sheet.cell(1, number)
        write_cell(cell, head, TEXT)
        _dress_head(cell, column)
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    for place, row in enumerate(rows, 2):
        for number, (column, value) in enumerate(zip(columns, row, strict=True), 1):
            write_cell(sheet.cell(place, number), value, column.form)
    sheet.freeze_panes = "B2"
    if rows:
        sheet.auto_filter.ref = sheet.dimensions


def write_cell(cell: Cell, value: object, form: str) -> None:
    """Write a number as a number and a text as a text, whatever it begins with."""
    cell.number_format = form
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", value)[:MOST_TEXT]
    cell.data_type = "s"
    if value.startswith(RISKY):
        cell.quotePrefix = True


def _dress_head(cell: Cell, column: Column) -> None:
    tokens: dict[str, Any] = style_tokens()["day"]
    ink, paper = tokens["label_major"].lstrip("#"), tokens["road"].lstrip("#")
    cell.font = Font(bold=True, color=paper)
    cell.fill = PatternFill("solid", fgColor=ink)
    cell.alignment = Alignment(
        horizontal="left" if column.form == TEXT else "right", vertical="center", wrap_text=True
    )
