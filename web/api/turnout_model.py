"""The run card of a case as the API shows it: each need, who is recommended, what is missing."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from dispatch.assign import ladder
from dispatch.assign.need import Call
from dispatch.assign.shortfall import sentence
from dispatch.turnout import Turnout
from web.api.case_model import CandidateOut, role_label, show_candidate
from web.api.schema import Answer, Page


class ShortfallOut(Answer):
    """Why a need is short: how many are missing, how many people each cause holds back."""

    missing: int
    area: str = Field(description="the widest area that was asked")
    causes: dict[str, int]
    text: str


class CallOut(Answer):
    """One need of the card: how many have it, who is recommended, why somebody is missing."""

    need: int = Field(description="its place on the card, from 0")
    step: int
    part: str
    role: str | None
    role_label: str | None
    skill: str | None
    count: int
    within_s: int | None
    filled: int
    people: list[CandidateOut]
    shortfall: ShortfallOut | None


class TurnoutOut(Answer):
    """The card of a case."""

    id: int
    name: str
    name_en: str
    stage: str
    complete: bool
    needs: list[CallOut]


class CandidatePage(Page[CandidateOut]):
    """Who could go, and the case's run card; null if no card is for it."""

    card: TurnoutOut | None


def show_turnout(turnout: Turnout | None, locale: str) -> dict[str, Any] | None:
    """Return the card of a case as the API shows it."""
    if turnout is None:
        return None
    card = turnout.card
    return {
        "id": card.id,
        "name": card.name,
        "name_en": card.name_en,
        "stage": card.match.stage.value,
        "complete": turnout.complete,
        "needs": [_call(call, turnout.grid_code, locale) for call in turnout.calls],
    }


def _call(call: Call, grid_code: str, locale: str) -> dict[str, Any]:
    need = call.need
    people = [ladder.candidate(call.order, place, grid_code) for place in call.chosen]
    return {
        "need": call.index,
        "step": need.step,
        "part": need.part.value,
        "role": need.role,
        "role_label": None if need.role is None else role_label(need.role, locale),
        "skill": need.skill,
        "count": need.count,
        "within_s": need.within_s,
        "filled": call.filled,
        "people": [show_candidate(one, locale) for one in people],
        "shortfall": _shortfall(call, locale),
    }


def _shortfall(call: Call, locale: str) -> dict[str, Any] | None:
    short, need = call.shortfall, call.need
    if short is None:
        return None
    role = role_label(need.role, locale) if need.role else ""
    if locale == "en":
        role = role.lower()
    text = sentence(
        role, short.area, short.missing, need.count, short.causes, call.order.limit_s, locale
    )
    return {
        "missing": short.missing,
        "area": short.area,
        "causes": dict(short.causes),
        "text": text,
    }
