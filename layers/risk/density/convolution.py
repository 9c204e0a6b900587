"""Gaussian surfaces by Fourier transform: spread by a spline that the transform takes away again.

A plain histogram moves every event to the centre of its cell. A B-spline of degree p keeps the
moments up to p, and dividing by its own transform leaves only what is aliased from beyond the
sampling: about ``(cell / 2 pi h)^(p + 1)`` of the peak (the particle-mesh idea of Hockney and
Eastwood, 1988, and of non-uniform transforms: Potts, Steidl and Tasche, 2001). So one histogram
and one pair of transforms reach any accuracy; moments of second order need six of each.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.fft import fft, ifft, irfft, next_fast_len, rfft

from layers.risk.density.frame import FloatArray
from layers.risk.density.operator import Operator
from layers.risk.density.spline import adder, reader

R = TypeVar("R")
THREADS = 2
SPLIT_FROM = 50_000
"""Events from which on a second thread is worth its start and a histogram of its own."""
LOST = 1e-17
"""Part of a kernel's transform that rounding swallows."""


@dataclass(frozen=True, eq=False)
class Convolution(Operator):
    """Spreads the weights of events over the cells of a frame, and gathers cells at the events.

    The two are each other's transpose, to the last digits: what edge correction lives on.

    Parameters
    ----------
    bandwidth_cells
        Standard deviation; below 3 the cells are too coarse for it.
    degree
        Of the B-spline, 1 to 7.
    reach
        Bandwidths beyond which the kernel counts as zero.
    """

    bandwidth_cells: float
    degree: int
    reach: float

    @cached_property
    def margin(self) -> int:
        """Cells round the frame from which events still reach it."""
        return math.ceil(self.reach * self.bandwidth_cells) + self.degree + 1

    @cached_property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the transform: the frame with its margin on both sides."""
        rows, columns = self.frame.shape
        margin = 2 * self.margin
        return next_fast_len(rows + margin), next_fast_len(columns + margin, real=True)

    def spread(self, weight: FloatArray) -> FloatArray:
        """Return the surface per cell: the sum of weights times kernel at each centre."""
        down, along = self._inner
        weight = np.ascontiguousarray(weight, np.float64)  # what the loops are compiled for
        return self._smooth(self._histogram(weight), down)[:, along]

    def gather(self, surface: FloatArray) -> FloatArray:
        """Return for each event the sum over cells of the surface times its kernel there."""
        padded = np.zeros(self.size)
        padded[self._inner] = surface
        smooth = self._smooth(padded, slice(None))
        values = np.empty(len(self.column))

        def read(part: slice) -> None:
            place = self.column[part], self.row[part]
            reader(self.degree)(*place, self.margin, smooth, values[part])

        self._each_part(read)
        return values

    def _histogram(self, weight: FloatArray) -> FloatArray:
        """Return the sum of what each thread adds to cells of its own."""

        def add(part: slice) -> FloatArray:
            cells = np.zeros(self.size)
            place = self.column[part], self.row[part]
            adder(self.degree)(*place, weight[part], self.margin, cells)
            return cells

        whole, *others = self._each_part(add)
        for other in others:
            whole += other
        return whole

    def _each_part(self, work: Callable[[slice], R]) -> list[R]:
        """Return what work makes of each part of the events, each in a thread."""
        count = len(self.column)
        if count < max(SPLIT_FROM, self.size[0] * self.size[1] // 10):
            return [work(slice(0, count))]
        step = -(-count // THREADS)
        parts = [slice(start, start + step) for start in range(0, count, step)]
        with ThreadPoolExecutor(THREADS) as threads:
            return list(threads.map(work, parts))

    @cached_property
    def _inner(self) -> tuple[slice, slice]:
        rows, columns = self.frame.shape
        return slice(self.margin, self.margin + rows), slice(self.margin, self.margin + columns)

    def _smooth(self, cells: FloatArray, wanted: slice) -> FloatArray:
        """Return wanted rows of cells under the kernel; axis by axis, without what is lost."""
        rows, columns = self.size
        down, along = self._axis(np.fft.fftfreq(rows)), self._axis(np.fft.rfftfreq(columns))
        kept = int(np.count_nonzero(along))
        spectrum = rfft(cells, axis=1, workers=THREADS)[:, :kept]
        spectrum = fft(spectrum, axis=0, workers=THREADS)
        spectrum *= down[:, None]
        spectrum *= along[:kept]
        spectrum = ifft(spectrum, axis=0, workers=THREADS, overwrite_x=True)
        smooth: FloatArray = irfft(spectrum[wanted], n=columns, axis=1, workers=THREADS)
        return smooth

    def _axis(self, cycles: NDArray[np.floating[Any]]) -> FloatArray:
        """Return the transform of the kernel over that of the spline; zero where it is lost."""
        gauss = np.exp(-0.5 * (2.0 * np.pi * self.bandwidth_cells * cycles) ** 2)
        axis: FloatArray = gauss / np.sinc(cycles) ** (self.degree + 1)
        return np.where(gauss < LOST, 0.0, axis)
