"""Exact Gaussian surfaces: the definition, as a product of matrices.

The kernel is a product of one factor for the column and one for the row, so the sum over events at
all cells is ``rows^T diag(weights) columns``: nothing is rounded, nothing is cut off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from layers.risk.density.frame import FloatArray
from layers.risk.density.operator import Operator

CHUNK = 4096


@dataclass(frozen=True, eq=False)
class Direct(Operator):
    """Spreads weights over cells and gathers cells at events; each other's transpose.

    Parameters
    ----------
    bandwidth_cells
        Standard deviation.
    """

    bandwidth_cells: float

    def spread(self, weight: FloatArray) -> FloatArray:
        """Return the surface per cell: the sum of weights times kernel at each centre."""
        surface = np.zeros(self.frame.shape)
        for part, down, along in self._factors():
            surface += (down * weight[part, None]).T @ along
        return surface

    def gather(self, surface: FloatArray) -> FloatArray:
        """Return for each event the sum over cells of the surface times its kernel there."""
        result = np.empty(len(self.column))
        for part, down, along in self._factors():
            result[part] = np.einsum("ij,ij->i", down @ surface, along)
        return result

    def _factors(self) -> Iterator[tuple[slice, FloatArray, FloatArray]]:
        rows, columns = self.frame.shape
        for start in range(0, len(self.column), CHUNK):
            part = slice(start, start + CHUNK)
            yield part, self._factor(self.row[part], rows), self._factor(self.column[part], columns)

    def _factor(self, position: FloatArray, length: int) -> FloatArray:
        away = (np.arange(length) - position[:, None]) / self.bandwidth_cells
        factor: FloatArray = np.exp(-0.5 * away**2) / (np.sqrt(2.0 * np.pi) * self.bandwidth_cells)
        return factor
