"""One place on the risk map, explained: numbers, cases, people and assets in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from dispatch.case.brief import Brief, list_briefs
from dispatch.case.type import list_types
from dispatch.people.near import FRESH_S, count_people_inside
from geodata.crs import from_metric
from geodata.db.scope import Conn, scoped
from geodata.errors import NotFound
from layers.catalogue import KINDS
from layers.risk.coverage import Coverage, count_inside, measure_coverage, read_devices
from layers.risk.density.frame import FloatArray
from layers.risk.ground import Ground
from layers.risk.incident import Incidents
from layers.risk.place import Place, TypeCount, cells_of_place, explain_place
from layers.risk.question import Measure, Question, Unit
from web.api.case_model import role_label
from web.api.risk import check_kind
from web.api.risk_place_model import PlaceOut, PlaceQuery
from web.api.schema import moment_text, problems
from web.identity.guard import require
from web.identity.role import Permission
from web.message import choose_locale
from web.off_loop import off_loop
from web.services import services

api = APIBlueprint("risk_place", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="risk")])
MOST_TYPES = 5
MOST_CASES = 8
DIGITS = 6
"""Corners of an outline are told to a decimetre."""


@dataclass(frozen=True, eq=False)
class _Seen:
    """A place measured, before anything round it is read.

    Parameters
    ----------
    field
        In which the place was asked for.
    middle
        (lon, lat) degrees.
    cells
        Centres of its cells, metres, shape (cells,) each.
    """

    place: Place
    field: str
    middle: tuple[float, float]
    degrees: BaseGeometry
    cells: tuple[FloatArray, FloatArray]
    types: tuple[list[TypeCount], int]
    newest: list[int]


@api.get("/risk/place", responses={200: PlaceOut, **problems(403, 404)})
def show_place(query: PlaceQuery) -> Response:
    """Explain a place: what happened in it, beside how many people, who and what is there.

    What lies beyond the scope counts for nothing, on both sides of every ratio.
    """
    principal, deps = require(Permission.PAGE_RISK), services()
    check_kind(query)
    ground, incidents = deps.risk.ground(), deps.risk.incidents(principal.scope)
    question = query.question(principal.scope, Measure.DENSITY, Unit.RASTER)
    seen = off_loop(lambda: _measure(query, question, incidents, ground))
    if not seen.place.area_km2:
        raise NotFound("The place lies beyond the district, or beyond your area", field=seen.field)
    with scoped(deps.pool, principal.scope) as conn:
        now, outline = deps.clock.now(), seen.place.outline
        around = _around(conn, now, seen, choose_locale(principal.locale))
        assets = count_inside(conn, now, outline)
        devices = read_devices(conn, now, outline, seen.middle)
    coverage = off_loop(lambda: measure_coverage(devices, seen.cells))
    shown = {
        **_numbers(seen.place, seen.middle),
        **around,
        "geometry": mapping(shapely.transform(seen.degrees, lambda xy: xy.round(DIGITS))),
        "assets": [_kind(kind) | {"count": n} for kind, n in assets.items()],
        "coverage": [_coverage(one) for one in coverage],
    }
    return jsonify(shown)


def _measure(query: PlaceQuery, question: Question, incidents: Incidents, ground: Ground) -> _Seen:
    """Do all that takes long and needs no database."""
    outline, field = query.outline(ground)
    place = explain_place(question, incidents, ground, outline)
    return _Seen(
        place, field, _middle(outline), _degrees(outline), cells_of_place(ground, place),
        place.by_type(MOST_TYPES), place.newest(MOST_CASES),
    )  # fmt: skip


def _middle(outline: BaseGeometry) -> tuple[float, float]:
    """Return the middle of a place, (lon, lat): its centroid, or a point inside a bent one."""
    point = outline.centroid
    if not outline.contains(point):
        point = outline.representative_point()
    lon, lat = from_metric(point.x, point.y)
    return float(lon[0]), float(lat[0])


def _degrees(outline: BaseGeometry) -> BaseGeometry:
    return shapely.transform(outline, lambda xy: np.column_stack(from_metric(xy[:, 0], xy[:, 1])))


def _numbers(place: Place, middle: tuple[float, float]) -> dict[str, Any]:
    times, weight = place.times_mean, place.question.weight
    return {
        "lon": round(middle[0], 7),
        "lat": round(middle[1], 7),
        "area_km2": round(place.area_km2, 6),
        "n": place.n,
        "days": round(place.days, 3),
        "weighted": weight.urgent != 1.0 or weight.half_life_days is not None,
        "per_km2": place.per_km2,
        "residents": round(place.residents),
        "per_1000": place.per_1000,
        "times_mean": times and dict(zip(("value", "low", "high"), times, strict=True)),
        "found_share": place.found_share,
        "weekdays": place.by_weekday,
        "hours": place.by_hour,
        "change": place.change._asdict(),
        "as_of": moment_text(place.incidents.read_at),
    }


def _around(conn: Conn, now: datetime, seen: _Seen, locale: str) -> dict[str, Any]:
    """Return what only the scope tells: types with their names, the newest cases, the people."""
    told, rest = seen.types
    names = {kind.code: kind for kind in list_types(conn)}
    types = [
        {"code": c, "name": names[c].name, "name_en": names[c].name_en, "n": n} for c, n in told
    ]
    people = count_people_inside(conn, seen.degrees, now)
    return {
        "types": {"items": types, "rest": rest},
        "cases": [_brief(one) for one in list_briefs(conn, seen.newest)],
        "people": [
            {"role": role, "role_label": role_label(role, locale), "n": n}
            for role, n in people.items()
        ],
        "people_within_s": FRESH_S,
    }


def _brief(one: Brief) -> dict[str, Any]:
    return {
        "id": one.id,
        "number": one.number,
        "type": one.type_code,
        "type_name": one.type_name,
        "type_name_en": one.type_name_en,
        "state": one.state,
        "urgent": one.urgent,
        "reported_at": moment_text(one.reported_at),
    }


def _kind(kind: str) -> dict[str, Any]:
    known = KINDS[kind]
    return {"kind": kind, "zh": known.zh, "en": known.en, "icon": known.icon}


def _coverage(one: Coverage) -> dict[str, Any]:
    kind, nearest = KINDS[one.kind], one.nearest
    return {
        "kind": one.kind,
        "zh": kind.zh,
        "en": kind.en,
        "reach_m": one.reach_m,
        "nearest": nearest and {
            "id": nearest.asset.id,
            "name": nearest.asset.name,
            "lon": nearest.asset.lon,
            "lat": nearest.asset.lat,
            "distance_m": round(nearest.distance_m, 1),
        },
        "gap": one.gap,
    }  # fmt: skip
