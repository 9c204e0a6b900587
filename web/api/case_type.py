"""Types of cases: the list that everybody chooses from, edited by the district."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field, Strict

from dispatch.actor import Actor
from dispatch.case.type import CaseType, Family, ServiceKind, list_types
from dispatch.rule import add_type, change_type
from geodata.db.scope import Conn, unscoped
from web.api.change import KEY_OPTIONAL, change
from web.api.schema import Answer, BodyFlag, Line, Model, Page, Text, Version, problems
from web.idempotency import Reply
from web.identity.guard import require
from web.identity.role import Permission
from web.pagination import page
from web.services import services

api = APIBlueprint("case_type", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])

TypeCode = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{1,7}$")]
Sentence = Annotated[Text, Field(max_length=400)]
ArrivalLimit = Annotated[int, Strict(), Field(ge=60, le=7 * 86_400, description="seconds")]


class TypeQuery(Model):
    """Which types."""

    family: Family | None = None


class CodePath(Model):
    """The code in a path."""

    code: Line


class TypeFields(Model):
    """What the district edits of a type."""

    name: Line
    name_en: Line
    urgent: BodyFlag
    arrival_limit_s: ArrivalLimit
    skills: list[Line] = Field(max_length=10)
    service_kind: ServiceKind | None
    registration_condition: Sentence
    registration_condition_en: Sentence
    closing_condition: Sentence
    closing_condition_en: Sentence
    responsible_post: Line
    responsible_unit: Line | None
    active: BodyFlag


class NewType(TypeFields):
    """A type to be added; ``family``, ``parent_code`` and ``code`` stay what they are."""

    code: TypeCode
    family: Family
    parent_code: TypeCode | None = None
    urgent: BodyFlag = False
    skills: list[Line] = Field([], max_length=10)
    service_kind: ServiceKind | None = None
    registration_condition_en: Sentence = ""
    closing_condition_en: Sentence = ""
    responsible_unit: Line | None = None
    active: BodyFlag = True
    source: Line = "district"


class EditedType(TypeFields):
    """A type as edited, whole, with the version that was looked at."""

    version: Version


class TypeItem(Answer):
    """One type of case; an inactive one is not offered for new cases."""

    code: str
    family: Family
    parent_code: str | None
    name: str
    name_en: str
    urgent: bool
    arrival_limit_s: int
    skills: list[str]
    source: str
    service_kind: ServiceKind | None
    registration_condition: str
    registration_condition_en: str
    closing_condition: str
    closing_condition_en: str
    responsible_post: str | None
    responsible_unit: str | None
    active: bool
    version: int


@api.get("/case-types", responses={200: Page[TypeItem], **problems()})
def get_case_types(query: TypeQuery) -> Response:
    """List all types by family and code; dispute classes come before their subcodes."""
    with unscoped(services().pool) as conn:
        found = list_types(conn)
    items = [kind for kind in found if query.family in (None, kind.family)]
    response = jsonify(page(items, None))
    response.add_etag()
    response.cache_control.private = response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


@api.post(
    "/case-types",
    responses={201: TypeItem, **problems(403, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def post_case_type(body: NewType) -> Response:
    """Add a type of the district's own."""
    require(Permission.TYPE_EDIT)
    kind = CaseType(**_fields(body))

    def work(conn: Conn, actor: Actor) -> Reply:
        return Reply.of(201, add_type(conn, services().clock, actor, kind))

    return change(work)


@api.put(
    "/case-types/<code>",
    responses={200: TypeItem, **problems(403, 404, 409)},
    openapi_extensions=KEY_OPTIONAL,
)
def put_case_type(path: CodePath, body: EditedType) -> Response:
    """Edit a type; cases that have it are not changed."""
    require(Permission.TYPE_EDIT)
    # Family, class and source are what they were: change_type puts them in.
    kind = CaseType(code=path.code, family="", parent_code=None, source="", **_fields(body))

    def work(conn: Conn, actor: Actor) -> Reply:
        return Reply.of(200, change_type(conn, services().clock, actor, kind))

    return change(work)


def _fields(body: TypeFields) -> dict[str, Any]:
    given = body.model_dump(mode="json")
    return {**given, "skills": tuple(dict.fromkeys(body.skills))}
