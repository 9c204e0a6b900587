"""First density: cases per square kilometre of each area over a period.

A plain count over area, as the map says; no smoothing, no correction for how often a place is
patrolled. Reads dispatch.cases under row-level security, so an area outside the scope counts 0
and one partly visible through participation counts what is visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from geodata.code import DIGITS, Level, parse_code
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import InvalidInput

FAMILIES = ("dispute", "hazard", "service", "police", "recommendation")


@dataclass(frozen=True)
class Density:
    """Cases of one area in the period; ``per_km2`` is over the whole period, not per month."""

    code: str
    name: str
    count: int
    area_km2: float
    per_km2: float
    residents: int


@dataclass(frozen=True)
class Period:
    """A half-open period [since, until) of aware times.

    Raises
    ------
    InvalidInput
        It is empty, or a time is naive.
    """

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        for name in ("since", "until"):
            if getattr(self, name).tzinfo is None:
                raise InvalidInput(f"{name} needs an offset from UTC", field=name)
        if self.since >= self.until:
            raise InvalidInput("until must be after since", field="until")


def measure_density(
    conn: Conn,
    period: Period,
    *,
    level: Level = Level.GRID,
    families: Sequence[str] | None = None,
    within: str | None = None,
    weekdays: Sequence[int] | None = None,
    hours: Sequence[int] | None = None,
) -> list[Density]:
    """Return the density of every area of a level, areas without a case included, by code.

    Cases are counted in the grid they were located in when they were reported, areas are those
    that stand at the end of the period.

    Parameters
    ----------
    conn
        Scoped connection.
    period
        By time of report.
    level
        District to grid.
    families
        Families of case types; None for all.
    within
        Area code: only areas in it.
    weekdays
        ISO weekdays 1 (Monday) to 7, local time (Asia/Shanghai); None for all.
    hours
        Hours of the day 0 to 23, local time; None for all.

    Raises
    ------
    InvalidInput
        An unknown family, weekday or hour; a level below the grid.
    """
    if level is Level.MICRO_GRID:
        raise InvalidInput("Cases are located in grids, not below", field="level")
    _check("families", families, FAMILIES)
    _check("weekdays", weekdays, range(1, 8))
    _check("hours", hours, range(24))
    rows = conn.execute(
        query("layers.risk", "measure_density"),
        {
            "since": period.since,
            "until": period.until,
            "level": level.value,
            "digits": DIGITS[level],
            "families": list(families) if families is not None else None,
            "within": parse_code(within, field="within") if within else None,
            "weekdays": list(weekdays) if weekdays is not None else None,
            "hours": list(hours) if hours is not None else None,
        },
    ).fetchall()
    return [Density(**row) for row in rows]


def count_by_day(
    conn: Conn,
    period: Period,
    *,
    families: Sequence[str] | None = None,
    within: str | None = None,
) -> list[tuple[str, int]]:
    """Return (local day as ISO date, cases reported) for every day of the period, in order.

    For the time slider; parameters as in :func:`measure_density`.
    """
    _check("families", families, FAMILIES)
    rows = conn.execute(
        query("layers.risk", "count_cases_by_day"),
        {
            "since": period.since,
            "until": period.until,
            "families": list(families) if families is not None else None,
            "within": parse_code(within, field="within") if within else None,
        },
    ).fetchall()
    return [(row["day"], int(row["count"])) for row in rows]


def _check(field: str, values: Sequence[object] | None, known: Sequence[object]) -> None:
    for value in values or ():
        if value not in known:
            raise InvalidInput(f"{field}: {value!r:.40} is not one of {list(known)}", field=field)
