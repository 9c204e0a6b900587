"""The trial of a layer: its bandwidth chosen by going back over the district's last half year."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from layers.risk.density.surface import Events, Mode, within
from layers.risk.foresight.backtest import WINDOW_DAYS, Plan, Record, counts, nothing, smoothed
from layers.risk.foresight.bandwidth import Choice, choose
from layers.risk.foresight.comparison import Range, measure_range, shift
from layers.risk.ground import Ground
from layers.risk.incident import Incidents, day_number
from layers.risk.question import Kind

CELL_M = 150.0
"""A block or two: what a patrol can look at; the size published comparisons use."""
TRAIN_DAYS = 180
MOST_WINDOWS = 26
LEAST_WINDOWS = 8
"""Weeks; fewer tell nothing."""
LEAST_DAYS = TRAIN_DAYS + WINDOW_DAYS * LEAST_WINDOWS
MOST_DAYS = TRAIN_DAYS + WINDOW_DAYS * MOST_WINDOWS
"""What lies further back is not looked at."""
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

    def record(self, incidents: Incidents) -> Record:
        """Return what happened of this kind; round the areas too, since it tells of their edge."""
        up_to = incidents.day <= day_number(self.until)
        chosen = incidents.take(self.kind.choose(incidents) & up_to)
        return Record(chosen.x_m, chosen.y_m, chosen.day)


@dataclass(frozen=True)
class Verdict:
    """The choice with the plan it rests on.

    Parameters
    ----------
    pai_grid_range
        Lowest and highest PAI of ``chosen``, ``counts`` and ``random`` over four grids.
    """

    choice: Choice
    plan: Plan
    cell_m: float
    pai_grid_range: Mapping[str, Range]


@dataclass(frozen=True)
class TooShort:
    """A record of too few days to go back over.

    Parameters
    ----------
    days
        From the first to the last event in the areas, within the last ``MOST_DAYS`` of the whole
        record; 0 of none. So areas that have been quiet for long have few.
    """

    days: int
    needed: int = LEAST_DAYS


def judge(trial: Trial, incidents: Incidents, ground: Ground) -> Verdict | TooShort:
    """Go back week by week and choose the bandwidth.

    Every record gets one answer or the other: what is long enough has events in its windows.

    Parameters
    ----------
    incidents
        All within the scope of who asks.
    """
    frame, mask = ground.frame(CELL_M), ground.mask(CELL_M, trial.within)
    record = trial.record(incidents)
    end = int(record.day.max(initial=-1)) + 1
    inside = within(frame, Events.plain(record.x_m, record.y_m), mask)
    day = record.day[inside & (record.day >= end - MOST_DAYS)]
    days = int(np.ptp(day)) + 1 if len(day) else 0
    if days < LEAST_DAYS:
        return TooShort(days)
    windows = min(MOST_WINDOWS, (end - int(day.min()) - TRAIN_DAYS) // WINDOW_DAYS)
    plan = Plan(TRAIN_DAYS, windows, trial.area_share)
    half_life = trial.half_life_days or math.inf
    choice = choose(record, frame, mask, plan, half_life_days=half_life)
    models = {
        "chosen": smoothed(choice.chosen_m, half_life, Mode.FAST), "counts": counts,
        "random": nothing,
    }  # fmt: skip
    grids = [(one, ground.mask_of(one, trial.within)) for one in shift(frame)]
    return Verdict(choice, plan, CELL_M, measure_range(record, grids, plan, models))
