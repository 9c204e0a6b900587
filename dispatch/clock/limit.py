"""A limit: so much time, counted in working or in calendar time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from geodata.errors import InvalidInput

MAX_AMOUNT = 10_000


class Unit(StrEnum):
    """What a limit counts; all moments are local (Asia/Shanghai)."""

    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"
    DAYS = "days"
    HOURS = "hours"
    MINUTES = "minutes"

    @property
    def working(self) -> bool:
        """Whether holidays and nights stop the clock, by the district's calendar."""
        return self in (Unit.WORKING_DAYS, Unit.WORKING_HOURS)


@dataclass(frozen=True)
class Limit:
    """An amount of a unit; zero and less are refused when it is made.

    Raises
    ------
    InvalidInput
        ``amount``.
    """

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 0 < self.amount <= MAX_AMOUNT:
            raise InvalidInput(f"amount must be from 1 to {MAX_AMOUNT}", field="amount")
