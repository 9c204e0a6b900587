"""The risk map: surfaces as pictures, units as numbers, days as a time line, within the scope."""

from __future__ import annotations

from typing import Any

import numpy as np
from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dispatch.case.type import require_types
from geodata.clock import last_day, local_day
from geodata.db.scope import unscoped
from geodata.errors import InvalidInput
from layers.area import require_area
from layers.risk.incident import day_number
from layers.risk.question import Question, Unit
from mapsvc.legend import make_legend
from mapsvc.risk_picture import draw_finding
from web.api.risk_model import (
    FINDING_HEADER,
    FactsOut,
    KindQuery,
    PeriodQuery,
    QuestionQuery,
    UnitOut,
    facts_header,
    show_facts,
    show_units,
)
from web.api.schema import Answer, Model, moment_text, problems
from web.identity.guard import require
from web.identity.role import Permission
from web.off_loop import off_loop
from web.services import services

api = APIBlueprint("risk", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="risk")])
PNG = {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}


class Units(Answer):
    """Every unit of the area, those without an incident included."""

    items: list[UnitOut]
    next: None
    facts: FactsOut


class ShapeQuery(Model):
    """Of which unit."""

    unit: Unit = Unit.GRID


class Shapes(Answer):
    """GeoJSON (EPSG:4326): one feature for each unit, ``properties.code`` as in ``/risk/units``."""

    type: str
    features: list[dict[str, Any]]


class DayOut(Answer):
    """Incidents reported on one local day (Asia/Shanghai)."""

    day: str
    count: int


class Days(Answer):
    """Every day of the period, in order."""

    items: list[DayOut]
    next: None
    as_of: str


@api.get("/risk/surface", responses={200: PNG, **problems(403, 404, 422)})
def show_surface(query: QuestionQuery) -> Response:
    """Draw the raster as a PNG in Web Mercator; the header Ganxin-Finding says what it shows.

    Its JSON is that of ``facts`` of ``/risk/units`` with ``corners``: north-west, north-east,
    south-east, south-west, (lon, lat) degrees.
    """
    principal = require(Permission.PAGE_RISK)
    check_kind(query)
    question = query.question(principal.scope, query.measure, Unit.RASTER)
    finding = services().risk.answer(principal.scope, question)
    legend = make_legend(finding, tuple(query.limits or ()))
    picture, warp = off_loop(lambda: draw_finding(finding, legend))
    response = Response(picture, mimetype="image/png")
    response.headers[FINDING_HEADER] = facts_header(show_facts(finding, legend), warp.corners)
    return response


@api.get("/risk/units", responses={200: Units, **problems(403, 404, 422)})
def list_units(query: QuestionQuery) -> Response:
    """List grids, communities or hexagons with their numbers; what lies beyond the scope is not."""
    principal = require(Permission.PAGE_RISK)
    check_kind(query)
    if query.unit is Unit.RASTER:
        raise InvalidInput("unit is hexagon, grid or community", field="unit")
    question = query.question(principal.scope, query.measure, query.unit)
    finding = services().risk.answer(principal.scope, question)
    legend = make_legend(finding, tuple(query.limits or ()))
    facts = show_facts(finding, legend)
    return jsonify({"items": show_units(finding, legend), "next": None, "facts": facts})


@api.get("/risk/shapes", responses={200: Shapes, **problems(403, 404, 422)})
def show_shapes(query: ShapeQuery) -> Response:
    """Draw the units' outlines. Public ground: the same for everybody."""
    require(Permission.PAGE_RISK)
    if query.unit is Unit.RASTER:
        raise InvalidInput("unit is hexagon, grid or community", field="unit")
    response = jsonify(services().risk.shapes(query.unit))
    response.headers["Cache-Control"] = "private, max-age=600"
    return response


@api.get("/risk/days", responses={200: Days, **problems(403, 404, 422)})
def show_days(query: PeriodQuery) -> Response:
    """Show how many incidents were reported on each day, for a time line."""
    principal = require(Permission.PAGE_RISK)
    check_kind(query)
    incidents = services().risk.incidents(principal.scope)
    question = Question(query.period, query.within(principal.scope), query.kind)
    day = incidents.day[question.choose(incidents)]
    first, last = day_number(local_day(query.since)), day_number(last_day(query.until))
    count = np.bincount(day - first, minlength=last - first + 1)
    days = np.arange(first, last + 1).astype("datetime64[D]").astype(str)
    items = [{"day": d, "count": n} for d, n in zip(days.tolist(), count.tolist(), strict=True)]
    return jsonify({"items": items, "next": None, "as_of": moment_text(incidents.read_at)})


def check_kind(query: KindQuery) -> None:
    """Refuse areas and case types that nobody knows; costs nothing where none is named."""
    if not query.area and not query.type:
        return
    with unscoped(services().pool) as conn:
        require_area(conn, query.area)
        require_types(conn, tuple(query.type or ()))
