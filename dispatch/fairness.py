"""Fairness: how evenly the cases of a month fell on people.

What was given counts, what was taken back or not answered does not. It is shown, and decides
nothing: a grid with more cases gives its worker more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from dispatch.people.store import Filter, count_given
from geodata.db.scope import Conn

MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Fairness:
    """Assignments of the last 30 days over the people a filter finds.

    Parameters
    ----------
    gini
        0 if all were given the same, towards 1 if one was given all; None without people or cases.
    """

    people: int
    given: int
    median: float
    most: int
    gini: float | None


def read_fairness(conn: Conn, wanted: Filter, now: datetime) -> Fairness:
    """Return how evenly the last 30 days were shared by the people in scope that a filter finds."""
    return fairness_of(count_given(conn, wanted, now - MONTH))


def fairness_of(counts: Iterable[int]) -> Fairness:
    """Return how even counts are.

    >>> fairness_of([0, 1, 2, 5]).gini
    0.5
    """
    listed = sorted(counts)
    if not listed:
        return Fairness(0, 0, 0.0, 0, None)
    return Fairness(len(listed), sum(listed), float(median(listed)), listed[-1], gini(listed))


def gini(ordered: list[int]) -> float | None:
    """Return the Gini coefficient of counts in ascending order, None if all are zero.

    Half the mean difference of two people, over the mean (Gini 1912):
    2·Σ i·xᵢ / (n·Σ xᵢ) − (n + 1) / n, i from 1.
    """
    count, total = len(ordered), sum(ordered)
    if not total:
        return None
    weighted = sum(place * value for place, value in enumerate(ordered, 1))
    return 2 * weighted / (count * total) - (count + 1) / count
