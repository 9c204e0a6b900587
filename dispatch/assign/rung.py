"""The responsibility ladder's table: who answers at which rung, for each family of cases.

Reasons for every row are in docs/algorithms/ladder.md. One table; ranking is in ladder.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import LiteralString


class Rung(IntEnum):
    """From the building up; dispatch.candidates (migration 0050) numbers them the same way."""

    BUILDING = 1
    GRID = 2
    NEIGHBOUR = 3
    COMMUNITY = 4
    STREET = 5
    DISTRICT = 6

    @property
    def code(self) -> str:
        """Return the name stored with an assignment: 'building' … 'district'."""
        return self.name.lower()


BY_CHOICE = "choice"
"""Stored in place of a rung when the desk chose somebody whom the ladder does not offer."""


@dataclass(frozen=True)
class Rule:
    """One row: people of ``role`` answer for cases of ``family`` on this rung.

    Parameters
    ----------
    within
        Also those who answer for a part of the area only (the community's other grids).
    skill
        Only for case types that call for this skill; None for all types of the family.
    """

    family: str
    rung: Rung
    role: str
    within: bool = False
    skill: str | None = None


_R = Rung
_FRONT = (
    (_R.BUILDING, "info_officer"),
    (_R.GRID, "grid_worker"),
    (_R.NEIGHBOUR, "grid_worker"),
    (_R.COMMUNITY, "community_worker"),
    (_R.COMMUNITY, "cadre"),
    (_R.STREET, "institutional_post"),
    (_R.STREET, "admin_post"),
)
_SPECIALISTS = ("mediator", "lawyer", "judge")
_TRADES = (
    ("gas_fitter", "gas"),
    ("firefighter", "fire"),
    ("fire_clerk", "fire"),
    ("urban_officer", "street_order"),
)

LADDER: tuple[Rule, ...] = (
    *(Rule("hazard", rung, role) for rung, role in _FRONT),
    Rule("hazard", _R.GRID, "info_officer"),
    Rule("hazard", _R.COMMUNITY, "grid_worker", within=True),
    *(Rule("hazard", _R.STREET, role, skill=skill) for role, skill in _TRADES),
    *(Rule("hazard", _R.DISTRICT, role, within=True, skill=skill) for role, skill in _TRADES),
    *(Rule("service", rung, role) for rung, role in _FRONT),
    Rule("service", _R.COMMUNITY, "grid_worker", within=True),
    *(Rule("dispute", _R.COMMUNITY, role) for role in _SPECIALISTS),
    *(Rule("dispute", _R.STREET, role, within=True) for role in _SPECIALISTS),
    Rule("dispute", _R.STREET, "justice_officer"),
    Rule("dispute", _R.DISTRICT, "justice_officer", within=True),
    # Where violence may follow the police go first (国办发〔2022〕12号), so no civil rung stands
    # below theirs unless the type says that the front line can deal with it.
    Rule("police", _R.GRID, "grid_worker", skill="front_line"),
    Rule("police", _R.NEIGHBOUR, "grid_worker", skill="front_line"),
    Rule("police", _R.STREET, "police_officer"),
    Rule("police", _R.DISTRICT, "police_officer", within=True),
    *(Rule("recommendation", rung, role) for rung, role in _FRONT if role != "info_officer"),
)


BESIDE_THE_LEAD = {"lawyer": "lawyer", "judge": "judge", "prosecutor": "joint"}
"""Roles that join a case beside its lead: role on the roster → role of the assignment."""


@dataclass(frozen=True)
class RuleColumns:
    """The table as PostgreSQL array literals, for dispatch.candidates: built once, not per call."""

    family: str
    rung: str
    role: str
    within: str
    skill: str


COLUMN_TYPES: tuple[LiteralString, ...] = ("text[]", "smallint[]", "text[]", "boolean[]", "text[]")


def columns(rules: tuple[Rule, ...] = LADDER) -> RuleColumns:
    """Return the rules column by column."""
    return RuleColumns(
        family=_array(rule.family for rule in rules),
        rung=_array(str(int(rule.rung)) for rule in rules),
        role=_array(rule.role for rule in rules),
        within=_array("t" if rule.within else "f" for rule in rules),
        skill=_array(rule.skill or "NULL" for rule in rules),
    )


def _array(items: Iterable[str]) -> str:
    return "{" + ",".join(items) + "}"
