"""Who fills the needs of a run card, and why a need is short. Pure; docs/algorithms/run-card.md.

Needs are filled in the order of their steps, each person once. For the lead the ladder decides;
beside the lead the rungs count in the same way, but who cannot be there in time is not called.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from dispatch.assign import ladder
from dispatch.assign.card import Card, Need, Part
from dispatch.assign.ladder import Order, Responder
from dispatch.assign.rung import LADDER, Rule, Rung
from geodata.code import Level

CAUSES = ("off_duty", "on_leave", "recused", "at_capacity", "unskilled", "out_of_reach", "late",
          "on_the_case", "beyond_scope", "none")  # fmt: skip
"""Why people who answer for the place are not sent, in the order in which they are told; each
person is counted once, by the first rule that stands in the way. ``none``: nobody answers for it.
"""
REACH: Mapping[Level, tuple[tuple[Rung, bool], ...]] = {
    Level.GRID: (
        (Rung.BUILDING, False),
        (Rung.GRID, False),
        (Rung.NEIGHBOUR, False),
        (Rung.COMMUNITY, True),
    ),
    Level.COMMUNITY: ((Rung.COMMUNITY, False), (Rung.STREET, True)),
    Level.STREET: ((Rung.STREET, False), (Rung.DISTRICT, True)),
    Level.DISTRICT: ((Rung.DISTRICT, False),),
}
"""Rungs on which people of a role are sought whom the ladder of the family does not name: of the
level they usually answer for, then the next one up."""


@dataclass(frozen=True)
class Held:
    """A part somebody has in the case already: who, in which role of both kinds."""

    person_id: int
    person_role: str
    role: str
    live: bool
    done: bool = False


@dataclass(frozen=True)
class Shortfall:
    """So many are missing of a need, and why: cause → how many people it holds back."""

    missing: int
    causes: Mapping[str, int]
    area: str
    """The widest area that was asked: ``community``, ``street`` or ``district``."""


@dataclass(frozen=True)
class Call:
    """One need of a case's card: how far it is filled and who is recommended for the rest."""

    index: int
    need: Need
    filled: int
    order: Order
    chosen: tuple[int, ...] = ()
    """Places on ``order``, in order of recommendation."""
    engaged: int = 0
    """How many of those asked have another part in the case."""
    shortfall: Shortfall | None = None

    @property
    def missing(self) -> int:
        """How many people are still to be sent."""
        return self.need.count - self.filled


def rules_for(family: str, skills: Iterable[str], role: str, level: Level) -> tuple[Rule, ...]:
    """Return on which rungs people of a role are sought: the ladder's, else those of their level.

    Parameters
    ----------
    skills
        Of the case's type.
    """
    called = set(skills)
    own = tuple(
        rule
        for rule in LADDER
        if rule.family == family and rule.role == role and (rule.skill in called or not rule.skill)
    )
    return own or tuple(Rule(family, rung, role, within) for rung, within in REACH[level])


def area_of(rules: Iterable[Rule]) -> str:
    """Return the widest area on which rules look for anybody."""
    widest = max((rule.rung for rule in rules), default=Rung.DISTRICT)
    return max(widest, Rung.COMMUNITY).code


def fill_needs(
    card: Card,
    held: Sequence[Held],
    people: Mapping[str | None, Sequence[Responder]],
    limit_s: float,
    skilled: Mapping[str, frozenset[int]] | None = None,
) -> list[Call]:
    """Return the needs of a card in the order they are called, with whom to send.

    Parameters
    ----------
    held
        Parts in the case, also ended ones.
    people
        By role those who answer for the place, are free, on duty and not recused, with travel
        times in seconds; None: those of the ladder.
    limit_s
        The type's arrival limit, for a lead without one of its own.
    skilled
        By skill the people who have it.
    """
    free = Counter(one.person_role for one in held if _counts(one))
    busy = {one.person_id for one in held if one.live}
    calls = []
    for index, need in _in_order(card):
        filled = _filled(need, held, free)
        known = people.get(need.role, ())
        asked = [r for r in known if r.person_id not in busy]
        able = _able(asked, need, skilled)
        within_s = float(need.within_s or (limit_s if need.part is Part.LEAD else math.inf))
        ordered = order_for(need, able, within_s)
        places = list(islice(_who_may_go(need, ordered, within_s), need.count - filled))
        busy |= {ordered.responders[place].person_id for place in places}
        engaged = len(known) - len(asked)
        calls.append(Call(index, need, filled, ordered, tuple(places), engaged))
    return calls


