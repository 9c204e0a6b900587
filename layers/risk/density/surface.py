"""Density surfaces: events per square kilometre on a raster, by a kernel and a bandwidth.

docs/algorithms/density.md tells definition, modes, edge correction and their validation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from geodata.errors import InvalidInput
from layers.risk.density.convolution import Convolution
from layers.risk.density.direct import Direct
from layers.risk.density.frame import FloatArray, Frame
from layers.risk.density.kernel import Kernel, check_bandwidth
from layers.risk.density.operator import Operator
from layers.risk.density.spline import MOST_DEGREE
from layers.risk.density.stamp import Stamp
from layers.risk.density.sweep import Sweep

LEAST_CELLS = 3.0
"""Bandwidths in cells below which a Gaussian is no longer drawn by Fourier transform."""
NARROWEST = {Kernel.GAUSSIAN: 0.5, Kernel.EPANECHNIKOV: 1.0}
"""Bandwidths in cells that are drawn; narrower kernels fall between the centres of cells.

The centres then hold 97 to 103 % of a Gaussian's mass, and of an Epanechnikov's 64 to 127 %.
"""


class Mode(StrEnum):
    """How exact: error over peak at most 2e-4 (fast), 1e-7 (accurate) or 1e-11 (exact)."""

    FAST = "fast"
    ACCURATE = "accurate"
    EXACT = "exact"


class Edge(StrEnum):
    """How what lies beyond the mask is made up for."""

    NONE = "none"
    UNIFORM = "uniform"
    DIGGLE = "diggle"


@dataclass(frozen=True, eq=False)
class Events:
    """Points in the frame's plane with weights; arrays of shape (n,).

    Raises
    ------
    InvalidInput
        A value is not finite or a weight negative; names the row (from 0) and the field.
    """

    x_m: FloatArray
    y_m: FloatArray
    weight: FloatArray

    def __post_init__(self) -> None:
        if not len(self.x_m) == len(self.y_m) == len(self.weight):
            raise InvalidInput("x, y and weight must be equally long", field="weight")
        for field in ("x_m", "y_m", "weight"):
            _refuse(~np.isfinite(getattr(self, field)), field, "is not a finite number")
        _refuse(self.weight < 0, "weight", "is negative")

    @classmethod
    def plain(cls, x_m: FloatArray, y_m: FloatArray) -> Events:
        """Return events that all weigh one."""
        return cls(x_m, y_m, np.ones(len(x_m)))

    def __len__(self) -> int:
        return len(self.x_m)

    @property
    def effective(self) -> float:
        """Effective number of events, ``(sum w)^2 / sum w^2`` (Kish, Survey Sampling, 1965)."""
        square = float(np.dot(self.weight, self.weight))
        return 0.0 if square == 0.0 else float(self.weight.sum()) ** 2 / square

    def take(self, chosen: NDArray[np.bool_]) -> Events:
        """Return the chosen events."""
        return Events(self.x_m[chosen], self.y_m[chosen], self.weight[chosen])


def _refuse(bad: NDArray[np.bool_], field: str, problem: str) -> None:
    if bad.any():
        row = int(bad.argmax())
        raise InvalidInput(f"{field}, row {row}, {problem}", field=field, row=row)


def measure_surface(
    frame: Frame,
    events: Events,
    kernel: Kernel,
    bandwidth_m: float,
    mode: Mode = Mode.FAST,
    *,
    edge: Edge = Edge.NONE,
    mask: NDArray[np.bool_] | None = None,
) -> FloatArray:
    """Return events per square kilometre at the centre of each cell.

    Parameters
    ----------
    frame
        Raster in the plane of the events, metres.
    events
        Those beyond the frame count as far as their kernel reaches into it.
    bandwidth_m
        Standard deviation (Gaussian), at least half a cell; or radius (Epanechnikov), at least a
        cell; metres.
    edge
        ``uniform`` divides each cell by the mass of its kernel within the mask: right where events
        are uniform, for display. ``diggle`` divides each event by the mass of its own (Diggle,
        Applied Statistics 34, 1985): the sum over the mask is the number of events in it.
    mask
        Cells that belong to the district, shape of the frame; needed for either correction. Events
        and cells beyond it then count nothing.

    Returns
    -------
    ndarray
        Shape (rows, columns), row 0 north.

    Raises
    ------
    InvalidInput
        ``bandwidth_m`` or ``mask``.
    """
    check_width(kernel, bandwidth_m, frame.cell_m)
    if edge is Edge.NONE:
        return _operator(frame, events, kernel, bandwidth_m, mode).spread(events.weight) / (
            frame.cell_km2
        )
    if mask is None or mask.shape != frame.shape:
        raise InvalidInput("an edge correction needs the mask of the district", field="mask")
    inside = events.take(within(frame, events, mask))
    operator = _operator(frame, inside, kernel, bandwidth_m, mode)
    weight = inside.weight
    if edge is Edge.DIGGLE:
        weight = weight / operator.gather(mask.astype(np.float64))
    surface = operator.spread(weight)
    if edge is Edge.UNIFORM:
        surface = surface / np.where(mask, cover(frame, kernel, bandwidth_m, mask, mode), 1.0)
    return np.where(mask, surface, 0.0) / frame.cell_km2


def check_width(kernel: Kernel, bandwidth_m: float, cell_m: float) -> None:
    """Refuse a kernel so narrow that the centres of cells miss it.

    Raises
    ------
    InvalidInput
        ``bandwidth_m``: not a length over zero, or below ``NARROWEST``.
    """
    least_m = NARROWEST[kernel] * cell_m
    if check_bandwidth(bandwidth_m) < least_m:
        raise InvalidInput(
            f"bandwidth_m is at least {least_m:g} on cells of {cell_m:g} m ({kernel})",
            field="bandwidth_m",
        )


def within(frame: Frame, events: Events, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which events lie in a cell of the mask, shape (n,)."""
    cell = frame.cells_of(events.x_m, events.y_m)
    return (cell >= 0) & mask.ravel()[cell]


