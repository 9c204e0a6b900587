"""Relative risk: where there are more cases than residents explain, and whether chance does it.

The log of the ratio of two densities, one of cases and one of residents, under one bandwidth
(Kelsall and Diggle, Statistics in Medicine 14, 1995; Davies and Hazelton, ibid. 29, 2010), judged
by repeats in which as many cases fall on the residents at random. Definition, limits and
validation: docs/algorithms/relative-risk.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from geodata.errors import InvalidInput
from layers.risk.chance.significance import LEVEL, Pearson, Repeats, adjust, tell
from layers.risk.chance.smoother import Smoother
from layers.risk.density.frame import FloatArray

SIMULATIONS = 999
LEAST_RESIDENTS_PER_KM2 = 100.0
"""Smoothed density below which no risk is told: fields and harbours, where a home is a chance."""
LEAST_EXPECTED = 0.2
"""Cases that chance must bring under the kernel (or into the area) before a risk is told.

With 0.2 expected, 4 or more are beyond 1 in 10,000: an outbreak of a week stands out, one case does
not (1 in 5).
"""
ENVELOPE = 0.95
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Relative:
    """Risk per unit; all arrays have the shape of the units.

    Parameters
    ----------
    log_ratio
        Natural log of (share of cases / share of residents): 0 is the district's mean, 0.69 twice
        it, -inf no case at all; NaN where ``thin``.
    expected
        Cases that chance brings under the kernel; with uneven weights their effective number.
    thin
        Units that are not judged: too few residents or cases expected, or beyond the district.
    low, high
        The ratio (not its log) stays between them in 95 % of repeats of chance, unit by unit.
    p, q
        Two-sided, and after Benjamini and Hochberg over all judged units; NaN where ``thin``.
    sign
        +1 raised, -1 lowered, 0 not told from chance.
    """

    log_ratio: FloatArray
    expected: FloatArray
    thin: NDArray[np.bool_]
    low: FloatArray
    high: FloatArray
    p: FloatArray
    q: FloatArray
    sign: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Null:
    """What chance does: each case falls on a unit with the share of residents who live there.

    Cases keep their weights (severity, fading with age): the null moves them and changes nothing
    else. So the three moments of a smoothed sum are exact: sums of powers of weights times shares
    under the kernel's powers.

    Parameters
    ----------
    residents
        Any shape; with a smoother (rows, columns).
    weights
        Of the cases, shape (n,).
    smooth
        The operator for cases and residents alike; None counts units as they are.

    Raises
    ------
    InvalidInput
        ``residents`` or ``weights``: nobody, no case, below zero or not finite.
    """

    residents: FloatArray
    weights: FloatArray
    smooth: Smoother | None = None

    def __post_init__(self) -> None:
        for field in ("residents", "weights"):
            values = getattr(self, field)
            if not (np.isfinite(values).all() and (values >= 0).all() and values.sum() > 0):
                raise InvalidInput(f"{field} must be finite and not all zero", field=field)
        if self.smooth is not None and self.smooth.shape != self.residents.shape:
            raise InvalidInput("residents must have the raster's shape", field="residents")

    @cached_property
    def share(self) -> FloatArray:
        """Share of the residents in each unit."""
        share: FloatArray = self.residents / self.residents.sum()
        return share

    @cached_property
    def mean(self) -> FloatArray:
        """Smoothed weight that chance brings to each unit."""
        mean: FloatArray = self.weights.sum() * self._moments[0]
        return mean

    @cached_property
    def expected(self) -> FloatArray:
        """Cases under the kernel, effective: ``(sum w K p)^2 / sum w^2 K^2 p``."""
        second = (self.weights**2).sum() * self._moments[1]
        expected: FloatArray = np.zeros_like(second)
        np.divide(self.mean**2, second, out=expected, where=second > 0)
        return expected

    @cached_property
    def curve(self) -> Pearson:
        """Curve with mean, variance and skewness of the smoothed weight."""
        one, two, three = self._moments
        variance = np.maximum((self.weights**2).sum() * (two - one**2), 0.0)
        third = (self.weights**3).sum() * (three - 3.0 * two * one + 2.0 * one**3)
        spread = variance**1.5
        skewness = np.divide(third, spread, out=np.zeros_like(third), where=spread > 0)
        counted = self.smooth is None and bool((self.weights == 1.0).all())
        return Pearson(self.mean, variance, skewness, 1.0 if counted else 0.0)

    @cached_property
    def _moments(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the shares under the kernel and under its square and cube."""
        if self.smooth is None:
            return self.share, self.share, self.share
        square, cube = (self.smooth.to_the(power)(self.share) for power in (2, 3))
        return self.smooth(self.share), square, cube

    def measure(self, observed: FloatArray) -> FloatArray:
        """Return the smoothed weight of observed units."""
        return observed if self.smooth is None else self.smooth(observed)

    def draw(self, rng: np.random.Generator) -> FloatArray:
        """Return the weight per unit after the cases have fallen at random."""
        # Places in order are found several times faster; the weights are dealt out anew instead.
        place = np.sort(rng.random(len(self.weights)))
        unit = np.searchsorted(self._cumulated, place, side="right")
        weights = None if self._plain else rng.permutation(self.weights)
        flat = np.bincount(unit, weights, minlength=self.residents.size)
        return flat.reshape(self.residents.shape).astype(np.float64)

    @cached_property
    def _plain(self) -> bool:
        return bool((self.weights == 1.0).all())

    @cached_property
    def _cumulated(self) -> FloatArray:
        """Shares cumulated to exactly one, so that no draw lies beyond."""
        cumulated = np.cumsum(self.share.ravel())
        scaled: FloatArray = cumulated / cumulated[-1]
        return scaled


