"""What the risk API takes and tells: questions in, findings out."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from dispatch.case.type import Family
from geodata.code import contains
from geodata.db.scope import Scope
from geodata.errors import InvalidInput, NotFound
from layers.risk.finding import Finding
from layers.risk.question import (
    BANDWIDTH_M,
    MOST_BANDWIDTH_M,
    Kind,
    Measure,
    Period,
    Question,
    Source,
    Unit,
    Urgency,
    Weight,
)
from mapsvc.legend import Legend
from web.api.schema import Answer, AreaCode, Line, Model, Moment, moment_text

MAX_DAYS = 3660
"""Ten years: the answer by days has one row for each."""
FINDING_HEADER = "Ganxin-Finding"


class KindQuery(Model):
    """Which incidents count; a list left out leaves out none."""

    family: list[Family] | None = Field(None, description="may be repeated")
    type: list[Line] | None = Field(None, description="case types; a class takes in its types")
    urgency: Urgency = Urgency.ALL
    source: Source = Field(Source.ALL, description="found: by staff on their rounds")
    weekday: list[Annotated[int, Field(ge=1, le=7)]] | None = Field(None, description="ISO")
    hour: list[Annotated[int, Field(ge=0, le=23)]] | None = Field(None, description="local")
    month: list[Annotated[int, Field(ge=1, le=12)]] | None = Field(None, description="local")
    area: AreaCode | None = None

    @property
    def kind(self) -> Kind:
        """What is asked for, whenever it was."""
        return Kind(
            families=tuple(family.value for family in self.family or ()),
            types=tuple(self.type or ()),
            urgency=self.urgency,
            source=self.source,
            weekdays=tuple(self.weekday or ()),
            hours=tuple(self.hour or ()),
            months=tuple(self.month or ()),
        )

    def within(self, scope: Scope) -> tuple[str, ...]:
        """Return the areas the map is of: what of the area asked for lies in the scope.

        Raises
        ------
        NotFound
            ``area``: all of it lies beyond.
        """
        if self.area is None or scope.covers(self.area):
            return (self.area,) if self.area else tuple(sorted(scope.areas))
        reached = tuple(sorted(code for code in scope.areas if contains(self.area, code)))
        if not reached:
            raise NotFound("The area lies beyond yours", field="area")
        return reached


class PeriodQuery(KindQuery):
    """Reported in [since, until)."""

    since: Moment
    until: Moment

    @property
    def period(self) -> Period:
        """The period, at most ten years."""
        if self.until - self.since > timedelta(days=MAX_DAYS):
            raise InvalidInput(f"A period has at most {MAX_DAYS} days", field="since")
        return Period(self.since, self.until)


class WeightQuery(PeriodQuery):
    """How much an incident counts, and how far its mark spreads."""

    urgent_weight: float = Field(1.0, gt=0, le=100, description="an ordinary one weighs 1")
    half_life_days: float | None = Field(None, gt=0, le=MAX_DAYS)
    bandwidth_m: float = Field(
        BANDWIDTH_M, ge=25, le=MOST_BANDWIDTH_M, description="of the Gaussian"
    )
    cell_m: float = Field(25.0, description="25, 50, 100 or 200")
    limits: list[float] | None = Field(None, description="of a density's classes; own if left out")

    def question(self, scope: Scope, measure: Measure, unit: Unit) -> Question:
        """Return the question that is put to the incidents of a scope."""
        return Question(
            period=self.period,
            within=self.within(scope),
            kind=self.kind,
            weight=Weight(self.urgent_weight, self.half_life_days),
            measure=measure,
            unit=unit,
            bandwidth_m=self.bandwidth_m,
            cell_m=self.cell_m,
        )


class QuestionQuery(WeightQuery):
    """One map."""

    measure: Measure = Measure.DENSITY
    unit: Unit = Unit.RASTER


class LegendOut(Answer):
    """Class k ends below ``limits[k]``; densities have a first class, nothing, without colour."""

    limits: list[float]
    colors: list[str]


class WarningOut(Answer):
    """What the reader must know: none, few, patrolled, found_only or small_areas."""

    code: str
    share: float | None
    count: float | None
    communities: list[str]
    communities_en: list[str]


class FactsOut(Answer):
    """What a map says of itself.

    Density: (weighted) incidents per km² and 30 days. Relative: times the mean per resident.
    Significance: z of Gi*. ``raised`` and ``lowered``: units not due to chance (FDR 5 %).
    """

    measure: Measure
    unit: Unit
    n: int
    effective_n: float
    weighted: bool
    found_share: float | None
    days: float
    bandwidth_m: float
    cell_m: float
    highest: float | None
    raised: int | None
    lowered: int | None
    legend: LegendOut
    warnings: list[WarningOut]
    as_of: str


def show_facts(finding: Finding, legend: Legend) -> dict[str, Any]:
    """Return what a map says of itself."""
    question, sign = finding.question, finding.sign
    return {
        "measure": question.measure,
        "unit": question.unit,
        "n": finding.n,
        "effective_n": round(finding.effective_n, 1),
        "weighted": finding.weighted,
        "found_share": finding.found_share,
        "days": round(finding.days, 3),
        "bandwidth_m": question.bandwidth_m,
        "cell_m": question.cell_m,
        "highest": finding.highest,
        "raised": None if sign is None else int((sign > 0).sum()),
        "lowered": None if sign is None else int((sign < 0).sum()),
        "legend": {"limits": list(legend.limits), "colors": list(legend.colors)},
        "warnings": [asdict(warning) for warning in finding.warnings],
        "as_of": moment_text(finding.incidents.read_at),
    }


def facts_header(facts: dict[str, Any], corners: object) -> str:
    """Return facts as the one line of a header."""
    return json.dumps(facts | {"corners": corners}, ensure_ascii=True, separators=(",", ":"))


class UnitOut(Answer):
    """One unit: ``value`` is null where nothing is told, ``sign`` for densities."""

    code: str
    name: str
    name_en: str
    count: int
    area_km2: float
    residents: int
    value: float | None
    sign: int | None
    low: float | None = Field(
        description="relative risk: chance stays above it in 97.5 % by the curve of its moments"
    )
    high: float | None = Field(description="and below this one")
    shade: int = Field(description="class of the legend from 1, 0 without colour")


def show_units(finding: Finding, legend: Legend) -> list[dict[str, Any]]:
    """Return one row for each unit of the area, by code."""
    areas, count = finding.areas, finding.count
    if areas is None or count is None:
        raise InvalidInput("A raster has no list of units", field="unit")
    shade = legend.classes(finding.value)
    return [
        {
            "code": str(areas.codes[row]),
            "name": areas.names[row],
            "name_en": areas.names_en[row],
            "count": int(count[row]),
            "area_km2": round(float(areas.area_km2[row]), 4),
            "residents": int(areas.residents[row]),
            "value": _number(finding.value[row]),
            "sign": None if finding.sign is None else int(finding.sign[row]),
            "low": None if finding.low is None else _number(finding.low[row]),
            "high": None if finding.high is None else _number(finding.high[row]),
            "shade": int(shade[row]),
        }
        for row in np.flatnonzero(finding.inside).tolist()
    ]


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
