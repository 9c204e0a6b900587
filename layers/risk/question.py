"""What is asked of the risk map: what, when, where, how; and which incidents that takes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from geodata.clock import LOCAL_ZONE
from geodata.errors import InvalidInput
from layers.risk.density.frame import FloatArray
from layers.risk.density.kernel import Kernel, check_bandwidth
from layers.risk.density.surface import check_width
from layers.risk.incident import DAY_S, Incidents, month_of, weekday_of

FAMILIES = ("dispute", "hazard", "service", "police")
CELLS_M = (25.0, 50.0, 100.0, 200.0)
"""Sides of the cells of the surface; 25 m unless it has to be quick."""
MOST_BANDWIDTH_M = 5000.0
BANDWIDTH_M = 300.0
"""Where nobody names one and no backtest chooses one."""
MONTH_DAYS = 30.0
"""Rates are told per 30 days, so that periods of any length compare."""
LEAST_PAST_S = 3600.0
"""A rate is told of an hour at least."""


class Measure(StrEnum):
    """How risk is measured."""

    DENSITY = "density"
    RELATIVE = "relative"
    SIGNIFICANCE = "significance"
    OUTLIER = "outlier"


class Unit(StrEnum):
    """Where it is measured."""

    RASTER = "raster"
    HEXAGON = "hexagon"
    GRID = "grid"
    COMMUNITY = "community"


class Source(StrEnum):
    """Who noticed: everything, what people reported, or what staff found on their rounds."""

    ALL = "all"
    REPORTED = "reported"
    FOUND = "found"


class Urgency(StrEnum):
    """Level of the matter."""

    ALL = "all"
    URGENT = "urgent"
    ORDINARY = "ordinary"


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

    @property
    def days(self) -> float:
        """Length in days."""
        return (self.until - self.since).total_seconds() / DAY_S


@dataclass(frozen=True)
class Kind:
    """Which incidents, whenever they were: an empty tuple leaves out none.

    Parameters
    ----------
    types
        Codes of case types; a class (``D02``) takes in its types.
    weekdays
        ISO, 1 (Monday) to 7; ``hours`` 0 to 23 and ``months`` 1 to 12: of the local clock.

    Raises
    ------
    InvalidInput
        A value is not one of those known; names the field.
    """

    families: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    urgency: Urgency = Urgency.ALL
    source: Source = Source.ALL
    weekdays: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    months: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _check("family", self.families, FAMILIES)
        _check("weekday", self.weekdays, range(1, 8))
        _check("hour", self.hours, range(24))
        _check("month", self.months, range(1, 13))

    def choose(self, incidents: Incidents) -> NDArray[np.bool_]:
        """Tell which incidents are of this kind, shape (n,)."""
        chosen = np.ones(len(incidents), bool)
        if self.families:
            chosen &= np.isin(incidents.family, _bytes(self.families))
        if self.types:
            wanted = _bytes(self.types)
            chosen &= np.isin(incidents.type_code, wanted) | np.isin(incidents.class_code, wanted)
        if self.urgency is not Urgency.ALL:
            chosen &= incidents.urgent == (self.urgency is Urgency.URGENT)
        if self.source is not Source.ALL:
            chosen &= incidents.found == (self.source is Source.FOUND)
        for values, column in (
            (self.weekdays, "weekday"), (self.hours, "hour"), (self.months, "month"),
        ):  # fmt: skip
            if values:
                chosen &= np.isin(getattr(incidents, column), values)
        return chosen

    def admits(self, day: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell which local days (since 1970-01-01) are of the months and weekdays asked for."""
        admitted = np.ones(len(day), bool)
        if self.weekdays:
            admitted &= np.isin(weekday_of(day), self.weekdays)
        if self.months:
            admitted &= np.isin(month_of(day), self.months)
        return admitted


