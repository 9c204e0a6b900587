"""Areas of the four levels and micro-grids. Public ground: everybody signed in sees them all."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from geodata.code import Level
from geodata.db.scope import unscoped
from layers.area import (
    Area,
    get_area,
    get_outline,
    list_areas,
    list_children,
    list_neighbors,
    require_area,
)
from layers.search import search_areas
from web.api.schema import Answer, AreaCode, Line, ListQuery, Model, Page, problems
from web.pagination import decode_cursor, encode_cursor, page
from web.services import services

api = APIBlueprint("area", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="areas")])


class AreaQuery(ListQuery):
    """Which areas."""

    level: Level | None = None
    parent: AreaCode | None = Field(None, description="areas one level below this one")
    prefix: AreaCode | None = Field(None, description="this area and all below it")
    q: Line | None = Field(None, description="part of the name, or the beginning of the code")


class AreaPath(Model):
    """The code in a path."""

    code: AreaCode


class AreaItem(Answer):
    """One area; positions in EPSG:4326 degrees, bbox (west, south, east, north)."""

    code: str
    level: Level
    parent_code: str | None
    name: str
    name_en: str | None
    lon: float
    lat: float
    bbox: tuple[float, float, float, float]
    area_m2: float
    valid_from: str | None
    valid_to: str | None


class AreaDetail(AreaItem):
    """One area with its outline and neighbours."""

    outline: dict[str, Any] = Field(description="GeoJSON geometry")
    neighbors: list[dict[str, Any]]


@api.get("/areas", responses={200: Page[AreaItem], **problems(422)})
def get_areas(query: AreaQuery) -> Response:
    """List areas by code."""
    after = decode_cursor(query.cursor, [str])[0] if query.cursor else None
    deps = services()
    at = deps.clock.now()
    with unscoped(deps.pool) as conn:
        require_area(conn, query.parent, "parent")
        require_area(conn, query.prefix, "prefix")
        if query.q:
            found = search_areas(conn, query.q, at, level=query.level, limit=query.limit)
            return jsonify(page([asdict(area) for area in found], None))
        if query.parent:
            found = list_children(conn, query.parent, at)
            return jsonify(page([asdict(area) for area in found], None))
        found = list_areas(
            conn,
            at,
            level=query.level,
            within=query.prefix,
            after=after,
            limit=query.limit + 1,
        )
    return jsonify(_paged(found, query.limit))


@api.get("/areas/<code>", responses={200: AreaDetail, **problems(404, 422)})
def show_area(path: AreaPath) -> Response:
    """Show one area with its outline and the areas beside it."""
    deps = services()
    at = deps.clock.now()
    with unscoped(deps.pool) as conn:
        area = get_area(conn, path.code, at)
        outline = get_outline(conn, path.code, at)
        neighbors = list_neighbors(conn, path.code, at)
    response = jsonify({**asdict(area), "outline": outline, "neighbors": neighbors})
    response.add_etag()
    response.cache_control.private = True
    response.make_conditional(request)
    return response


def _paged(found: list[Area], limit: int) -> dict[str, Any]:
    shown = found[:limit]
    following = encode_cursor(shown[-1].code) if len(found) > limit else None
    return page([asdict(area) for area in shown], following)
