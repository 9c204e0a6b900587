"""What speaks for a report's bandwidth: how much of the last half year it would have caught."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from geodata.clock import LOCAL_ZONE
from geodata.errors import InvalidInput
from layers.risk.backtest import Plan, Record, run_backtest, smoothed
from layers.risk.bandwidth import Choice, Figures
from layers.risk.ground import Ground
from layers.risk.incident import Incidents
from layers.risk.question import Question
from layers.risk.surface import Mode
from layers.risk.trial import TooShort, Trial, Verdict

EPOCH = date(1970, 1, 1).toordinal()
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
    return Trial(
        question.kind, _last_day(question), question.within, question.weight.half_life_days
    )


def try_judging(trial: Trial, judge: Callable[[Trial], Verdict | TooShort]) -> Verdict | None:
    """Return the verdict; None where the record is too short for one, which the report then says.

    Parameters
    ----------
    judge
        As :func:`layers.risk.trial.judge`, which refuses a record in whose last weeks nothing
        happened in the areas asked for, and nothing else.
    """
    try:
        verdict = judge(trial)
    except InvalidInput:
        return None
    return None if isinstance(verdict, TooShort) else verdict


def prove(question: Question, incidents: Incidents, ground: Ground, verdict: Verdict) -> Proof:
    """Return the backtest of the bandwidth asked for beside those that were tried."""
    choice = verdict.choice
    for one in choice.candidates:
        if abs(one.bandwidth_m - question.bandwidth_m) < SAME_M:
            return Proof(one.figures, choice, verdict.plan)
    frame = ground.frame(verdict.cell_m)
    mask = ground.mask(verdict.cell_m, question.within)
    early = incidents.day <= _last_day(question).toordinal() - EPOCH
    chosen = incidents.take(question.kind.choose(incidents) & early)
    record = Record(chosen.x_m, chosen.y_m, chosen.day)
    half_life = question.weight.half_life_days or math.inf
    models = {"asked": smoothed(question.bandwidth_m, half_life, Mode.FAST)}
    found = run_backtest(record, frame, mask, verdict.plan, models)
    return Proof(Figures.of(found["asked"]), choice, verdict.plan)


def _last_day(question: Question) -> date:
    last = question.period.until - timedelta(microseconds=1)
    return last.astimezone(LOCAL_ZONE).date()