@dataclass(frozen=True)
class Weight:
    """How much an incident counts.

    Parameters
    ----------
    urgent
        An urgent one, an ordinary one counting 1. A choice of who asks, never a measurement.
    half_life_days
        Days after which it counts half, before the end of the period; None: all the same.
    """

    urgent: float = 1.0
    half_life_days: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.urgent <= 100:
            raise InvalidInput("urgent_weight must be over 0, at most 100", field="urgent_weight")
        if self.half_life_days is not None and not 0 < self.half_life_days <= 3660:
            raise InvalidInput("half_life_days must be over 0", field="half_life_days")

    def of(self, incidents: Incidents, until: datetime) -> FloatArray:
        """Return the weight of each incident, shape (n,)."""
        weight = np.where(incidents.urgent, self.urgent, 1.0)
        if self.half_life_days is None:
            return weight
        age_days = (until.timestamp() - incidents.at_s) / DAY_S
        faded: FloatArray = weight * 0.5 ** (age_days / self.half_life_days)
        return faded


@dataclass(frozen=True)
class Question:
    """One map asked for.

    Parameters
    ----------
    within
        Codes of areas: only what lies in one of them. Never empty: at least the scope's.
    bandwidth_m
        Standard deviation of the Gaussian, of density and relative risk on the raster.
    cell_m
        Side of the raster's cells, one of ``CELLS_M``.

    Raises
    ------
    InvalidInput
    """

    period: Period
    within: tuple[str, ...]
    kind: Kind = field(default_factory=Kind)
    weight: Weight = field(default_factory=Weight)
    measure: Measure = Measure.DENSITY
    unit: Unit = Unit.RASTER
    bandwidth_m: float = BANDWIDTH_M
    cell_m: float = 25.0

    def __post_init__(self) -> None:
        check_bandwidth(self.bandwidth_m)
        if self.bandwidth_m > MOST_BANDWIDTH_M:
            raise InvalidInput(f"bandwidth_m is at most {MOST_BANDWIDTH_M:g}", field="bandwidth_m")
        if self.cell_m not in CELLS_M:
            raise InvalidInput(f"cell_m is one of {list(CELLS_M)}", field="cell_m")
        if self.measure is Measure.DENSITY and self.unit is Unit.RASTER:
            check_width(Kernel.GAUSSIAN, self.bandwidth_m, self.cell_m)

    def past_days(self, now: datetime) -> float:
        """Return the days that rates are told of: passed, and of the months and weekdays asked for.

        A day stays a day however few of its hours are asked for.
        """
        since, until = self.period.since, min(self.period.until, now)
        first, last = (
            np.datetime64(at.astimezone(LOCAL_ZONE).replace(tzinfo=None), "s")
            for at in (since, until)
        )
        day = np.arange(first.astype("datetime64[D]"), last.astype("datetime64[D]") + 1)
        begins, ends = np.maximum(day.astype("datetime64[s]"), first), np.minimum(day + 1, last)
        part = (ends - begins) / np.timedelta64(DAY_S, "s")
        admitted = self.kind.admits(day.astype(np.int64))
        return max(float(part[admitted & (part > 0)].sum()), LEAST_PAST_S / DAY_S)

    def choose(self, incidents: Incidents) -> NDArray[np.bool_]:
        """Tell which incidents are asked for, shape (n,)."""
        since, until = self.period.since.timestamp(), self.period.until.timestamp()
        inside = (incidents.at_s >= since) & (incidents.at_s < until)
        if not all(len(code) == 6 for code in self.within):
            inside &= _of_areas(incidents.grid_code, self.within)
        return inside & self.kind.choose(incidents)


def _bytes(texts: Sequence[str]) -> NDArray[np.bytes_]:
    return np.array([text.encode() for text in texts])


def _of_areas(codes: NDArray[np.bytes_], within: tuple[str, ...]) -> NDArray[np.bool_]:
    chosen = np.zeros(len(codes), bool)
    for code in within:
        chosen |= np.char.startswith(codes, code.encode())
    return chosen


def _check(field: str, values: Sequence[object], known: Sequence[object]) -> None:
    for value in values:
        if value not in known:
            raise InvalidInput(f"{field}: {value!r:.40} is not one of {list(known)}", field=field)
