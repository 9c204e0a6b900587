"""Shuffle values over units: how often the sum over a neighbourhood is reached by chance.

Once values are shuffled, the sum over k units is that of k values drawn without putting back,
wherever the units lie. So one long series of draws, cumulated, serves all units of all sizes:
99,999 shuffles cost less than 999 of the whole map, and p is exact but for their number.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from geodata.errors import InvalidInput
from layers.risk.frame import FloatArray
from layers.risk.significance import Counts, Repeats

Pairs = NDArray[np.intp]
Sizes = NDArray[np.intp]
SHUFFLES = 99_999
"""Least p on two sides is then 0.00002: one grid of 1,570 can be told at a rate of 5 %."""
CHUNK = 10_000
"""Shuffles at a time; bounds the memory."""
ROUNDING = 1e-12
"""Sums of the same values in another order are equal but for this part."""


def shuffle(
    values: FloatArray,
    size: Sizes,
    total: FloatArray,
    *,
    conditional: bool,
    shuffles: int,
    seed: int,
) -> Repeats:
    """Return how many shuffles bring each unit's sum over its neighbourhood.

    Parameters
    ----------
    values
        Shape (n,), of all units.
    size
        Units in each neighbourhood, shape (units,).
    total
        Observed sum over each, shape (units,).
    conditional
        The unit keeps its own value, which is not in the sum: drawn are the others (Anselin, 1995).
        Then the units are those of ``values``.
    seed
        The same seed gives the same counts.

    Raises
    ------
    InvalidInput
        ``shuffles``: none.
    """
    if shuffles < 1:
        raise InvalidInput("shuffles must be 1 or more", field="shuffles")
    rng = np.random.default_rng(seed)
    slack = ROUNDING * np.maximum(np.abs(total), np.abs(values).max())
    low, high = total - slack, total + slack
    above, below = np.zeros((2, len(size)), np.int64)
    length = min(int(size.max()) + conditional, len(values))
    for start in range(0, shuffles, CHUNK):
        drawn = _draw(rng, len(values), length, min(CHUNK, shuffles - start))
        sums = np.cumsum(values[drawn], axis=1)
        _count(sums, size, (low, high), (above, below))
        if conditional:
            _step_over(drawn, sums, values, size, (low, high), (above, below))
    return Repeats(above, below, shuffles)


def _count(
    sums: FloatArray,
    size: Sizes,
    bounds: tuple[FloatArray, FloatArray],
    counts: tuple[Counts, Counts],
) -> None:
    """Add the draws whose sum over the first ``size`` reaches each unit's."""
    for length in np.unique(size[size > 0]).tolist():
        ordered = np.sort(sums[:, length - 1])
        chosen = np.flatnonzero(size == length)
        counts[0][chosen] += len(ordered) - np.searchsorted(ordered, bounds[0][chosen], "left")
        counts[1][chosen] += np.searchsorted(ordered, bounds[1][chosen], "right")


def _step_over(
    drawn: NDArray[np.intp],
    sums: FloatArray,
    values: FloatArray,
    size: Sizes,
    bounds: tuple[FloatArray, FloatArray],
    counts: tuple[Counts, Counts],
) -> None:
    """Correct the counts for draws that hold the unit itself: the next one takes its place."""
    order = np.argsort(drawn, axis=None, kind="stable")
    ends = np.searchsorted(drawn.ravel()[order], np.arange(len(values) + 1))
    for unit in np.flatnonzero(size > 0).tolist():
        row, column = np.divmod(order[ends[unit] : ends[unit + 1]], drawn.shape[1])
        row = row[column < size[unit]]
        wrong = sums[row, size[unit] - 1]
        right = sums[row, size[unit]] - values[unit]
        low, high = bounds[0][unit], bounds[1][unit]
        counts[0][unit] += int((right >= low).sum()) - int((wrong >= low).sum())
        counts[1][unit] += int((right <= high).sum()) - int((wrong <= high).sum())


def _draw(rng: np.random.Generator, count: int, length: int, rows: int) -> NDArray[np.intp]:
    """Return ``rows`` series of ``length`` different numbers below ``count``, in random order."""
    if length**2 > count:
        step = max(1, 2_000_000 // count)
        parts = [
            rng.permuted(np.tile(np.arange(count), (min(step, rows - start), 1)), axis=1)
            for start in range(0, rows, step)
        ]
        return np.concatenate([part[:, :length] for part in parts])
    return np.concatenate(list(_different(rng, count, length, rows)))


def _different(
    rng: np.random.Generator, count: int, length: int, rows: int
) -> Iterator[NDArray[np.intp]]:
    """Draw series and throw away those that hold a number twice, until there are enough."""
    while rows > 0:
        drawn = rng.integers(count, size=(2 * rows, length))
        ordered = np.sort(drawn, axis=1)
        kept = drawn[(ordered[:, 1:] != ordered[:, :-1]).all(axis=1)][:rows]
        rows -= len(kept)
        yield kept
