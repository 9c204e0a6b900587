"""Rolling backtest of density models: how much of next week a small share of the area would catch.

For each window the models see the days before it only. The share of the area with the highest
scores is compared with what followed: hit rate, PAI and PEI (docs/algorithms/backtest.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.errors import InvalidInput
from layers.risk.frame import FloatArray, Frame
from layers.risk.kernel import Kernel
from layers.risk.surface import Events, Mode, measure_surface

WINDOW_DAYS = 7
RESAMPLES = 2000
BLOCK = 4
"""Windows that are drawn together in the bootstrap: what happens in a month hangs together."""
SEED = 210211
Score = Callable[[Frame, Events, FloatArray], FloatArray]
"""From a frame, the events of the training days and their ages (days) to a score per cell."""


@dataclass(frozen=True, eq=False)
class Record:
    """What happened: metres and whole days, arrays of shape (n,)."""

    x_m: FloatArray
    y_m: FloatArray
    day: NDArray[np.int64]

    def between(self, since: int, until: int) -> NDArray[np.bool_]:
        """Tell which events fall on days in [since, until)."""
        found: NDArray[np.bool_] = (self.day >= since) & (self.day < until)
        return found


@dataclass(frozen=True)
class Plan:
    """How a backtest goes.

    Parameters
    ----------
    train_days
        Days before each window that a model sees.
    windows
        Weeks, the last ends with the last day of the record.
    area_share
        Part of the study area that the crews can cover.

    Raises
    ------
    InvalidInput
    """

    train_days: int = 180
    windows: int = 26
    area_share: float = 0.01

    def __post_init__(self) -> None:
        if self.train_days < 1:
            raise InvalidInput("train_days must be 1 or more", field="train_days")
        if self.windows < 2:
            raise InvalidInput("windows must be 2 or more", field="windows")
        if not 0 < self.area_share < 1:
            raise InvalidInput("area_share must be between 0 and 1", field="area_share")

    def starts(self, day: NDArray[np.int64]) -> list[int]:
        """Return the first day of each window.

        Raises
        ------
        InvalidInput
            ``date``: the record is too short.
        """
        end = int(day.max()) + 1
        first = end - WINDOW_DAYS * self.windows
        if first - self.train_days < int(day.min()):
            raise InvalidInput(
                f"{self.windows} windows after {self.train_days} days of training need"
                f" {self.train_days + WINDOW_DAYS * self.windows} days; there are"
                f" {end - int(day.min())}",
                field="date",
            )
        return [first + WINDOW_DAYS * number for number in range(self.windows)]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one model caught, by window; shape (windows,)."""

    hits: FloatArray
    events: FloatArray
    best: FloatArray
    """Most that as many cells could have caught."""
    covered: float
    """Share of the area really covered: whole cells."""

    @property
    def hit_rate(self) -> float:
        """Share of the events that were caught."""
        return float(self.hits.sum() / self.events.sum())

    @property
    def pai(self) -> float:
        """Prediction accuracy index (Chainey, Tompson, Uhlig, 2008): hit rate over area share."""
        return self.hit_rate / self.covered

    @property
    def pei(self) -> float:
        """Prediction efficiency index (Hunt, 2016): caught, of the most that could be."""
        return float(self.hits.sum() / self.best.sum())

    def interval(self, share: float = 0.95) -> tuple[float, float]:
        """Return the interval of the PAI by a bootstrap of blocks of windows, seeded."""
        rng = np.random.default_rng(SEED)
        count = len(self.hits)
        block = min(BLOCK, count)
        first = rng.integers(0, count, (RESAMPLES, math.ceil(count / block)))
        drawn = (first[:, :, None] + np.arange(block)).reshape(RESAMPLES, -1)[:, :count] % count
        rate = self.hits[drawn].sum(axis=1) / np.maximum(self.events[drawn].sum(axis=1), 1e-300)
        low, high = np.quantile(rate / self.covered, [(1 - share) / 2, (1 + share) / 2])
        return float(low), float(high)


def counts(frame: Frame, events: Events, age: FloatArray) -> FloatArray:
    """Score cells by the events in them: the least any model must beat."""
    del age
    return count_cells(frame, events)


def nothing(frame: Frame, events: Events, age: FloatArray) -> FloatArray:
    """Score all cells alike: what chance catches, a PAI of 1."""
    del events, age
    return np.zeros(frame.shape)


def smoothed(bandwidth_m: float, half_life_days: float = math.inf) -> Score:
    """Return the model of a Gaussian surface whose events fade with their age."""

    def score(frame: Frame, events: Events, age: FloatArray) -> FloatArray:
        faded = Events(events.x_m, events.y_m, events.weight * 0.5 ** (age / half_life_days))
        return measure_surface(frame, faded, Kernel.GAUSSIAN, bandwidth_m, Mode.ACCURATE)

    return score


