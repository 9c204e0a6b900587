"""Map styles: night for the wall, day for desk, planner and phone, from one token file."""

from __future__ import annotations

from typing import Any, Literal

StyleName = Literal["night", "day"]
NAMES: tuple[StyleName, ...] = ("night", "day")


def style(name: str, base_url: str, locale: str = "zh") -> dict[str, Any]:
    """Return a MapLibre GL style, served at ``/styles/{night|day}.json?locale=zh|en``.

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
    """
    raise NotImplementedError
