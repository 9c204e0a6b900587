"""Moran's I as the authors of PySAL publish it, and Gi* of a raster as esda computes it."""

from __future__ import annotations

from pathlib import Path

import geopandas
import numpy as np
import pytest
from esda import G_Local, Moran_Local
from libpysal.examples import get_path
from libpysal.weights import W

from layers.risk.chance.hotspot import (
    find_area_hotspots,
    find_cell_hotspots,
    find_outliers,
    measure_moran,
)
from tests.conftest import LONG

pytestmark = pytest.mark.reference


def read_gal(path: str) -> np.ndarray:
    """Return neighbours of a GAL file as pairs of rows, in the file's order."""
    lines = Path(path).read_text(encoding="ascii").splitlines()[1:]
    heads = [line.split()[0] for line in lines[::2]]
    row = {head: number for number, head in enumerate(heads)}
    return np.array(
        [
            (row[head], row[other])
            for head, line in zip(heads, lines[1::2], strict=True)
            for other in line.split()
        ],
        dtype=np.intp,
    )


@pytest.mark.parametrize(
    ("table", "gal", "variable", "published"),
    [
        ("sids2.shp", "sids2.gal", "SIDR74", 0.24772519320480135),
        ("stl_hom.shp", "stl.gal", "HR8893", 0.243655826),
    ],
)
def test_global_moran_is_the_published_one(
    table: str, gal: str, variable: str, published: float
) -> None:
    values = geopandas.read_file(get_path(table))[variable].to_numpy(np.float64)
    assert measure_moran(values, read_gal(get_path(gal))) == pytest.approx(published, abs=5e-10)


@pytest.mark.parametrize("radius", [1.0, 1.5, 3.0])
def test_gi_star_of_a_raster_is_esdas(radius: float) -> None:
    rng = np.random.default_rng(210211)
    mask = rng.random((23, 31)) < 0.7
    mask[8:14, 10:16] = False
    values = rng.gamma(1.3, 2.0, mask.shape)
    row, column = np.nonzero(mask)
    square = (row[:, None] - row) ** 2 + (column[:, None] - column) ** 2
    near = square <= radius**2 + 1e-9  # the cell itself is near
    weights = W(
        {cell: np.flatnonzero(line).tolist() for cell, line in enumerate(near)},
        silence_warnings=True,
    )
    expected = G_Local(values[mask], weights, transform="B", permutations=0, star=True).Zs
    found = find_cell_hotspots(values, mask, radius, seed=1, shuffles=99)
    assert np.abs(found.z[mask] - expected).max() < 1e-12
    assert np.isnan(found.z[~mask]).all()
    pairs = np.argwhere(near & ~np.eye(len(row), dtype=bool))
    areas = find_area_hotspots(values[mask], pairs, seed=1, shuffles=99)
    assert np.abs(areas.z - expected).max() < 1e-12


def homicides() -> tuple[np.ndarray, np.ndarray, W]:
    """Return the rates of St. Louis, pairs of neighbours, and these as esda takes them."""
    pairs = read_gal(get_path("stl.gal"))
    values = geopandas.read_file(get_path("stl_hom.shp"))["HR8893"].to_numpy(np.float64)
    neighbours = {row: pairs[pairs[:, 0] == row, 1].tolist() for row in range(len(values))}
    return values, pairs, W(neighbours)


def test_local_moran_is_esdas() -> None:
    values, pairs, weights = homicides()
    esdas = Moran_Local(values, weights, permutations=0)
    found = find_outliers(values, pairs, seed=7)
    assert np.abs(found.statistic - esdas.Is).max() < 1e-12
    assert (found.quadrant == esdas.q).all()
    lag = np.array([values[pairs[pairs[:, 0] == row, 1]].mean() for row in range(len(values))])
    high, around = values > values.mean(), lag > values.mean()
    expected = np.where(high, np.where(around, 1, 4), np.where(around, 2, 3))
    assert (found.quadrant == expected).all()


@LONG  # esda compiles for ten seconds
@pytest.mark.filterwarnings("ignore:The alternative hypothesis:DeprecationWarning")
def test_the_p_of_local_moran_is_that_of_esdas_permutations() -> None:
    """Esda's p is one-sided towards the observed value; both are estimates by permutation."""
    values, pairs, weights = homicides()
    esdas = Moran_Local(values, weights, permutations=9999, seed=7)
    found = find_outliers(values, pairs, seed=7)
    scatter = np.sqrt(esdas.p_sim / 9999)  # of a share among 9,999
    assert (np.abs(found.p / 2 - esdas.p_sim) < 5 * scatter + 1e-4).all()
