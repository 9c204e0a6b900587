"""Why somebody stands where on the list: a code with numbers, and its sentence in zh and en.

Codes and parameters are stored with the assignment; sentences are made when they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SENTENCES: dict[str, tuple[str, str]] = {
    "own_building": ("负责该楼院", "responsible for the building"),
    "own_grid": ("负责该网格", "responsible for the grid"),
    "neighbouring_grid": (
        "负责相邻网格,共边 {shared_m} 米",
        "responsible for the neighbouring grid, {shared_m} m of common edge",
    ),
    "community": ("负责该社区", "responsible for the community"),
    "resident_of_community": ("包片该社区", "assigned to the community"),
    "street": ("负责该街道", "responsible for the street"),
    "district": ("负责全区", "responsible for the district"),
    "part_of_community": ("负责同社区其他网格", "responsible for another grid of the community"),
    "part_of_street": ("负责同街道其他片区", "responsible for another part of the street"),
    "part_of_district": ("负责区内其他街道", "responsible for another street of the district"),
    "meets_limit": (
        "{travel_min} 分钟可到,时限 {limit_min} 分钟",
        "there in {travel_min} min, limit {limit_min} min",
    ),
    "there_in": ("{travel_min} 分钟可到", "there in {travel_min} min"),
    "late": (
        "{travel_min} 分钟可到,超时限 {late_min} 分钟",
        "there in {travel_min} min, {late_min} min over the limit",
    ),
    "unreachable": ("没有道路可到", "no road leads there"),
    "not_travelling": ("无需到场,不计路程", "need not travel"),
    "load": ("在办 {load} 件,上限 {capacity} 件", "{load} open of at most {capacity}"),
    "rung_skipped": (
        "本级无人能在时限内到达,顺延",
        "nobody on this rung can meet the limit, so the next was asked first",
    ),
    "nobody_meets_limit": (
        "各级均无人能在时限内到达,按路程排序",
        "nobody on any rung can meet the limit: ordered by travel time",
    ),
    "beyond_scope": ("在您的辖区之外", "beyond your area"),
    "chosen_by_desk": ("调度员指定", "chosen by the desk"),
}
"""Message ids: every code, in Chinese and in English."""


@dataclass(frozen=True)
class Reason:
    """One reason; seconds are ``_s``, metres ``_m``."""

    code: str
    params: Mapping[str, float | int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the form that is stored and sent."""
        return {"code": self.code, "params": dict(self.params)}


def sentence(code: str, params: Mapping[str, float | int], locale: str = "zh") -> str:
    """Return a reason in words.

    >>> sentence("meets_limit", {"travel_s": 90, "limit_s": 600}, "en")
    'there in 2 min, limit 10 min'
    """
    zh, en = SENTENCES[code]
    shown: dict[str, float | int] = {
        name.replace("_s", "_min"): -int(-value // 60)
        for name, value in params.items()
        if name.endswith("_s")
    }
    shown |= {name: round(value) for name, value in params.items() if not name.endswith("_s")}
    return (en if locale == "en" else zh).format(**shown)
