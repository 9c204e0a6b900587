"""The tables as an XLSX workbook: trust card, communities, grids, types.

Text from data is written as text: a cell that begins with ``=``, ``+``, ``-`` or ``@`` is neither a
formula here nor becomes one when somebody saves the sheet as CSV (OWASP, CSV injection).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from layers.risk.question import Unit
from mapsvc.report.subject import Subject
from mapsvc.report.tally import list_types
from mapsvc.report.trust import list_lines, list_warnings
from mapsvc.report.unit_row import UnitRow, list_units
from mapsvc.report.words import Words
from mapsvc.style import style_tokens

RISKY = ("=", "+", "-", "@", "\t", "\r")
WHOLE, TWO, FOUR, PART = "#,##0", "#,##0.00", "0.0000", "0.0%"
TEXT = "@"


@dataclass(frozen=True)
class Column:
    """A column: message id of its head, width in letters, number format."""

    name: str
    width: float
    form: str = TEXT


_UNIT = (
    Column("code", 19), Column("name", 26), Column("part_of", 22), Column("count", 9, WHOLE),
    Column("area", 11, FOUR), Column("residents", 11, WHOLE), Column("density", 14, TWO),
    Column("per_thousand", 11, TWO), Column("relative", 11, TWO), Column("low", 11, TWO),
    Column("high", 11, TWO), Column("told", 22), Column("z", 9, TWO), Column("hot", 16),
    Column("quadrant", 26),
)  # fmt: skip
_TYPE = (
    Column("code", 10), Column("type", 28), Column("family", 18), Column("count", 9, WHOLE),
    Column("share", 9, PART), Column("urgent", 9, WHOLE), Column("found", 10, WHOLE),
)  # fmt: skip


def make_book(subject: Subject) -> bytes:
    """Return the workbook."""
    words, book = subject.words, Workbook()
    trust = book.active
    trust.title = words("book.trust")
    _put_trust(subject, trust)
    for unit, name in ((Unit.COMMUNITY, "communities"), (Unit.GRID, "grids")):
        rows = [_unit_cells(words, row) for row in list_units(subject, unit)]
        head = {"name": f"column.{unit}"}
        _put_table(words, book.create_sheet(words(f"book.{name}")), _UNIT, rows, head)
    types = [
        (row.code, row.name, row.family, row.count, row.share, row.urgent, row.found)
        for row in list_types(subject)
    ]
    _put_table(words, book.create_sheet(words("book.types")), _TYPE, types, {})
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _put_trust(subject: Subject, sheet: Worksheet) -> None:
    words, base = subject.words, subject.base
    lines = [
        (words("title"), words.name(base.name, base.name_en)),
        *([(words("synthetic"), words("synthetic.why"))] if base.synthetic else []),
        *((line.label, line.value) for line in list_lines(subject)),
        *((words("warnings"), text) for text in list_warnings(subject)),
        (words("how"), words("how.relative")),
        (words("how"), words("how.significance")),
        (words("how"), words("how.outlier")),
    ]
    columns = (Column("name", 24), Column("value", 96))
    _put_table(words, sheet, columns, lines, {})
    for row in sheet.iter_rows(min_row=2, min_col=2, max_col=2):
        row[0].alignment = Alignment(wrap_text=True, vertical="top")


def _unit_cells(words: Words, row: UnitRow) -> tuple[object, ...]:
    told = None if row.relative_sign is None else words(f"sign.{row.relative_sign}")
    hot = None if row.z_sign is None else words(f"hot.{row.z_sign}")
    return (
        row.code, row.name, row.part_of, row.count, row.area_km2, row.residents, row.density,
        row.per_thousand, row.relative, row.low, row.high, told, row.z, hot,
        _outlier(words, row),
    )  # fmt: skip


def _outlier(words: Words, row: UnitRow) -> str | None:
    """Return the quadrant where it is told from chance, as maps of it do."""
    if row.quadrant is None:
        return None
    return words(f"quadrant.{row.quadrant}") if row.quadrant_sign else words("hot.0")


def _put_table(
    words: Words, sheet: Worksheet, columns: Sequence[Column], rows: Sequence[Sequence[object]],
    heads: dict[str, str],
) -> None:  # fmt: skip
    """Write a head that stays in sight, and rows under it."""
    for number, column in enumerate(columns, 1):
        cell = sheet.cell(1, number)
        _write(cell, words(heads.get(column.name, f"column.{column.name}")), TEXT)
        _dress_head(cell, column)
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    for place, row in enumerate(rows, 2):
        for number, (column, value) in enumerate(zip(columns, row, strict=True), 1):
            _write(sheet.cell(place, number), value, column.form)
    sheet.freeze_panes = "B2"
    if rows:
        sheet.auto_filter.ref = sheet.dimensions


def _write(cell: Cell, value: object, form: str) -> None:
    """Write a number as a number and a text as a text, whatever it begins with."""
    cell.number_format = form
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", value)
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
