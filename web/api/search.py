"""One box to find anything: coordinates, door plates, places, areas, people and cases in scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch import desk
from dispatch.case.filter import Filter as CaseFilter
from dispatch.people.store import Filter as PersonFilter
from dispatch.people.store import list_people
from geodata.address import search_addresses
from geodata.db.scope import Conn, scoped
from geodata.errors import InvalidInput
from layers.search import search_areas, search_places
from web.api.case_model import role_label
from web.api.coordinate import parse_point
from web.api.person import show_person
from web.api.schema import Answer, Model, Page, Text, problems
from web.identity.guard import current
from web.identity.principal import Principal
from web.identity.role import Permission
from web.message import choose_locale
from web.pagination import page
from web.services import services

api = APIBlueprint("search", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="search")])


class SearchQuery(Model):
    """What has been typed so far."""

    q: Text = Field(min_length=1, max_length=50)
    limit: int = Field(5, ge=1, le=20, description="of each kind")


class Found(Answer):
    """One thing found; ``kind`` says what ``id`` is of. WGS-84 degrees."""

    kind: str = Field(description="coordinate, address, place, area, person or case")
    id: str
    title: str
    subtitle: str
    lon: float | None
    lat: float | None
    area_code: str | None


@api.get("/search", responses={200: Page[Found], **problems()})
def search(query: SearchQuery) -> Response:
    """Find by what has been typed; people and cases in scope only."""
    principal, deps = current(), services()
    text = query.q.strip()
    if not text:
        raise InvalidInput("Type something to find", field="q")
    with scoped(deps.pool, principal.scope) as conn:
        items = [
            *_coordinates(text),
            *_cases(conn, principal, text, query.limit),
            *_addresses(conn, text, query.limit),
            *_areas(conn, text, deps.clock.now(), query.limit),
            *_places(conn, text, deps.clock.now(), query.limit),
            *_people(conn, principal, text, query.limit),
        ]
    return jsonify(page(items, None))


def _found(
    kind: str,
    thing_id: object,
    title: str,
    subtitle: str,
    lonlat: tuple[float | None, float | None],
    area_code: str | None,
) -> dict[str, Any]:
    return {
        "kind": kind,
        "id": str(thing_id),
        "title": title,
        "subtitle": subtitle,
        "lon": lonlat[0],
        "lat": lonlat[1],
        "area_code": area_code,
    }


def _coordinates(text: str) -> Iterator[dict[str, Any]]:
    plain = text.replace("，", ",").replace(" ", ",").replace(",,", ",")
    if plain.count(",") != 1:
        return
    try:
        lonlat = parse_point(plain, "q")
    except InvalidInput:
        return
    yield _found("coordinate", plain, f"{lonlat[0]}, {lonlat[1]}", "WGS-84", lonlat, None)


def _addresses(conn: Conn, text: str, limit: int) -> Iterator[dict[str, Any]]:
    try:
        plates = search_addresses(conn, text, limit)
    except InvalidInput:  # nothing but punctuation: no address, yet perhaps something else
        return
    for found in plates:
        place = (found.lon, found.lat)
        yield _found("address", found.id, found.full_text, "", place, found.grid_code)


def _areas(conn: Conn, text: str, at: datetime, limit: int) -> Iterator[dict[str, Any]]:
    for area in search_areas(conn, text, at, limit=limit):
        yield _found("area", area.code, area.name, area.level, (area.lon, area.lat), area.code)


def _places(conn: Conn, text: str, at: datetime, limit: int) -> Iterator[dict[str, Any]]:
    for place in search_places(conn, text, at, limit=limit):
        lonlat = (place.lon, place.lat)
        yield _found("place", place.id, place.name, place.kind, lonlat, place.area_code)


def _people(conn: Conn, principal: Principal, text: str, limit: int) -> Iterator[dict[str, Any]]:
    if not principal.may(Permission.PERSON_READ):
        return
    locale = choose_locale(principal.locale)
    for person in list_people(conn, PersonFilter(text=text), limit=limit).items:
        shown = show_person(person, principal)
        label = role_label(person.role, locale)
        place = (shown["lon"], shown["lat"])
        yield _found("person", person.id, person.name, label, place, person.home_code)


def _cases(conn: Conn, principal: Principal, text: str, limit: int) -> Iterator[dict[str, Any]]:
    if not principal.may(Permission.CASE_READ):
        return
    english = choose_locale(principal.locale) == "en"
    for case in desk.list_cases(conn, CaseFilter(text=text), limit=limit).items:
        name = case.type_name_en if english else case.type_name
        place = (case.lon, case.lat)
        yield _found("case", case.id, case.number, name, place, case.grid_code)
