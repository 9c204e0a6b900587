"""What repeats of chance say: p-values, false discovery rate, and the sign that a map may show.

Of m repeats k reach the observed value or more: p is ``(1 + k) / (1 + m)``, never zero (Phipson
and Smyth, 2010). So 999 repeats tell no p below 0.002 on two sides, and a false discovery rate of
5 % could never be met by a place of less than 4 % of the map. Where no repeat reaches the value the
tail may be drawn by a Pearson curve of type III with the first three moments of the null, if these
are known exactly (Mielke and Berry, Permutation Methods, 2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc, gammaincc, gammaincinv, ndtr, ndtri
from scipy.stats import false_discovery_control

from geodata.errors import InvalidInput
from layers.risk.density.frame import FloatArray

Counts = NDArray[np.int64]
LEVEL = 0.05
"""False discovery rate: of the places shown as raised or lowered one in twenty may be chance."""
STRAIGHT = 1e-4
"""Skewness below which a Pearson curve is drawn as a normal one; they differ by less than 1e-5."""


class Sign(IntEnum):
    """What a map may say of a place."""

    LOWERED = -1
    NOT_TOLD = 0
    RAISED = 1


@dataclass(frozen=True, eq=False)
class Repeats:
    """How many of the repeats of chance reached the observed value, from below and from above."""

    above: Counts
    below: Counts
    simulations: int

    def p(self) -> FloatArray:
        """Return two-sided p-values: twice the smaller share of the repeats, at most 1."""
        return two_sided(*(monte_carlo(k, self.simulations) for k in (self.above, self.below)))

    def p_beyond(self, upper: FloatArray, lower: FloatArray) -> FloatArray:
        """Return two-sided p-values; tails are given for what no repeat has reached."""
        return two_sided(
            np.where(self.above > 0, monte_carlo(self.above, self.simulations), upper),
            np.where(self.below > 0, monte_carlo(self.below, self.simulations), lower),
        )


def monte_carlo(exceeding: Counts, simulations: int) -> FloatArray:
    """Return ``(1 + k) / (1 + m)`` for k of m repeats at least as extreme as what was observed.

    Raises
    ------
    InvalidInput
        ``simulations``: none, or fewer than the repeats counted.
    """
    if simulations < 1 or (exceeding > simulations).any():
        raise InvalidInput("simulations must be 1 or more and cover all", field="simulations")
    return (1.0 + exceeding.astype(np.float64)) / (1.0 + simulations)


def two_sided(upper: FloatArray, lower: FloatArray) -> FloatArray:
    """Return twice the smaller of two tails, at most 1."""
    return np.minimum(1.0, 2.0 * np.minimum(upper, lower))


def adjust(p: FloatArray, tested: NDArray[np.bool_] | None = None) -> FloatArray:
    """Return the q-values of Benjamini and Hochberg (JRSS B 57, 1995).

    A place with q at most 5 % belongs to a set of which at most 5 % are expected to be chance,
    given independent or positively dependent places, such as neighbours under one kernel.

    Parameters
    ----------
    p
        Any shape.
    tested
        Places that count; the others get NaN. None for all.
    """
    chosen = np.ones(p.shape, bool) if tested is None else tested
    q = np.full(p.shape, np.nan)
    if chosen.any():
        q[chosen] = false_discovery_control(p[chosen], method="bh")
    return q


def tell(q: FloatArray, direction: FloatArray, level: float = LEVEL) -> NDArray[np.int8]:
    """Return the sign (:class:`Sign`) of each place: of ``direction`` where q is at most level.

    Raises
    ------
    InvalidInput
        ``level``: no share between 0 and 1.
    """
    if not 0 < level < 1:
        raise InvalidInput("level must be between 0 and 1", field="level")
    told = q <= level  # false for NaN
    return np.where(told, np.sign(direction), Sign.NOT_TOLD).astype(np.int8)


@dataclass(frozen=True, eq=False)
class Pearson:
    """Curve of type III per place: a gamma moved and scaled to three moments of the null.

    Parameters
    ----------
    mean, variance, skewness
        Of one shape. A variance of 0 says that nothing can happen but the mean: tails are 1.
    step
        Distance of the values that can occur, 1 for counts, 0 where they are dense: the tails
        include half a step, as whole numbers demand.
    """

    mean: FloatArray
    variance: FloatArray
    skewness: FloatArray
    step: float = 0.0

    def tails(self, value: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the chances of at least and of at most a value.

        On the short side the curve ends, and sums of uneven weights do not: the normal tail is
        taken where it is larger.
        """
        away = value - self.mean
        half = self.step / 2.0
        return self._beyond(away - half, self.skewness), self._beyond(-away - half, -self.skewness)

    def quantile(self, share: float) -> FloatArray:
        """Return the value below which chance stays with this share."""
        shape = _shape(self.skewness)
        bent = np.where(
            self.skewness < 0,
            shape - gammaincinv(shape, 1.0 - share),
            gammaincinv(shape, share) - shape,
        )
        score = np.where(np.abs(self.skewness) < STRAIGHT, ndtri(share), bent / np.sqrt(shape))
        quantile: FloatArray = self.mean + score * np.sqrt(self.variance)
        return quantile

    def _beyond(self, away: FloatArray, skewness: FloatArray) -> FloatArray:
        """Return the chance of lying at least so far above the mean."""
        spread = np.sqrt(self.variance)
        score = np.divide(away, spread, out=np.zeros_like(away), where=spread > 0)
        shape = _shape(skewness)
        place = np.maximum(shape + np.where(skewness < 0, -score, score) * np.sqrt(shape), 0.0)
        normal = ndtr(-score)
        short, long = np.maximum(gammainc(shape, place), normal), gammaincc(shape, place)
        bent = np.where(skewness < 0, short, long)
        tail = np.where(np.abs(skewness) < STRAIGHT, normal, bent)
        return np.where(spread > 0, tail, 1.0)


def _shape(skewness: FloatArray) -> FloatArray:
    """Return the shape of the gamma with this skewness (either sign)."""
    return 4.0 / np.maximum(skewness**2, STRAIGHT**2)
