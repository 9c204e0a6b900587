"""The trial of a layer: its bandwidth chosen by going back over the district's last half year."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np

from layers.risk.backtest import WINDOW_DAYS, Plan, Record
from layers.risk.bandwidth import Choice, choose
from layers.risk.ground import Ground
from layers.risk.incident import Incidents
from layers.risk.question import Kind

CELL_M = 150.0
"""A block or two: what a patrol can look at; the size published comparisons use."""
TRAIN_DAYS = 180
MOST_WINDOWS = 26
LEAST_WINDOWS = 8
"""Weeks; fewer tell nothing."""
AREA_SHARE = 0.01
"""Part of the district that the crews can cover, where nobody says otherwise."""


@dataclass(frozen=True)
class Trial:
    """What is tried: a kind of incidents, up to a day, over some areas.

    Parameters
    ----------
    until
        The last local day that counts.
    area_share
        Part of the area that the crews can cover.
    """

    kind: Kind
    until: date
    within: tuple[str, ...]
    half_life_days: float | None = None
    area_share: float = AREA_SHARE


@dataclass(frozen=True)
class Verdict:
    """The choice with the plan it rests on."""

    choice: Choice
    plan: Plan
    cell_m: float


@dataclass(frozen=True)
class TooShort:
    """A record of too few days to go back over."""

    days: int
    needed: int = TRAIN_DAYS + WINDOW_DAYS * LEAST_WINDOWS


def judge(trial: Trial, incidents: Incidents, ground: Ground) -> Verdict | TooShort:
    """Go back week by week and choose the bandwidth.

    Parameters
    ----------
    incidents
        All within the scope of who asks.
    """
    frame, mask = ground.frame(CELL_M), ground.mask(CELL_M, trial.within)
    last = trial.until.toordinal() - date(1970, 1, 1).toordinal()
    chosen = incidents.take(trial.kind.choose(incidents) & (incidents.day <= last))
    record = Record(chosen.x_m, chosen.y_m, chosen.day)
    days = int(np.ptp(record.day)) + 1 if len(record.day) else 0
    windows = min(MOST_WINDOWS, (days - TRAIN_DAYS) // WINDOW_DAYS)
    if windows < LEAST_WINDOWS:
        return TooShort(days)
    plan = Plan(TRAIN_DAYS, windows, trial.area_share)
    half_life = trial.half_life_days or math.inf
    return Verdict(choose(record, frame, mask, plan, half_life_days=half_life), plan, CELL_M)
