"""The ladder's rule once more, worded as docs/algorithms/ladder.md words it and nothing shared.

Knows only the table of rules; who answers, who is free and who goes first is worked out by walking
over everybody. Slow on purpose.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from functools import cmp_to_key

from dispatch.assign.ladder import Responder
from dispatch.assign.rung import LADDER, Rule, Rung

_PREFIX = {Rung.COMMUNITY: 12, Rung.STREET: 9, Rung.DISTRICT: 6}
_RULES: dict[tuple[str, str], list[Rule]] = defaultdict(list)
for _rule in LADDER:
    _RULES[_rule.family, _rule.role].append(_rule)
Responsibility = tuple[str, int | None]
"""Area code, and the building if it is for one only."""


def nearest_rung(
    role: str,
    responsibilities: Iterable[Responsibility],
    *,
    family: str,
    skills: Iterable[str],
    grid: str,
    building: int | None,
    neighbours: Iterable[str],
) -> Rung | None:
    """Return the lowest rung on which somebody answers for a place, None for nobody."""
    found = [
        rule.rung
        for rule in _RULES[family, role]
        if (rule.skill is None or rule.skill in skills)
        and any(
            _answers(rule.rung, rule.within, one, grid, building, neighbours)
            for one in responsibilities
        )
    ]
    return min(found, default=None)


def _answers(
    rung: Rung,
    within: bool,
    responsibility: Responsibility,
    grid: str,
    building: int | None,
    neighbours: Iterable[str],
) -> bool:
    area, only_building = responsibility
    if rung is Rung.BUILDING:
        return building is not None and only_building == building
    if rung is Rung.GRID:
        return area == grid
    if only_building is not None:
        return False
    if rung is Rung.NEIGHBOUR:
        return area in neighbours
    whole = grid[: _PREFIX[rung]]
    return area.startswith(whole) if within else area == whole


def brute_force(people: Iterable[Responder], limit_s: float) -> list[int]:
    """Return ids in order, by pairwise rules alone."""
    people = list(people)
    led = {r.rung for r in people if not _beside(r) and not _last_if_gone(r)}
    opened = {r.rung for r in people if r.rung in led and _time(r) <= limit_s}

    def before(a: Responder, b: Responder) -> int:
        tests = [_last_if_gone]
        if opened:
            tests += [lambda r: r.rung not in opened, lambda r: r.rung]
        tests += [_beside, lambda r: r.travel_s is None]
        for key in (*tests, _time, lambda r: r.load, lambda r: r.person_id):
            if key(a) != key(b):
                return -1 if key(a) < key(b) else 1
        return 0

    return [r.person_id for r in sorted(people, key=cmp_to_key(before))]


def _beside(r: Responder) -> bool:
    return r.role in ("lawyer", "judge")


def _time(r: Responder) -> float:
    return -1.0 if r.travel_s is None else round(r.travel_s, 1)


def _last_if_gone(r: Responder) -> bool:
    return _time(r) == math.inf
