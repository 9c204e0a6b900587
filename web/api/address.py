"""Door plates: prefix search, for a form that is being typed into. Public ground."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from geodata.address import search_addresses
from geodata.db.scope import unscoped
from web.api.schema import Answer, Line, Model, Page, problems
from web.pagination import page
from web.services import services

api = APIBlueprint("address", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="addresses")])


class AddressQuery(Model):
    """What has been typed so far."""

    q: Line
    limit: int = Field(10, ge=1, le=50)


class AddressItem(Answer):
    """One door plate; EPSG:4326 degrees."""

    id: int
    road: str
    number: str
    full_text: str
    grid_code: str
    building_id: int | None
    lon: float
    lat: float


@api.get("/addresses", responses={200: Page[AddressItem], **problems()})
def get_addresses(query: AddressQuery) -> Response:
    """List door plates that begin like the text, nearest in number first."""
    with unscoped(services().pool) as conn:
        found = search_addresses(conn, query.q, query.limit)
    return jsonify(page(list(found), None))
