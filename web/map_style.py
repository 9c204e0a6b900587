"""Map styles and their sprite. They tell nothing of the district, so no sign-in is asked for."""

from __future__ import annotations

import hashlib
import json

from flask import Blueprint, Response, request

from geodata.errors import NotFound
from mapsvc.sprite import sprite_json, sprite_png
from mapsvc.style import style
from web.message import choose_locale
from web.services import services

DAY_S = 86_400
SPRITES = {
    "sprite.json": ("application/json", sprite_json, 1),
    "sprite.png": ("image/png", sprite_png, 1),
    "sprite@2x.json": ("application/json", sprite_json, 2),
    "sprite@2x.png": ("image/png", sprite_png, 2),
}
blueprint = Blueprint("map_style", __name__)


@blueprint.get("/styles/<name>.json")
def send_style(name: str) -> Response:
    """Send a style with the addresses of this server and names in the reader's language."""
    if f"{name}.json" in SPRITES:
        return send_sprite(f"{name}.json")
    principal = services().gate.find()
    locale = choose_locale(principal.locale if principal else None)
    body = json.dumps(style(name, request.host_url, locale), ensure_ascii=False).encode()
    return _answer(body, "application/json", 0)


@blueprint.get("/styles/<path:name>")
def send_sprite(name: str) -> Response:
    """Send a part of the sprite."""
    if name not in SPRITES:
        raise NotFound("There is no such style or sprite")
    media_type, make, pixel_ratio = SPRITES[name]
    return _answer(make(pixel_ratio), media_type, DAY_S)


def _answer(body: bytes, media_type: str, max_age_s: int) -> Response:
    response = Response(body, mimetype=media_type)
    response.set_etag(hashlib.sha256(body).hexdigest()[:20])
    response.cache_control.private = True
    if max_age_s:
        response.cache_control.max_age = max_age_s
    else:
        response.cache_control.no_cache = True
    response.make_conditional(request)
    return response
