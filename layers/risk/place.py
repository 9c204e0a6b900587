"""A place explained: what happened in it, beside how many people, when, and whether it grows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.clock import LOCAL_ZONE
from layers.risk.chance.count import LEVEL, compare_counts, count_interval
from layers.risk.density.frame import FloatArray
from layers.risk.finding import per_month
from layers.risk.ground import Ground
from layers.risk.incident import Incidents
from layers.risk.question import CELLS_M, Kind, Period, Question

CELL_M = 25.0
"""Cells by which homes count as within reach."""
MOST_CELLS = 40_000
"""Of one place, by which a coverage is measured: over the whole demo district the shares by cells
of 200 m are those by 25 m within 0.002."""
TREND = timedelta(weeks=4)
"""Four whole weeks, so that every weekday comes as often before as after."""
HOUR_S = 3600.0


class Trend(StrEnum):
    """What two counts tell; unknown where one of them could not have been more than nothing."""

    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"
    UNKNOWN = "unknown"


class Change(NamedTuple):
    """The last weeks of the period against as many before.

    ``p``: how likely chance alone parts the counts as far; None where ``trend`` is unknown.
    """

    trend: Trend
    days: float
    later: int
    earlier: int
    p: float | None


class TypeCount(NamedTuple):
    """Incidents of one type."""

    code: str
    n: int


@dataclass(frozen=True, eq=False)
class Place:
    """What a place is like.

    Parameters
    ----------
    outline
        Metres (EPSG:4549), as asked for; what of it lies beyond reach counts for nothing.
    area_km2, residents
        Of the part within reach: the district, and of it what the question and the scope take in.
    incidents
        Those asked for that lie within.
    days
        Of the period, as far as it has passed.
    weight
        Sum of their weights; their number, unless the question weighs them.
    expected
        Incidents that so many residents have on the average of what is within reach.
    """

    question: Question
    outline: BaseGeometry
    area_km2: float
    residents: float
    incidents: Incidents
    weight: float
    expected: float
    days: float
    change: Change

    @property
    def n(self) -> int:
        """Incidents in the place."""
        return len(self.incidents)

    @property
    def per_km2(self) -> float | None:
        """(Weighted) incidents per km² and 30 days; None without an area."""
        if not self.area_km2:
            return None
        return self.weight / self.area_km2 * per_month(self.days)

    @property
    def per_1000(self) -> float | None:
        """Incidents per 1,000 residents in the whole period; None where nobody lives."""
        return self.n / self.residents * 1000 if self.residents else None

    @property
    def times_mean(self) -> tuple[float, float, float] | None:
        """How many times the mean per resident, and the exact 95 % interval of that.

        None where nobody lives or nothing happened anywhere. The mean is taken as known: it rests
        on the whole district, of which the place is a part.
        """
        if not self.expected:
            return None
        low, high = count_interval(self.n)
        return self.n / self.expected, low / self.expected, high / self.expected

    @property
    def found_share(self) -> float | None:
        """Part of the incidents that staff found on their rounds; None of none."""
        return float(self.incidents.found.mean()) if self.n else None

    def by_type(self, most: int) -> tuple[list[TypeCount], int]:
        """Return the types with the most incidents, and how many are of all others."""
        codes, counts = np.unique(self.incidents.type_code, return_counts=True)
        order = np.argsort(-counts, kind="stable")[:most]
        told = [TypeCount(codes[k].decode(), int(counts[k])) for k in order]
        return told, self.n - sum(one.n for one in told)

    @property
    def by_weekday(self) -> list[int]:
        """Incidents of Monday to Sunday, local."""
        return [int(n) for n in np.bincount(self.incidents.weekday - 1, minlength=7)]

    @property
    def by_hour(self) -> list[int]:
        """Incidents of each hour of the local day."""
        return [int(n) for n in np.bincount(self.incidents.hour, minlength=24)]

    def newest(self, most: int) -> list[int]:
        """Return the ids of the newest incidents, newest first."""
        order = np.lexsort((self.incidents.id, self.incidents.at_s))[::-1][:most]
        return [int(one) for one in self.incidents.id[order]]


def explain_place(
    question: Question, incidents: Incidents, ground: Ground, outline: BaseGeometry
) -> Place:
    """Measure a place.

    Parameters
    ----------
    question
        ``within`` is what is in reach: nothing beyond it counts, nor does its ground.
    incidents
        All within the scope of who asks.
    outline
        Polygon in metres (EPSG:4549).
    """
    shapely.prepare(outline)
    chosen = question.choose(incidents)
    within = shapely.contains_xy(outline, incidents.x_m, incidents.y_m)
    here = incidents.take(chosen & within)
    residents, everybody = _residents(ground, question.within, outline)
    return Place(
        question=question,
        outline=outline,
        area_km2=_area_km2(ground, question.within, outline),
        residents=residents,
        incidents=here,
        days=question.past_days(incidents.read_at),
        weight=float(question.weight.of(here, question.period.until).sum()),
        expected=residents * int(chosen.sum()) / everybody if everybody else 0.0,
        change=_change(question, incidents, incidents.take(within)),
    )


def _area_km2(ground: Ground, within: tuple[str, ...], outline: BaseGeometry) -> float:
    grids = ground.grids
    touched = shapely.intersects(outline, grids.shapes) & ground.covers(grids, within)
    return float(shapely.area(shapely.intersection(grids.shapes[touched], outline)).sum()) / 1e6


def _residents(
    ground: Ground, within: tuple[str, ...], outline: BaseGeometry
) -> tuple[float, float]:
    """Return who lives in the part within reach, and who in all that is within reach."""
    cell = ground.frame(CELL_M).cells_of(ground.home_x_m, ground.home_y_m)
    reached = (cell >= 0) & ground.mask(CELL_M, within).ravel()[cell]
    here = reached & shapely.contains_xy(outline, ground.home_x_m, ground.home_y_m)
    lived = ground.home_residents
    return float(lived[here].sum()), float(lived[reached].sum())


def cells_of_place(ground: Ground, place: Place) -> tuple[FloatArray, FloatArray]:
    """Return the centres of the cells of a place, metres, shape (cells,): of the part in reach.

    Cells are 25 m where that part has up to 25 km², 50 m up to 100 km², 100 m up to 400 km², else
    200 m: at most some 40,000 in any district of up to 1,600 km².
    """
    cell_m = _cell_m(place.area_km2)
    frame = ground.frame(cell_m)
    west, south, east, north = place.outline.bounds
    (left, right), (bottom, top) = frame.place(np.array([west, east]), np.array([south, north]))
    columns = np.arange(max(0, int(left)), min(frame.columns, int(right) + 2))
    rows = np.arange(max(0, int(top)), min(frame.rows, int(bottom) + 2))
    reached = ground.mask(cell_m, place.question.within)[np.ix_(rows, columns)]
    x_m, y_m = (line[reached] for line in np.meshgrid(*frame.centres(columns, rows)))
    shapely.prepare(place.outline)
    inside = shapely.contains_xy(place.outline, x_m, y_m)
    return x_m[inside], y_m[inside]


def _cell_m(area_km2: float) -> float:
    """Return the smallest cells of which an area has at most :data:`MOST_CELLS`, else the largest.

    >>> _cell_m(24.9), _cell_m(25.1), _cell_m(401)
    (25.0, 50.0, 200.0)
    """
    fitting = (side for side in CELLS_M if area_km2 * 1e6 <= MOST_CELLS * side**2)
    return next(fitting, CELLS_M[-1])


def _change(question: Question, incidents: Incidents, here: Incidents) -> Change:
    """Compare the last weeks that have passed with as many before; a short period is one of them.

    Nothing is told where records begin later than the weeks before, or where the months asked for
    leave out one of the two.
    """
    until = min(question.period.until, incidents.read_at)
    span = min(TREND, until - question.period.since)
    if span <= timedelta(0):
        return Change(Trend.UNKNOWN, 0.0, 0, 0, None)
    periods = Period(until - span, until), Period(until - 2 * span, until - span)
    later, earlier = (
        int(replace(question, period=period).choose(here).sum()) for period in periods
    )
    days = span / timedelta(days=1)
    hours = [_hours_of(question.kind, period) for period in periods]
    first_s = incidents.at_s.min(initial=np.inf)
    if min(hours) == 0 or first_s > periods[1].since.timestamp():
        return Change(Trend.UNKNOWN, days, later, earlier, None)
    share = hours[0] / sum(hours)
    p = compare_counts(later, earlier, share)
    grown = Trend.RISING if later > share * (later + earlier) else Trend.FALLING
    return Change(Trend.STEADY if p >= LEVEL else grown, days, later, earlier, p)


def _hours_of(kind: Kind, period: Period) -> int:
    """Return how many hours of a period are among the weekdays, hours and months asked for."""
    offset = period.since.astimezone(LOCAL_ZONE).utcoffset() or timedelta(0)
    start = period.since.timestamp() + offset.total_seconds()
    slots = max(1, round(period.days * 24))
    hour = ((start + (np.arange(slots) + 0.5) * HOUR_S) // HOUR_S).astype(np.int64)
    admitted = kind.admits(hour // 24)
    if kind.hours:
        admitted &= np.isin(hour % 24, kind.hours)
    return int(admitted.sum())
