"""Hot and cold spots: Getis-Ord Gi* and Moran's I on areas and on rasters.

Areas go through esda and libpysal; a raster has its own sums over a disc, which give esda's z. What
is hot is told by shuffling the values, not by the normal curve: on sparse counts that one raises an
alarm in far more than the stated share of quiet maps (docs/algorithms/hotspot.md, with figures).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from esda import G_Local, Moran, Moran_Local
from libpysal.weights import W
from numpy.typing import NDArray

from geodata.errors import InvalidInput
from layers.risk.chance.shuffle import SHUFFLES, Pairs, shuffle
from layers.risk.chance.significance import LEVEL, adjust, tell
from layers.risk.density.frame import FloatArray

LEAST_UNITS = 4
"""Fewer have no neighbourhood that differs from the whole."""
LABELS = ("HH", "LH", "LL", "HL")
"""Quadrants 1 to 4: the unit itself high or low, then its neighbours."""


@dataclass(frozen=True, eq=False)
class Hotspot:
    """Gi* per unit; arrays have the shape of the units, NaN and 0 beyond the mask.

    Parameters
    ----------
    z
        Sum over the unit and its neighbours, in standard deviations from what shuffled values give.
    p, q
        Two-sided, by shuffling all values over all units; after Benjamini and Hochberg.
    sign
        +1 hot, -1 cold, 0 not told from chance.
    """

    z: FloatArray
    p: FloatArray
    q: FloatArray
    sign: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Local:
    """Local Moran's I per unit, shape (units,).

    Parameters
    ----------
    statistic
        I: product of the unit's and its neighbours' deviation, both standardised.
    quadrant
        1 HH, 2 LH, 3 LL, 4 HL (:data:`LABELS`), whether or not it is told from chance.
    p, q
        Two-sided, by permutation of the other units; NaN without neighbours.
    label
        "HH" and so on where q is at most the level, "" elsewhere.
    """

    statistic: FloatArray
    quadrant: NDArray[np.int8]
    p: FloatArray
    q: FloatArray
    label: NDArray[np.str_]


def measure_moran(values: FloatArray, pairs: Pairs) -> float:
    """Return global Moran's I with row-standardised neighbours (Moran, Biometrika 37, 1950).

    Raises
    ------
    InvalidInput
        ``values``: all alike, or ``pairs``.
    """
    _check(values)
    if _alike(values):
        raise InvalidInput("values are all alike: nothing can go together", field="values")
    weights = _weights(len(values), pairs, itself=False)
    return float(Moran(values, weights, transformation="r", permutations=0).I)


def find_area_hotspots(
    values: FloatArray,
    pairs: Pairs,
    *,
    seed: int,
    shuffles: int = SHUFFLES,
    level: float = LEVEL,
) -> Hotspot:
    """Return Gi* of each area over itself and its neighbours (Ord and Getis, 1995).

    Geographical Analysis 27. A cold area is told as well as a hot one.

    Parameters
    ----------
    values
        Counts or densities, shape (units,), not below zero.
    pairs
        Shape (k, 2): neighbours, each pair both ways.
    seed
        Of the shuffles: the same gives the same p.
    level
        False discovery rate.

    Raises
    ------
    InvalidInput
        ``values``, ``pairs``, ``shuffles`` or ``level``.
    """
    _check(values)
    weights = _weights(len(values), pairs, itself=True)
    size = 1 + np.bincount(pairs[:, 0], minlength=len(values))
    total = np.asarray(weights.sparse @ values, np.float64)
    z = np.zeros(len(values))
    if not _alike(values):
        with np.errstate(divide="ignore", invalid="ignore"):  # who neighbours all has no scatter
            found = G_Local(values, weights, transform="B", permutations=0, star=True)
        z = np.where(size < len(values), found.Zs, 0.0)
    repeats = shuffle(values, size, total, conditional=False, shuffles=shuffles, seed=seed)
    return _judge(z, repeats.p(), level)


def find_cell_hotspots(
    values: FloatArray,
    mask: NDArray[np.bool_],
    radius_cells: float,
    *,
    seed: int,
    shuffles: int = SHUFFLES,
    level: float = LEVEL,
) -> Hotspot:
    """Return Gi* of each cell of a mask over the cells of the mask within a radius.

    The sums are over the disc itself, not by Fourier transform: z is esda's to the last digits.
    Time and memory bear any radius: 50 cells on 65,000 cells take some 3 s.

    Parameters
    ----------
    values
        Shape (rows, columns), not below zero in the mask.
    mask
        Cells that take part: mean and scatter are theirs, and no other is a neighbour.
    radius_cells
        Between centres of cells, 1 for the four that share an edge.
    seed
        Of the shuffles: the same gives the same p.
    level
        False discovery rate.

    Raises
    ------
    InvalidInput
        ``values``, ``mask``, ``radius_cells``, ``shuffles`` or ``level``.
    """
    if mask.shape != values.shape or mask.sum() < LEAST_UNITS:
        raise InvalidInput(f"mask needs {LEAST_UNITS} cells of the raster", field="mask")
    if not radius_cells > 0:
        raise InvalidInput("radius_cells must be over zero", field="radius_cells")
    inner = values[mask]
    _check(inner)
    total = _sum_discs(np.where(mask, values, 0.0), radius_cells)[mask]
    size = _sum_discs(mask.astype(np.float64), radius_cells)[mask].astype(np.intp)
    z = _standardise(total, size, inner)
    repeats = shuffle(inner, size, total, conditional=False, shuffles=shuffles, seed=seed)
    return _spread(_judge(z, repeats.p(), level), mask)


def find_outliers(
    values: FloatArray,
    pairs: Pairs,
    *,
    seed: int,
    shuffles: int = SHUFFLES,
    level: float = LEVEL,
) -> Local:
    """Return local Moran's I of each area (Anselin, Geographical Analysis 27, 1995).

    Each unit keeps its value while its neighbours are drawn from all others; the same draws serve
    all units.

    Parameters
    ----------
    values
        Shape (units,), not below zero.
    pairs
        As in :func:`find_area_hotspots`; rows are standardised.
    seed
        The same seed gives the same p.

    Raises
    ------
    InvalidInput
        ``values``: all alike or not finite; ``pairs``, ``shuffles`` or ``level``.
    """
    _check(values)
    if _alike(values):
        raise InvalidInput("values are all alike: nothing can go together", field="values")
    weights = _weights(len(values), pairs, itself=False)
    found = Moran_Local(values, weights, transformation="r", permutations=0)
    size = np.bincount(pairs[:, 0], minlength=len(values))
    total = np.bincount(pairs[:, 0], values[pairs[:, 1]], len(values)).astype(np.float64)
    repeats = shuffle(values, size, total, conditional=True, shuffles=shuffles, seed=seed)
    alone = size == 0
    p = np.where(alone, np.nan, repeats.p())
    q = adjust(p, ~alone)
    quadrant = np.asarray(found.q, np.int8)
    label = np.where(q <= level, np.array(LABELS)[quadrant - 1], "")
    return Local(np.asarray(found.Is, np.float64), quadrant, p, q, label)


def _check(values: FloatArray) -> None:
    if values.ndim != 1 or len(values) < LEAST_UNITS:
        raise InvalidInput(f"values need one dimension and {LEAST_UNITS} units", field="values")
    if not (np.isfinite(values).all() and (values >= 0).all()):
        raise InvalidInput("values must be finite and not below zero", field="values")


def _alike(values: FloatArray) -> bool:
    return bool(np.ptp(values) == 0)


def _weights(units: int, pairs: Pairs, *, itself: bool) -> Any:
    """Return libpysal's weights: one for each neighbour and, for Gi*, for the unit itself."""
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise InvalidInput("pairs must have two columns", field="pairs")
    if len(pairs) and not (pairs.min() >= 0 and pairs.max() < units):
        raise InvalidInput("pairs name a unit that does not exist", field="pairs")
    if len(np.unique(pairs, axis=0)) < len(pairs):
        raise InvalidInput("pairs name a neighbour twice", field="pairs")
    if (pairs[:, 0] == pairs[:, 1]).any():
        raise InvalidInput("pairs name a unit as its own neighbour", field="pairs")
    neighbours: dict[int, list[int]] = {unit: [unit] if itself else [] for unit in range(units)}
    for unit, other in pairs.tolist():
        neighbours[unit].append(other)
    return W(neighbours, id_order=list(range(units)), silence_warnings=True)


