"""Rolling backtest of density models: how much of next week a small share of the area would catch.

For each window the models see the days before it only. The share of the area with the highest
scores is compared with what followed: hit rate, PAI and PEI, and the hit rate at every other share
(docs/algorithms/backtest.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.errors import InvalidInput
from layers.risk.density.frame import FloatArray, Frame
from layers.risk.density.kernel import Kernel
from layers.risk.density.surface import Events, Mode, measure_surface

WINDOW_DAYS = 7
RESAMPLES = 2000
BLOCK = 4
"""Windows that are drawn together in the bootstrap: what happens in a month hangs together."""
SEED = 210211
SHARES = np.append(np.geomspace(0.001, 0.2, 40), 1.0)
"""Parts of the area at which the curve of hit rates is taken."""
CURVE_TO = 0.2
"""Part of the area up to which the curve is summed up: nobody covers more."""
Score = Callable[[Frame, Events, FloatArray], FloatArray]
"""From a frame, the events of the training days and their ages (days) to a score per cell."""
Progress = Callable[[int, int], None]
"""Told how much of how much is done."""


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
class Curve:
    """What one model caught at every share of the area.

    Parameters
    ----------
    area_share
        Really covered, in whole cells; rising to 1, shape (shares,).
    hits
        Shape (windows, shares).
    events
        Shape (windows,).
    """

    area_share: FloatArray
    hits: FloatArray
    events: FloatArray

    @property
    def hit_rate(self) -> FloatArray:
        """Share of the events that were caught, over all windows; shape (shares,)."""
        rate: FloatArray = self.hits.sum(axis=0) / self.events.sum()
        return rate

    def interval(self, share: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Return the bounds of the hit rates by the bootstrap of :func:`resampled`, pointwise."""
        rate = resampled(self.hits, self.events)
        low, high = np.quantile(rate, [(1 - share) / 2, (1 + share) / 2], axis=0)
        return low, high

    def rows(self) -> list[list[float]]:
        """Return one row for each share: area share, hit rate, and its 95 % interval."""
        columns = [self.hit_rate, *self.interval()]
        return [
            [round(float(share), 6), *(round(float(value), 5) for value in values)]
            for share, *values in zip(self.area_share, *columns, strict=True)
        ]

    def mean_to(self, area_share: float = CURVE_TO) -> float:
        """Return the area under the curve up to a share over that share: chance gives half of it.

        Between shares, and from none, the curve is taken as straight.
        """
        share = np.concatenate([[0.0], self.area_share])
        rate = np.concatenate([[0.0], self.hit_rate])
        inside = share < area_share
        until = np.append(share[inside], area_share)
        return float(np.trapezoid(np.interp(until, share, rate), until) / area_share)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one model caught, by window; shape (windows,)."""

    hits: FloatArray
    events: FloatArray
    best: FloatArray
    """Most that as many cells could have caught."""
    covered: float
    """Share of the area really covered: whole cells."""
    curve: Curve

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

    @property
    def error(self) -> float:
        """Standard error of the PAI by the bootstrap of :func:`resampled`."""
        return float(np.std(resampled(self.hits, self.events) / self.covered))

    def interval(self, share: float = 0.95) -> tuple[float, float]:
        """Return the interval of the PAI by the bootstrap of :func:`resampled`."""
        pai = resampled(self.hits, self.events) / self.covered
        low, high = np.quantile(pai, [(1 - share) / 2, (1 + share) / 2])
        return float(low), float(high)


def resampled(hits: FloatArray, events: FloatArray) -> FloatArray:
    """Return hit rates of blocks of windows drawn again and again, in a circle and seeded.

    Parameters
    ----------
    hits
        Shape (windows,) or (windows, shares).
    events
        Shape (windows,).

    Returns
    -------
    ndarray
        Shape (resamples,) or (resamples, shares).
    """
    rng = np.random.default_rng(SEED)
    count = len(events)
    block = min(BLOCK, count)
    first = rng.integers(0, count, (RESAMPLES, math.ceil(count / block)))
    drawn = (first[:, :, None] + np.arange(block)).reshape(RESAMPLES, -1)[:, :count] % count
    times = np.zeros((RESAMPLES, count))
    np.add.at(times, (np.arange(RESAMPLES)[:, None], drawn), 1.0)
    total = np.maximum(times @ events, 1e-300)
    rate: FloatArray = ((times @ hits).T / total).T
    return rate


def counts(frame: Frame, events: Events, age: FloatArray) -> FloatArray:
    """Score cells by the events in them: the least any model must beat."""
    del age
    return count_cells(frame, events)


def nothing(frame: Frame, events: Events, age: FloatArray) -> FloatArray:
    """Score all cells alike: what chance catches, a PAI of 1."""
    del events, age
    return np.zeros(frame.shape)


def smoothed(
    bandwidth_m: float, half_life_days: float = math.inf, mode: Mode = Mode.ACCURATE
) -> Score:
    """Return the model of a Gaussian surface whose events fade with their age."""

    def score(frame: Frame, events: Events, age: FloatArray) -> FloatArray:
        faded = Events(events.x_m, events.y_m, events.weight * 0.5 ** (age / half_life_days))
        return measure_surface(frame, faded, Kernel.GAUSSIAN, bandwidth_m, mode)

    return score


def mixed(bandwidth_m: float = 200.0, half_life_days: float = 45.0, own: float = 0.2) -> Score:
    """Return the model of faded counts of each cell, drawn towards a surface of its neighbourhood.

    A count keeps what is of this cell alone, such as a house that is robbed again; a surface knows
    what is likely where nothing happened yet. Defaults were chosen on the first half of the weeks
    of Chicago; with half or twice of any it still catches most (docs/algorithms/backtest.md).

    Parameters
    ----------
    own
        Part that the cell's own density has in the score, 0 to 1.
    """

    def score(frame: Frame, events: Events, age: FloatArray) -> FloatArray:
        faded = Events(events.x_m, events.y_m, events.weight * 0.5 ** (age / half_life_days))
        around = measure_surface(frame, faded, Kernel.GAUSSIAN, bandwidth_m, Mode.ACCURATE)
        return own * count_cells(frame, faded) / frame.cell_km2 + (1.0 - own) * around

    return score


MODELS: Mapping[str, Score] = {
    "mixed": mixed(),
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


def _untold(done: int, total: int) -> None:
    del done, total


def run_backtest(
    record: Record,
    frame: Frame,
    mask: NDArray[np.bool_],
    plan: Plan,
    models: Mapping[str, Score] = MODELS,
    progress: Progress = _untold,
) -> dict[str, Outcome]:
    """Return what each model would have caught in the windows of a plan.

    Parameters
    ----------
    mask
        Cells of the study area, shape of the frame; events beyond it count nowhere.
    progress
        Told how many windows of how many are done.
    """
    cells = int(mask.sum())
    chosen = _whole_cells(plan.area_share, cells)
    steps = np.unique([chosen, *(_whole_cells(share, cells) for share in SHARES)])
    found: dict[str, list[FloatArray]] = {name: [] for name in models}
    events, best = [], []
    for start, truth in _truths(record, frame, plan.starts(record.day)):
        inside = truth[mask]
        events.append(float(inside.sum()))
        best.append(float(np.sort(inside)[-chosen:].sum()))
        before = record.between(start - plan.train_days, start)
        seen = Events.plain(record.x_m[before], record.y_m[before])
        age = (start - record.day[before]).astype(np.float64)
        for name, score in models.items():
            found[name].append(caught_by(score(frame, seen, age)[mask], inside, steps))
        progress(len(events), plan.windows)
    if not sum(events):
        raise InvalidInput("no event falls into the windows and the study area", field="date")
    outcomes = {}
    for name, hits in found.items():
        curve = Curve(steps / cells, np.array(hits), np.array(events))
        at = int(np.searchsorted(steps, chosen))
        outcomes[name] = Outcome(
            curve.hits[:, at], curve.events, np.array(best), chosen / cells, curve
        )
    return outcomes


def _whole_cells(area_share: float, cells: int) -> int:
    return max(1, round(area_share * cells))


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
    return float(caught_by(score, truth, np.array([chosen]))[0])


def caught_by(score: FloatArray, truth: FloatArray, chosen: NDArray[np.intp]) -> FloatArray:
    """Return what :func:`caught` does for each of many numbers of cells, in one sorting.

    Within a run of equal scores the mean over all ways to break the tie is a straight line.
    """
    below = chosen[chosen < len(score)]
    rank = len(score) - int(below.max(initial=1))
    top = np.flatnonzero(score >= np.partition(score, rank)[rank])
    order = top[np.argsort(-score[top])]
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0.0, True))
    ends, total = last + 1, np.cumsum(truth[order])[last]
    if len(top) < len(score):
        ends, total = np.append(ends, len(score)), np.append(total, truth.sum())
    hits: FloatArray = np.interp(chosen, np.append(0, ends), np.append(0.0, total))
    return hits
