"""Assets of the catalogue. Public ground, without the attributes the catalogue keeps secret."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field, field_validator

from geodata.db.scope import unscoped
from geodata.errors import InvalidInput
from layers.area import require_area
from layers.asset import Asset, count_by_kind, get_asset, list_assets, list_nearest
from layers.catalogue import KINDS, public_attributes
from web.api.coordinate import Numbers, parse_bbox, parse_point
from web.api.schema import Answer, AreaCode, IdPath, Line, ListQuery, Model, Page, problems
from web.pagination import decode_cursor, encode_cursor, page
from web.services import services

api = APIBlueprint("asset", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="assets")])


class AssetQuery(ListQuery):
    """Which assets."""

    kind: list[Line] | None = Field(None, description="kinds of the catalogue; may be repeated")
    area: AreaCode | None = None
    bbox: Numbers | None = Field(None, description="west,south,east,north in WGS-84 degrees")
    near: Numbers | None = Field(None, description="lon,lat in WGS-84 degrees; needs kind")
    radius_m: float = Field(500.0, gt=0, le=5000)
    per_kind: int = Field(3, ge=1, le=20)

    @field_validator("kind", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        """Take ``kind=camera,alarm_pillar`` as well as the repeated parameter."""
        return [part for text in value for part in str(text).split(",")] if value else value


class AssetItem(Answer):
    """One asset; EPSG:4326 degrees."""

    id: int
    kind: str
    name: str
    area_code: str
    attributes: dict[str, Any]
    lon: float
    lat: float
    geometry: dict[str, Any] | None
    distance_m: float | None


class CountQuery(Model):
    """Where to count."""

    area: AreaCode | None = None


class KindCount(Answer):
    """One kind of the catalogue with its labels and how many there are."""

    kind: str
    zh: str
    en: str
    icon: str
    geometry: str
    min_zoom: int
    count: int


@api.get("/assets", responses={200: Page[AssetItem], **problems(422)})
def get_assets(query: AssetQuery) -> Response:
    """List assets by id, or the nearest of each kind round a point."""
    deps = services()
    at = deps.clock.now()
    if query.near:
        lon, lat = parse_point(query.near, "near")
        if not query.kind:
            raise InvalidInput("Say of which kind: kind=camera", field="kind")
        with unscoped(deps.pool) as conn:
            near = list_nearest(
                conn,
                at,
                lon,
                lat,
                kinds=query.kind,
                radius_m=query.radius_m,
                per_kind=query.per_kind,
            )
        return jsonify(page([_public(asset) for asset in near], None))
    with unscoped(deps.pool) as conn:
        require_area(conn, query.area)
        found = list_assets(
            conn,
            at,
            kinds=query.kind,
            within=query.area,
            bbox=parse_bbox(query.bbox) if query.bbox else None,
            after=decode_cursor(query.cursor, [int])[0] if query.cursor else None,
            limit=query.limit + 1,
        )
    shown = found[: query.limit]
    following = encode_cursor(shown[-1].id) if len(found) > query.limit else None
    return jsonify(page([_public(asset) for asset in shown], following))


@api.get("/assets/<id>", responses={200: AssetItem, **problems(404)})
def show_asset(path: IdPath) -> Response:
    """Show one asset."""
    deps = services()
    with unscoped(deps.pool) as conn:
        asset = get_asset(conn, path.id, deps.clock.now())
    return jsonify(_public(asset))


@api.get("/asset-kinds", responses={200: Page[KindCount], **problems(422)})
def count_assets(query: CountQuery) -> Response:
    """List the kinds of the catalogue with the number of assets of each."""
    deps = services()
    with unscoped(deps.pool) as conn:
        require_area(conn, query.area)
        counts = count_by_kind(conn, deps.clock.now(), areas=[query.area] if query.area else None)
    items = [
        {
            "kind": kind.id,
            "zh": kind.zh,
            "en": kind.en,
            "icon": kind.icon,
            "geometry": kind.geometry,
            "min_zoom": kind.min_zoom,
            "count": counts.get(kind.id, 0),
        }
        for kind in KINDS.values()
    ]
    return jsonify(page(items, None))


def _public(asset: Asset) -> dict[str, Any]:
    return {
        "id": asset.id,
        "kind": asset.kind,
        "name": asset.name,
        "area_code": asset.area_code,
        "attributes": public_attributes(asset.kind, asset.attributes),
        "lon": asset.lon,
        "lat": asset.lat,
        "geometry": asset.geometry,
        "distance_m": asset.distance_m,
    }
