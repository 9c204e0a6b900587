"""Map styles: night for the wall, day for desk, planner and phone, from one token file."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from geodata.errors import InvalidInput, NotFound
from mapsvc.style import ground, matter
from mapsvc.tile import LAYERS

StyleName = Literal["night", "day"]
NAMES: tuple[StyleName, ...] = ("night", "day")
LOCALES = ("zh", "en")
SOURCE_MAX_ZOOM = 16
"""Tiles end here; the browser draws higher zooms from these. Nothing is generalised any more."""
Tokens = dict[str, Any]


def style(name: str, base_url: str, locale: str = "zh") -> dict[str, Any]:
    """Return a MapLibre GL style, served at ``/styles/{night|day}.json?locale=zh|en``.

    No ``glyphs``: names are drawn with the fonts of the machine, Han included. Layers of assets
    and cases are there and hidden; the page shows and filters them.

    Parameters
    ----------
    name
        'night' or 'day'.
    base_url
        Scheme, host and port of the server (``http://127.0.0.1:8000``): MapLibre wants absolute
        tile addresses. Tiles are ``{base_url}/tiles/{layer}/{z}/{x}/{y}.mvt``, the sprite
        ``{base_url}/styles/sprite`` (``.json``, ``.png``, ``@2x`` of both; see mapsvc/sprite.py).
    locale
        'zh' or 'en': the language of names.

    Raises
    ------
    NotFound
        No such style.
    InvalidInput
        No such locale.
    """
    if name not in NAMES:
        raise NotFound(f"There is no map style {name[:40]!r}", field="style")
    if locale not in LOCALES:
        raise InvalidInput("locale must be zh or en", field="locale")
    tokens = style_tokens()[name]
    text = _name_expression(locale)
    base = base_url.rstrip("/")
    return {
        "version": 8,
        "name": f"ganxin-{name}",
        "sprite": f"{base}/styles/sprite",
        "sources": {layer: _source(layer, base) for layer in LAYERS},
        "layers": [
            *ground.fills(tokens),
            *matter.fills(tokens),
            *ground.lines(tokens),
            *ground.labels(tokens, text),
            *matter.symbols(tokens, text),
        ],
    }


@cache
def style_tokens() -> Tokens:
    """Return the colours and sizes of all styles, as in token.json."""
    tokens: Tokens = json.loads((files(__package__) / "token.json").read_text("utf-8"))
    return tokens


def _source(layer: str, base: str) -> dict[str, Any]:
    source: dict[str, Any] = {
        "type": "vector",
        "tiles": [f"{base}/tiles/{layer}/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": 5,
        "maxzoom": SOURCE_MAX_ZOOM,
    }
    if layer == "areas":
        source["promoteId"] = {"area": "code", "area_label": "code"}
    return source


def _name_expression(locale: str) -> list[Any]:
    if locale == "zh":
        return ["get", "name"]
    return ["coalesce", ["get", "name_en"], ["get", "name"]]
