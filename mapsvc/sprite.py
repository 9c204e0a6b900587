"""Icons of the map as one signed-distance sprite, drawn from the shapes in style/icon.json.

Distance fields take their colour from the style, so day and night share one picture.
"""

from __future__ import annotations


def sprite_png(pixel_ratio: int = 1) -> bytes:
    """Return the sprite as PNG: ``/styles/sprite.png``, ``/styles/sprite@2x.png``."""
    raise NotImplementedError


def sprite_json(pixel_ratio: int = 1) -> bytes:
    """Return where each icon lies: ``/styles/sprite.json``, ``/styles/sprite@2x.json``."""
    raise NotImplementedError
