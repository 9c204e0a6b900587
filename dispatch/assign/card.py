"""Run cards: which people a case calls for. Pure; docs/algorithms/run-card.md tells the rule.

A card says for which cases it is (type × level × scale, before or after mediation has failed three
times) and what they need. Of the cards that fit a case the most specific one holds. Two cards that
fit one case, neither of them more specific, are in conflict: that is found when a card is saved,
so that every case has at most one card whatever the order in which cards came in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dispatch.assign.rung import BESIDE_THE_LEAD
from geodata.errors import InvalidInput

LEVELS = (1, 2, 3, 4)
"""Level of a matter: 1 especially grave, 2 grave, 3 considerable, 4 ordinary (GB/T 31000)."""
SCALES = (1, 2, 3)
"""Scale of a matter: 1 individual, 2 general group, 3 major group."""
FAILURES = 3
"""So many failed mediations at community level call the joint card (三官一律)."""
MAX_NEEDS, MAX_COUNT, MAX_STEP, MAX_WITHIN_S = 12, 20, 9, 7 * 86_400


class Stage(StrEnum):
    """Which cards are looked at: before, or after mediation has failed three times."""

    ORDINARY = "ordinary"
    JOINT = "joint"


class Part(StrEnum):
    """How somebody works on the case."""

    LEAD = "lead"
    """Leads it."""
    JOINT = "joint"
    """Jointly with the lead: the lead cannot finish before them (联办)."""
    ALONE = "alone"
    """On their own beside the lead (协办)."""

    @property
    def assignment_role(self) -> str:
        """Return the role of the assignment."""
        return "assist" if self is Part.ALONE else self.value


@dataclass(frozen=True)
class Matter:
    """What of a case decides which card it has."""

    type_code: str
    parent_code: str | None
    family: str
    level: int | None = None
    scale: int | None = None
    failed_mediations: int = 0

    @property
    def stage(self) -> Stage:
        """Return which cards are looked at first."""
        return Stage.JOINT if self.failed_mediations >= FAILURES else Stage.ORDINARY


@dataclass(frozen=True)
class Need:
    """So many people of a role, or with a skill.

    Parameters
    ----------
    role
        Role on the roster; None for the lead means whom the ladder recommends.
    skill
        A skill they must have on the roster, None for any.
    step
        In which order they are called, from 1.
    within_s
        In how many seconds they must be able to be there; None: the type's arrival limit for the
        lead, any time for others.
    """

    part: Part
    role: str | None = None
    skill: str | None = None
    count: int = 1
    step: int = 1
    within_s: int | None = None


@dataclass(frozen=True)
class Match:
    """For which cases a card is.

    Parameters
    ----------
    family, parent_code
        Of the type ``type_code``, if there is one; without it ``family`` alone says the cases,
        and without both the card is for all.
    levels, scales
        Empty is any, also a case of which nobody has said it.
    """

    stage: Stage = Stage.ORDINARY
    family: str | None = None
    type_code: str | None = None
    parent_code: str | None = None
    levels: frozenset[int] = frozenset()
    scales: frozenset[int] = frozenset()

    def fits(self, matter: Matter, stage: Stage) -> bool:
        """Tell whether this is for a case at a stage."""
        return (
            self.stage is stage
            and (self.family is None or self.family == matter.family)
            and (self.type_code is None or self.type_code in (matter.type_code, matter.parent_code))
            and (not self.levels or matter.level in self.levels)
            and (not self.scales or matter.scale in self.scales)
        )

    def within(self, other: Match) -> bool:
        """Tell whether every case this is for is one the other is for, too."""
        return (
            self.stage is other.stage
            and _type_within(self, other)
            and _set_within(self.levels, other.levels)
            and _set_within(self.scales, other.scales)
        )

    def narrower(self, other: Match) -> bool:
        """Tell whether this is more specific: within the other, and not the same."""
        return self.within(other) and not other.within(self)


@dataclass(frozen=True)
class Card:
    """One run card."""

    name: str
    name_en: str
    match: Match
    needs: tuple[Need, ...]
    source: str = "district"
    code: str | None = None
    """Of a card that ships; None for the district's own."""
    id: int | None = None
    version: int = 1
    edited: bool = False
    removed: bool = False

    @property
    def lead(self) -> Need:
        """Return who leads."""
        return next(need for need in self.needs if need.part is Part.LEAD)


LADDER_LEAD = Need(Part.LEAD)
"""Who leads a case without a card: whom the ladder recommends."""


@dataclass(frozen=True)
class Overlap:
    """Where two cards fit the same cases and neither is more specific."""

    card: Card
    """The other card."""
    match: Match
    """All cases that both fit."""


def _type_within(a: Match, b: Match) -> bool:
    """Tell whether the types of one match are among those of the other: a tree of four levels."""
    if b.type_code is not None:
        return b.type_code in (a.type_code, a.parent_code)
    return b.family is None or b.family == a.family


def _set_within(a: frozenset[int], b: frozenset[int]) -> bool:
    return not b or (bool(a) and a <= b)


