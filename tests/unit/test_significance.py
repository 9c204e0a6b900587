"""Shares of repeats, Benjamini and Hochberg, curves of three moments: numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from geodata.errors import InvalidInput
from layers.risk.chance.significance import (
    Pearson,
    Repeats,
    Sign,
    adjust,
    monte_carlo,
    tell,
    two_sided,
)


def test_p_counts_the_observed_value_among_the_repeats() -> None:
    """None of 999: 1 / 1000. 49 of 999: 50 / 1000. All: 1."""
    assert monte_carlo(np.array([0, 49, 999]), 999).tolist() == [0.001, 0.05, 1.0]


@pytest.mark.parametrize(("exceeding", "simulations"), [(0, 0), (11, 10)])
def test_repeats_that_cannot_be_are_refused(exceeding: int, simulations: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        monte_carlo(np.array([exceeding]), simulations)
    assert caught.value.field == "simulations"


def test_two_sides_are_twice_the_smaller_and_at_most_one() -> None:
    p = two_sided(np.array([0.01, 0.7, 0.6]), np.array([0.99, 0.02, 0.5]))
    assert p.tolist() == [0.02, 0.04, 1.0]


def test_the_tail_is_asked_only_for_what_no_repeat_has_reached() -> None:
    repeats = Repeats(np.array([0, 1, 99]), np.array([99, 98, 0]), 99)
    tail = np.full(3, 1e-6)
    assert repeats.p() == pytest.approx([0.02, 0.04, 0.02])
    assert repeats.p_beyond(tail, tail) == pytest.approx([2e-6, 0.04, 2e-6])


def test_q_worked_by_hand() -> None:
    """Four places in order: p_i * 4 / i is .04, .04, .0533, .2; none may be above the next."""
    q = adjust(np.array([0.02, 0.2, 0.01, 0.04]))
    assert q == pytest.approx([0.04, 0.2, 0.04, 0.16 / 3])


def test_untested_places_do_not_weigh_on_the_others() -> None:
    tested = np.array([True, False, True])
    q = adjust(np.array([0.01, np.nan, 0.04]), tested)
    assert q[[0, 2]] == pytest.approx([0.02, 0.04])
    assert np.isnan(q[1])
    assert np.isnan(adjust(np.ones(2), np.zeros(2, bool))).all()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_q_is_never_below_p_and_keeps_its_order(values: list[float]) -> None:
    p = np.array(values)
    q = adjust(p)
    assert (q >= p).all()
    assert (q <= 1).all()
    assert (np.diff(q[np.argsort(p)]) >= 0).all()


def test_the_sign_needs_q_and_a_direction() -> None:
    q = np.array([0.05, 0.05, 0.051, np.nan, 0.01])
    sign = tell(q, np.array([2.0, -0.1, 9.0, 1.0, -np.inf]))
    assert sign.tolist() == [Sign.RAISED, Sign.LOWERED, Sign.NOT_TOLD, Sign.NOT_TOLD, Sign.LOWERED]
    assert sign.dtype == np.int8


@pytest.mark.parametrize("level", [0.0, 1.0, 5.0])
def test_a_level_that_is_no_share_is_refused(level: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        tell(np.ones(1), np.ones(1), level)
    assert caught.value.field == "level"


def curve(mean: float, variance: float, skewness: float, step: float = 0.0) -> Pearson:
    return Pearson(np.array([mean]), np.array([variance]), np.array([skewness]), step)


def test_without_skewness_the_curve_is_normal() -> None:
    upper, lower = curve(2.0, 9.0, 0.0).tails(np.array([2.0 + 3.0 * 1.96]))
    assert (upper[0], lower[0]) == pytest.approx((norm.sf(1.96), norm.cdf(1.96)), rel=1e-12)
    assert curve(2.0, 9.0, 0.0).quantile(0.975)[0] == pytest.approx(2 + 3 * 1.959964, rel=1e-6)


def test_an_exponential_is_a_curve_of_skewness_two() -> None:
    """Mean 1, variance 1, skewness 2: more than 3 with e^-3, median ln 2."""
    assert curve(1.0, 1.0, 2.0).tails(np.array([3.0]))[0][0] == pytest.approx(np.exp(-3.0))
    assert curve(1.0, 1.0, 2.0).quantile(0.5)[0] == pytest.approx(np.log(2.0))
    assert curve(-1.0, 1.0, -2.0).tails(np.array([-3.0]))[1][0] == pytest.approx(np.exp(-3.0))
    assert curve(-1.0, 1.0, -2.0).quantile(0.5)[0] == pytest.approx(-np.log(2.0))


def test_below_the_curves_end_the_tail_is_not_zero() -> None:
    """An exponential of mean 1 ends at 0; two standard deviations below it counts as normal."""
    assert curve(1.0, 1.0, 2.0).tails(np.array([-1.0]))[1][0] == pytest.approx(norm.cdf(-2.0))


@pytest.mark.parametrize("expected", [1.0, 6.2, 40.0])
def test_the_tail_of_counts_is_near_and_never_far_below_the_binomial(expected: float) -> None:
    n, share = 9717, expected / 9717
    variance = n * share * (1 - share)
    skewness = (1 - 2 * share) / np.sqrt(variance)
    for p in (1e-2, 1e-3, 1e-5):
        value = binom.isf(p, n, share) + 1
        upper, _ = curve(expected, variance, skewness, 1.0).tails(np.array([value]))
        exact = binom.sf(value - 1, n, share)
        assert 0.9 * exact < upper[0] < 10.0 * exact


def test_what_cannot_vary_is_never_told() -> None:
    upper, lower = curve(3.0, 0.0, 0.0).tails(np.array([3.0]))
    assert (upper[0], lower[0]) == (1.0, 1.0)
