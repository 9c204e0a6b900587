"""First densities: cases per square kilometre of each grid, and per day, within the scope."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch.case.type import Family
from geodata.db.scope import scoped
from geodata.errors import InvalidInput
from layers.area import require_area
from layers.risk.density import Period, count_by_day, measure_density
from web.api.schema import Answer, AreaCode, Model, Moment, moment_text, problems
from web.identity.guard import require
from web.identity.role import Permission
from web.services import services

api = APIBlueprint("risk", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="risk")])
MAX_DAYS = 3660
"""Ten years: the answer has one row for each day."""


class PeriodQuery(Model):
    """Which cases count: reported in [since, until), of these families, in this area."""

    since: Moment
    until: Moment
    family: list[Family] | None = Field(None, description="may be repeated; all if left out")
    area: AreaCode | None = None


class DensityOut(Answer):
    """Cases of one grid; ``per_km2`` is over the whole period."""

    code: str
    name: str
    count: int
    area_km2: float
    per_km2: float
    residents: int


class Densities(Answer):
    """Every grid, those without a case included: a plain count over area, no smoothing."""

    items: list[DensityOut]
    next: None
    as_of: str


class DayOut(Answer):
    """Cases reported on one local day (Asia/Shanghai)."""

    day: str
    count: int


class Days(Answer):
    """Every day of the period, in order."""

    items: list[DayOut]
    next: None
    as_of: str


@api.get("/risk/grids", responses={200: Densities, **problems(403, 422)})
def show_densities(query: PeriodQuery) -> Response:
    """Show the density of cases of every grid; what lies beyond the scope counts nothing."""
    principal = require(Permission.PAGE_RISK)
    with scoped(services().pool, principal.scope) as conn:
        require_area(conn, query.area)
        found = measure_density(conn, _period(query), families=query.family, within=query.area)
    return jsonify(_answer([asdict(density) for density in found]))


@api.get("/risk/days", responses={200: Days, **problems(403, 422)})
def show_days(query: PeriodQuery) -> Response:
    """Show how many cases were reported on each day, for a time line."""
    principal = require(Permission.PAGE_RISK)
    with scoped(services().pool, principal.scope) as conn:
        require_area(conn, query.area)
        found = count_by_day(conn, _period(query), families=query.family, within=query.area)
    return jsonify(_answer([{"day": day, "count": count} for day, count in found]))


def _period(query: PeriodQuery) -> Period:
    if query.until - query.since > timedelta(days=MAX_DAYS):
        raise InvalidInput(f"A period has at most {MAX_DAYS} days", field="since")
    return Period(query.since, query.until)


def _answer(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"items": items, "next": None, "as_of": moment_text(services().clock.now())}
