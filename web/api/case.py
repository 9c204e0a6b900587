"""Cases: taken in, listed, looked at; who could go; what has happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dispatch import desk
from dispatch.actor import Actor
from dispatch.case.contact import Contact
from dispatch.case.guard import GRID_CHANNELS
from dispatch.case.locate import Location, locate
from dispatch.case.mask import mask_case
from dispatch.case.record import list_merged
from dispatch.case.store import Nearby
from dispatch.offer import read_offer
from geodata.db.scope import Conn, scoped, unscoped
from geodata.errors import InvalidInput, NotFound
from geodata.road.snap import Snapper
from web.api.assignment_model import AssignmentOut, show_assigned, show_assignment
from web.api.case_filter import CaseQuery, check_filter, filter_of, order_of
from web.api.case_model import (
    CandidatePath,
    CaseIn,
    CaseOut,
    GridOut,
    NearbyQuery,
    PlaceQuery,
    show_candidate,
    show_place,
)
from web.api.case_view import view_case, view_cases
from web.api.change import KEY_OPTIONAL, change
from web.api.contact import ContactOut, show_contacts
from web.api.offer_model import OfferOut, show_offer
from web.api.route import RouteOut, draw_route
from web.api.schema import Answer, IdPath, Page, problems
from web.api.turnout_model import CandidatePage, show_turnout
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


class MergedOut(Answer):
    """A case that became part of this one."""

    id: int
    number: str


class CaseDetail(CaseOut):
    """A case with all its assignments, oldest first, and its people behind masks."""

    assignments: list[AssignmentOut]
    contacts: list[ContactOut]
    merged: list[MergedOut]
    offer: OfferOut | None


class NearbyOut(CaseOut):
    """A case that may be the same matter."""

    distance_m: float


@api.post("/cases", responses={201: TakenIn, **problems(403, 409)}, openapi_extensions=KEY_OPTIONAL)
def post_case(body: CaseIn) -> Response:
    """Take in a case, and dispatch the best candidate at once if asked to."""
    principal = require(Permission.CASE_REPORT)
    if body.assign:
        principal.require(Permission.CASE_ASSIGN)

    taking = _TakeIn(body, services().roads())
    return change(taking.work, ahead=taking.ask if body.assign else None)


@dataclass
class _TakeIn:
    """Taking in one case; what a dispatch needs to know is asked as the transaction begins."""

    body: CaseIn
    roads: Snapper
    asked: desk.Asked | None = None

    def ask(self, conn: Conn, actor: Actor) -> None:
        report = _report(actor, self.body)
        self.asked = desk.ask_ahead(conn, services().office, actor, report)

    def work(self, conn: Conn, actor: Actor) -> Reply:
        return Reply.of(201, _take_in(conn, actor, self))


@api.get("/cases", responses={200: Page[CaseOut], **problems(403)})
def get_cases(query: CaseQuery) -> Response:
    """List cases in scope, newest first or by due time."""
    principal = require(Permission.CASE_READ)
    wanted, order = filter_of(query, principal), order_of(query.order)
    with scoped(services().pool, principal.scope) as conn:
        check_filter(conn, wanted)
        found = desk.list_cases(conn, wanted, limit=query.limit, cursor=query.cursor, order=order)
        shown = [mask_case(case) for case in found.items] if query.masked else found.items
        items = view_cases(conn, shown)
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
        shown, contacts = view_case(conn, found.case), show_contacts(conn, path.id)
        merged = [{"id": one.id, "number": one.number} for one in list_merged(conn, path.id)]
        offer = read_offer(conn, path.id)
    locale = choose_locale(principal.locale)
    assignments = [show_assignment(assignment, locale) for assignment in found.assignments]
    response = jsonify(
        {
            **shown,
            "assignments": assignments,
            "contacts": contacts,
            "merged": merged,
            "offer": show_offer(offer, locale),
        }
    )
    response.add_etag()
    response.cache_control.private = response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


@api.get("/cases/<id>/candidates", responses={200: CandidatePage, **problems(403, 404)})
def get_candidates(path: IdPath) -> Response:
    """List who could go, in order of recommendation, and what the case's run card calls for.

    Beyond the scope role and minutes only.
    """
    principal, deps = require(Permission.CASE_ASSIGN), services()
    locale = choose_locale(principal.locale)
    roads = deps.roads()
    with scoped(deps.pool, principal.scope) as conn:
        found, turnout = desk.advise(conn, roads, path.id, deps.clock.now())
    items = [show_candidate(candidate, locale) for candidate in found]
    return jsonify({**page(items, None), "card": show_turnout(turnout, locale)})


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


def _take_in(conn: Conn, actor: Actor, taking: _TakeIn) -> dict[str, Any]:
    deps = services()
    report = _report(actor, taking.body)
    if not taking.body.assign:
        case, assigned = desk.report_case(conn, deps.office, actor, report), None
    else:
        done = desk.dispatch_now(conn, deps.office, actor, taking.roads, report, taking.asked)
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
        channel=_channel(actor, body.channel),
        reported_at=body.reported_at,
        contact=Contact(body.reporter.name, body.reporter.phone) if body.reporter else None,
        level=body.level,
        scale=body.scale,
    )


def _channel(actor: Actor, named: str | None) -> str:
    """Return how a case came in; what a grid worker reports is a grid worker's report."""
    usual = CHANNELS.get(actor.role, "desk")
    if named is not None and usual == "grid_worker" and named not in GRID_CHANNELS:
        raise InvalidInput("Your reports come by " + " or ".join(GRID_CHANNELS), field="channel")
    return named or usual
