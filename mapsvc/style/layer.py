"""Short forms of style layers, so that ground.py and matter.py read as a list of what is drawn."""

from __future__ import annotations

from typing import Any

Layer = dict[str, Any]
Expression = list[Any]

FONTS = ["Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC"]
"""Fonts of the machine, tried in this order (Debian, Windows, macOS)."""


def by_zoom(*stops: tuple[float, Any]) -> Expression:
    """Return an expression that goes from value to value between zooms, exponentially."""
    flat = [part for stop in stops for part in stop]
    return ["interpolate", ["exponential", 1.4], ["zoom"], *flat]


def fill(
    id_: str, source: str, source_layer: str, color: Any, *, edge: Any = None, **rest: Any
) -> Layer:
    """Return a fill layer; ``edge`` is the colour of its hairline."""
    paint: dict[str, Any] = {"fill-color": color}
    if edge is not None:
        paint["fill-outline-color"] = edge
    paint |= rest.pop("paint", {})
    return {
        "id": id_,
        "type": "fill",
        "source": source,
        "source-layer": source_layer,
        "paint": paint,
        **rest,
    }


def line(id_: str, source: str, source_layer: str, color: Any, width: Any, **rest: Any) -> Layer:
    """Return a line layer with round joins."""
    return {
        "id": id_,
        "type": "line",
        "source": source,
        "source-layer": source_layer,
        "layout": {"line-join": "round", "line-cap": "round"} | rest.pop("layout", {}),
        "paint": {"line-color": color, "line-width": width} | rest.pop("paint", {}),
        **rest,
    }


def label(
    id_: str,
    source: str,
    source_layer: str,
    text: Any,
    *,
    size: Any,
    color: str,
    halo: str,
    **rest: Any,
) -> Layer:
    """Return a layer of names in the fonts of the machine."""
    return {
        "id": id_,
        "type": "symbol",
        "source": source,
        "source-layer": source_layer,
        "layout": {"text-field": text, "text-font": FONTS, "text-size": size, "text-padding": 6}
        | rest.pop("layout", {}),
        "paint": {"text-color": color, "text-halo-color": halo, "text-halo-width": 1.5}
        | rest.pop("paint", {}),
        **rest,
    }
