"""The bandwidth a layer is drawn with: what would have caught most, and what fits the events best.

Two criteria stand beside each other (docs/algorithms/bandwidth.md). The choice is by backtest at
the share of the area that the crews can cover. The cross-validated likelihood knows nothing of
crews: it asks which surface explains an event best that it has not seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from geodata.errors import InvalidInput
from geodata.native import native
from layers.risk.density.frame import FloatArray, Frame
from layers.risk.density.kernel import check_bandwidth
from layers.risk.density.surface import Events, Mode, within
from layers.risk.foresight.backtest import (
    SEED,
    Curve,
    Outcome,
    Plan,
    Progress,
    Record,
    Score,
    counts,
    nothing,
    resampled,
    run_backtest,
    smoothed,
)

CANDIDATES_M = (75.0, 110.0, 160.0, 230.0, 340.0, 490.0, 700.0, 1000.0)
"""A street block to a quarter, each some 1.45 times the one before: hit rates change slowly."""
PLACE_M = 1.0
"""Events in one square of this side are at one place: a house that calls twice."""
MOST_ASKED = 5000
"""Places whose likelihood is taken; of more, so many are drawn by chance, seeded."""
DEEPEST = 40.0
"""Exponent below which a neighbour adds less than 1e-17 of the nearest one."""


@dataclass(frozen=True)
class Figures:
    """What one model caught at the plan's share of the area."""

    pai: float
    pai_low: float
    pai_high: float
    """95 % interval by bootstrap over blocks of windows."""
    error: float
    """Standard error of the PAI by the same bootstrap."""
    pei: float
    hit_rate: float
    curve: Curve
    """What it caught at every other share."""

    @classmethod
    def of(cls, one: Outcome) -> Figures:
        """Return the figures of an outcome."""
        return cls(one.pai, *one.interval(), one.error, one.pei, one.hit_rate, one.curve)


@dataclass(frozen=True)
class Candidate:
    """One bandwidth with what it caught and how well it fits."""

    bandwidth_m: float
    figures: Figures
    behind: float
    """PAI of the best candidate less this one's."""
    behind_error: float
    """Standard error of that difference, by the bootstrap of windows that both share."""
    log_likelihood: float | None
    """Mean over events of the log of the density per km² that the other places leave there."""


@dataclass(frozen=True)
class Choice:
    """What was tried and chosen.

    Parameters
    ----------
    chosen_m
        The largest bandwidth whose PAI is behind the best by no more than the standard error of
        their difference.
    best_m
        The bandwidth with the highest PAI.
    likelihood_m
        The one with the highest cross-validated likelihood; None where all events of the latest
        training days share one place.
    candidates
        By rising bandwidth.
    counts, random
        Plain counts of cells, and chance: without them no PAI says anything.
    """

    chosen_m: float
    best_m: float
    likelihood_m: float | None
    candidates: tuple[Candidate, ...]
    counts: Figures
    random: Figures

    @property
    def chosen(self) -> Candidate:
        """The candidate that was chosen."""
        return next(one for one in self.candidates if one.bandwidth_m == self.chosen_m)

    @property
    def beats_counts(self) -> bool:
        """Whether the chosen surface caught more than plain counts of cells."""
        return self.chosen.figures.pai > self.counts.pai


def _untold(done: int, total: int) -> None:
    del done, total


def choose(
    record: Record,
    frame: Frame,
    mask: NDArray[np.bool_],
    plan: Plan,
    candidates_m: Sequence[float] = CANDIDATES_M,
    *,
    half_life_days: float = math.inf,
    progress: Progress = _untold,
) -> Choice:
    """Return the bandwidth for a layer, with all that speaks for and against it.

    Parameters
    ----------
    mask
        Cells of the study area, shape of the frame.
    plan
        Its ``area_share`` is what the crews can cover.
    candidates_m
        Two or more, in any order, metres.
    half_life_days
        After which an event counts half, in every candidate; the likelihood does not use it.
    progress
        Told how many windows of how many are done.

    Raises
    ------
    InvalidInput
        ``candidates_m``, ``half_life_days``, or what :func:`run_backtest` refuses.
    """
    bandwidths = _check(candidates_m)
    if not half_life_days > 0:
        raise InvalidInput("half_life_days must be over zero", field="half_life_days")
    models: dict[str, Score] = {repr(h): smoothed(h, half_life_days, Mode.FAST) for h in bandwidths}
    models |= {"counts": counts, "random": nothing}
    found = run_backtest(record, frame, mask, plan, models, progress)
    fit = log_likelihoods(_now(record, frame, mask, plan), bandwidths)
    tried = {h: found[repr(h)] for h in bandwidths}
    best_m = max(tried, key=lambda h: tried[h].pai)
    candidates = tuple(
        _candidate(h, one, tried[best_m], None if fit is None else float(fit[number]))
        for number, (h, one) in enumerate(tried.items())
    )
    return Choice(
        chosen_m=smoothest(candidates).bandwidth_m,
        best_m=best_m,
        likelihood_m=None if fit is None else bandwidths[int(np.argmax(fit))],
        candidates=candidates,
        counts=Figures.of(found["counts"]),
        random=Figures.of(found["random"]),
    )


