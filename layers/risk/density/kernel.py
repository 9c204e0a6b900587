"""Two kernels on the plane, each of mass one, and how their bandwidth is meant."""

from __future__ import annotations

import math
from enum import StrEnum

from geodata.errors import InvalidInput


class Kernel(StrEnum):
    """Shape of the mark that an event leaves.

    Gaussian: ``exp(-d^2 / 2 h^2) / (2 pi h^2)``. Epanechnikov: ``2 (1 - d^2 / h^2) / (pi h^2)``
    within h (Silverman, Density Estimation, 1986, eq. 4.4 and 4.5). So the bandwidth h is the
    standard deviation on either axis of the one, and the radius beyond which the other is zero.
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
