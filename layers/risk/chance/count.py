"""What chance does to counts: the interval of one, and whether two differ."""

from __future__ import annotations

from scipy.special import bdtr, bdtrc, gammaincinv

COVERAGE = 0.95
LEVEL = 0.05
"""Two counts differ when chance alone would part them as far in fewer than 5 of 100 cases."""


def count_interval(count: int, coverage: float = COVERAGE) -> tuple[float, float]:
    """Return between which means a Poisson count may have come about, exactly.

    It holds for matters that come one by one. Where one draws the next after it (a quarrel that
    goes on), counts scatter more than Poisson and the interval is too narrow.

    Parameters
    ----------
    count
        What was counted, 0 or more.
    coverage
        At least this part of such intervals holds the true mean.

    Returns
    -------
    tuple
        Lowest and highest mean. Source: Garwood, Biometrika 28 (1936) 437; the gamma quantiles
        are half of the chi-squared ones of 2n and 2n + 2 degrees.

    >>> [round(bound, 3) for bound in count_interval(10)]
    [4.795, 18.39]
    """
    tail = (1 - coverage) / 2
    low = float(gammaincinv(count, tail)) if count else 0.0
    return low, float(gammaincinv(count + 1, 1 - tail))


def compare_counts(later: int, earlier: int, share: float = 0.5) -> float:
    """Return how likely chance alone parts two Poisson counts at least as far, both ways.

    Given their sum the later count is binomial; twice the smaller tail is the p-value, which is
    never too small. Source: Przyborowski and Wilenski, Biometrika 31 (1940) 313.

    Parameters
    ----------
    share
        Part of the time watched that was the later one's, over 0 and under 1.

    >>> round(compare_counts(9, 1), 4)  # 2 (1 + 10) / 1024
    0.0215
    """
    total = later + earlier
    fewer, more = bdtr(later, total, share), bdtrc(later - 1, total, share)
    return min(1.0, 2 * float(min(fewer, more)))
