"""From question, incidents and ground to a finding: which method serves which measure and unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layers.risk.chance.relative import compare
from layers.risk.chance.smoother import Smoother
from layers.risk.density.frame import FloatArray, Frame
from layers.risk.density.kernel import Kernel
from layers.risk.density.surface import Events, Mode, measure_surface, within
from layers.risk.finding import Finding, per_month, warn
from layers.risk.foresight.backtest import count_cells
from layers.risk.ground import Areas, Ground, Pairs
from layers.risk.incident import DAY_S, Incidents
from layers.risk.question import Measure, Question, Unit

if TYPE_CHECKING:
    from layers.risk.chance.hotspot import Local

Progress = Callable[[int, int], None]
CHANCE_CELL_M = 100.0
"""Cells of measures that draw chance again and again: a sixteenth of the work of 25 m."""
OUTLIER_CELL_M = 200.0
"""Of local Moran's I: it takes a hundred times as long for each cell as Gi*."""
SEED = 210211
"""The same question of the same incidents has the same answer."""


@dataclass(frozen=True, eq=False)
class _Task:
    """A question with what it is answered from."""

    question: Question
    incidents: Incidents
    events: Events
    before_days: float
    days: float
    ground: Ground
    progress: Progress | None


@dataclass(frozen=True, eq=False)
class _Told:
    """What a method tells per unit; see :class:`Finding`."""

    value: FloatArray
    sign: NDArray[np.int8] | None = None
    low: FloatArray | None = None
    high: FloatArray | None = None


def answer(
    question: Question, incidents: Incidents, ground: Ground, progress: Progress | None = None
) -> Finding:
    """Measure what a question asks for.

    Parameters
    ----------
    incidents
        All within the scope of who asks.
    progress
        Told how many of how many repeats of chance are done, for measures that draw them.
    """
    chosen = incidents.take(question.choose(incidents))
    weight = question.weight.of(chosen, question.period.until)
    events = Events(chosen.x_m, chosen.y_m, weight)
    before_days = _before_days(question, incidents)
    task = _Task(
        question,
        chosen,
        events,
        before_days,
        question.past_days(incidents.read_at),
        ground,
        progress,
    )
    return _on_raster(task) if question.unit is Unit.RASTER else _in_areas(task)


def _before_days(question: Question, incidents: Incidents) -> float:
    """Return the days of the period before the first incident on record."""
    if not len(incidents):
        return 0.0
    return (float(incidents.at_s.min()) - question.period.since.timestamp()) / DAY_S


def _cell_m(question: Question) -> float:
    if question.measure is Measure.DENSITY:
        return question.cell_m
    return OUTLIER_CELL_M if question.measure is Measure.OUTLIER else CHANCE_CELL_M


def _on_raster(task: _Task) -> Finding:
    cell_m = _cell_m(task.question)
    frame = task.ground.frame(cell_m)
    inside = task.ground.mask(cell_m, task.question.within)
    told = _RASTER[task.question.measure](task, frame, inside)
    return _finding(task, told, inside, frame=frame)


def _in_areas(task: _Task) -> Finding:
    areas = task.ground.areas_within(task.question.unit, task.question.within)
    row = _rows(task, areas)
    inside = areas.area_km2 > 0
    told = _AREAS[task.question.measure](task, areas, row, inside)
    count = np.bincount(row[row >= 0], minlength=len(areas))
    return _finding(task, told, inside, areas=areas, count=count)


def _finding(
    task: _Task,
    told: _Told,
    inside: NDArray[np.bool_],
    *,
    frame: Frame | None = None,
    areas: Areas | None = None,
    count: NDArray[np.int64] | None = None,
) -> Finding:
    effective_n, communities = task.events.effective, task.ground.communities
    return Finding(
        question=task.question,
        incidents=task.incidents,
        days=task.days,
        effective_n=effective_n,
        value=np.where(inside, told.value, np.nan),
        sign=None if told.sign is None else np.where(inside, told.sign, 0).astype(np.int8),
        low=told.low,
        high=told.high,
        count=count,
        frame=frame,
        areas=areas,
        inside=inside,
        warnings=warn(task.question, task.incidents, effective_n, task.before_days, communities),
    )


