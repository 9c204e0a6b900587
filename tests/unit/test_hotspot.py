"""Gi*, local Moran and shuffles: numbers worked by hand, exact p by listing, planted spots."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import InvalidInput
from layers.risk.chance.hotspot import (
    _sum_discs,
    find_area_hotspots,
    find_cell_hotspots,
    find_outliers,
    measure_moran,
)
from layers.risk.chance.shuffle import DRAWS, FEWEST, SHUFFLES, enough, shuffle
from layers.risk.chance.significance import two_sided


def ring(units: int, reach: int = 1) -> np.ndarray:
    """Return each unit's neighbours before and after it."""
    row = np.arange(units)
    steps = [step for step in range(-reach, reach + 1) if step]
    return np.concatenate([np.column_stack([row, (row + step) % units]) for step in steps])


def test_gi_star_worked_by_hand() -> None:
    """Ring 0 0 0 0 3 3: mean 1, variance 2. Round unit 4: 6 of 3 expected.

    Variance of a sum of 3 of 6: 2 * 3 * 3 / 5 = 3.6. So z = 3 / sqrt(3.6) = 1.5811; round unit 1
    nothing: -1.5811; round unit 0, 3 of 3 expected: 0.
    """
    found = find_area_hotspots(np.array([0.0, 0, 0, 0, 3, 3]), ring(6), seed=1)
    assert found.z == pytest.approx([0, -1.58114, -1.58114, 0, 1.58114, 1.58114], abs=1e-5)
    # Both threes among three of six: 4 of 20 ways; two sides.
    assert found.p[4] == pytest.approx(0.4, abs=0.01)
    assert found.p[0] == 1.0


def test_a_raster_and_its_cells_as_areas_are_one() -> None:
    values = np.random.default_rng(1).poisson(2.0, (6, 5)).astype(np.float64)
    row, column = np.divmod(np.arange(30), 5)
    near = np.abs(row[:, None] - row) + np.abs(column[:, None] - column) == 1
    areas = find_area_hotspots(values.ravel(), np.argwhere(near), seed=2)
    cells = find_cell_hotspots(values, np.ones((6, 5), bool), 1.0, seed=2)
    assert cells.z.ravel() == pytest.approx(areas.z, abs=1e-12)
    assert (cells.p.ravel() == areas.p).all()


def exact(values: np.ndarray, size: int, total: float) -> float:
    """Return the two-sided p from all ways to choose."""
    sums = np.array([sum(chosen) for chosen in combinations(values.tolist(), size)])
    upper, lower = (sums >= total - 1e-9).mean(), (sums <= total + 1e-9).mean()
    return float(two_sided(np.array([upper]), np.array([lower]))[0])


