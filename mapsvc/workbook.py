"""A workbook of plain tables: each sheet a head and rows."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from openpyxl import Workbook

from mapsvc.cell import Column, put_table

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Sheet:
    """One table; its columns are named by the words of their heads.

    Parameters
    ----------
    rows
        Texts, numbers, None; moments as naive local datetimes, for a workbook knows no zones.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]


def make_workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return the workbook of these sheets as a file."""
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        heads = [column.name for column in sheet.columns]
        put_table(book.create_sheet(sheet.title), sheet.columns, heads, sheet.rows)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
