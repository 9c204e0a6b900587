"""What speaks for a report's bandwidth: how much of the last half year it would have caught."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from geodata.clock import last_day
from layers.risk.density.frame import FloatArray, Frame
from layers.risk.density.kernel import Kernel
from layers.risk.density.surface import NARROWEST, Events, Mode
from layers.risk.foresight.backtest import Plan, Score, run_backtest, smoothed
from layers.risk.foresight.bandwidth import Choice, Figures
from layers.risk.foresight.trial import TooShort, Trial, Verdict
from layers.risk.ground import Ground
from layers.risk.incident import Incidents
from layers.risk.question import Question

SAME_M = 0.5
"""Bandwidths that differ by less are the same one."""


@dataclass(frozen=True, eq=False)
class Proof:
    """The backtest of the surface that a report shows.

    Parameters
    ----------
    asked
        Figures of the bandwidth asked for, with the hit rate at every share of the area.
    choice
        What other bandwidths would have caught, with plain counts and chance.
    """

    asked: Figures
    choice: Choice
    plan: Plan


def trial_of(question: Question) -> Trial:
    """Return what has to be tried for a question: its kinds and areas up to its last day."""
    last = last_day(question.period.until)
    return Trial(question.kind, last, question.within, question.weight.half_life_days)


def try_judging(trial: Trial, judge: Callable[[Trial], Verdict | TooShort]) -> Verdict | None:
    """Return the verdict; None where the record is too short for one, which the report then says.

    Parameters
    ----------
    judge
        As :func:`layers.risk.foresight.trial.judge`.
    """
    verdict = judge(trial)
    return None if isinstance(verdict, TooShort) else verdict


def prove(question: Question, incidents: Incidents, ground: Ground, verdict: Verdict) -> Proof:
    """Return the backtest of the bandwidth asked for beside those that were tried."""
    choice = verdict.choice
    for one in choice.candidates:
        if abs(one.bandwidth_m - question.bandwidth_m) < SAME_M:
            return Proof(one.figures, choice, verdict.plan)
    frame = ground.frame(verdict.cell_m)
    mask = ground.mask(verdict.cell_m, question.within)
    record = trial_of(question).record(incidents)
    half_life = question.weight.half_life_days or math.inf
    models = {"asked": _averaged(question.bandwidth_m, half_life)}
    found = run_backtest(record, frame, mask, verdict.plan, models)
    return Proof(Figures.of(found["asked"]), choice, verdict.plan)


def _averaged(bandwidth_m: float, half_life_days: float) -> Score:
    """Return the model of a surface that may be too narrow for the cells: its mean over each."""
    model = smoothed(bandwidth_m, half_life_days, Mode.FAST)

    def score(frame: Frame, events: Events, age: FloatArray) -> FloatArray:
        parts = math.ceil(NARROWEST[Kernel.GAUSSIAN] * frame.cell_m / bandwidth_m)
        rows, columns = frame.shape
        fine = replace(
            frame, cell_m=frame.cell_m / parts, rows=rows * parts, columns=columns * parts
        )
        surface = model(fine, events, age).reshape(rows, parts, columns, parts)
        mean: FloatArray = surface.mean(axis=(1, 3))
        return mean

    return score