@settings(max_examples=15)
@given(st.integers(1, 10_000))
def test_shuffles_give_the_p_of_listing_all_ways(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.round(rng.gamma(0.7, 2.0, 11), 1)
    size = rng.integers(1, 5, 11)
    total = np.array([rng.choice(values, k, replace=False).sum() for k in size])
    for conditional in (False, True):
        repeats = shuffle(values, size, total, conditional=conditional, shuffles=20_000, seed=seed)
        for unit in range(11):
            others = np.delete(values, unit) if conditional else values
            p = exact(others, int(size[unit]), total[unit])
            assert repeats.p()[unit] == pytest.approx(p, abs=0.04)


def test_shuffles_of_many_units_draw_each_alike() -> None:
    """Sums of 3 of the values 0 to 399, drawn here with putting back, which hardly differs."""
    values = np.arange(400.0)
    draws = np.random.default_rng(3).integers(400, size=(200_000, 3)).sum(axis=1)
    totals = np.quantile(draws, [0.5, 0.9, 0.99])
    repeats = shuffle(values, np.full(3, 3), totals, conditional=False, shuffles=99_999, seed=1)
    assert repeats.above / 99_999 == pytest.approx([0.5, 0.1, 0.01], abs=0.006)
    assert (repeats.above + repeats.below >= 99_999).all()


@pytest.mark.parametrize("conditional", [False, True])
def test_long_series_are_shuffles_of_the_whole_map(conditional: bool) -> None:
    """Sums over half of 120 units, against shuffling all of them; four standard errors apart."""
    rng = np.random.default_rng(11)
    values = rng.gamma(0.5, 2.0, 120)
    size = rng.integers(30, 119, 120)
    total = np.array([rng.permutation(values)[:k].sum() for k in size])
    times = 4000
    repeats = shuffle(values, size, total, conditional=conditional, shuffles=times, seed=5)
    for unit in range(0, 120, 10):
        others = np.delete(values, unit) if conditional else values
        sums = rng.permuted(np.tile(others, (times, 1)), axis=1)[:, : size[unit]].sum(axis=1)
        for found, share in (
            (repeats.above[unit], (sums >= total[unit]).mean()),
            (repeats.below[unit], (sums <= total[unit]).mean()),
        ):
            error = np.sqrt(2 * max(share * (1 - share), 1 / times) / times)
            assert abs(found / times - share) <= 4 * error


def test_the_same_seed_gives_the_same_counts() -> None:
    values, size, total = np.arange(50.0), np.full(50, 9), np.linspace(100, 350, 50)
    once, again, other = (
        shuffle(values, size, total, conditional=True, shuffles=999, seed=seed)
        for seed in (1, 1, 2)
    )
    assert (once.above == again.above).all()
    assert (once.above != other.above).any()


def test_large_neighbourhoods_are_shuffled_less_often() -> None:
    assert enough(1) == enough(1000) == SHUFFLES
    assert enough(7845) * 7845 <= DRAWS
    assert enough(1_000_000) == FEWEST
    assert enough(7845, 99) == 99
    values = np.arange(2001.0)
    assert shuffle(
        values, np.array([2000]), np.array([1.0]), conditional=False, shuffles=SHUFFLES, seed=1
    ).simulations == enough(2000)  # fmt: skip


MEMORY = """
import resource
import numpy as np
from layers.risk.chance.hotspot import find_cell_hotspots
def peak_mb(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
mask = np.ones((260, 250), bool)
values = np.random.default_rng(1).poisson(0.15, mask.shape).astype(float)
find_cell_hotspots(values[:9, :9], mask[:9, :9], 1.0, seed=1, shuffles=9)  # compiles
before = peak_mb()
for radius in (10.0, 50.0):
    assert np.isfinite(find_cell_hotspots(values, mask, radius, seed=1, shuffles=5000).p).all()
print(peak_mb() - before)
"""


def test_a_wide_radius_on_a_district_takes_little_memory() -> None:
    """65,000 cells at 1,000 and 5,000 m: whole shuffles kept alive took gigabytes."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 200


def test_wide_discs_hold_what_lies_within_the_radius() -> None:
    cells = np.random.default_rng(4).random((11, 14))
    row, column = np.indices(cells.shape)
    for radius in (0.5, 1.0, 1.5, 2.3, 5.0, 9.0, 30.0):
        near = np.hypot(row - 3, column - 9) <= radius + 1e-9
        assert _sum_discs(cells, radius)[3, 9] == pytest.approx(cells[near].sum(), rel=1e-13)


def block(side: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Return sparse counts with a hot block and the mask of a district with a bay."""
    values = np.random.default_rng(8).poisson(0.5, (side, side)).astype(np.float64)
    values[10:14, 20:24] += 4
    mask = np.ones((side, side), bool)
    mask[25:, :12] = False
    return values, mask


def test_a_planted_spot_is_found_there_and_nowhere_far() -> None:
    values, mask = block()
    values[30, 5] = 500.0  # beyond the district: takes no part
    found = find_cell_hotspots(values, mask, 1.5, seed=1)
    row, column = np.nonzero(found.sign)
    assert (found.sign[10:14, 20:24] == 1).all()
    assert row.min() >= 8
    assert row.max() <= 15
    assert column.min() >= 18
    assert column.max() <= 25
    assert np.isnan(found.p[~mask]).all()


def test_local_moran_tells_the_four_kinds() -> None:
    """A ring: a high block, a low one, a high unit among low and a low one among high."""
    values = np.full(200, 5.0) + np.random.default_rng(2).uniform(-0.5, 0.5, 200)
    values[20:37], values[80:97] = 20.0, 0.0
    values[90], values[30] = 20.0, 0.0
    found = find_outliers(values, ring(200, 2), seed=1)
    assert (found.label[22], found.label[82]) == ("HH", "LL")
    assert (found.label[90], found.label[30]) == ("HL", "LH")
    assert found.quadrant[[22, 30, 82, 90]].tolist() == [1, 2, 3, 4]
    assert (found.label[100:] == "").all()


def test_local_moran_worked_by_hand() -> None:
    """Ring 0 0 0 0 3 3, z = (x - 1) / sqrt 2: I of unit 4 is z4 * (z3 + z5) / 2 * 5 / 6."""
    found = find_outliers(np.array([0.0, 0, 0, 0, 3, 3]), ring(6), seed=1)
    assert found.statistic[4] == pytest.approx(2 * (-1 + 2) / 2 / 2 * 5 / 6)
    # One three among the other five: two of them hold it in 4 of 10 ways.
    assert found.p[4] == pytest.approx(0.8, abs=0.01)


def test_global_moran_worked_by_hand() -> None:
    """Sum over pairs of a ring: mean of z_i * z_(i+1) = (1+1+1-2+4-2)/2 / 6 = 3 / 12."""
    assert measure_moran(np.array([0.0, 0, 0, 0, 3, 3]), ring(6)) == pytest.approx(0.25)


def test_an_area_without_neighbours_has_no_neighbourhood_to_judge() -> None:
    pairs = ring(8)
    values = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9])
    found = find_outliers(values, pairs, seed=1)
    assert np.isnan(found.p[8])
    assert found.label[8] == ""
    alone = find_area_hotspots(values, pairs, seed=1)
    # Itself alone: 1 of 9 values reaches nine.
    assert alone.p[8] == pytest.approx(2 / 9, abs=0.01)
    assert alone.z[8] == pytest.approx(4 / np.sqrt(60 / 9))


