"""Shortfalls in words: a need, its counts by cause, and the sentence in zh and en."""

from __future__ import annotations

import math
from collections.abc import Mapping

HEADS: Mapping[str, tuple[str, str]] = {
    "nobody": ("{area}没有可派的{role}", "no {role} of this {area} can be sent"),
    "fewer": ("{area}可派的{role}还缺 {missing} 人", "{missing} {role} of this {area} missing"),
}
CAUSES: Mapping[str, tuple[str, str]] = {
    "off_duty": ("不在岗 {n} 人", "{n} off duty"),
    "on_leave": ("请假 {n} 人", "{n} on leave"),
    "recused": ("回避 {n} 人", "{n} recused"),
    "at_capacity": ("在办已满 {n} 人", "{n} with no room for another case"),
    "out_of_reach": ("无路可到 {n} 人", "{n} whom no road brings here"),
    "late": ("{within_min} 分钟内到不了 {n} 人", "{n} not here within {within_min} min"),
    "declined": ("退回 {n} 人", "{n} gave it back"),
    "lapsed": ("未应答 {n} 人", "{n} did not answer"),
    "on_the_case": ("已在本案 {n} 人", "{n} on the case in another part"),
    "unskilled": ("无此技能 {n} 人", "{n} without the skill"),
    "beyond_scope": ("在您的辖区之外 {n} 人", "{n} beyond your area"),
    "none": ("名册上没有人负责", "nobody on the roster answers for it"),
}
"""Message ids: every cause, in Chinese and in English."""
AREAS: Mapping[str, tuple[str, str]] = {
    "community": ("本社区", "community"),
    "street": ("本街道", "street"),
    "district": ("全区", "district"),
}
ANYBODY = ("牵头人", "lead")


def sentence(
    role: str,
    area: str,
    missing: int,
    count: int,
    causes: Mapping[str, int],
    within_s: float | None,
    locale: str = "zh",
) -> str:
    """Return a shortfall in words.

    Parameters
    ----------
    role
        Name of the role in the language asked for; empty for any lead.
    count
        How many the card asks for.
    within_s
        In how many seconds they must be there; None or inf: any time.

    >>> sentence("lawyer", "community", 1, 1, {"on_leave": 3, "recused": 1}, None, "en")
    'no lawyer of this community can be sent: 3 on leave, 1 recused'
    """
    at = 1 if locale == "en" else 0
    comma, colon = (", ", ": ") if at else ("，", "：")
    head = HEADS["nobody" if missing >= count else "fewer"][at].format(
        area=AREAS[area][at], role=role or ANYBODY[at], missing=missing
    )
    timed = within_s is not None and math.isfinite(within_s)
    within_min = -int(-(within_s or 0.0) // 60) if timed else 0
    told = [CAUSES[code][at].format(n=n, within_min=within_min) for code, n in causes.items()]
    return head + colon + comma.join(told)