def _rows(task: _Task, areas: Areas) -> NDArray[np.intp]:
    """Return the unit of each incident, -1 for those in none that stands today."""
    if task.question.unit is Unit.HEXAGON:
        return areas.rows_of(task.incidents.hexagon)
    if task.question.unit is Unit.COMMUNITY:
        return areas.rows_of(task.incidents.community_code)
    return areas.rows_of(task.incidents.grid_code)


def _density_raster(task: _Task, frame: Frame, inside: NDArray[np.bool_]) -> _Told:
    question = task.question
    surface = measure_surface(frame, task.events, Kernel.GAUSSIAN, question.bandwidth_m, Mode.FAST)
    share = task.ground.keep(
        ("cover", question.cell_m, question.within, question.bandwidth_m),
        lambda: Smoother(frame.shape, question.bandwidth_m / frame.cell_m)(
            inside.astype(np.float32)
        ),
    )
    return _Told(surface / np.where(inside, share, 1.0) * per_month(task.days))


def _density_areas(
    task: _Task, areas: Areas, row: NDArray[np.intp], inside: NDArray[np.bool_]
) -> _Told:
    total = _sums(task, row, areas)
    return _Told(total / _ground(areas, inside) * per_month(task.days))


def _relative_raster(task: _Task, frame: Frame, inside: NDArray[np.bool_]) -> _Told:
    bandwidth_cells = task.question.bandwidth_m / frame.cell_m
    residents = np.where(inside, task.ground.residents_of_cells(frame.cell_m), 0.0)
    counted = task.events.take(within(frame, task.events, inside))
    return _compared(
        task,
        count_cells(frame, counted),
        residents,
        Smoother(frame.shape, bandwidth_cells),
        area_km2=frame.cell_km2,
        weights=counted.weight,
        inside=inside,
    )


def _relative_areas(
    task: _Task, areas: Areas, row: NDArray[np.intp], inside: NDArray[np.bool_]
) -> _Told:
    counted = (row >= 0) & np.append(inside, False)[row]
    residents = np.where(inside, areas.residents, 0.0)
    return _compared(
        task,
        np.where(inside, _sums(task, row, areas), 0.0),
        residents,
        None,
        area_km2=_ground(areas, inside),
        weights=task.events.weight[counted],
        inside=inside,
    )


def _compared(
    task: _Task,
    observed: FloatArray,
    residents: FloatArray,
    smooth: Smoother | None,
    *,
    area_km2: FloatArray | float,
    weights: FloatArray,
    inside: NDArray[np.bool_],
) -> _Told:
    """Tell risk per resident; of no case or nobody, nothing."""
    if not observed.sum() or not residents.sum():
        return _nothing(observed)
    found = compare(
        observed, residents, smooth, area_km2=area_km2, seed=SEED, weights=weights,
        inside=inside, progress=task.progress,
    )  # fmt: skip
    return _Told(np.exp(found.log_ratio), found.sign, found.low, found.high)


def _significance_raster(task: _Task, frame: Frame, inside: NDArray[np.bool_]) -> _Told:
    from layers.risk.chance.hotspot import find_cell_hotspots  # esda takes a second to import

    radius_cells = max(1.0, task.question.bandwidth_m / frame.cell_m)
    found = find_cell_hotspots(count_cells(frame, task.events), inside, radius_cells, seed=SEED)
    return _Told(found.z, found.sign)


def _significance_areas(
    task: _Task, areas: Areas, row: NDArray[np.intp], inside: NDArray[np.bool_]
) -> _Told:
    """Tell Gi* among the areas asked for; few areas have no neighbourhood to tell."""
    from layers.risk.chance.hotspot import LEAST_UNITS, find_area_hotspots  # as above

    chosen = np.flatnonzero(inside)
    told = _nothing(areas.area_km2)
    if len(chosen) < LEAST_UNITS:
        return told
    excess = _excess(task, row, areas, inside)
    found = find_area_hotspots(excess, _pairs_within(areas, inside), seed=SEED)
    sign = np.zeros(len(areas), np.int8)
    told.value[chosen], sign[chosen] = found.z, found.sign
    return _Told(told.value, sign)


def _outlier_raster(task: _Task, frame: Frame, inside: NDArray[np.bool_]) -> _Told:
    count = count_cells(frame, task.events)[inside]
    return _outliers(count, pairs_of_cells(inside), inside)


