"""Two kernels on the plane, each of mass one, and how their bandwidth is meant."""

from __future__ import annotations

import math
from enum import StrEnum

import numpy as np

from geodata.errors import InvalidInput
from layers.risk.frame import FloatArray


class Kernel(StrEnum):
    """Shape of the mark that an event leaves.

    The bandwidth of ``gaussian`` is its standard deviation on either axis, that of
    ``epanechnikov`` the radius beyond which it is zero.
    """

    GAUSSIAN = "gaussian"
    EPANECHNIKOV = "epanechnikov"


def check_bandwidth(bandwidth_m: float) -> float:
    """Return a bandwidth, or refuse it.

    Raises
    ------
    InvalidInput
        ``bandwidth_m``: not a length over zero.
    """
    if not (math.isfinite(bandwidth_m) and bandwidth_m > 0):
        raise InvalidInput("bandwidth_m must be a length over zero", field="bandwidth_m")
    return bandwidth_m


def height(kernel: Kernel, distance: FloatArray, bandwidth: float) -> FloatArray:
    """Return the kernel at a distance, per square of the unit both are given in.

    Gaussian: ``exp(-d^2 / 2 h^2) / (2 pi h^2)``. Epanechnikov: ``2 (1 - d^2 / h^2) / (pi h^2)``
    within h (Silverman, Density Estimation, 1986, eq. 4.4 and 4.5).
    """
    square = (distance / bandwidth) ** 2
    if kernel is Kernel.GAUSSIAN:
        return np.exp(-0.5 * square) / (2.0 * np.pi * bandwidth**2)
    return np.maximum(1.0 - square, 0.0) * (2.0 / (np.pi * bandwidth**2))
