"""Types of cases."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dispatch.case.type import Family, list_types
from geodata.db.scope import unscoped
from web.api.schema import Answer, Model, Page, problems
from web.pagination import page
from web.services import services

api = APIBlueprint("case_type", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="cases")])


class TypeQuery(Model):
    """Which types."""

    family: Family | None = None


class TypeItem(Answer):
    """One type of case."""

    code: str
    family: Family
    parent_code: str | None
    name: str
    name_en: str
    urgent: bool
    arrival_limit_s: int
    skills: list[str]
    source: str


@api.get("/case-types", responses={200: Page[TypeItem], **problems()})
def get_case_types(query: TypeQuery) -> Response:
    """List all types by family and code; dispute classes come before their subcodes."""
    with unscoped(services().pool) as conn:
        found = list_types(conn)
    return jsonify(page([kind for kind in found if query.family in (None, kind.family)], None))
