"""The way from where one stands to a case, for those who go there themselves."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch import desk
from geodata.crs import Datum, convert
from geodata.db.scope import scoped
from geodata.errors import NotFound
from geodata.road.profile import Mode
from geodata.road.route import route
from geodata.road.snap import Snapper
from web.api.route import RouteOut
from web.api.schema import DeclaredDatum, IdPath, Model, problems
from web.identity.guard import require
from web.identity.role import Permission
from web.services import services

api = APIBlueprint("way", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])


class WayQuery(Model):
    """Where one stands, as the phone tells it, and how one travels."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    datum: DeclaredDatum
    mode: Mode = Field(Mode.WALK, description="walk, ebike or car")


@api.get("/cases/<id>/way", responses={200: RouteOut, **problems(403, 404, 422)})
def show_way(path: IdPath, query: WayQuery) -> Response:
    """Draw the fastest way from a point to a case, as a GeoJSON feature in WGS-84."""
    principal, deps = require(Permission.CASE_READ), services()
    lon, lat = convert([query.lon], [query.lat], query.datum, Datum.WGS84)
    with scoped(deps.pool, principal.scope) as conn:
        case = desk.get_case(conn, path.id).case
    goal = (case.lon, case.lat)
    return jsonify(_draw(deps.roads(), query.mode, (float(lon[0]), float(lat[0])), goal))


def _draw(
    roads: Snapper, mode: Mode, source: tuple[float, float], goal: tuple[float, float]
) -> dict[str, Any]:
    found = route(roads.graph, mode, roads.snap_one(*source, mode), roads.snap_one(*goal, mode))
    if found is None:
        raise NotFound("No road leads there", field="id")
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": found.coordinates},
        "properties": {
            "person_id": None,
            "mode": mode.value,
            "travel_s": round(found.travel_s, 1),
            "distance_m": round(found.distance_m, 1),
            "streets": found.streets,
        },
    }