def _candidate(h: float, one: Outcome, best: Outcome, fit: float | None) -> Candidate:
    difference = resampled(best.hits - one.hits, one.events) / one.covered
    return Candidate(h, Figures.of(one), best.pai - one.pai, float(np.std(difference)), fit)


def smoothest(candidates: Sequence[Candidate]) -> Candidate:
    """Return the widest candidate that the record cannot tell from the best one.

    The rule of one standard error (Breiman, Friedman, Olshen and Stone, Classification and
    Regression Trees, 1984, 3.4.3): among equals the simplest, here the smoothest surface. The
    error is that of the difference, since all candidates met the same weeks.
    """
    alike = [one for one in candidates if one.behind <= one.behind_error]
    return max(alike, key=lambda one: one.bandwidth_m)


def _check(candidates_m: Sequence[float]) -> list[float]:
    bandwidths = sorted({float(check_bandwidth(h)) for h in candidates_m})
    if len(bandwidths) < 2:
        raise InvalidInput("candidates_m must be two bandwidths or more", field="candidates_m")
    return bandwidths


def _now(record: Record, frame: Frame, mask: NDArray[np.bool_], plan: Plan) -> Events:
    """Return the events in the study area that the next surface would be drawn from."""
    end = int(record.day.max()) + 1
    recent = record.between(end - plan.train_days, end)
    events = Events.plain(record.x_m[recent], record.y_m[recent])
    return events.take(within(frame, events, mask))


def log_likelihoods(events: Events, bandwidths_m: Sequence[float]) -> FloatArray | None:
    """Return the mean log density per km² at each event of a Gaussian surface of other places.

    Leaving out only the event itself, two events at one place would make the likelihood grow
    without bound as the bandwidth falls (Silverman, 1986, 3.4.4); so all events of its place are
    left out with it.

    Returns
    -------
    ndarray
        Shape (bandwidths,); None if there is only one place.
    """
    place = np.floor(np.column_stack([events.x_m, events.y_m]) / PLACE_M)
    where, many = np.unique(place, axis=0, return_counts=True)
    if len(where) < 2:
        return None
    x_m, y_m = (where * PLACE_M).T.copy()
    asked = np.arange(len(where))
    if len(asked) > MOST_ASKED:
        asked = np.random.default_rng(SEED).choice(len(where), MOST_ASKED, replace=False)
    nearest_m = KDTree(where * PLACE_M).query(where[asked] * PLACE_M, k=2)[0][:, 1]
    weight, h = many.astype(np.float64), np.array(bandwidths_m, np.float64)
    logs = np.empty((len(asked), len(h)))
    _fill_logs(x_m, y_m, weight, asked, nearest_m**2, h, logs)
    others = weight.sum() - weight[asked]
    logs += np.log(1e6 / (2.0 * np.pi * h**2 * others[:, None]))
    return np.average(logs, axis=0, weights=weight[asked])


@native
def _fill_logs(
    x_m: FloatArray,
    y_m: FloatArray,
    weight: FloatArray,
    asked: NDArray[np.intp],
    nearest_m2: FloatArray,
    bandwidth_m: FloatArray,
    logs: FloatArray,
) -> None:
    """Write the log of the sum of weights times ``exp(-d^2 / 2 h^2)`` over all other places.

    The nearest place is taken out of the sum, so that it never vanishes however narrow the kernel.
    """
    for number in range(len(asked)):
        own = asked[number]
        total = np.zeros(len(bandwidth_m))
        for other in range(len(x_m)):
            if other == own:
                continue
            dx, dy = x_m[other] - x_m[own], y_m[other] - y_m[own]
            beyond = 0.5 * (dx * dx + dy * dy - nearest_m2[number])
            for k in range(len(bandwidth_m) - 1, -1, -1):
                depth = beyond / (bandwidth_m[k] * bandwidth_m[k])
                if depth > DEEPEST:
                    break  # narrower ones see still less of it
                total[k] += weight[other] * np.exp(-depth)
        for k in range(len(bandwidth_m)):
            nearest = 0.5 * nearest_m2[number] / (bandwidth_m[k] * bandwidth_m[k])
            logs[number, k] = np.log(total[k]) - nearest
