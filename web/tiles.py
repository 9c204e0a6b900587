"""Vector tiles: public layers from the process's cache, cases within the scope of who asks."""

from __future__ import annotations

import re
from datetime import datetime

from flask import Blueprint, Response, request

from geodata.db.scope import scoped
from geodata.errors import InvalidInput
from mapsvc.tile import MEDIA_TYPE, PUBLIC_LAYERS, CaseFilter, Tile, check_tile, render_cases
from web.api.schema import FIRST_YEAR, LAST_YEAR
from web.identity.role import Permission
from web.services import services

KEPT = "private, max-age=60"
_NUMBER = re.compile(r"[0-9]{1,7}", re.ASCII)
blueprint = Blueprint("tiles", __name__)


@blueprint.get("/tiles/<layer>/<z>/<x>/<y>.mvt")
def send_tile(layer: str, z: str, x: str, y: str) -> Response:
    """Send one tile; 304 when the browser has it already."""
    deps = services()
    principal = deps.gate.admit(cached=True)
    column, row, zoom = _number(x, "x"), _number(y, "y"), _number(z, "z")
    check_tile(layer, zoom, column, row)
    if layer in PUBLIC_LAYERS:
        return _answer(deps.tiles.get(layer, zoom, column, row), public=True)
    principal.require(Permission.CASE_READ)
    with scoped(deps.pool, principal.scope) as conn:
        tile = render_cases(conn, zoom, column, row, _case_filter())
    return _answer(tile, public=False)


def _answer(tile: Tile, *, public: bool) -> Response:
    """Let the browser keep public ground for a minute; cases are asked for again each time."""
    known = request.if_none_match.contains_weak(tile.etag)
    response = Response(status=304) if known else Response(tile.body, mimetype=MEDIA_TYPE)
    response.headers["ETag"] = f'"{tile.etag}"'
    response.headers["Cache-Control"] = KEPT if public else "private, no-cache"
    return response


def _number(text: str, field: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise InvalidInput(f"{field} must be a whole number of a tile", field=field)
    return int(text)


def _case_filter() -> CaseFilter:
    state = request.args.get("state", "open")
    if state not in ("open", "all"):
        raise InvalidInput("state must be open or all", field="state")
    return CaseFilter(open_only=state == "open", since=_moment("since"), until=_moment("until"))


def _moment(field: str) -> datetime | None:
    text = request.args.get(field)
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text[:40])
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise InvalidInput(f"{field} must be RFC 3339 with its offset", field=field)
    return found
