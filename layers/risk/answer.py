"""From question, incidents and ground to a finding: which method serves which measure and unit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.risk.backtest import count_cells
from layers.risk.finding import Finding, per_month, warn
from layers.risk.frame import FloatArray, Frame
from layers.risk.ground import Areas, Ground
from layers.risk.incident import Incidents
from layers.risk.kernel import Kernel
from layers.risk.question import Measure, Question, Unit
from layers.risk.relative import compare
from layers.risk.smoother import Smoother
from layers.risk.surface import Events, Mode, measure_surface

Progress = Callable[[int, int], None]
CHANCE_CELL_M = 100.0
"""Cells of measures that draw chance again and again: a sixteenth of the work of 25 m."""
SEED = 210211
"""The same question of the same incidents has the same answer."""


@dataclass(frozen=True, eq=False)
class _Task:
    """A question with what it is answered from."""

    question: Question
    incidents: Incidents
    events: Events
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
    chosen = _placed(question, incidents, ground)
    weight = question.weight.of(chosen, question.period.until)
    task = _Task(question, chosen, Events(chosen.x_m, chosen.y_m, weight), ground, progress)
    return _on_raster(task) if question.unit is Unit.RASTER else _in_areas(task)


def _placed(question: Question, incidents: Incidents, ground: Ground) -> Incidents:
    """Return the incidents asked for that lie in a cell of the area."""
    chosen = incidents.take(question.choose(incidents))
    cell_m = _cell_m(question)
    cell = ground.frame(cell_m).cells_of(chosen.x_m, chosen.y_m)
    mask = ground.mask(cell_m, question.within).ravel()
    return chosen.take((cell >= 0) & mask[cell])


def _cell_m(question: Question) -> float:
    return question.cell_m if question.measure is Measure.DENSITY else CHANCE_CELL_M


def _on_raster(task: _Task) -> Finding:
    cell_m = _cell_m(task.question)
    frame = task.ground.frame(cell_m)
    inside = task.ground.mask(cell_m, task.question.within)
    told = _RASTER[task.question.measure](task, frame, inside)
    return _finding(task, told, inside, frame=frame)


def _in_areas(task: _Task) -> Finding:
    areas = task.ground.areas_of(task.question.unit)
    row = _rows(task, areas)
    inside = task.ground.covers(areas, task.question.within)
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
    effective_n = task.events.effective
    return Finding(
        question=task.question,
        incidents=task.incidents,
        effective_n=effective_n,
        value=np.where(inside, told.value, np.nan),
        sign=None if told.sign is None else np.where(inside, told.sign, 0).astype(np.int8),
        low=told.low,
        high=told.high,
        count=count,
        frame=frame,
        areas=areas,
        inside=inside,
        warnings=warn(task.question, task.incidents, effective_n, task.ground.communities),
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
    return _Told(surface / np.where(inside, share, 1.0) * per_month(question))


def _density_areas(
    task: _Task, areas: Areas, row: NDArray[np.intp], inside: NDArray[np.bool_]
) -> _Told:
    del inside
    total = _sums(task, row, areas)
    return _Told(total / areas.area_km2 * per_month(task.question))


def _relative_raster(task: _Task, frame: Frame, inside: NDArray[np.bool_]) -> _Told:
    bandwidth_cells = task.question.bandwidth_m / frame.cell_m
    residents = np.where(inside, task.ground.residents_of_cells(frame.cell_m), 0.0)
    return _compared(
        task,
        count_cells(frame, task.events),
        residents,
        Smoother(frame.shape, bandwidth_cells),
        area_km2=frame.cell_km2,
        weights=task.events.weight,
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
        area_km2=areas.area_km2,
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
    from layers.risk.hotspot import find_cell_hotspots  # esda takes a second to import

    radius_cells = max(1.0, task.question.bandwidth_m / frame.cell_m)
    found = find_cell_hotspots(count_cells(frame, task.events), inside, radius_cells, seed=SEED)
    return _Told(found.z, found.sign)


def _significance_areas(
    task: _Task, areas: Areas, row: NDArray[np.intp], inside: NDArray[np.bool_]
) -> _Told:
    """Tell Gi* of densities among the areas asked for; few areas have no neighbourhood to tell."""
    from layers.risk.hotspot import LEAST_UNITS, find_area_hotspots  # as above

    chosen = np.flatnonzero(inside)
    told = _nothing(areas.area_km2)
    if len(chosen) < LEAST_UNITS:
        return told
    renumbered = np.cumsum(inside) - 1
    pairs = renumbered[areas.pairs[inside[areas.pairs].all(axis=1)]]
    density = (_sums(task, row, areas) / areas.area_km2)[chosen]
    found = find_area_hotspots(density, pairs, seed=SEED)
    sign = np.zeros(len(areas), np.int8)
    told.value[chosen], sign[chosen] = found.z, found.sign
    return _Told(told.value, sign)


def _nothing(like: FloatArray) -> _Told:
    return _Told(np.full(like.shape, np.nan), np.zeros(like.shape, np.int8))


def _sums(task: _Task, row: NDArray[np.intp], areas: Areas) -> FloatArray:
    known = row >= 0
    total = np.bincount(row[known], task.events.weight[known], minlength=len(areas))
    return total.astype(np.float64)


_RASTER = {
    Measure.DENSITY: _density_raster,
    Measure.RELATIVE: _relative_raster,
    Measure.SIGNIFICANCE: _significance_raster,
}
_AREAS = {
    Measure.DENSITY: _density_areas,
    Measure.RELATIVE: _relative_areas,
    Measure.SIGNIFICANCE: _significance_areas,
}
