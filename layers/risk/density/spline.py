"""B-splines of any degree: each event's shares of the cells round it, added or read in one pass.

Adding and reading compute the same shares from the same numbers, so each is the transpose of the
other to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from geodata.native import native
from layers.risk.density.frame import FloatArray

MOST_DEGREE = 7


@native
def fill_shares(part: float, degree: int, shares: FloatArray) -> None:
    """Write what each of the degree + 1 cells gets of an event, by the recursion of de Boor.

    Parameters
    ----------
    part
        How far the event lies into the first cell's interval, 0 to 1.
    shares
        At least degree + 1 long; the rest is left as it is.
    """
    shares[0] = 1.0 - part
    shares[1] = part
    for p in range(2, degree + 1):
        each = 1.0 / p
        shares[p] = part * shares[p - 1] * each
        for k in range(p - 1, 0, -1):
            shares[k] = ((part + p - k) * shares[k - 1] + (k + 1 - part) * shares[k]) * each
        shares[0] *= (1.0 - part) * each


@cache
def adder(degree: int) -> Callable[[FloatArray, FloatArray, FloatArray, int, FloatArray], None]:
    """Return what adds events to cells; compiled for one degree, so that its loops are unrolled."""
    count = degree + 1

    @native
    def add(
        column: FloatArray, row: FloatArray, weight: FloatArray, margin: int, cells: FloatArray
    ) -> None:
        """Add events in cells, shape (n,); 0 is the centre of the cell ``margin`` from the first.

        Those whose spline hangs over the cells leave no mark.
        """
        down, along = np.empty(count), np.empty(count)
        first = margin - (degree - 1) / 2.0
        rows, columns = cells.shape
        for i in range(len(column)):
            x, y = column[i] + first, row[i] + first
            if not (0.0 <= x < columns - degree and 0.0 <= y < rows - degree):
                continue
            left, top = int(x), int(y)
            fill_shares(x - left, degree, along)
            fill_shares(y - top, degree, down)
            for j in range(count):
                whole = weight[i] * down[j]
                for k in range(count):
                    cells[top + j, left + k] += whole * along[k]

    return add


@cache
def reader(degree: int) -> Callable[[FloatArray, FloatArray, int, FloatArray, FloatArray], None]:
    """Return what reads cells at events: the transpose of :func:`adder`."""
    count = degree + 1

    @native
    def read(
        column: FloatArray, row: FloatArray, margin: int, cells: FloatArray, values: FloatArray
    ) -> None:
        """Write for each event the sum of cells by its shares of them; zero where it hangs over."""
        down, along = np.empty(count), np.empty(count)
        first = margin - (degree - 1) / 2.0
        rows, columns = cells.shape
        for i in range(len(column)):
            x, y = column[i] + first, row[i] + first
            total = 0.0
            if 0.0 <= x < columns - degree and 0.0 <= y < rows - degree:
                left, top = int(x), int(y)
                fill_shares(x - left, degree, along)
                fill_shares(y - top, degree, down)
                for j in range(count):
                    for k in range(count):
                        total += down[j] * along[k] * cells[top + j, left + k]
            values[i] = total

    return read