def _outlier_areas(
    task: _Task, areas: Areas, row: NDArray[np.intp], inside: NDArray[np.bool_]
) -> _Told:
    return _outliers(_excess(task, row, areas, inside), _pairs_within(areas, inside), inside)


def _outliers(values: FloatArray, pairs: Pairs, inside: NDArray[np.bool_]) -> _Told:
    """Tell local Moran's quadrants of the units inside; of few units, or all alike, nothing."""
    from layers.risk.chance.hotspot import LEAST_UNITS, find_outliers  # as above

    told = _nothing(inside)
    if len(values) < LEAST_UNITS or not np.ptp(values):
        return told
    return _in_quadrants(told, inside, find_outliers(values, pairs, seed=SEED))


def _in_quadrants(told: _Told, inside: NDArray[np.bool_], found: Local) -> _Told:
    """Tell the quadrant as a rank from low among low to high among high, and whether it is sure."""
    rank = np.array([np.nan, 4.0, 2.0, 1.0, 3.0])[found.quadrant]
    sign = np.zeros(inside.shape, np.int8)
    sign[inside] = np.where(found.label == "", 0, np.where(rank > 2.5, 1, -1))
    told.value[inside] = rank
    return _Told(told.value, sign)


def _pairs_within(areas: Areas, inside: NDArray[np.bool_]) -> Pairs:
    """Return the neighbours among the areas asked for, numbered anew."""
    renumbered = np.cumsum(inside) - 1
    pairs: Pairs = renumbered[areas.pairs[inside[areas.pairs].all(axis=1)]]
    return pairs


def pairs_of_cells(inside: NDArray[np.bool_]) -> Pairs:
    """Return the cells of a mask that touch, by an edge or a corner; each pair both ways, (k, 2).

    Cells are numbered row by row within the mask.

    >>> pairs_of_cells(np.array([[True, True], [False, True]])).tolist()
    [[0, 1], [1, 2], [0, 2], [1, 0], [2, 1], [2, 0]]
    """
    number = np.where(inside, np.cumsum(inside).reshape(inside.shape) - 1, -1)
    sides = (
        (number[:, :-1], number[:, 1:]),
        (number[:-1], number[1:]),
        (number[:-1, :-1], number[1:, 1:]),
        (number[:-1, 1:], number[1:, :-1]),
    )
    both = np.concatenate([np.column_stack([one.ravel(), other.ravel()]) for one, other in sides])
    both = both[(both >= 0).all(axis=1)]
    return np.concatenate([both, both[:, ::-1]]).astype(np.intp)


def _nothing(like: NDArray[Any]) -> _Told:
    return _Told(np.full(like.shape, np.nan), np.zeros(like.shape, np.int8))


def _excess(
    task: _Task, areas_row: NDArray[np.intp], areas: Areas, inside: NDArray[np.bool_]
) -> FloatArray:
    """Return how far each area asked for lies above what its share of the ground would bring.

    In standard deviations of a Poisson count, shifted to at least 0: plain densities of small areas
    scatter more than those of large ones, and shuffling takes all units as alike
    (docs/algorithms/hotspot.md, with figures).
    """
    observed, area_km2 = _sums(task, areas_row, areas)[inside], areas.area_km2[inside]
    expected = observed.sum() * area_km2 / area_km2.sum()
    if not observed.sum():
        return np.zeros(len(observed))
    excess = (observed - expected) / np.sqrt(expected)
    return np.asarray(excess - excess.min(), np.float64)


def _ground(areas: Areas, inside: NDArray[np.bool_]) -> FloatArray:
    """Return the areas to divide by; those beyond divide by one, and are told of nothing."""
    return np.where(inside, areas.area_km2, 1.0)


def _sums(task: _Task, row: NDArray[np.intp], areas: Areas) -> FloatArray:
    known = row >= 0
    total = np.bincount(row[known], task.events.weight[known], minlength=len(areas))
    return total.astype(np.float64)


_RASTER = {
    Measure.DENSITY: _density_raster,
    Measure.RELATIVE: _relative_raster,
    Measure.SIGNIFICANCE: _significance_raster,
    Measure.OUTLIER: _outlier_raster,
}
_AREAS = {
    Measure.DENSITY: _density_areas,
    Measure.RELATIVE: _relative_areas,
    Measure.SIGNIFICANCE: _significance_areas,
    Measure.OUTLIER: _outlier_areas,
}