MODELS: Mapping[str, Score] = {
    "kde_100m": smoothed(100.0),
    "kde_200m": smoothed(200.0),
    "kde_200m_half_life_60d": smoothed(200.0, 60.0),
    "kde_500m": smoothed(500.0),
    "counts": counts,
    "random": nothing,
}
"""What is always compared: plain counts and chance stand beside every bandwidth."""


def count_cells(frame: Frame, events: Events) -> FloatArray:
    """Return the weight of events in each cell; those beyond the frame count nowhere."""
    cell = frame.cells_of(events.x_m, events.y_m)
    inside, rows, columns = cell >= 0, *frame.shape
    flat = np.bincount(cell[inside], events.weight[inside], minlength=rows * columns)
    return flat.astype(np.float64).reshape(frame.shape)


def run_backtest(
    record: Record,
    frame: Frame,
    mask: NDArray[np.bool_],
    plan: Plan,
    models: Mapping[str, Score] = MODELS,
) -> dict[str, Outcome]:
    """Return what each model would have caught in the windows of a plan.

    Parameters
    ----------
    mask
        Cells of the study area, shape of the frame; events beyond it count nowhere.
    """
    starts = plan.starts(record.day)
    cells = int(mask.sum())
    chosen = max(1, round(plan.area_share * cells))
    found: dict[str, list[float]] = {name: [] for name in models}
    events, best = [], []
    for start, truth in _truths(record, frame, starts):
        inside = truth[mask]
        events.append(float(inside.sum()))
        best.append(float(np.sort(inside)[-chosen:].sum()))
        before = record.between(start - plan.train_days, start)
        seen = Events.plain(record.x_m[before], record.y_m[before])
        age = (start - record.day[before]).astype(np.float64)
        for name, score in models.items():
            found[name].append(caught(score(frame, seen, age)[mask], inside, chosen))
    if not sum(events):
        raise InvalidInput("no event falls into the windows and the study area", field="date")
    return {
        name: Outcome(np.array(hits), np.array(events), np.array(best), chosen / cells)
        for name, hits in found.items()
    }


def _truths(
    record: Record, frame: Frame, starts: Sequence[int]
) -> Iterator[tuple[int, FloatArray]]:
    for start in starts:
        now = record.between(start, start + WINDOW_DAYS)
        yield start, count_cells(frame, Events.plain(record.x_m[now], record.y_m[now]))


def caught(score: FloatArray, truth: FloatArray, chosen: int) -> float:
    """Return the events in the cells with the highest scores, the mean over all ways to break ties.

    >>> caught(np.array([3.0, 1.0, 1.0, 0.0]), np.array([5.0, 2.0, 0.0, 1.0]), 2)
    6.0
    """
    last = np.partition(score, len(score) - chosen)[len(score) - chosen]
    above, tied = score > last, score == last
    part = (chosen - int(above.sum())) / int(tied.sum())
    return float(truth[above].sum() + part * truth[tied].sum())


OFFSETS = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))
"""Shifts of the grid in cells: where its lines fall is chance, so the figures show its range."""


def compare_grids(
    record: Record,
    outline: shapely.Geometry,
    cell_m: float,
    epsg: int,
    plan: Plan,
    progress: Callable[[int, int], None],
) -> dict[str, dict[str, object]]:
    """Run a backtest on four grids; return the figures of the first with the range over all.

    Parameters
    ----------
    outline
        Study area in the plane of the record.
    progress
        Told how many grids of how many are done.

    Returns
    -------
    dict
        By model ``pai``, ``pai_95`` (bootstrap over weeks), ``pai_grid_range``, ``pei``,
        ``hit_rate``, ``hits``, ``events`` and ``area_share`` as covered by whole cells.
    """
    west, south, east, north = shapely.bounds(outline).tolist()
    runs = []
    for done, (right, down) in enumerate(OFFSETS):
        progress(done, len(OFFSETS))
        corner = west - right * cell_m, south, east, north + down * cell_m
        frame = Frame.over(corner, cell_m, epsg)
        runs.append(run_backtest(record, frame, frame.cells_within(outline), plan))
    progress(len(OFFSETS), len(OFFSETS))
    return {name: _figures(one, [run[name].pai for run in runs]) for name, one in runs[0].items()}


def _figures(one: Outcome, pais: Sequence[float]) -> dict[str, object]:
    return {
        "pai": round(one.pai, 3),
        "pai_95": [round(bound, 3) for bound in one.interval()],
        "pai_grid_range": [round(min(pais), 3), round(max(pais), 3)],
        "pei": round(one.pei, 5),
        "hit_rate": round(one.hit_rate, 5),
        "hits": round(float(one.hits.sum()), 2),
        "events": int(one.events.sum()),
        "area_share": round(one.covered, 6),
    }
