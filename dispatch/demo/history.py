"""The demo's past: 9,769 cases of which 9,717 are closed, each step allowed by the real table.

Stories are pure; :mod:`dispatch.demo.record` writes them. The published totals are those of the
platform as of mid-February 2023 (99.47 %); when they happened within the year is synthetic.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from dispatch.actor import system_actor
from dispatch.case.decision import decide, state_after
from dispatch.case.facts import Facts
from dispatch.case.guard import GRID_CHANNELS
from dispatch.case.loop import Row, the_loop
from dispatch.case.wish import Wish
from dispatch.demo.incident import Incidents, Sampler

REPORTED = 9_769
CLOSED = 9_717
DAYS = 365
FRESH = 12
FRESH_MIN = 50
"""A busy last hour: so many cases come in its last minutes and are still open. The other open
cases are older, not urgent, and being worked on."""
FRESH_PENDING, FRESH_ASSIGNED = 7, 2
"""Of the fresh cases the newest wait, the next are assigned, the rest signed for; on older open
cases somebody is there already."""
OLD_DAYS = 25
RETURNED_SHARE = 0.04
UNDONE_SHARE = 0.015
CHANNELS = {
    "dispute": (("resident", 0.45), ("grid_worker", 0.35), ("hotline", 0.2)),
    "hazard": (("grid_worker", 0.5), ("patrol", 0.25), ("resident", 0.25)),
    "service": (("resident", 0.6), ("hotline", 0.3), ("grid_worker", 0.1)),
    "police": (("police", 0.85), ("alarm_pillar", 0.15)),
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
    "police": ("现场已平息,已登记备案", "已现场处置,当事人无异议", "已现场核实,无人员受伤"),
    "recommendation": ("已巡查,情况正常",),
}
RATINGS, RATING_SHARES = (5, 4, 3, 2), (0.62, 0.3, 0.06, 0.02)
"""How reporters rate what was done: an assumption."""
PILLAR = "P01"
"""An alarm pillar was pressed: it always comes by that channel and has endings of its own."""
PILLAR_NOTES = ("误触报警柱,已核实", "现场已平息,已登记备案", "已护送求助人到派出所")


@dataclass(frozen=True)
class Step:
    """One step of a case, as the transition table names it."""

    action: str
    at: datetime
    person: int
    """Person on the roster the assignment is with."""
    text: str | None = None
    rating: int | None = None


@dataclass(frozen=True)
class Story:
    """One case from its report on; ``row`` is its place among the incidents.

    ``rows`` has for each step the row of the loop it was taken by.
    """

    row: int
    reported_at: datetime
    channel: str
    steps: tuple[Step, ...]
    state: str = field(default="pending")
    rows: tuple[Row, ...] = ()


def draw_year(sampler: Sampler, as_of: datetime, rng: np.random.Generator) -> Incidents:
    """Draw the incidents of the year before ``as_of``, the last minutes busier than the rest."""
    turn = as_of - timedelta(minutes=FRESH_MIN)
    year = sampler.draw(rng, REPORTED - FRESH, as_of - timedelta(days=DAYS), turn)
    return year + sampler.draw(rng, FRESH, turn, as_of)


def tell(
    incidents: Incidents,
    leads: Sequence[Sequence[int]],
    urgent: Sequence[bool],
    as_of: datetime,
    rng: np.random.Generator,
    absent: Collection[int] = (),
) -> list[Story]:
    """Tell the story of every incident.

    Parameters
    ----------
    incidents
        In order of time; the last ``FRESH`` stay open.
    leads
        For each incident the people who may lead it, the likeliest first.
    urgent
        For each incident whether its type is urgent.
    as_of
        Nothing happens later.
    absent
        People who are off duty at ``as_of``: they lead no case that is still open.
    """
    total = len(incidents.at)
    reached = _open_steps(
        incidents.at, urgent, as_of, total - round(total * CLOSED / REPORTED), rng
    )
    busy = set(absent)
    return [
        _open_story(incidents, row, reached[row], leads[row], as_of, rng, busy)
        if row in reached
        else _closed_story(incidents, row, leads[row], as_of, rng)
        for row in range(total)
    ]


def _open_steps(
    at: Sequence[datetime],
    urgent: Sequence[bool],
    as_of: datetime,
    count: int,
    rng: np.random.Generator,
) -> dict[int, int]:
    """Return the rows of open cases with the number of steps each has come (0 to 3)."""
    total = len(at)
    waiting = total - FRESH_PENDING
    reached = {
        row: 0 if row >= waiting else 1 if row >= waiting - FRESH_ASSIGNED else 2
        for row in range(total - FRESH, total)
    }
    age_s = np.array([(as_of - moment).total_seconds() for moment in at[: total - FRESH]])
    calm = ~np.array(urgent[: total - FRESH])
    rows = np.flatnonzero(calm & (age_s < OLD_DAYS * 86_400.0))
    weight = np.exp(-age_s[rows] / (OLD_DAYS * 86_400.0 / 4))
    old = rng.choice(rows, count - FRESH, replace=False, p=weight / weight.sum())
    return reached | {int(row): 3 for row in sorted(old)}


def _closed_story(
    incidents: Incidents,
    row: int,
    leads: Sequence[int],
    as_of: datetime,
    rng: np.random.Generator,
) -> Story:
    """Tell of a closed case; where too little time is left before ``as_of``, it is scaled."""
    family, channel = incidents.family[row], _channel(incidents, row, rng)
    plan = _plan(family, channel, leads, rng)
    gaps_h = np.array([_gap_h(action, family, rng) for action, _ in plan])
    if plan[-2][0] == "verify":
        gaps_h[-1] = _gap_h("verify", family, rng)
    room_h = (as_of - incidents.at[row]).total_seconds() / 3600.0
    if gaps_h.sum() >= room_h:
        gaps_h *= 0.9 * room_h / gaps_h.sum()
    return _story(incidents, row, channel, _steps(incidents, row, plan, gaps_h, rng))


def _open_story(
    incidents: Incidents,
    row: int,
    reached: int,
    leads: Sequence[int],
    as_of: datetime,
    rng: np.random.Generator,
    busy: set[int],
) -> Story:
    """Tell of a case that has come part of the way; nobody leads two of them."""
    free = next((person for person in leads if person not in busy), None)
    if free is None:
        reached, free = 0, 0
    elif reached:
        busy.add(free)
    plan = [(action, free) for action in ("dispatch", "acknowledge", "arrive")[:reached]]
    family = incidents.family[row]
    gaps_h = np.array([_gap_h(action, family, rng) for action, _ in plan])
    room_h = (as_of - incidents.at[row]).total_seconds() / 3600.0
    if len(gaps_h) and gaps_h.sum() >= room_h:
        gaps_h *= 0.9 * room_h / gaps_h.sum()
    channel = _channel(incidents, row, rng)
    return _story(incidents, row, channel, _steps(incidents, row, plan, gaps_h, rng))


def _channel(incidents: Incidents, row: int, rng: np.random.Generator) -> str:
    if incidents.type_code[row] == PILLAR:
        return "alarm_pillar"
    names, weights = zip(*CHANNELS[incidents.family[row]], strict=True)
    return str(rng.choice(names, p=weights))


def _plan(
    family: str, channel: str, leads: Sequence[int], rng: np.random.Generator
) -> list[tuple[str, int]]:
    first = leads[0]
    chance = rng.random()
    plan: list[tuple[str, int]] = []
    if chance < RETURNED_SHARE and len(leads) > 1:
        plan = [("dispatch", first), ("acknowledge", first), ("return", first)]
        first = leads[1]
    elif chance < RETURNED_SHARE + UNDONE_SHARE and len(leads) > 1:
        plan = [("dispatch", leads[1]), ("undo", leads[1])]
    plan += [("dispatch", first), ("acknowledge", first)]
    if family != "service" or rng.random() < 0.7:
        plan.append(("arrive", first))
    if family in the_loop().verified and channel in GRID_CHANNELS:
        plan += [("finish", first), ("verify", first)]
    return [*plan, ("close", first)]


def _gap_h(action: str, family: str, rng: np.random.Generator) -> float:
    median_h = {
        "dispatch": 0.05, "undo": 0.005, "acknowledge": 0.08, "return": 0.5, "arrive": 0.25,
        "finish": HANDLING_H[family], "verify": 0.7, "close": HANDLING_H[family],
    }[action]  # fmt: skip
    return float(median_h * np.exp(rng.normal(0.0, 0.8)))


def _steps(
    incidents: Incidents,
    row: int,
    plan: Sequence[tuple[str, int]],
    gaps_h: np.ndarray[tuple[int], np.dtype[np.float64]],
    rng: np.random.Generator,
) -> tuple[Step, ...]:
    at, steps = incidents.at[row], list[Step]()
    for (action, person), gap_h in zip(plan, gaps_h.tolist(), strict=True):
        at += timedelta(milliseconds=max(1, round(gap_h * 3_600_000)))
        rating = int(rng.choice(RATINGS, p=RATING_SHARES)) if action == "verify" else None
        steps.append(Step(action, at, person, _text(action, incidents, row, rng), rating))
    return tuple(steps)


def _text(action: str, incidents: Incidents, row: int, rng: np.random.Generator) -> str | None:
    notes = CLOSING_NOTES[incidents.family[row]]
    if incidents.type_code[row] == PILLAR:
        notes = PILLAR_NOTES
    texts: Mapping[str, Sequence[str]] = {
        "return": RETURN_REASONS, "close": notes, "finish": notes,
    }  # fmt: skip
    return texts[action][int(rng.integers(len(texts[action])))] if action in texts else None


def _story(incidents: Incidents, row: int, channel: str, steps: tuple[Step, ...]) -> Story:
    """Walk the steps through the real table: a step that it does not allow is an error."""
    loop, actor = the_loop(), system_actor("demo")
    state, rows = "pending", list[Row]()
    for version, step in enumerate(steps, 1):
        facts = _facts(incidents, row, channel, state, version)
        wish = _wish(step, version)
        rows.append(decide(loop, facts, actor, wish, step.at))
        state = state_after(rows[-1], facts)
    return Story(row, incidents.at[row], channel, steps, state, tuple(rows))


def _wish(step: Step, version: int) -> Wish:
    reason = step.text if step.action == "return" else None
    note = None if step.action == "return" else step.text
    person = step.person if step.action == "dispatch" else None
    return Wish(
        step.action, version, person_id=person, reason=reason, note=note, rating=step.rating
    )


def _facts(incidents: Incidents, row: int, channel: str, state: str, version: int) -> Facts:
    at = incidents.at[row]
    return Facts(
        id=row, number="", family=incidents.family[row], type_code=incidents.type_code[row],
        parent_code=None, urgent=False, state=state, version=version, channels=(channel,),
        grid_code="", holder_code="", reported_at=at, state_since=at, held_since=at,
        closed_at=None, suspended_from=None, merged_into=None, hops=0, card=None,
    )  # fmt: skip
