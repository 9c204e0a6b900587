"""The live picture: people on duty and open cases in scope, and the seq it is of."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from web.api.schema import problems
from web.identity.guard import require
from web.identity.role import Permission
from web.services import services

api = APIBlueprint("live", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="live")])


@api.get("/live", responses={200: {"content": {"application/json": {}}}, **problems(403)})
def show_live() -> Response:
    """Send the compact snapshot, at most a second old; mapsvc/snapshot.py tells its columns."""
    principal = require(Permission.CASE_READ)
    snapshot = services().snapshots.get(principal.scope)
    response = Response(snapshot.body, mimetype="application/json")
    response.cache_control.no_store = True
    return response
