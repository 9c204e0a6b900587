"""Why not: the rule that excluded somebody from a case, or who outranked them and by what. Pure.

Exclusions are those of dispatch.candidates in the order in which it applies them; who is left is
on the ladder's list, so that the answer and the list cannot differ. Comparisons are the parts of
the ladder's order (ladder.py), in its order; docs/algorithms/run-card.md has a worked example.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dispatch.assign.ladder import Order, Responder
from dispatch.assign.rung import Rule


class Verdict(StrEnum):
    """How somebody stands to a case."""

    FIRST = "recommended"
    OUTRANKED = "outranked"
    EXCLUDED = "excluded"
    ASSIGNED = "assigned"


@dataclass(frozen=True)
class Standing:
    """What of a person and a case decides whether the person is on the list.

    Parameters
    ----------
    rung
        The lowest rung on which a rule of the ladder finds them, None if none does.
    recusal
        Why they stand aside from the case, None if they do not.
    part
        The role in which they have the case now, None if they have not.
    in_scope
        Whether the caller may see who it is.
    """

    person_id: int
    role: str
    duty: str
    load: int
    capacity: int
    rung: int | None
    recusal: str | None = None
    part: str | None = None
    in_scope: bool = True
    name: str | None = None


@dataclass(frozen=True)
class Answer:
    """One rule that speaks against somebody; numbers are told, seconds as ``_s``."""

    code: str
    params: Mapping[str, float | int] = field(default_factory=dict)


@dataclass(frozen=True)
class WhyNot:
    """The answer: how somebody stands, by which rules, and behind whom.

    Parameters
    ----------
    answers
        The first is what decided it; further ones would have excluded them, too.
    rank
        Place on the list from 1, None for who is not on it.
    ahead
        Who is first on the list, None where nobody is compared.
    """

    verdict: Verdict
    answers: tuple[Answer, ...]
    rank: int | None = None
    ahead: Responder | None = None


def why_not(
    standing: Standing, rules: Iterable[Rule], family: str, skills: Iterable[str], ordered: Order
) -> WhyNot:
    """Return why somebody is not the first to be sent to a case, or that they are.

    Parameters
    ----------
    rules
        The responsibility ladder.
    skills
        Of the case's type.
    ordered
        The ladder's list of the case, at the same moment.
    """
    place = next(
        (i for i, r in enumerate(ordered.responders) if r.person_id == standing.person_id), None
    )
    if standing.part is not None:
        return WhyNot(Verdict.ASSIGNED, (Answer(f"assigned_{_part(standing.part)}"),))
    if place is None:
        found = tuple(_exclusions(standing, rules, family, skills))
        return WhyNot(Verdict.EXCLUDED, found)
    if place == 0:
        return WhyNot(Verdict.FIRST, (Answer("first"),), 1)
    first, own = ordered.responders[0], ordered.responders[place]
    return WhyNot(Verdict.OUTRANKED, (compare(first, own, ordered),), place + 1, first)


def _part(role: str) -> str:
    return "lead" if role == "lead" else "beside"


def _exclusions(
    s: Standing, rules: Iterable[Rule], family: str, skills: Iterable[str]
) -> Iterator[Answer]:
    """Yield every rule that keeps somebody off the list: of the post first, then of the day."""
    own = [rule for rule in rules if rule.family == family and rule.role == s.role]
    called = set(skills)
    if not own:
        yield Answer("other_family")
    elif all(rule.skill is not None and rule.skill not in called for rule in own):
        yield Answer("other_skill")
    elif s.rung is None:
        yield Answer("other_area")
    if s.duty == "on_leave":
        yield Answer("on_leave")
    elif s.duty != "on_duty":
        yield Answer("off_duty")
    if s.recusal is not None:
        yield Answer("recused")
    if s.load >= s.capacity:
        yield Answer("at_capacity", {"load": s.load, "capacity": s.capacity})


def compare(first: Responder, own: Responder, ordered: Order) -> Answer:
    """Return the part of the ladder's order that puts one before the other.

    Parameters
    ----------
    first, own
        Both on the list, ``first`` before ``own``.
    """
    for code, decides in _RULES:
        if code in _BY_RUNG and not ordered.open_rungs:
            continue
        found = decides(first, own, ordered)
        if found is not None:
            return found
    raise ValueError("nobody stands before themselves")


_BY_RUNG = frozenset({"rung_skipped", "higher_rung"})


def _unreachable(first: Responder, own: Responder, ordered: Order) -> Answer | None:
    differ = (own.travel_s == math.inf) != (first.travel_s == math.inf)
    return Answer("no_road") if differ else None


def _skipped(first: Responder, own: Responder, ordered: Order) -> Answer | None:
    differ = (own.rung in ordered.open_rungs) != (first.rung in ordered.open_rungs)
    return Answer("rung_skipped", {"limit_s": ordered.limit_s}) if differ else None


def _higher(first: Responder, own: Responder, ordered: Order) -> Answer | None:
    if own.rung == first.rung:
        return None
    return Answer("higher_rung", {"rung": own.rung, "first_rung": first.rung})


def _beside(first: Responder, own: Responder, ordered: Order) -> Answer | None:
    return Answer("joins_beside") if own.may_lead != first.may_lead else None


def _appointed(first: Responder, own: Responder, ordered: Order) -> Answer | None:
    differ = (own.travel_s is None) != (first.travel_s is None)
    return Answer("by_appointment") if differ else None


def _farther(first: Responder, own: Responder, ordered: Order) -> Answer | None:
    own_s, first_s = _tenths(own.travel_s), _tenths(first.travel_s)
    if own_s == first_s:
        return None
    return Answer("farther", {"travel_s": own_s, "first_s": first_s})


def _busier(first: Responder, own: Responder, ordered: Order) -> Answer | None:
    if own.load == first.load:
        return None
    return Answer("busier", {"load": own.load, "first_load": first.load})


def _later_id(first: Responder, own: Responder, ordered: Order) -> Answer | None:
    return Answer("equal")


_RULES = (
    ("no_road", _unreachable),
    ("rung_skipped", _skipped),
    ("higher_rung", _higher),
    ("joins_beside", _beside),
    ("by_appointment", _appointed),
    ("farther", _farther),
    ("busier", _busier),
    ("equal", _later_id),
)
"""In the order in which the ladder compares."""


def _tenths(travel_s: float | None) -> float:
    return 0.0 if travel_s is None or travel_s == math.inf else round(travel_s, 1)


SENTENCES: Mapping[str, tuple[str, str]] = {
    "first": ("排第一，推荐派遣", "stands first: recommended"),
    "assigned_lead": ("已经牵头办理本案", "leads this case already"),
    "assigned_beside": ("已经参与本案", "has a part in this case already"),
    "other_family": (
        "该岗位不办这一类事项",
        "this post does not answer for such matters",
    ),
    "other_skill": ("事项不需要该岗位的专业", "the matter does not call for this trade"),
    "other_area": ("不负责此地", "answers for other areas, not for this place"),
    "on_leave": ("请假", "on leave"),
    "off_duty": ("不在岗", "off duty"),
    "recused": ("回避本案", "stands aside from this case"),
    "at_capacity": ("在办 {load} 件，上限 {capacity} 件", "{load} open of at most {capacity}"),
    "no_road": ("没有道路可到", "no road leads there"),
    "rung_skipped": (
        "本级无人能在 {limit_min} 分钟时限内到达，先派能及时到的一级",
        "nobody on this rung meets the limit of {limit_min} min: a rung that does goes first",
    ),
    "higher_rung": (
        "责任层级更远：{rung_zh}在{first_rung_zh}之后",
        "responsible further off: rung {rung_en}, the first stands on rung {first_rung_en}",
    ),
    "joins_beside": ("协同参与，不牵头", "joins beside the lead and does not lead"),
    "by_appointment": (
        "按预约到场，排在能立即出发的人之后",
        "comes by appointment: who sets out at once goes first",
    ),
    "farther": (
        "路程 {travel_min} 分钟，第一位 {first_min} 分钟",
        "{travel_min} min away, the first {first_min} min",
    ),
    "busier": ("在办 {load} 件，第一位 {first_load} 件", "{load} open, the first {first_load}"),
    "equal": ("条件相同，按编号先后", "equal in everything: the lower number goes first"),
}
"""Message ids: every rule, in Chinese and in English."""
RUNGS = {
    1: ("楼院", "building"),
    2: ("网格", "grid"),
    3: ("相邻网格", "neighbouring grid"),
    4: ("社区", "community"),
    5: ("街道", "street"),
    6: ("全区", "district"),
}


def sentence(answer: Answer, locale: str = "zh") -> str:
    """Return a rule in words.

    >>> sentence(Answer("busier", {"load": 2, "first_load": 1}), "en")
    '2 open, the first 1'
    """
    shown: dict[str, float | int | str] = {}
    for name, value in answer.params.items():
        if name.endswith("_s"):
            shown[name.removesuffix("_s") + "_min"] = _minutes(value)
        elif name.endswith("rung"):
            shown[f"{name}_zh"], shown[f"{name}_en"] = RUNGS[int(value)]
        else:
            shown[name] = value
    return SENTENCES[answer.code][1 if locale == "en" else 0].format(**shown)


def _minutes(seconds: float) -> str:
    """Return minutes with one digit, so that two that differ are told apart."""
    return f"{seconds / 60:.1f}"
