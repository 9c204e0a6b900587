"""Relative risk: numbers worked by hand, a planted cluster, thin ground, weights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import InvalidInput
from layers.risk.chance.relative import Null, Relative, compare, judge, simulate
from layers.risk.chance.smoother import Smoother

SHAPE = (48, 40)
SMOOTH = Smoother(SHAPE, 2.0)
CELL_KM2 = 0.01
ROW, COLUMN = np.mgrid[: SHAPE[0], : SHAPE[1]]


def town(seed: int = 1) -> np.ndarray:
    """Return residents per cell of 100 m: dense in the middle, few at the rim."""
    rng = np.random.default_rng(seed)
    middle = np.exp(-((ROW - 24) ** 2 + (COLUMN - 20) ** 2) / (2 * 14.0**2))
    return np.round(80 * middle * rng.gamma(2.0, 0.5, SHAPE))


def test_an_area_with_twice_its_share_of_cases() -> None:
    """Residents 1 : 1 : 2, cases 20 : 10 : 10 of 40. Shares .5, .25, .25 over .25, .25, .5."""
    observed = np.array([20.0, 10.0, 10.0])
    found = compare(observed, np.array([500.0, 500.0, 1000.0]), None, area_km2=1.0, seed=1)
    assert np.exp(found.log_ratio) == pytest.approx([2.0, 1.0, 0.5])
    assert found.expected == pytest.approx([10.0, 10.0, 20.0])
    # P(X >= 20) of 40 at 1/4 is 5.7e-4, P(X <= 10) of 40 at 1/2 is 1.1e-3; two sides, three places.
    assert found.sign.tolist() == [1, 0, -1]
    assert found.p[1] == 1.0
    assert found.p[2] == pytest.approx(2.2e-3, abs=2e-3)


def test_the_envelope_is_what_chance_stays_within() -> None:
    """Binomial of 400 at 1/4: 100 -/+ 1.96 * 8.66, so the ratio lies in 0.83 to 1.17."""
    residents = np.full(4, 1000.0)
    found = compare(np.full(4, 100.0), residents, None, area_km2=1.0, seed=1, simulations=9)
    assert found.low == pytest.approx(np.full(4, 0.830), abs=0.005)
    assert found.high == pytest.approx(np.full(4, 1.170), abs=0.005)


def test_no_case_where_many_live_is_lowered_without_end() -> None:
    observed, residents = np.array([0.0, 300.0]), np.array([1000.0, 9000.0])
    found = compare(observed, residents, None, area_km2=1.0, seed=1)
    assert found.log_ratio[0] == -np.inf
    assert found.sign.tolist() == [-1, 1]  # 0 and 300 of 300, 30 and 270 expected: P = 1.9e-14


def test_the_three_moments_are_those_of_repeats() -> None:
    weights = np.random.default_rng(3).uniform(0.1, 3.0, 400)
    null = Null(town(), weights, SMOOTH)
    rng = np.random.default_rng(4)
    drawn = np.array([null.measure(null.draw(rng)) for _ in range(1500)])[:, 12:36:4, 8:32:4]
    curve = null.curve
    mean, variance, skewness = (
        part[12:36:4, 8:32:4] for part in (curve.mean, curve.variance, curve.skewness)
    )
    away = drawn - mean
    assert drawn.mean(axis=0) / mean == pytest.approx(np.ones_like(mean), abs=0.15)
    assert (drawn.mean(axis=0) / mean).mean() == pytest.approx(1.0, abs=0.01)
    assert ((away**2).mean(axis=0) / variance).mean() == pytest.approx(1.0, abs=0.03)
    third = (away**3).mean(axis=0) / variance**1.5
    assert third.mean() == pytest.approx(skewness.mean(), rel=0.1)
    share = (drawn < curve.quantile(0.025)[12:36:4, 8:32:4]).mean()
    assert share == pytest.approx(0.025, abs=0.01)


def test_a_planted_cluster_is_found_there_and_nowhere_far() -> None:
    residents = town()
    disc = (ROW - 30) ** 2 + (COLUMN - 15) ** 2 <= 3**2
    observed = Null(np.where(disc, 4 * residents, residents), np.ones(2000)).draw(
        np.random.default_rng(5)
    )
    found = compare(observed, residents, SMOOTH, area_km2=CELL_KM2, seed=6)
    assert found.sign[30, 15] == 1
    assert found.log_ratio[30, 15] == pytest.approx(np.log(4), abs=0.6)
    far = (ROW - 30) ** 2 + (COLUMN - 15) ** 2 > (3 + 5 * 2) ** 2
    assert (found.sign[far] <= 0).all()
    assert disc.mean() < 0.04  # 999 repeats alone could tell no place so small: see significance


def test_ground_where_few_live_or_nothing_is_expected_is_not_judged() -> None:
    """90 residents per km² are too few, 110 are not; a fifth of a case must be expected."""
    residents, area = np.array([90.0, 110.0, 5000.0, 110.0]), np.array([1.0, 1.0, 10.0, 1.2])
    observed = np.array([50.0, 0.0, 50.0, 0.0])
    found = compare(observed, residents, None, area_km2=area, seed=1)
    assert found.thin.tolist() == [True, False, False, True]
    assert np.isnan(found.log_ratio[0])
    assert np.isnan(found.q[0])
    assert found.sign[0] == 0
    few = compare(np.array([0.0, 0.0, 9.0, 0.0]), residents, None, area_km2=0.1, seed=1)
    assert few.thin.tolist() == [True, True, False, True]  # 9 * 110 / 5310 = 0.19 expected


def test_units_beyond_the_district_are_not_judged() -> None:
    inside = COLUMN < 20
    observed = Null(town(), np.ones(500)).draw(np.random.default_rng(1))
    found = compare(
        observed, town(), SMOOTH, area_km2=CELL_KM2, seed=1, inside=inside, simulations=9
    )
    assert found.thin[~inside].all()
    assert not found.thin[24, 15]


def outcome(residents: np.ndarray, weights: np.ndarray | None) -> Relative:
    observed = np.array([30.0, 10.0, 25.0, 15.0])
    return compare(
        observed, residents, None, area_km2=1.0, seed=9, weights=weights, simulations=199
    )


@settings(max_examples=20)
@given(st.integers(2, 50))
def test_scaling_the_residents_changes_nothing(times: int) -> None:
    residents = np.array([300.0, 400.0, 500.0, 600.0])
    one, other = outcome(residents, None), outcome(residents * times, None)
    assert other.log_ratio == pytest.approx(one.log_ratio)
    assert other.p == pytest.approx(one.p)


def test_weights_of_one_are_no_weights() -> None:
    residents = np.array([300.0, 400.0, 500.0, 600.0])
    one, other = outcome(residents, None), outcome(residents, np.ones(80))
    assert (one.p == other.p).all()
    assert (one.expected == other.expected).all()


def test_one_heavy_case_is_one_case() -> None:
    """Ten cases of 1 and one of 20: twenty in one area are no cluster, but one case."""
    weights = np.append(np.ones(10), 20.0)
    observed = np.array([20.0, 2.0, 2.0, 2.0, 2.0, 2.0])
    residents = np.full(6, 2000.0)
    found = compare(observed, residents, None, area_km2=1.0, seed=1, weights=weights)
    # Effective number (30)^2 / (10 + 400) = 2.2 cases: 0.37 expected in each area.
    assert found.expected == pytest.approx(np.full(6, 900 / 410 / 6))
    assert (found.sign == 0).all()
    plain = compare(np.round(observed), residents, None, area_km2=1.0, seed=1)
    assert plain.sign[0] == 1


def test_the_same_seed_gives_the_same_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    null = Null(town(), np.ones(300), SMOOTH)
    surface = null.measure(null.draw(np.random.default_rng(1)))
    one = simulate(null, surface, simulations=20, seed=4, progress=lambda *now: told.append(now))
    other = simulate(null, np.stack([surface, 2 * surface]), simulations=20, seed=4)
    assert told == [(done, 20) for done in range(1, 21)]
    assert (one.above == other.above[0]).all()
    assert (other.above[1] <= other.above[0]).all()
    found = judge(null, surface, one, area_km2=CELL_KM2)
    assert found.sign.shape == SHAPE


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("observed", {"observed": np.ones(3)}),
        ("observed", {"observed": np.array([1.0, -1.0])}),
        ("residents", {"residents": np.zeros(2)}),
        ("residents", {"residents": np.array([1.0, np.nan])}),
        ("weights", {"observed": np.array([0.5, 1.0])}),
        ("weights", {"weights": np.ones(4)}),
        ("weights", {"observed": np.zeros(2)}),
        ("inside", {"inside": np.ones(3, bool)}),
        ("simulations", {"simulations": 0}),
        ("level", {"level": 1.0}),
    ],
)
def test_bad_input_is_named(field: str, changed: dict[str, object]) -> None:
    given_: dict[str, object] = {
        "observed": np.array([1.0, 2.0]),
        "residents": np.array([500.0, 500.0]),
        "smooth": None,
        "area_km2": 1.0,
        "seed": 1,
        "simulations": 9,
    }
    with pytest.raises(InvalidInput) as caught:
        compare(**(given_ | changed))  # type: ignore[arg-type]
    assert caught.value.field == field


def test_a_smoother_is_the_sum_over_cells_and_nothing_wraps() -> None:
    """Written out with the taps of the definition, for the kernel and its powers."""
    rng = np.random.default_rng(2)
    cells = rng.random((9, 7))
    cells[0, 0] = 50.0  # would come back at the far corner
    for power in (1, 2, 3):
        offset = np.arange(-10, 11)
        taps = np.exp(-0.5 * (offset / 2.0) ** 2)
        taps = (taps / taps.sum()) ** power
        down = np.array([[taps[10 + i - j] for j in range(9)] for i in range(9)])
        along = np.array([[taps[10 + i - j] for j in range(7)] for i in range(7)])
        found = Smoother((9, 7), 2.0).to_the(power)(cells)
        assert np.abs(found - down @ cells @ along.T).max() < 1e-12
    single = Smoother((9, 7), 2.0)(cells.astype(np.float32))
    assert single.dtype == np.float32


@pytest.mark.parametrize("bandwidth", [0.0, -1.0, float("nan"), float("inf")])
def test_a_bandwidth_that_is_none_is_refused(bandwidth: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        Smoother((5, 5), bandwidth)
    assert caught.value.field == "bandwidth_cells"


def test_a_smoother_of_another_raster_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        Null(np.ones((5, 5)), np.ones(3), SMOOTH)
    assert caught.value.field == "residents"
