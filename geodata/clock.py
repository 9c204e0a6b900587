"""Time is injected, so that history and tests run on any clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")


def local_day(at: datetime) -> date:
    """Return the day of an aware moment as the local calendar has it."""
    return at.astimezone(LOCAL_ZONE).date()


def last_day(until: datetime) -> date:
    """Return the last local day with a part in a half-open period that ends at a moment."""
    return local_day(until - timedelta(microseconds=1))


def midnight(day: date) -> datetime:
    """Return the moment at which a local day begins."""
    return datetime.combine(day, time(), LOCAL_ZONE)


class Clock(Protocol):
    """Anything that tells the time."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that stands where it is put: for history and tests."""

    at: datetime

    def now(self) -> datetime:
        """Return the moment the clock was put to."""
        return self.at
