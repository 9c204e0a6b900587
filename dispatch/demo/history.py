"""The demo's past: 9,769 cases of which 9,717 are closed, each step allowed by the real table.

Stories are pure; :mod:`dispatch.demo.record` writes them. The published totals are those of the
platform as of mid-February 2023 (99.47 %); when they happened within the year is synthetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from dispatch.case.transition import decide as allowed
from dispatch.case.transition import next_state
from dispatch.demo.incident import Incidents

REPORTED = 9_769
CLOSED = 9_717
DAYS = 365
RECENT_OPEN = 40
"""Of the cases still open, how many were reported in the last three days; the rest are older."""
RETURNED_SHARE = 0.04
UNDONE_SHARE = 0.015
CHANNELS = {
    "dispute": (("resident", 0.45), ("grid_worker", 0.35), ("hotline", 0.2)),
    "hazard": (("grid_worker", 0.5), ("patrol", 0.25), ("resident", 0.25)),
    "service": (("resident", 0.6), ("hotline", 0.3), ("grid_worker", 0.1)),
    "police": (("police", 0.7), ("alarm_pillar", 0.3)),
    "recommendation": (("desk", 1.0),),
}
HANDLING_H = {
    "dispute": 30.0,
    "hazard": 5.0,
    "service": 8.0,
    "police": 1.5,
    "recommendation": 48.0,
}
"""Median hours from arrival to closing, by family: an assumption."""
RETURN_REASONS = (
    "不属于本网格责任范围",
    "需要专业单位处置",
    "当事人不在现场",
    "与他案重复,请并案处理",
)
CLOSING_NOTES = {
    "dispute": ("双方达成口头协议,已回访", "经调解签订协议书", "当事人自行和解"),
    "hazard": ("隐患已消除,已复查", "已通知责任单位整改完毕", "现场清理完成"),
    "service": ("已上门办理", "已协助办结,居民满意", "已转相关科室并办结"),
    "police": ("现场已平息,已移交派出所", "误触报警柱,已核实", "双方劝离,无人员受伤"),
    "recommendation": ("已巡查,情况正常",),
}


@dataclass(frozen=True)
class Step:
    """One step of a case, as the transition table names it."""

    action: str
    at: datetime
    person: int
    """Person on the roster the assignment is with."""
    text: str | None = None


@dataclass(frozen=True)
class Story:
    """One case from its report on; ``row`` is its place among the incidents."""

    row: int
    reported_at: datetime
    channel: str
    steps: tuple[Step, ...]
    state: str = field(default="pending")


def tell(
    incidents: Incidents,
    leads: Sequence[Sequence[int]],
    as_of: datetime,
    rng: np.random.Generator,
) -> list[Story]:
    """Tell the story of every incident.

    Parameters
    ----------
    leads
        For each incident the people who may lead it, the likeliest first.
    as_of
        Nothing happens later; ``RECENT_OPEN`` of the newest and a few older cases are open.
    """
    total = len(incidents.at)
    is_open = _choose_open(incidents.at, as_of, total - round(total * CLOSED / REPORTED), rng)
    busy: set[int] = set()
    return [
        _open_story(incidents, row, leads[row], as_of, rng, busy)
        if is_open[row]
        else _closed_story(incidents, row, leads[row], as_of, rng)
        for row in range(total)
    ]


def _choose_open(
    at: Sequence[datetime], as_of: datetime, count: int, rng: np.random.Generator
) -> Sequence[bool]:
    age_s = np.array([(as_of - moment).total_seconds() for moment in at])
    chosen = np.zeros(len(at), dtype=bool)
    for limit, wanted in (((0.0, 3.0), RECENT_OPEN), ((3.0, 25.0), count)):
        low, high = (days * 86_400.0 for days in limit)
        rows = np.flatnonzero((age_s >= low) & (age_s < high) & ~chosen)
        missing = min(wanted, count - int(chosen.sum()), len(rows))
        chosen[rng.choice(rows, missing, replace=False)] = True
    if int(chosen.sum()) < count:
        chosen[np.flatnonzero(~chosen)[-(count - int(chosen.sum())) :]] = True
    return [bool(one) for one in chosen]


def _closed_story(
    incidents: Incidents,
    row: int,
    leads: Sequence[int],
    as_of: datetime,
    rng: np.random.Generator,
) -> Story:
    """Tell of a closed case; where too little time is left before ``as_of``, it is scaled."""
    family = incidents.family[row]
    plan = _plan(family, leads, rng)
    gaps_h = np.array([_gap_h(action, family, rng) for action, _ in plan])
    room_h = (as_of - incidents.at[row]).total_seconds() / 3600.0
    if gaps_h.sum() >= room_h:
        gaps_h *= 0.9 * room_h / gaps_h.sum()
    steps = _steps(family, plan, gaps_h, incidents.at[row], rng)
    return _story(incidents, row, steps, rng)


def _open_story(
    incidents: Incidents,
    row: int,
    leads: Sequence[int],
    as_of: datetime,
    rng: np.random.Generator,
    busy: set[int],
) -> Story:
    """Tell of a case that has come part of the way; nobody leads two of them."""
    free = next((person for person in leads if person not in busy), None)
    reached = int(rng.choice(4, p=(0.15, 0.2, 0.3, 0.35))) if free is not None else 0
    if reached and free is not None:
        busy.add(free)
    plan = [(action, free or 0) for action in ("assign", "acknowledge", "arrive")[:reached]]
    family = incidents.family[row]
    gaps_h = np.array([_gap_h(action, family, rng) for action, _ in plan])
    room_h = (as_of - incidents.at[row]).total_seconds() / 3600.0
    if len(gaps_h) and gaps_h.sum() >= room_h:
        gaps_h *= 0.9 * room_h / gaps_h.sum()
    return _story(incidents, row, _steps(family, plan, gaps_h, incidents.at[row], rng), rng)


def _plan(family: str, leads: Sequence[int], rng: np.random.Generator) -> list[tuple[str, int]]:
    first = leads[0]
    chance = rng.random()
    plan: list[tuple[str, int]] = []
    if chance < RETURNED_SHARE and len(leads) > 1:
        plan = [("assign", first), ("acknowledge", first), ("return", first)]
        first = leads[1]
    elif chance < RETURNED_SHARE + UNDONE_SHARE and len(leads) > 1:
        plan = [("assign", leads[1]), ("undo", leads[1])]
    plan += [("assign", first), ("acknowledge", first)]
    if family != "service" or rng.random() < 0.7:
        plan.append(("arrive", first))
    return [*plan, ("close", first)]


def _gap_h(action: str, family: str, rng: np.random.Generator) -> float:
    median_h = {
        "assign": 0.05, "undo": 0.005, "acknowledge": 0.08, "return": 0.5, "arrive": 0.25,
        "close": HANDLING_H[family],
    }[action]  # fmt: skip
    return float(median_h * np.exp(rng.normal(0.0, 0.8)))


def _steps(
    family: str,
    plan: Sequence[tuple[str, int]],
    gaps_h: np.ndarray[tuple[int], np.dtype[np.float64]],
    start: datetime,
    rng: np.random.Generator,
) -> tuple[Step, ...]:
    at, steps = start, []
    for (action, person), gap_h in zip(plan, gaps_h.tolist(), strict=True):
        at += timedelta(milliseconds=max(1, round(gap_h * 3_600_000)))
        steps.append(Step(action, at, person, _text(action, family, rng)))
    return tuple(steps)


def _text(action: str, family: str, rng: np.random.Generator) -> str | None:
    texts: Mapping[str, Sequence[str]] = {"return": RETURN_REASONS, "close": CLOSING_NOTES[family]}
    return texts[action][int(rng.integers(len(texts[action])))] if action in texts else None


def _story(
    incidents: Incidents, row: int, steps: tuple[Step, ...], rng: np.random.Generator
) -> Story:
    """Walk the steps through the real table: a step that it does not allow is an error."""
    state = "pending"
    for step in steps:
        state = next_state(allowed(step.action, "system", text=step.text), state)
    names, weights = zip(*CHANNELS[incidents.family[row]], strict=True)
    channel = str(rng.choice(names, p=weights))
    if incidents.type_code[row] == "P01":
        channel = "alarm_pillar"
    return Story(row, incidents.at[row], channel, steps, state)
