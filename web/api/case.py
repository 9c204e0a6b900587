"""Cases: taken in, listed, looked at; who could go; what has happened."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dispatch import desk
from dispatch.actor import Actor
from dispatch.case.filter import Filter
from dispatch.case.locate import Location, locate
from dispatch.case.store import Nearby
from dispatch.case.type import require_types
from geodata.db.scope import Conn, scoped, unscoped
from geodata.errors import InvalidInput, NotFound
from geodata.road.snap import Snapper
from layers.area import require_area
from web.api.assignment_model import AssignmentOut, show_assigned, show_assignment
from web.api.case_model import (
    CandidateOut,
    CandidatePath,
    CaseIn,
    CaseOut,
    CaseQuery,
    GridOut,
    NearbyQuery,
    PlaceQuery,
    show_candidate,
    show_place,
)
from web.api.case_view import view_case, view_cases
from web.api.change import KEY_OPTIONAL, actor_of, change
from web.api.route import RouteOut, draw_route
from web.api.schema import IdPath, Page, problems
from web.idempotency import Reply
from web.identity.guard import current, require
from web.identity.role import Permission
from web.message import choose_locale
from web.pagination import page
from web.services import services

api = APIBlueprint("case", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])
CHANNELS = {"grid_worker": "grid_worker", "mediator": "grid_worker", "system": "alarm_pillar"}
"""Channel by the role of the account, where the request names none; the desk otherwise."""


class TakenIn(CaseOut):
    """A case just taken in, with the assignment if the best candidate was sent at once."""

    assignment: AssignmentOut | None


class CaseDetail(CaseOut):
    """A case with all its assignments, oldest first."""

    assignments: list[AssignmentOut]


class NearbyOut(CaseOut):
    """A case that may be the same matter."""

    distance_m: float


@api.post("/cases", responses={201: TakenIn, **problems(403, 409)}, openapi_extensions=KEY_OPTIONAL)
def post_case(body: CaseIn) -> Response:
    """Take in a case, and dispatch the best candidate at once if asked to."""
    principal = require(Permission.CASE_REPORT)
    if body.assign:
        principal.require(Permission.CASE_ASSIGN)

    roads = services().roads()

    def work(conn: Conn, actor: Actor) -> Reply:
        return Reply.of(201, _take_in(conn, actor, roads, body))

    return change(work)


@api.get("/cases", responses={200: Page[CaseOut], **problems(403)})
def get_cases(query: CaseQuery) -> Response:
    """List cases in scope, newest first."""
    principal = require(Permission.CASE_READ)
    wanted = Filter(
        states=tuple(query.state or ()),
        families=tuple(query.family or ()),
        type_codes=tuple(query.type or ()),
        urgent=query.urgent,
        area_code=query.area,
        text=query.q,
        mine=actor_of(principal).subjects if query.mine else (),
        reported_from=query.reported_since,
        reported_to=query.reported_until,
    )
    with scoped(services().pool, principal.scope) as conn:
        require_area(conn, query.area)
        require_types(conn, wanted.type_codes)
        found = desk.list_cases(conn, wanted, limit=query.limit, cursor=query.cursor)
        items = view_cases(conn, found.items)
    return jsonify(page(items, found.next))


@api.get("/cases/nearby", responses={200: Page[NearbyOut], **problems(403)})
def get_nearby(query: NearbyQuery) -> Response:
    """List cases close in space and time: perhaps the matter is known already."""
    principal, deps = require(Permission.CASE_READ), services()
    location = Location(query.lon, query.lat, query.datum)
    with scoped(deps.pool, principal.scope) as conn:
        place = locate(conn, location, deps.clock.now())
        found: list[Nearby] = desk.nearby_cases(
            conn, deps.clock, place.lon, place.lat, query.radius_m, query.hours
        )
        items = view_cases(conn, [near.case for near in found])
    for item, near in zip(items, found, strict=True):
        item["distance_m"] = round(near.distance_m, 1)
    return jsonify(page(items, None))


@api.get("/locate", responses={200: GridOut, **problems()})
def get_grid(query: PlaceQuery) -> Response:
    """Tell which grid a point lies in, and how sure that is. Public ground."""
    deps = services()
    at = deps.clock.now()
    location = Location(query.lon, query.lat, query.datum, query.accuracy_m)
    with unscoped(deps.pool) as conn:
        place = locate(conn, location, at)
        names = deps.names.of(conn, [place.grid_code, place.runner_up_code or ""], at)
    return jsonify(show_place(place, names))


@api.get("/cases/<id>", responses={200: CaseDetail, **problems(403, 404)})
def get_case(path: IdPath) -> Response:
    """Show one case with its assignments."""
    principal = require(Permission.CASE_READ)
    with scoped(services().pool, principal.scope) as conn:
        found = desk.get_case(conn, path.id)
        shown = view_case(conn, found.case)
    locale = choose_locale(principal.locale)
    assignments = [show_assignment(assignment, locale) for assignment in found.assignments]
    response = jsonify({**shown, "assignments": assignments})
    response.add_etag()
    response.cache_control.private = response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


@api.get("/cases/<id>/candidates", responses={200: Page[CandidateOut], **problems(403, 404)})
def get_candidates(path: IdPath) -> Response:
    """List who could go, in order of recommendation; beyond the scope role and minutes only."""
    principal, deps = require(Permission.CASE_ASSIGN), services()
    locale = choose_locale(principal.locale)
    roads = deps.roads()
    with scoped(deps.pool, principal.scope) as conn:
        found = desk.recommend(conn, roads, path.id, deps.clock.now())
    return jsonify(page([show_candidate(candidate, locale) for candidate in found], None))


@api.get(
    "/cases/<id>/candidates/<person_id>/route", responses={200: RouteOut, **problems(403, 404)}
)
def get_route(path: CandidatePath) -> Response:
    """Draw the way a candidate would take, as a GeoJSON feature in WGS-84."""
    principal, deps = require(Permission.CASE_ASSIGN), services()
    roads = deps.roads()
    with scoped(deps.pool, principal.scope) as conn:
        case = desk.get_case(conn, path.id).case
        found = desk.recommend(conn, roads, path.id, deps.clock.now())
    chosen = next((c for c in found if c.person_id == path.person_id), None)
    if chosen is None:
        raise NotFound("This person is no candidate of the case", field="person_id")
    return jsonify(draw_route(roads, chosen, case))


def _take_in(conn: Conn, actor: Actor, roads: Snapper, body: CaseIn) -> dict[str, Any]:
    deps = services()
    report = _report(actor, body)
    if not body.assign:
        case, assigned = desk.report_case(conn, deps.office, actor, report), None
    else:
        done = desk.dispatch_now(conn, deps.office, actor, roads, report)
        case, assigned = done.case, done.assigned
    locale = choose_locale(current().locale)
    return {
        **view_case(conn, case),
        "assignment": show_assigned(assigned, locale) if assigned else None,
    }


def _report(actor: Actor, body: CaseIn) -> desk.Report:
    if body.location is None and body.address is None:
        raise InvalidInput("Say where: a location or an address", field="location")
    point = body.location
    return desk.Report(
        type_code=body.type,
        description=body.description,
        location=Location(point.lon, point.lat, point.datum, point.accuracy_m) if point else None,
        address=body.address,
        channel=body.channel or CHANNELS.get(actor.role, "desk"),
        reported_at=body.reported_at,
    )