def test_values_all_alike_tell_nothing() -> None:
    for value in (0.0, 4.0):
        found = find_area_hotspots(np.full(6, value), ring(6), seed=1, shuffles=99)
        assert (found.z == 0).all()
        assert (found.p == 1).all()
        cells = find_cell_hotspots(np.full((4, 4), value), np.ones((4, 4), bool), 1.0, seed=1)
        assert (cells.sign == 0).all()
    with pytest.raises(InvalidInput, match="alike"):
        find_outliers(np.ones(6), ring(6), seed=1)
    with pytest.raises(InvalidInput, match="alike"):
        measure_moran(np.ones(6), ring(6))


def test_a_neighbourhood_of_all_tells_nothing() -> None:
    pairs = np.argwhere(~np.eye(5, dtype=bool))
    found = find_area_hotspots(np.array([1.0, 5, 2, 9, 4]), pairs, seed=1, shuffles=99)
    assert (found.z == 0).all()
    assert (found.p == 1).all()


@pytest.mark.parametrize(
    ("field", "values", "pairs"),
    [
        ("values", np.array([1.0, 2.0]), ring(2)),
        ("values", np.array([1.0, -2.0, 3.0, 4.0]), ring(4)),
        ("values", np.array([1.0, np.nan, 3.0, 4.0]), ring(4)),
        ("pairs", np.arange(4.0), np.array([[0, 4]])),
        ("pairs", np.arange(4.0), np.array([[1, 1]])),
        ("pairs", np.arange(4.0), np.array([[0, 1], [0, 1]])),
        ("pairs", np.arange(4.0), np.array([0, 1])),
    ],
)
def test_bad_areas_are_named(field: str, values: np.ndarray, pairs: np.ndarray) -> None:
    with pytest.raises(InvalidInput) as caught:
        find_area_hotspots(values, pairs, seed=1)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("field", "mask", "radius", "shuffles"),
    [
        ("mask", np.ones((3, 4), bool), 1.0, 9),
        ("mask", np.zeros((4, 4), bool), 1.0, 9),
        ("radius_cells", np.ones((4, 4), bool), 0.0, 9),
        ("shuffles", np.ones((4, 4), bool), 1.0, 0),
    ],
)
def test_bad_rasters_are_named(field: str, mask: np.ndarray, radius: float, shuffles: int) -> None:
    with pytest.raises(InvalidInput) as caught:
        find_cell_hotspots(np.eye(4), mask, radius, seed=1, shuffles=shuffles)
    assert caught.value.field == field
