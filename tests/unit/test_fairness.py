"""How even counts are, worked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.fairness import fairness_of


def test_nobody_and_nothing_have_no_share():
    assert fairness_of([]).gini is None
    assert fairness_of([0, 0]).gini is None


def test_all_the_same_and_one_with_all():
    assert fairness_of([3, 3, 3]).gini == 0
    assert fairness_of([0, 0, 0, 8]).gini == pytest.approx(0.75), "(n - 1) / n"


def test_four_people():
    found = fairness_of([5, 0, 2, 1])
    assert (found.people, found.given, found.median, found.most) == (4, 8, 1.5, 5)
    assert found.gini == pytest.approx(0.5), "differences 1+2+5+1+4+3 = 16 over 4 x 8"


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_half_the_mean_difference_over_the_mean(counts: list[int]):
    total = sum(counts)
    differences = sum(abs(a - b) for a in counts for b in counts)
    expected = None if total == 0 else differences / (2 * len(counts) * total)
    assert fairness_of(counts).gini == pytest.approx(expected)
