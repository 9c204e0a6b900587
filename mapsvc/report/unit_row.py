"""The numbers of each unit, as tables, popups and GIS files tell them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from layers.risk.finding import Finding
from layers.risk.ground import Areas
from layers.risk.question import Measure, Unit
from mapsvc.report.subject import LAYERS, Subject

Quadrant = Literal["LL", "LH", "HL", "HH"]
QUADRANTS: tuple[Quadrant, ...] = ("LL", "LH", "HL", "HH")
"""By the value of a finding, from 1: LH is a low one among high ones."""


@dataclass(frozen=True)
class UnitRow:
    """One grid, community or hexagon; None where nothing is told.

    Parameters
    ----------
    part_of
        Name of the community or street it lies in; empty for hexagons.
    row
        Its number among the areas of its unit.
    density
        (Weighted) incidents per km² and 30 days.
    per_thousand
        Incidents of the period per 1,000 residents.
    relative, low, high
        How many times the mean per resident, and the bounds of 95 of 100 repeats of chance.
    z
        Of Gi*. ``relative_sign``, ``z_sign`` and ``quadrant_sign``: +1, -1, 0 not told from chance.
    quadrant
        Of local Moran's I, the unit first, then its neighbours (:data:`QUADRANTS`).
    """

    code: str
    name: str
    part_of: str
    row: int
    count: int
    area_km2: float
    residents: int
    density: float | None
    per_thousand: float | None
    relative: float | None
    low: float | None
    high: float | None
    relative_sign: int | None
    z: float | None
    z_sign: int | None
    quadrant: Quadrant | None
    quadrant_sign: int | None


def list_units(subject: Subject, unit: Unit) -> list[UnitRow]:
    """Return the units of the area asked for, by code."""
    density = subject.finding(Measure.DENSITY, unit)
    relative, hot, outlier = (
        subject.finding(measure, unit) if (measure, unit) in LAYERS else None
        for measure in (Measure.RELATIVE, Measure.SIGNIFICANCE, Measure.OUTLIER)
    )
    areas, count = density.areas, density.count
    if areas is None or count is None:
        raise AssertionError("areas are counted")
    parents = _parents(subject)
    return [
        UnitRow(
            code=str(areas.codes[row]),
            name=name_of(subject, areas, row),
            part_of=_part_of(parents, str(areas.codes[row])),
            row=row,
            count=int(count[row]),
            area_km2=float(areas.area_km2[row]),
            residents=int(areas.residents[row]),
            density=_told(density.value, row),
            per_thousand=_per_thousand(int(count[row]), float(areas.residents[row])),
            relative=_value(relative, row),
            low=None if relative is None else _told(relative.low, row),
            high=None if relative is None else _told(relative.high, row),
            relative_sign=_sign(relative, row),
            z=_value(hot, row),
            z_sign=_sign(hot, row),
            quadrant=_quadrant(outlier, row),
            quadrant_sign=_sign(outlier, row),
        )
        for row in np.flatnonzero(density.inside).tolist()
    ]


def name_of(subject: Subject, areas: Areas, row: int) -> str:
    """Return a unit's name in the report's language."""
    return subject.words.name(areas.names[row], areas.names_en[row])


def densest(rows: list[UnitRow]) -> list[UnitRow]:
    """Return units with the highest density first, those of equal density by code."""
    return sorted(rows, key=lambda one: (-(one.density or 0.0), one.code))


def _parents(subject: Subject) -> dict[str, str]:
    """Return the names of streets and communities by code."""
    communities = subject.ground.communities
    names = {
        str(code): name_of(subject, communities, row)
        for row, code in enumerate(communities.codes.tolist())
    }
    streets = {s.code: subject.words.name(s.name, s.name_en) for s in subject.base.streets}
    return names | streets


def _part_of(parents: dict[str, str], code: str) -> str:
    return parents.get(code[: {15: 12, 12: 9}.get(len(code), 0)], "")


def _per_thousand(count: int, residents: float) -> float | None:
    return 1000.0 * count / residents if residents > 0 else None


def _value(finding: Finding | None, row: int) -> float | None:
    return None if finding is None else _told(finding.value, row)


def _quadrant(finding: Finding | None, row: int) -> Quadrant | None:
    value = _value(finding, row)
    return None if value is None else QUADRANTS[int(value) - 1]


def _told(values: NDArray[np.float64] | None, row: int) -> float | None:
    if values is None or not np.isfinite(values[row]):
        return None
    return float(values[row])


def _sign(finding: Finding | None, row: int) -> int | None:
    if finding is None or finding.sign is None or _value(finding, row) is None:
        return None
    return int(finding.sign[row])
