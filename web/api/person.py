"""People of the roster in scope, and their duty."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from dispatch.people.store import Filter, Person, get_person, list_people, set_duty
from geodata.db.scope import scoped
from layers.area import require_area
from web.api.case_model import role_label
from web.api.change import actor_of
from web.api.schema import (
    Answer,
    AreaCode,
    IdPath,
    Line,
    ListQuery,
    Model,
    Page,
    Version,
    moment_text,
    problems,
)
from web.identity.guard import current, require
from web.identity.principal import Principal
from web.identity.role import Permission
from web.message import choose_locale
from web.pagination import page
from web.services import services

api = APIBlueprint("person", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="people")])
Duty = Literal["on_duty", "off_duty", "on_leave"]


class PersonQuery(ListQuery):
    """Which people."""

    role: list[Line] | None = Field(None, description="roles of the roster; may be repeated")
    area: AreaCode | None = Field(None, description="at home in it, or answering for it")
    duty: Duty | None = None
    q: str | None = Field(
        None, min_length=1, max_length=50, description="part of the name; a whole phone or number"
    )


class DutyIn(Model):
    """A change of duty, and the version that was looked at (the present one if left out)."""

    duty: Duty
    version: Version | None = None


class PersonOut(Answer):
    """One person; the place (WGS-84 degrees) is told of people on duty only."""

    id: int
    name: str
    role: str
    role_label: str
    team: str
    organisation: str | None
    phone: str | None
    skills: list[str]
    home_code: str
    area_codes: list[str]
    travel_mode: str
    capacity: int
    load: int
    duty: Duty
    duty_since: str
    version: int
    assumed: bool
    lon: float | None
    lat: float | None
    measured_at: str | None
    suspect: bool


@api.get("/people", responses={200: Page[PersonOut], **problems(403)})
def get_people(query: PersonQuery) -> Response:
    """List people in scope by id."""
    principal = require(Permission.PERSON_READ)
    wanted = Filter(
        roles=tuple(query.role or ()), duty=query.duty, area_code=query.area, text=query.q
    )
    with scoped(services().pool, principal.scope) as conn:
        require_area(conn, query.area)
        found = list_people(conn, wanted, limit=query.limit, cursor=query.cursor)
    return jsonify(page([show_person(person, principal) for person in found.items], found.next))


@api.get("/people/<id>", responses={200: PersonOut, **problems(403, 404)})
def show_one(path: IdPath) -> Response:
    """Show one person in scope."""
    principal = require(Permission.PERSON_READ)
    with scoped(services().pool, principal.scope) as conn:
        person = get_person(conn, path.id)
    return jsonify(show_person(person, principal))


@api.put("/people/<id>/duty", responses={200: PersonOut, **problems(403, 404, 409)})
def put_duty(path: IdPath, body: DutyIn) -> Response:
    """Set somebody's duty: one's own, or anybody's in scope from the desk."""
    principal = current()
    if not principal.may(Permission.DUTY_ANY):
        principal.require(Permission.DUTY_OWN)
    deps = services()
    with scoped(deps.pool, principal.scope) as conn:
        version = body.version or get_person(conn, path.id).version
        person = set_duty(conn, deps.clock, actor_of(principal), path.id, body.duty, version)
    return jsonify(show_person(person, principal))


def show_person(person: Person, principal: Principal) -> dict[str, Any]:
    """Return a person as the API shows them; where people off duty are is nobody's business."""
    told = person.duty == "on_duty" or person.id == principal.person_id
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "role_label": role_label(person.role, choose_locale(principal.locale)),
        "team": person.team,
        "organisation": person.organisation,
        "phone": person.phone,
        "skills": person.skills,
        "home_code": person.home_code,
        "area_codes": person.area_codes,
        "travel_mode": person.travel_mode,
        "capacity": person.capacity,
        "load": person.load,
        "duty": person.duty,
        "duty_since": moment_text(person.duty_since),
        "version": person.version,
        "assumed": person.assumed,
        "lon": person.lon if told else None,
        "lat": person.lat if told else None,
        "measured_at": moment_text(person.measured_at) if told else None,
        "suspect": person.suspect,
    }
