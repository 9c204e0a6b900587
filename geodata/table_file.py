"""Tables that people send as files: CSV of any spreadsheet, or the first sheet of a workbook.

Every cell becomes a text: a moment as ``2026-11-25 08:00``, a whole number without its ``.0``.
Formulas are not worked out: what the sheet last showed counts.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import islice

from openpyxl import load_workbook

from geodata.errors import InvalidInput

MOST_ROWS = 2000
MOST_COLUMNS = 50
MOST_BYTES = 40_000_000
"""Of an unpacked workbook: more is no table of people but an attack on the memory."""
_ZIP = b"PK\x03\x04"


def read_table(content: bytes) -> list[list[str]]:
    """Return the rows of a file, the head first, rows of nothing left out at the end.

    Raises
    ------
    InvalidInput
        ``file``: it is neither, or too long.
    """
    rows = _sheet(content) if content.startswith(_ZIP) else _csv(content)
    found = [[cell.strip() for cell in row[:MOST_COLUMNS]] for row in islice(rows, MOST_ROWS + 2)]
    while found and not any(found[-1]):
        found.pop()
    if not found:
        raise InvalidInput("The file holds no table", field="file")
    if len(found) > MOST_ROWS + 1:
        raise InvalidInput(f"A file has at most {MOST_ROWS} rows; split it", field="file")
    return found


def _csv(content: bytes) -> Iterator[list[str]]:
    """Read UTF-8 with or without its mark, or GB 18030, which Excel writes in China."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InvalidInput("The file is neither a workbook nor a text", field="file")
    if "\x00" in text:
        raise InvalidInput("The file is neither a workbook nor a text", field="file")
    mark = "\t" if "\t" in text.split("\n", 1)[0] else ","
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    except csv.Error:
        raise InvalidInput("The file is no table of comma separated values", field="file") from None


def _sheet(content: bytes) -> Iterator[list[str]]:
    broken = InvalidInput("The workbook cannot be read; save it again as .xlsx", field="file")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_BYTES:
                raise InvalidInput("The workbook is too large", field="file")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows: Iterable[tuple[object, ...]] = book.worksheets[0].iter_rows(
            max_col=MOST_COLUMNS, values_only=True
        )
        yield from ([_text(cell) for cell in row] for row in rows)
    except InvalidInput:
        raise
    except Exception:
        raise broken from None


def _text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case datetime():
            midnight = cell.time() == time()
            return cell.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M")
        case date():
            return cell.isoformat()
        case time():
            return cell.strftime("%H:%M")
        case float() if cell.is_integer():
            return str(int(cell))
        case _:
            return str(cell)
