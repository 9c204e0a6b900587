"""The tables as an XLSX workbook: trust card, communities, grids, types (cells: mapsvc/cell.py)."""

from __future__ import annotations

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet.worksheet import Worksheet

from layers.risk.question import Unit
from mapsvc.cell import WHOLE, Column, put_table
from mapsvc.report.subject import Subject
from mapsvc.report.tally import list_types
from mapsvc.report.trust import list_lines, list_warnings
from mapsvc.report.unit_row import UnitRow, list_units
from mapsvc.report.words import Words

TWO, FOUR, PART = "#,##0.00", "0.0000", "0.0%"

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
    names = [words(heads.get(column.name, f"column.{column.name}")) for column in columns]
    put_table(sheet, columns, names, rows)