def compare(
    observed: FloatArray,
    residents: FloatArray,
    smooth: Smoother | None,
    *,
    area_km2: FloatArray | float,
    seed: int,
    weights: FloatArray | None = None,
    inside: NDArray[np.bool_] | None = None,
    simulations: int = SIMULATIONS,
    progress: Progress | None = None,
    level: float = LEVEL,
) -> Relative:
    """Return the relative risk of each unit and what may be said of it.

    Parameters
    ----------
    observed
        Weight of the cases in each unit: (units,) for areas, (rows, columns) for a raster.
    residents
        Of the same shape.
    smooth
        One Gaussian for both on a raster; None for areas and hexagons.
    area_km2
        Of each unit, or of all.
    weights
        Of each case, shape (n,), where they differ from one; they sum to ``observed``.
    inside
        Units of the district; None for all.
    level
        False discovery rate at which a unit is raised or lowered.

    Raises
    ------
    InvalidInput
        ``observed``, ``residents``, ``weights``, ``inside``, ``simulations`` or ``level``.
    """
    if observed.shape != residents.shape:
        raise InvalidInput("observed and residents must have one shape", field="observed")
    null = Null(residents, _weights_of(observed, weights), smooth)
    surface = null.measure(observed)
    repeats = simulate(null, surface, simulations=simulations, seed=seed, progress=progress)
    return judge(null, surface, repeats, area_km2=area_km2, inside=inside, level=level)


def _weights_of(observed: FloatArray, weights: FloatArray | None) -> FloatArray:
    """Return the weights of the cases: given, or ones as many as were counted."""
    total = float(observed.sum())
    if not (np.isfinite(observed).all() and (observed >= 0).all()):
        raise InvalidInput("observed must be finite and not below zero", field="observed")
    if weights is None:
        if (observed != np.round(observed)).any():
            raise InvalidInput("observed cases that are no counts need weights", field="weights")
        return np.ones(round(total))
    if abs(float(weights.sum()) - total) > 1e-6 * max(total, 1.0):
        raise InvalidInput("weights must sum to what was observed", field="weights")
    return weights


def simulate(
    null: Null,
    surfaces: FloatArray,
    *,
    simulations: int = SIMULATIONS,
    seed: int,
    progress: Progress | None = None,
) -> Repeats:
    """Return how many repeats of chance reach smoothed surfaces (:meth:`Null.measure`).

    Parameters
    ----------
    surfaces
        Shape of the units, or several of them stacked in front: all are judged by the same repeats.
    seed
        The same seed gives the same counts.
    progress
        Told after each repeat how many of how many are done.

    Raises
    ------
    InvalidInput
        ``simulations``: none.
    """
    if simulations < 1:
        raise InvalidInput("simulations must be 1 or more", field="simulations")
    rng = np.random.default_rng(seed)
    # Half the digits halve the time; a surface's own rounding is far below its scatter.
    single = surfaces.astype(np.float32)
    above, below = np.zeros((2, *surfaces.shape), np.int64)
    for done in range(1, simulations + 1):
        drawn = null.draw(rng).astype(np.float32)
        surface = drawn if null.smooth is None else null.smooth(drawn)
        above += surface >= single
        below += surface <= single
        if progress is not None:
            progress(done, simulations)
    return Repeats(above, below, simulations)


def judge(
    null: Null,
    surface: FloatArray,
    repeats: Repeats,
    *,
    area_km2: FloatArray | float,
    inside: NDArray[np.bool_] | None = None,
    level: float = LEVEL,
) -> Relative:
    """Return the risk of a smoothed surface, given how repeats of chance compare with it.

    Parameters as in :func:`compare` and :func:`simulate`.
    """
    thin = _thin(null, area_km2, inside)
    ratio = np.divide(surface, null.mean, out=np.full_like(surface, np.nan), where=~thin)
    log_ratio = np.log(ratio, out=np.full_like(ratio, -np.inf), where=ratio > 0)
    log_ratio[thin] = np.nan
    p = np.where(thin, np.nan, repeats.p_beyond(*null.curve.tails(surface)))
    q = adjust(p, ~thin)
    low, high = (
        np.where(thin, np.nan, np.maximum(null.curve.quantile(share), 0.0) / _over(null.mean, thin))
        for share in ((1.0 - ENVELOPE) / 2.0, (1.0 + ENVELOPE) / 2.0)
    )
    sign = tell(q, np.nan_to_num(log_ratio), level)
    return Relative(log_ratio, null.expected, thin, low, high, p, q, sign)


def _over(mean: FloatArray, thin: NDArray[np.bool_]) -> FloatArray:
    return np.where(thin, 1.0, mean)


def _thin(
    null: Null, area_km2: FloatArray | float, inside: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """Tell which units have too little to say anything from."""
    if inside is not None and inside.shape != null.residents.shape:
        raise InvalidInput("inside must have the shape of the units", field="inside")
    per_km2 = null.measure(null.residents) / area_km2
    thin = (per_km2 < LEAST_RESIDENTS_PER_KM2) | (null.expected < LEAST_EXPECTED)
    return thin if inside is None else thin | ~inside
