"""The way of one candidate to a case, for drawing."""

from __future__ import annotations

from typing import Any, Literal

from dispatch.assign.ladder import Candidate
from dispatch.case.store import Case
from geodata.errors import NotFound
from geodata.road.position import Positions
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
    mode = candidate.mode
    if candidate.edge_id is None or case.edge_id is None or mode in (None, "none"):
        raise NotFound("This person need not travel: there is no route", field="person_id")
    ends = Positions.from_ids(
        roads.graph,
        [candidate.edge_id, case.edge_id],
        [candidate.fraction or 0.0, case.fraction or 0.0],
    )
    found = route(roads.graph, Mode(mode), ends[0], ends[1])
    if found is None:
        raise NotFound("No road leads there", field="person_id")
    return {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": found.coordinates},
        "properties": {
            "person_id": candidate.person_id,
            "mode": mode,
            "travel_s": round(found.travel_s, 1),
            "distance_m": round(found.distance_m, 1),
            "streets": found.streets,
        },
    }
