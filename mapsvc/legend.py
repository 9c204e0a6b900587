"""Legends of risk maps: where one class ends and the next begins, and which colour each has.

A density is one hue from light to dark; what is compared with a mean has two, green below and
violet above, with grey between. Red, orange, yellow and blue are kept for the combined index.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geodata.errors import InvalidInput
from layers.risk.density.frame import FloatArray
from layers.risk.finding import Finding
from layers.risk.question import Measure
from mapsvc.style import style_tokens

SHARES = (0.3, 0.5, 0.68, 0.82, 0.91, 0.97)
"""Part of the units with anything in them below each limit of a density: the few dense ones get
more classes."""
LEAST_PART = 0.01
"""Of the highest density: less than this is as good as nothing and gets no colour."""
RATIOS = (0.25, 0.5, 0.8, 1.25, 2.0, 4.0)
"""Limits of the relative risk: below a quarter to over four times the mean."""
DEVIATES = (-2.576, -1.96, -1.0, 1.0, 1.96, 2.576)
"""Limits of Gi*: 1, 5 and 32 of 100 repeats of chance lie beyond on both sides together."""
QUADRANTS = (1.5, 2.5, 3.5)
"""Between the quadrants of local Moran's I, from low among low to high among high."""
MOST_LIMITS = 12


@dataclass(frozen=True)
class Legend:
    """Classes of a map: ``limits`` ascending; class k lies from limit k-1 on, the first below all.

    Densities have one class more, the first, that is nothing at all and has no colour.
    """

    measure: Measure
    limits: tuple[float, ...]
    colors: tuple[str, ...]

    def classes(self, value: FloatArray) -> NDArray[np.uint8]:
        """Return the class of each value from 1, 0 where nothing is told or nothing is there."""
        found = np.searchsorted(np.array(self.limits), value, side="right").astype(np.uint8)
        if self.measure is not Measure.DENSITY:
            found += 1
        found[~np.isfinite(value)] = 0
        return found


def make_legend(finding: Finding, limits: tuple[float, ...] = ()) -> Legend:
    """Return the legend of a finding.

    Parameters
    ----------
    limits
        Those of another map of the same measure, so that both mean the same; else they are drawn
        from the finding.

    Raises
    ------
    InvalidInput
        ``limits`` are not ascending, or too many.
    """
    measure = finding.question.measure
    tokens = style_tokens()
    if measure is Measure.DENSITY:
        limits = _checked(limits) or density_limits(finding.value)
        colors = tokens["density"]["day"][1:]
        return Legend(measure, limits, tuple(_spread(colors, len(limits))))
    colors = tokens["relative"]["day"]
    if measure is Measure.OUTLIER:
        return Legend(measure, QUADRANTS, tuple(colors[k] for k in (0, 2, 4, 6)))
    return Legend(measure, RATIOS if measure is Measure.RELATIVE else DEVIATES, tuple(colors))


def density_limits(value: FloatArray) -> tuple[float, ...]:
    """Return ascending limits of two figures; empty where there is nothing."""
    told = value[np.isfinite(value) & (value > 0)]
    if not len(told):
        return ()
    least = float(told.max()) * LEAST_PART
    told = told[told >= least]
    found = [_round(least), *(_round(float(limit)) for limit in np.quantile(told, SHARES))]
    return tuple(sorted(set(found)))


def _round(value: float) -> float:
    """Return a value over zero to two figures.

    >>> _round(0.01234), _round(1874.0)
    (0.012, 1900.0)
    """
    return round(value, 1 - math.floor(math.log10(value)))


def _spread(colors: list[str], count: int) -> list[str]:
    """Return as many colours as there are classes, from the lightest to the darkest."""
    if count <= 1:
        return colors[-1:] * count
    last = len(colors) - 1
    return [colors[min(last, round(k * last / (count - 1)))] for k in range(count)]


def _checked(limits: tuple[float, ...]) -> tuple[float, ...]:
    ascending = all(low < high for low, high in pairwise(limits))
    if len(limits) > MOST_LIMITS or not ascending or not all(map(math.isfinite, limits)):
        raise InvalidInput(f"limits are at most {MOST_LIMITS} ascending numbers", field="limits")
    return limits
