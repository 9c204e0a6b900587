"""Points from CSV files: two columns of coordinates, perhaps one of dates."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import InvalidInput

MOST_NAMED = 12


@dataclass(frozen=True, eq=False)
class Points:
    """Columns of a file, shape (n,); ``left_out`` rows lacked a place or a date altogether.

    ``day`` counts whole days from 1970-01-01; empty where no dates were asked for.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    day: NDArray[np.int64]
    left_out: int


def read_points(path: Path, x: str, y: str, date: str | None = None) -> Points:
    """Read coordinates, and dates if asked, of a CSV file in UTF-8 with a header.

    Rows where both coordinates or the date are empty (or NA) are left out and counted; anything
    else that is no number or no date is refused.

    Raises
    ------
    InvalidInput
        ``points``: no such file, or no CSV. ``x``, ``y``, ``date``: no such column, or a value that
        is none; names the line of the file.
    """
    asked = {"x": x, "y": y} | ({"date": date} if date is not None else {})
    try:
        table = pd.read_csv(path, usecols=lambda name: name in asked.values(), dtype=str)
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}", field="points") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is no CSV file in UTF-8: {error}", field="points") from error
    for field, name in asked.items():
        if name not in table.columns:
            raise InvalidInput(f"{path} has no column {name!r}; {_named(path)}", field=field)
    empty = (table[x].isna() & table[y].isna()).to_numpy()
    if date is not None:
        empty = empty | table[date].isna().to_numpy()
    table = table[~empty]
    day = np.empty(0, np.int64) if date is None else _days(table[date])
    return Points(_numbers(table[x], "x"), _numbers(table[y], "y"), day, int(empty.sum()))


def _days(column: pd.Series) -> NDArray[np.int64]:
    moments = pd.to_datetime(column, format="ISO8601", errors="coerce")
    _refuse(moments.isna().to_numpy(), column, "date", "not a date (2026-11-25)")
    return moments.to_numpy("datetime64[D]").astype(np.int64)


def _numbers(column: pd.Series, field: str) -> NDArray[np.float64]:
    values: NDArray[np.float64] = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    _refuse(~np.isfinite(values), column, field, "not a number")
    return values


def _refuse(bad: NDArray[np.bool_], column: pd.Series, field: str, problem: str) -> None:
    if not bad.any():
        return
    row = int(bad.argmax())
    said = column.iloc[row]
    told = f"is {said[:40]!r}" if isinstance(said, str) else "is empty"
    line = int(column.index[row]) + 2
    raise InvalidInput(f"{field} in line {line} {told}: {problem}", field=field, row=line)


def _named(path: Path) -> str:
    names = list(pd.read_csv(path, nrows=0).columns)
    more = " …" if len(names) > MOST_NAMED else ""
    return "it has " + ", ".join(map(repr, names[:MOST_NAMED])) + more