def cover(
    frame: Frame, kernel: Kernel, bandwidth_m: float, mask: NDArray[np.bool_], mode: Mode
) -> FloatArray:
    """Return the mass within the mask of the kernel round each cell of it, 0 to 1."""
    row, column = np.nonzero(mask)
    x_m, y_m = frame.centres(column, row)
    cells = Events.plain(x_m, y_m)
    if mode is Mode.EXACT and kernel is Kernel.GAUSSIAN:
        mode = Mode.ACCURATE  # a product over all pairs of cells would take hours
    return _operator(frame, cells, kernel, bandwidth_m, mode).spread(cells.weight)


def _operator(
    frame: Frame, events: Events, kernel: Kernel, bandwidth_m: float, mode: Mode
) -> Operator:
    """Return the cheapest operator that keeps the mode's promise."""
    column, row = frame.place(events.x_m, events.y_m)
    cells = bandwidth_m / frame.cell_m
    if kernel is Kernel.EPANECHNIKOV:
        return Sweep(frame, column, row, cells)
    if mode is Mode.EXACT:
        return Direct(frame, column, row, cells)
    if cells < LEAST_CELLS:
        return Stamp(frame, column, row, cells)
    reach = 5.0 if mode is Mode.FAST else 7.0
    return Convolution(frame, column, row, cells, _degree(mode, cells), reach)


def warm() -> None:
    """Compile all that draws and corrects surfaces, so that no request waits for it.

    About 3 s where nothing is kept on disk yet, a quarter of a second after that.
    """
    frame = Frame(0.0, 0.0, 1.0, 1, 1, 0)
    one = np.zeros(1)
    operators: list[Operator] = [
        Convolution(frame, one, one, LEAST_CELLS, degree, 1.0)
        for degree in range(1, MOST_DEGREE + 1)
    ]
    for operator in (*operators, Stamp(frame, one, one, 1.0)):
        operator.gather(operator.spread(np.ones(1)))


PROMISED = {Mode.FAST: 2e-4, Mode.ACCURATE: 1e-7}


def _degree(mode: Mode, cells: float) -> int:
    """Return the least degree of the spline that keeps the promise for any single event.

    What is aliased is at most ``4 zeta(2) E|z|^(p+1) / (2 pi cells)^(p+1)`` of the peak: an event
    in the middle of a cell, all images in phase, z standard normal (each image k adds 1/k^(p+1)).
    """
    for degree in range(1, MOST_DEGREE):
        power = degree + 1
        moment = 2.0 ** (power / 2) * math.gamma((power + 1) / 2) / math.sqrt(math.pi)
        worst = 4.0 * (math.pi**2 / 6.0) * moment / (2.0 * math.pi * cells) ** power
        if worst <= PROMISED[mode]:
            return degree
    return MOST_DEGREE
