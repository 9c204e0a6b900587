"""What a question finds: a number per unit, how sure it is, what the map has to say of itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.risk.density.frame import FloatArray, Frame
from layers.risk.ground import Areas
from layers.risk.incident import Incidents
from layers.risk.question import MONTH_DAYS, Measure, Question, Source, Unit

FEW_EVENTS = 100
"""Fewer effective incidents than this: the picture is mostly chance (a warning, not a bar)."""
UNTOLD_DAYS, UNTOLD_PART = 30.0, 0.1
"""So many days, and so much of a period, may lie before the first incident without a word."""
PATROLLED_SHARE = 0.5
"""Where staff found more than this part, cases follow the patrols."""
PATROLLED_LEAST = 20
"""A community needs so many incidents before its share is told."""
NAMED = 3


@dataclass(frozen=True)
class Warning:
    """Something the reader of a map must know; the code says what, the rest are its numbers."""

    code: str
    share: float | None = None
    count: float | None = None
    communities: tuple[str, ...] = ()
    communities_en: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Finding:
    """The answer to one question.

    Parameters
    ----------
    incidents
        Those that were asked for and lie in the area, n of them.
    value
        Per unit, NaN where nothing is told. Density: (weighted) incidents per km² and 30 days.
        Relative: how many times the district's mean per resident. Significance: z of Gi*.
        Outlier: quadrant of local Moran's I: 1 low among low, 2 low among high,
        3 high among low, 4 high among high.
        Shape of the frame for a raster, (units,) for areas.
    sign
        +1 raised, -1 lowered, 0 not told from chance (FDR 5 %), int8, shape of ``value``; None for
        densities.
    low, high
        Relative risk only: between these 95 of 100 repeats of chance lie, per unit. Quantiles of a
        Pearson curve with the exact moments of chance, not of the repeats that were drawn.
    count
        Incidents per unit, areas only: plain, not weighted.
    frame, areas
        One of them says where the units are.
    """

    question: Question
    incidents: Incidents
    days: float
    """Of the period, as far as it has passed."""
    effective_n: float
    value: FloatArray
    sign: NDArray[np.int8] | None
    low: FloatArray | None
    high: FloatArray | None
    count: NDArray[np.int64] | None
    frame: Frame | None
    areas: Areas | None
    inside: NDArray[np.bool_]
    """Units within the area asked for, shape of ``value``."""
    warnings: tuple[Warning, ...]

    @property
    def n(self) -> int:
        """Incidents behind the map."""
        return len(self.incidents)

    @property
    def found_share(self) -> float | None:
        """Part of them that staff found on their rounds; None of none."""
        return float(self.incidents.found.mean()) if self.n else None

    @property
    def weighted(self) -> bool:
        """Whether incidents count differently."""
        weight = self.question.weight
        return weight.urgent != 1.0 or weight.half_life_days is not None

    @property
    def highest(self) -> float | None:
        """Highest value of a unit; None where nothing is told."""
        told = self.value[np.isfinite(self.value)]
        return float(told.max()) if len(told) else None


def per_month(days: float) -> float:
    """Return what turns a sum over so many days into a rate per 30 days."""
    return MONTH_DAYS / days


def warn(
    question: Question,
    incidents: Incidents,
    effective_n: float,
    before_days: float,
    communities: Areas,
) -> tuple[Warning, ...]:
    """Return what the reader must know: too few, for a shorter time, or found by whom looked.

    ``small_areas``: densities of small areas scatter most. Where these lie together Gi* and Moran
    raise an alarm on half to two thirds of quiet maps (docs/algorithms/hotspot.md).

    Parameters
    ----------
    before_days
        Days of the period before the first incident of the record.
    """
    told = []
    if before_days > max(UNTOLD_DAYS, UNTOLD_PART * question.period.days):
        told.append(Warning("short_record", count=round(before_days)))
    if not len(incidents):
        return (*told, Warning("none"))
    if effective_n < FEW_EVENTS:
        told.append(Warning("few", count=round(effective_n, 1)))
    if question.kind.source is Source.ALL:
        told += _patrolled(incidents, communities)
    if question.kind.source is Source.FOUND:
        told.append(Warning("found_only"))
    if question.unit is not Unit.RASTER and question.measure is not Measure.RELATIVE:
        told.append(Warning("small_areas"))
    return tuple(told)


def _patrolled(incidents: Incidents, communities: Areas) -> list[Warning]:
    """Name the communities with the most cases that staff found rather than people reported."""
    row = communities.rows_of(incidents.community_code)
    known = row >= 0
    total = np.bincount(row[known], minlength=len(communities))
    found = np.bincount(row[known & incidents.found], minlength=len(communities))
    share = np.divide(found, total, out=np.zeros(len(total)), where=total > 0)
    chosen = np.flatnonzero((total >= PATROLLED_LEAST) & (share > PATROLLED_SHARE))
    if not len(chosen):
        return []
    most = chosen[np.argsort(-found[chosen], kind="stable")][:NAMED]
    part = float(found[most].sum() / total[most].sum())
    return [
        Warning(
            "patrolled",
            share=part,
            count=float(len(chosen)),
            communities=tuple(communities.names[k] for k in most),
            communities_en=tuple(communities.names_en[k] for k in most),
        )
    ]
