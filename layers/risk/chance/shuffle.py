"""Shuffle values over units: how often the sum over a neighbourhood is reached by chance.

Once values are shuffled, the sum over k units is that of k values drawn without putting back,
wherever the units lie. So one long series of draws, cumulated, serves all units of all sizes:
99,999 shuffles cost less than 999 of the whole map, and p is exact but for their number. A series
is counted as soon as it is drawn, and the next one drawn over it: memory grows with neither.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.errors import InvalidInput
from geodata.native import native
from layers.risk.chance.significance import Counts, Repeats
from layers.risk.density.frame import FloatArray

Pairs = NDArray[np.intp]
Sizes = NDArray[np.intp]
SHUFFLES = 99_999
"""Least p on two sides is then 0.00002: one grid of 1,570 can be told at a rate of 5 %."""
FEWEST = 9_999
"""Shuffles of neighbourhoods however large."""
DRAWS = 100_000_000
"""Values drawn for one map, some seconds: 99,999 shuffles of up to 1,000 units."""
ROUNDING = 1e-12
"""Sums of the same values in another order are equal but for this part."""


class _Units(NamedTuple):
    """Arrays of shape (units,): size of the neighbourhood, and its sum less and plus rounding."""

    size: Sizes
    low: FloatArray
    high: FloatArray


class _Groups(NamedTuple):
    """Units by size and then sum; group g, of neighbourhoods of one length, is ends[g:g + 2]."""

    length: Sizes
    ends: NDArray[np.intp]
    low: FloatArray
    high: FloatArray


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
    shuffles
        At most; see :func:`enough`.
    seed
        The same seed gives the same counts.

    Raises
    ------
    InvalidInput
        ``shuffles``: none.
    """
    if shuffles < 1:
        raise InvalidInput("shuffles must be 1 or more", field="shuffles")
    slack = ROUNDING * np.maximum(np.abs(total), np.abs(values).max())
    units = _Units(size.astype(np.intp), total - slack, total + slack)
    order = np.lexsort((total, size))
    length, first = np.unique(units.size[order], return_index=True)
    groups = _Groups(length, np.append(first, len(size)), units.low[order], units.high[order])
    longest = min(int(length[-1]) + conditional, len(values))
    times = enough(longest, shuffles)
    turns = np.zeros((2, len(size) + 1), np.int64)
    counts = np.zeros((2, len(size)), np.int64)
    rng = np.random.default_rng(seed)
    _draw(rng, times, values, np.empty(longest), groups, units, conditional, turns, counts)
    counts[:, order] += np.cumsum(turns, axis=1)[:, :-1]
    return Repeats(counts[0], counts[1], times)


def enough(longest: int, shuffles: int = SHUFFLES) -> int:
    """Return how many shuffles are drawn where the largest neighbourhood has so many units.

    What is raised over a large neighbourhood is raised in many units together, and many need no p
    as small as one does: told at 5 % is whatever lies beyond all shuffles in ``40 n / DRAWS`` of a
    neighbourhood's units or more, a fortieth of them where n is 65,000.

    >>> [enough(longest) for longest in (9, 1000, 5000, 20_000)]
    [99999, 99999, 20000, 9999]
    """
    return min(shuffles, max(FEWEST, DRAWS // longest))


@native
def _draw(
    rng: np.random.Generator,
    times: int,
    values: FloatArray,
    sums: FloatArray,
    groups: _Groups,
    units: _Units,
    conditional: bool,
    turns: Counts,
    counts: Counts,
) -> None:
    """Draw series as long as ``sums`` and count each.

    A shuffle may begin from any order, so each begins from where the last one ended (Fisher and
    Yates, as far as the series goes).
    """
    drawn = np.arange(len(values)).astype(np.int32)
    for _ in range(times):
        total = 0.0
        for place in range(len(sums)):
            other = place + int(rng.random() * (len(drawn) - place))
            unit = drawn[other]
            drawn[other] = drawn[place]
            drawn[place] = unit
            total += values[unit]
            sums[place] = total
        _count(sums, groups, turns)
        if conditional:
            _step_over(drawn, sums, values, units, counts)


@native
def _count(sums: FloatArray, groups: _Groups, turns: Counts) -> None:
    """Note between which units of each group a sum falls: those before it are reached.

    From above: the first units of a group up to a turn. From below: the last ones after one.
    """
    for group in range(len(groups.length)):
        length = groups.length[group]
        if length == 0:
            continue
        first, end = groups.ends[group], groups.ends[group + 1]
        total = sums[length - 1]
        turns[0, first] += 1
        turns[0, first + np.searchsorted(groups.low[first:end], total, side="right")] -= 1
        turns[1, first + np.searchsorted(groups.high[first:end], total, side="left")] += 1
        turns[1, end] -= 1


@native
def _step_over(
    drawn: NDArray[np.int32], sums: FloatArray, values: FloatArray, units: _Units, counts: Counts
) -> None:
    """Correct the counts of units drawn among their own neighbours: the next one stands in."""
    for place in range(len(sums)):
        unit = drawn[place]
        size = units.size[unit]
        if place < size:
            wrong, right = sums[size - 1], sums[size] - values[unit]
            counts[0, unit] += int(right >= units.low[unit]) - int(wrong >= units.low[unit])
            counts[1, unit] += int(right <= units.high[unit]) - int(wrong <= units.high[unit])
