"""Whole numbers shared out in proportion, group by group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geodata.demo.ground import FloatArray, IntArray


def apportion_within(weights: FloatArray, group: IntArray, totals: Sequence[int]) -> IntArray:
    """Share each group's total out in proportion to weights, by largest remainders.

    Parameters
    ----------
    weights
        Not negative; a group whose weights are all 0 gets nothing.
    group
        Number of each row's group, 0..len(totals)-1.
    totals
        Whole number to share out in each group.

    Examples
    --------
    >>> apportion_within(np.array([1.0, 1.0, 2.0]), np.array([0, 0, 0]), [5]).tolist()
    [1, 1, 3]
    """
    wanted = np.asarray(totals, dtype=float)
    sums = np.bincount(group, weights=weights, minlength=len(wanted))
    scale = np.divide(wanted, sums, out=np.zeros_like(wanted), where=sums > 0)
    exact = weights * scale[group]
    shares: IntArray = np.floor(exact).astype(np.int64)
    rest = np.where(sums > 0, wanted, 0) - np.bincount(group, weights=shares, minlength=len(wanted))
    order = np.lexsort((np.arange(len(group)), shares - exact, group))
    first = np.searchsorted(group[order], np.arange(len(wanted)))
    place = np.arange(len(group)) - first[group[order]]
    shares[order[place < rest[group[order]]]] += 1
    return shares
