"""Points from CSV files: two columns of coordinates, perhaps one of weights."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import InvalidInput

MOST_NAMED = 12


@dataclass(frozen=True, eq=False)
class Points:
    """Columns of a file, shape (n,); ``left_out`` rows had no coordinates at all."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    left_out: int


def read_points(path: Path, x: str, y: str) -> Points:
    """Read the coordinates of a CSV file in UTF-8 with a header.

    Rows where both coordinates are empty are left out and counted; anything else that is no
    number is refused.

    Raises
    ------
    InvalidInput
        ``points``: no such file, or no CSV. ``x``, ``y``: no such column, or a value that is no
        number; names the line of the file.
    """
    try:
        table = pd.read_csv(path, usecols=lambda name: name in (x, y), dtype=str)
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}", field="points") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} is no CSV file in UTF-8: {error}", field="points") from error
    for field, name in (("x", x), ("y", y)):
        if name not in table.columns:
            raise InvalidInput(f"{path} has no column {name!r}; {_named(path)}", field=field)
    empty = (table[x].isna() & table[y].isna()).to_numpy()
    table = table[~empty]
    return Points(_numbers(table[x], "x"), _numbers(table[y], "y"), int(empty.sum()))


def _numbers(column: pd.Series, field: str) -> NDArray[np.float64]:
    values: NDArray[np.float64] = pd.to_numeric(column, errors="coerce").to_numpy(np.float64)
    bad = ~np.isfinite(values)
    if bad.any():
        row = int(bad.argmax())
        said = column.iloc[row]
        told = "is empty" if isinstance(said, float) and math.isnan(said) else f"is {said[:40]!r}"
        line = int(column.index[row]) + 2
        raise InvalidInput(f"{field} in line {line} {told}: not a number", field=field, row=line)
    return values


def _named(path: Path) -> str:
    names = list(pd.read_csv(path, nrows=0).columns)
    more = " …" if len(names) > MOST_NAMED else ""
    return "it has " + ", ".join(map(repr, names[:MOST_NAMED])) + more
