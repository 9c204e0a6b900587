"""Gaussian surfaces of narrow kernels: each event stamps the few cells in its reach."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from geodata.native import native
from layers.risk.density.frame import FloatArray
from layers.risk.density.operator import Operator

REACH = 8.5
"""Bandwidths after which a Gaussian is below 3e-16 of its peak: nothing that a double tells."""


@dataclass(frozen=True, eq=False)
class Stamp(Operator):
    """Spreads weights over cells and gathers cells at events; each other's transpose.

    Nothing is rounded to cells: the definition, without what is lost in a double anyway. Time
    grows with events times the square of the bandwidth in cells.

    Parameters
    ----------
    bandwidth_cells
        Standard deviation.
    """

    bandwidth_cells: float

    def spread(self, weight: FloatArray) -> FloatArray:
        """Return the surface per cell: the sum of weights times kernel at each centre."""
        surface = np.zeros(self.frame.shape)
        weight = np.ascontiguousarray(weight, np.float64)  # what the loops are compiled for
        _add(self.column, self.row, weight, self.bandwidth_cells, surface)
        return surface

    def gather(self, surface: FloatArray) -> FloatArray:
        """Return for each event the sum over cells of the surface times its kernel there."""
        values = np.zeros(len(self.column))
        surface = np.ascontiguousarray(surface, np.float64)
        _read(self.column, self.row, self.bandwidth_cells, surface, values)
        return values


@native
def _fill(place: float, length: int, bandwidth: float, factor: FloatArray) -> tuple[int, int]:
    """Write the kernel along one axis; return the first cell in reach and the one past the last."""
    reach = REACH * bandwidth
    first = math.ceil(min(max(place - reach, 0.0), length))
    last = math.floor(min(max(place + reach, -1.0), length - 1.0)) + 1
    scale = 1.0 / (math.sqrt(2.0 * math.pi) * bandwidth)
    for cell in range(first, last):
        away = (cell - place) / bandwidth
        factor[cell - first] = scale * math.exp(-0.5 * away * away)
    return first, last


@native
def _add(
    column: FloatArray, row: FloatArray, weight: FloatArray, bandwidth: float, cells: FloatArray
) -> None:
    rows, columns = cells.shape
    most = int(2.0 * REACH * bandwidth) + 2
    down, along = np.empty(most), np.empty(most)
    for i in range(len(column)):
        left, right = _fill(column[i], columns, bandwidth, along)
        top, bottom = _fill(row[i], rows, bandwidth, down)
        for r in range(top, bottom):
            whole = weight[i] * down[r - top]
            for c in range(left, right):
                cells[r, c] += whole * along[c - left]


@native
def _read(
    column: FloatArray, row: FloatArray, bandwidth: float, cells: FloatArray, values: FloatArray
) -> None:
    rows, columns = cells.shape
    most = int(2.0 * REACH * bandwidth) + 2
    down, along = np.empty(most), np.empty(most)
    for i in range(len(column)):
        left, right = _fill(column[i], columns, bandwidth, along)
        top, bottom = _fill(row[i], rows, bandwidth, down)
        for r in range(top, bottom):
            for c in range(left, right):
                values[i] += down[r - top] * along[c - left] * cells[r, c]
