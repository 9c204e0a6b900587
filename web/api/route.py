"""The way of one candidate to a case, for drawing."""

from __future__ import annotations

from typing import Any, Literal

from dispatch.assign.ladder import Candidate
from dispatch.assign.travel import Spot, positions_of
from dispatch.case.store import Case
from geodata.errors import NotFound
from geodata.road.profile import Mode
from geodata.road.route import route
from geodata.road.snap import Snapper
from web.api.schema import Answer


class RouteOut(Answer):
    """A GeoJSON feature: a LineString in WGS-84 with the streets in order of travel."""

    type: Literal["Feature"]
    geometry: dict[str, Any]
    properties: dict[str, Any]


def draw_route(roads: Snapper, candidate: Candidate, case: Case) -> dict[str, Any]:
    """Return the fastest way from a candidate to a case.

    Raises
    ------
    NotFound
        The person need not travel, or no road leads there.
    """
    spot = _spot(candidate)
    mode = Mode(spot.mode)
    source = positions_of(roads, [spot], mode)[0]
    found = route(roads.graph, mode, source, roads.snap_one(case.lon, case.lat, mode))
    if found is None:
        raise NotFound("No road leads there", field="person_id")
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": found.coordinates},
        "properties": {
            "person_id": candidate.person_id,
            "mode": mode.value,
            "travel_s": round(found.travel_s, 1),
            "distance_m": round(found.distance_m, 1),
            "streets": found.streets,
        },
    }


def _spot(candidate: Candidate) -> Spot:
    """Return where the candidate stands, as the ranking took it."""
    if candidate.mode in (None, "none") or candidate.lon is None or candidate.lat is None:
        raise NotFound("This person need not travel: there is no route", field="person_id")
    return Spot(
        str(candidate.mode), candidate.edge_id, candidate.fraction, candidate.lon, candidate.lat
    )
