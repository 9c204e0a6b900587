"""Exact Epanechnikov surfaces: each row of cells is swept once, events entering and leaving.

Along a row the kernel of an event is a parabola between two cells, so the sum over events is a
parabola whose three coefficients change only where one enters or leaves (the sweep line of Chan,
Li, U and Cheng: SLAM, SIGMOD 2022). Nothing is rounded to cells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.risk.density.frame import FloatArray
from layers.risk.density.operator import Operator

CHUNK = 1_000_000
"""Pairs of event and row at a time: some 100 MB."""


class Stretch(NamedTuple):
    """The cells of one row that an event reaches, and its parabola ``a + b u + c u^2`` there.

    ``u`` counts columns from the middle of the frame, so that its square stays small.
    """

    event: NDArray[np.intp]
    row: NDArray[np.intp]
    first: NDArray[np.intp]
    past: NDArray[np.intp]
    a: FloatArray
    b: FloatArray


@dataclass(frozen=True, eq=False)
class Sweep(Operator):
    """Spreads weights over cells and gathers cells at events; each other's transpose.

    Parameters
    ----------
    radius_cells
        Beyond it the kernel is zero.
    """

    radius_cells: float

    @property
    def _curve(self) -> float:
        return -1.0 / self.radius_cells**2

    @property
    def _peak(self) -> float:
        return 2.0 / (np.pi * self.radius_cells**2)

    @property
    def _u(self) -> FloatArray:
        columns = self.frame.columns
        return np.arange(columns, dtype=np.float64) - columns // 2

    def spread(self, weight: FloatArray) -> FloatArray:
        """Return the surface per cell: the sum of weights times kernel at each centre."""
        rows, columns = self.frame.shape
        width = columns + 1
        turns = np.zeros((3, rows * width))
        for part in self._stretches():
            enter, leave = part.row * width + part.first, part.row * width + part.past
            share = weight[part.event]
            curve = np.full(len(share), self._curve)
            for k, coefficient in enumerate((part.a, part.b, curve)):
                change = share * coefficient
                turns[k] += np.bincount(enter, change, minlength=rows * width)
                turns[k] -= np.bincount(leave, change, minlength=rows * width)
        a, b, c = np.cumsum(turns.reshape(3, rows, width)[:, :, :columns], axis=2)
        surface: FloatArray = (a + self._u * (b + self._u * c)) * self._peak
        return np.maximum(surface, 0.0)

    def gather(self, surface: FloatArray) -> FloatArray:
        """Return for each event the sum over cells of the surface times its kernel there."""
        rows, columns = self.frame.shape
        sums = np.zeros((3, rows, columns + 1))
        for k in range(3):
            np.cumsum(surface * self._u**k, axis=1, out=sums[k, :, 1:])
        result = np.zeros(len(self.column))
        for part in self._stretches():
            whole = sums[:, part.row, part.past] - sums[:, part.row, part.first]
            total = part.a * whole[0] + part.b * whole[1] + self._curve * whole[2]
            result += np.bincount(part.event, total, minlength=len(result))
        return result * self._peak

    def _stretches(self) -> Iterator[Stretch]:
        """Yield pairs of events and rows they reach, some at a time, inside the frame."""
        rows, columns = self.frame.shape
        radius = self.radius_cells
        top = np.clip(np.ceil(self.row - radius), 0, rows).astype(np.intp)
        bottom = np.clip(np.floor(self.row + radius) + 1, 0, rows).astype(np.intp)
        seen = (self.column > -radius) & (self.column < columns - 1 + radius)
        count = np.where(seen, np.maximum(bottom - top, 0), 0)
        ends = np.cumsum(count)
        start = 0
        while start < len(count):
            done = ends[start - 1] if start else 0
            stop = max(int(np.searchsorted(ends, done + CHUNK, side="right")), start + 1)
            event = np.repeat(np.arange(start, stop), count[start:stop])
            turn = np.arange(done, ends[stop - 1]) - (ends - count)[event]
            yield self._stretch(event, top[event] + turn)
            start = stop

    def _stretch(self, event: NDArray[np.intp], row: NDArray[np.intp]) -> Stretch:
        columns, radius = self.frame.columns, self.radius_cells
        column = self.column[event]
        beside = (row - self.row[event]) ** 2
        half = np.sqrt(np.maximum(radius**2 - beside, 0.0))
        first = np.clip(np.ceil(column - half), 0, columns).astype(np.intp)
        past = np.clip(np.floor(column + half) + 1, 0, columns).astype(np.intp)
        past = np.maximum(past, first)
        u = column - columns // 2
        a = 1.0 + self._curve * (beside + u**2)
        return Stretch(event, row, first, past, a, -2.0 * self._curve * u)