def call_lead(
    need: Need,
    people: Sequence[Responder],
    limit_s: float,
    skilled: Mapping[str, frozenset[int]] | None = None,
) -> Call:
    """Return who may lead, all of them, in order of recommendation.

    Parameters
    ----------
    people
        Who answers for the place, is free, on duty and not recused, with travel times in seconds.
    limit_s
        The type's arrival limit.
    skilled
        By skill the people who have it.
    """
    within_s = float(need.within_s or limit_s)
    ordered = order_for(need, _able(people, need, skilled), within_s)
    return Call(0, need, 0, ordered, tuple(_who_may_go(need, ordered, within_s)))


def _who_may_go(need: Need, ordered: Order, within_s: float) -> Iterator[int]:
    """Yield the places on an order of those in sight who are called."""
    for place, r in enumerate(ordered.responders):
        if r.in_scope and _may_go(need, r, within_s):
            yield place


def _in_order(card: Card) -> list[tuple[int, Need]]:
    """Return needs with their places on the card, by step."""
    return sorted(enumerate(card.needs), key=lambda one: (one[1].step, one[0]))


def _counts(one: Held) -> bool:
    """Tell whether a part counts beside the lead: at work, or done."""
    return one.role != "lead" and (one.live or one.done)


def _filled(need: Need, held: Sequence[Held], free: Counter[str]) -> int:
    if need.part is Part.LEAD:
        return int(any(one.live and one.role == "lead" for one in held))
    filled = min(need.count, free[need.role or ""])
    free[need.role or ""] -= filled
    return filled


def _able(
    asked: Sequence[Responder], need: Need, skilled: Mapping[str, frozenset[int]] | None
) -> list[Responder]:
    if need.skill is None:
        return list(asked)
    have = (skilled or {}).get(need.skill, frozenset())
    return [r for r in asked if r.person_id in have]


def order_for(need: Need, people: Iterable[Responder], limit_s: float) -> Order:
    """Put people in order of recommendation for a need: the lead by the ladder."""
    if need.part is Part.LEAD:
        ordered = ladder.order(people, limit_s)
        return Order(
            tuple(r for r in ordered.responders if r.may_lead), ordered.open_rungs, limit_s
        )
    listed = list(people)
    opened = frozenset(r.rung for r in listed if ladder.meets(r.travel_s, limit_s))
    listed.sort(key=lambda r: (not ladder.meets(r.travel_s, limit_s), r.rung, *_nearness(r)))
    return Order(tuple(listed), opened, limit_s)


def _nearness(r: Responder) -> tuple[bool, float, int, int]:
    return (r.travel_s is None, round(r.travel_s or 0.0, 1), r.load, r.person_id)


def _may_go(need: Need, r: Responder, limit_s: float) -> bool:
    """Tell whether somebody is called: a late lead is better than none, a late helper is not."""
    if need.part is Part.LEAD and need.within_s is None:
        return True
    return ladder.meets(r.travel_s, limit_s)


@dataclass(frozen=True)
class Counts:
    """How many people of a role who answer for the place a rule holds back, each counted once."""

    off_duty: int = 0
    on_leave: int = 0
    recused: int = 0
    at_capacity: int = 0
    unskilled: int = 0


NOBODY = Counts()


def explain(call: Call, area: str, counts: Counts = NOBODY) -> Shortfall | None:
    """Return why a need is short, None if it is not."""
    missing = call.missing - len(call.chosen)
    if missing <= 0:
        return None
    limit_s = call.order.limit_s
    rest = [r for place, r in enumerate(call.order.responders) if place not in call.chosen]
    slow = [r for r in rest if not ladder.meets(r.travel_s, limit_s)]
    unreached = sum(r.travel_s == math.inf for r in slow)
    held_back = call.need.part is not Part.LEAD or call.need.within_s is not None
    found = {
        "off_duty": counts.off_duty,
        "on_leave": counts.on_leave,
        "recused": counts.recused,
        "at_capacity": counts.at_capacity,
        "unskilled": counts.unskilled,
        "out_of_reach": unreached if held_back else 0,
        "late": len(slow) - unreached if held_back else 0,
        "on_the_case": call.engaged,
        "beyond_scope": sum(
            not r.in_scope and (not held_back or ladder.meets(r.travel_s, limit_s)) for r in rest
        ),
    }
    causes = {name: found[name] for name in CAUSES if found.get(name)}
    return Shortfall(missing, causes or {"none": 0}, area)