def _sum_discs(cells: FloatArray, radius_cells: float) -> FloatArray:
    """Return the sum within a radius of each cell; a cell on the rim counts in.

    Rows of the disc that are equally wide share one sum along the row, which grows with them.
    Nothing is ever taken away again, so no digit is lost.
    """
    reach = int(np.floor(radius_cells + 1e-9))
    down = np.arange(-reach, reach + 1)
    half = np.floor(np.sqrt((radius_cells + 1e-9) ** 2 - down**2)).astype(np.intp)
    rows, columns = cells.shape
    beyond = np.pad(cells, reach)
    total = np.zeros(cells.shape)
    along = beyond[:, reach : reach + columns].copy()
    for width in range(reach + 1):
        if width:
            for start in (reach - width, reach + width):
                along += beyond[:, start : start + columns]
        for row in np.flatnonzero(half == width).tolist():
            total += along[row : row + rows]
    return total


def _standardise(total: FloatArray, size: NDArray[np.intp], values: FloatArray) -> FloatArray:
    """Return sums of ``size`` values in standard deviations of as many drawn without putting back.

    0 where they have no scatter: values all alike, or a sum over all of them.
    """
    count = len(values)
    scatter = np.sqrt(values.var() * size * (count - size) / (count - 1))
    away = total - size * values.mean()
    z: FloatArray = np.divide(away, scatter, out=np.zeros_like(away), where=scatter > 0)
    return z


def _judge(z: FloatArray, p: FloatArray, level: float) -> Hotspot:
    q = adjust(p)
    return Hotspot(z, p, q, tell(q, z, level))


def _spread(found: Hotspot, mask: NDArray[np.bool_]) -> Hotspot:
    """Return what was found in the mask's cells on the whole raster."""
    z, p, q = (np.full(mask.shape, np.nan) for _ in range(3))
    sign = np.zeros(mask.shape, np.int8)
    z[mask], p[mask], q[mask], sign[mask] = found.z, found.p, found.q, found.sign
    return Hotspot(z, p, q, sign)
