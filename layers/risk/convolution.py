"""Gaussian surfaces by Fourier transform: spread by a spline that the transform takes away again.

A plain histogram moves every event to the centre of its cell. A B-spline of degree p keeps the
moments up to p, and dividing by its own transform leaves only what is aliased from beyond the
sampling: about ``(cell / 2 pi h)^(p + 1)`` of the peak (the particle-mesh idea of Hockney and
Eastwood, 1988, and of non-uniform transforms: Potts, Steidl and Tasche, 2001). So one histogram
and one pair of transforms reach any accuracy; moments of second order need six of each.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, next_fast_len, rfft2

from layers.risk.frame import FloatArray, Frame

THREADS = 2


@dataclass(frozen=True, eq=False)
class Convolution:
    """Spreads the weights of events over the cells of a frame, and gathers cells at the events.

    The two are each other's transpose, to the last digits: what edge correction lives on.

    Parameters
    ----------
    frame
        Where the surface is wanted.
    column, row
        Events in cells (:meth:`Frame.place`), shape (n,); those out of reach leave no mark.
    bandwidth_cells
        Standard deviation; below 3 the cells are too coarse for it.
    degree
        Of the B-spline, 1 to 7.
    reach
        Bandwidths beyond which the kernel counts as zero.
    """

    frame: Frame
    column: FloatArray
    row: FloatArray
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
        return next_fast_len(rows + margin, real=True), next_fast_len(columns + margin, real=True)

    @cached_property
    def near(self) -> NDArray[np.intp]:
        """Events whose whole spline lies on the transform's cells."""
        found = np.ones(len(self.column), bool)
        for position, length in zip((self.row, self.column), self.frame.shape, strict=True):
            edge = self.margin - self.degree
            found &= (position > -edge) & (position < length - 1 + edge)
        return np.flatnonzero(found)

    def spread(self, weight: FloatArray) -> FloatArray:
        """Return the surface per cell: the sum of weights times kernel at each centre."""
        flat = np.zeros(self.size[0] * self.size[1])
        near = weight[self.near]
        for index, share in self._shares():
            flat += np.bincount(index, share * near, minlength=len(flat))
        return self._smooth(flat.reshape(self.size))

    def gather(self, surface: FloatArray) -> FloatArray:
        """Return for each event the sum over cells of the surface times its kernel there."""
        rows, columns = self.frame.shape
        padded = np.zeros(self.size)
        inner = slice(self.margin, self.margin + rows), slice(self.margin, self.margin + columns)
        padded[inner] = surface
        flat = irfft2(rfft2(padded, workers=THREADS) * self._filter, s=self.size, workers=THREADS)
        flat = flat.ravel()
        result = np.zeros(len(self.column))
        for index, share in self._shares():
            result[self.near] += share * flat[index]
        return result

    def _smooth(self, histogram: FloatArray) -> FloatArray:
        rows, columns = self.frame.shape
        spectrum = rfft2(histogram, workers=THREADS)
        spectrum *= self._filter
        whole: FloatArray = irfft2(spectrum, s=self.size, workers=THREADS, overwrite_x=True)
        return whole[self.margin : self.margin + rows, self.margin : self.margin + columns]

    @cached_property
    def _filter(self) -> FloatArray:
        """Transform of the kernel over that of the spline."""
        rows, columns = self.size
        return np.outer(self._axis(np.fft.fftfreq(rows)), self._axis(np.fft.rfftfreq(columns)))

    def _axis(self, cycles: NDArray[np.floating[Any]]) -> FloatArray:
        gauss = np.exp(-0.5 * (2.0 * np.pi * self.bandwidth_cells * cycles) ** 2)
        axis: FloatArray = gauss / np.sinc(cycles) ** (self.degree + 1)
        return axis

    def _shares(self) -> Iterator[tuple[NDArray[np.intp], FloatArray]]:
        """Yield by offset the cells that events touch and their shares of them."""
        columns = self.size[1]
        row, down = _spline(self.row[self.near] + self.margin, self.degree)
        column, along = _spline(self.column[self.near] + self.margin, self.degree)
        first = row * columns + column
        for i in range(self.degree + 1):
            for j in range(self.degree + 1):
                yield first + (i * columns + j), down[i] * along[j]


def _spline(position: FloatArray, degree: int) -> tuple[NDArray[np.intp], list[FloatArray]]:
    """Return the first cell a spline of each position touches, and its share of each from there.

    By the recursion of de Boor on cells of unit width.
    """
    shifted = position - (degree - 1) / 2.0
    first = np.floor(shifted).astype(np.intp)
    part = shifted - first
    shares = [1.0 - part, part]
    for p in range(2, degree + 1):
        inner = [
            ((part + p - k) * shares[k - 1] + (k + 1 - part) * shares[k]) / p for k in range(1, p)
        ]
        shares = [(1.0 - part) * shares[0] / p, *inner, part * shares[p - 1] / p]
    return first, shares