def overlap(a: Match, b: Match) -> Match | None:
    """Return the cases that two matches are both for, None if there are none.

    Types form a tree, so of two that meet one holds the other.
    """
    if a.stage is not b.stage:
        return None
    if not (_type_within(a, b) or _type_within(b, a)):
        return None
    levels, scales = _both(a.levels, b.levels), _both(a.scales, b.scales)
    if levels is None or scales is None:
        return None
    inner = a if _type_within(a, b) else b
    return Match(a.stage, inner.family, inner.type_code, inner.parent_code, levels, scales)


def _both(a: frozenset[int], b: frozenset[int]) -> frozenset[int] | None:
    """Return the intersection of two sets of which the empty one is everything."""
    if not a or not b:
        return a | b
    return (a & b) or None


def find_conflict(match: Match, others: Iterable[Card]) -> Overlap | None:
    """Return the first card that fits some of the same cases without either being narrower."""
    for other in others:
        if match.narrower(other.match) or other.match.narrower(match):
            continue
        both = overlap(match, other.match)
        if both is not None:
            return Overlap(other, both)
    return None


def choose_card(matter: Matter, cards: Sequence[Card]) -> Card | None:
    """Return the card of a case: the narrowest that fits it, None if none does.

    After the third failed mediation the cards of that stage come first; without one the ordinary
    card stays. Cards without conflict that fit one case are each within the other, so that the
    order of the list decides nothing.
    """
    for stage in dict.fromkeys((matter.stage, Stage.ORDINARY)):
        best: Card | None = None
        for card in cards:
            narrower = best is None or card.match.narrower(best.match)
            if narrower and not card.removed and card.match.fits(matter, stage):
                best = card
        if best is not None:
            return best
    return None


def choose_lead(matter: Matter, cards: Sequence[Card]) -> Need:
    """Return who is called to lead a case: by its card, else whom the ladder recommends."""
    card = choose_card(matter, cards)
    return LADDER_LEAD if card is None else card.lead


def check_card(card: Card, roles: Iterable[str], skills: Iterable[str]) -> None:
    """Refuse a card that nobody could be sent by.

    Raises
    ------
    InvalidInput
        Names the field.
    """
    if not card.match.levels <= set(LEVELS):
        raise InvalidInput("levels must be from 1 to 4", field="levels")
    if not card.match.scales <= set(SCALES):
        raise InvalidInput("scales must be from 1 to 3", field="scales")
    if card.match.stage is Stage.JOINT and card.match.family not in (None, "dispute"):
        raise InvalidInput("Only disputes are mediated: choose another stage", field="stage")
    leads = [need for need in card.needs if need.part is Part.LEAD]
    if len(leads) != 1 or leads[0].count != 1:
        raise InvalidInput("A card needs exactly one lead", field="needs")
    if any(need.step < leads[0].step for need in card.needs):
        raise InvalidInput("The lead is called first: nobody has a lower step", field="needs")
    if len(card.needs) > MAX_NEEDS:
        raise InvalidInput(f"A card has at most {MAX_NEEDS} needs", field="needs")
    for need in card.needs:
        _check_need(need, card.match.family, frozenset(roles), frozenset(skills))


def _check_need(
    need: Need, family: str | None, roles: frozenset[str], skills: frozenset[str]
) -> None:
    if need.role is None and need.part is not Part.LEAD:
        raise InvalidInput("Say which role is needed beside the lead", field="needs")
    if need.role is not None and need.role not in roles:
        raise InvalidInput("role must be one of " + ", ".join(sorted(roles)), field="needs")
    if need.part is Part.LEAD and need.role in BESIDE_THE_LEAD:
        raise InvalidInput(f"A {need.role} joins beside the lead", field="needs")
    if need.part is Part.JOINT and family in (None, "police", "recommendation"):
        raise InvalidInput("Such cases are not handled jointly: choose alone", field="needs")
    if need.skill is not None and need.skill not in skills:
        raise InvalidInput("skill must be one of " + ", ".join(sorted(skills)), field="needs")
    _check_numbers(need)


def _check_numbers(need: Need) -> None:
    limits = (("count", need.count, MAX_COUNT), ("step", need.step, MAX_STEP),
              ("within_s", need.within_s or 60, MAX_WITHIN_S))  # fmt: skip
    for name, value, most in limits:
        if not 1 <= value <= most:
            raise InvalidInput(f"{name} must be from 1 to {most}", field="needs")


def check_grade(level: int | None, scale: int | None) -> None:
    """Refuse a level or a scale that is none; None is that nobody has said it.

    Raises
    ------
    InvalidInput
        ``level`` or ``scale``.
    """
    if level is not None and level not in LEVELS:
        raise InvalidInput("level must be from 1 (especially grave) to 4", field="level")
    if scale is not None and scale not in SCALES:
        raise InvalidInput("scale must be from 1 (individual) to 3", field="scale")


def match_facts(match: Match) -> dict[str, Any]:
    """Return a match as it is told: the family only where no type says it."""
    return {
        "stage": match.stage.value,
        "family": None if match.type_code else match.family,
        "type": match.type_code,
        "levels": sorted(match.levels),
        "scales": sorted(match.scales),
    }
