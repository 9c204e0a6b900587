"""Gaussian smoothing of what is counted in cells: one linear operator for cases and residents.

Unlike :mod:`layers.risk.density.convolution` it starts from cells, not from points: in a ratio of
two counts on the same cells their middles stand for both alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, next_fast_len, rfft2

from geodata.errors import InvalidInput
from layers.risk.density.frame import FloatArray

REACH = 5.0
"""Bandwidths beyond which the kernel counts as zero; 4e-6 of its mass lies there."""
Cells = TypeVar("Cells", bound=NDArray[np.float32] | NDArray[np.float64])


@dataclass(frozen=True, eq=False)
class Smoother:
    """Spreads cells by a Gaussian of mass one; nothing comes in from beyond the raster.

    Parameters
    ----------
    shape
        Rows and columns.
    bandwidth_cells
        Standard deviation on either axis, in cells.
    power
        1 for the kernel K itself, 2 and 3 for K^2 and K^3 cell by cell: the sums of squares and
        cubes that variance and skewness of a smoothed count are made of.

    Raises
    ------
    InvalidInput
        ``bandwidth_cells``: not a length over zero.
    """

    shape: tuple[int, int]
    bandwidth_cells: float
    power: int = 1

    def __post_init__(self) -> None:
        if not (math.isfinite(self.bandwidth_cells) and self.bandwidth_cells > 0):
            raise InvalidInput("bandwidth_cells must be over zero", field="bandwidth_cells")

    def __call__(self, cells: Cells) -> Cells:
        """Return the smoothed cells, shape (..., rows, columns), as exact as they are given.

        Values below zero, which only rounding makes, are set to zero.
        """
        spectrum = rfft2(cells, s=self._size)
        spectrum *= self._filter.astype(cells.dtype, copy=False)
        whole: Cells = irfft2(spectrum, s=self._size, overwrite_x=True)
        rows, columns = self.shape
        return np.maximum(whole[..., :rows, :columns], 0.0)  # type: ignore[return-value] # as given

    def to_the(self, power: int) -> Smoother:
        """Return the operator whose kernel is this one's to a power."""
        return Smoother(self.shape, self.bandwidth_cells, power)

    @cached_property
    def _size(self) -> tuple[int, int]:
        """Rows and columns of the transform: the raster and once the reach, so nothing wraps."""
        rows, columns = (length + self._reach for length in self.shape)
        return next_fast_len(rows, real=True), next_fast_len(columns, real=True)

    @cached_property
    def _reach(self) -> int:
        return math.ceil(REACH * self.bandwidth_cells)

    @cached_property
    def _filter(self) -> FloatArray:
        rows, columns = self._size
        down = np.fft.fft(self._taps(rows)).real
        return np.outer(down, np.fft.rfft(self._taps(columns)).real)

    def _taps(self, length: int) -> FloatArray:
        """Return the kernel along one axis, its middle at 0 and its left half at the end."""
        offset = np.arange(-self._reach, self._reach + 1)
        value = np.exp(-0.5 * (offset / self.bandwidth_cells) ** 2)
        taps = np.zeros(length)
        np.add.at(taps, offset % length, (value / value.sum()) ** self.power)
        return taps
