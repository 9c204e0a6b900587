"""Layers of what matters on the ground: assets and cases. All hidden until asked for."""

from __future__ import annotations

from typing import Any

from layers.catalogue import KINDS
from mapsvc.style.layer import FONTS, Expression, Layer, fill, label, line
from mapsvc.tile import CASE_POINT_ZOOM

Tokens = dict[str, Any]
HIDDEN = {"visibility": "none"}
ICON: Expression = [
    "match",
    ["get", "kind"],
    *(part for kind in KINDS.values() for part in (kind.id, kind.icon)),
    "body",
]
"""Each kind has the icon of its declaration (mapsvc/sprite.py)."""
CASE_ICON = ["case", ["get", "urgent"], "case-urgent", ["concat", "case-", ["get", "family"]]]
"""Shape first, then colour: a diamond is urgent, a triangle a hazard, a disc a dispute."""


def fills(tokens: Tokens) -> list[Layer]:
    """Return fills over the land and under the roads."""
    return [
        fill(
            "asset-area", "assets", "asset_area", tokens["asset_area"], layout=HIDDEN,
            paint={"fill-opacity": 0.25},
        ),
        line(
            "asset-area-edge", "assets", "asset_area", tokens["asset_area"],
            1.5 * tokens["line_px"], layout=HIDDEN, paint={"line-dasharray": [2, 1.5]},
        ),
    ]  # fmt: skip


def symbols(tokens: Tokens, text: Expression) -> list[Layer]:
    """Return icons and counts, above all names."""
    return [
        _cluster("asset-cluster", "assets", "asset_cluster", ["get", "count"], ICON, tokens),
        _asset(tokens, text),
        _cluster("case-cluster", "cases", "case_cluster", ["get", "cases"], "case-dispute", tokens),
        {
            "id": "case",
            "type": "symbol",
            "source": "cases",
            "source-layer": "case",
            "minzoom": CASE_POINT_ZOOM,
            "layout": {"icon-image": CASE_ICON, "icon-allow-overlap": True} | HIDDEN,
            "paint": {
                "icon-color": tokens["case"], "icon-halo-color": tokens["case_halo"],
                "icon-halo-width": 1.5,
                "icon-opacity": ["case", ["==", ["get", "state"], "closed"], 0.4, 1],
            },
        },
    ]  # fmt: skip


def _asset(tokens: Tokens, text: Expression) -> Layer:
    return label(
        "asset", "assets", "asset", ["step", ["zoom"], "", 16, text], size=tokens["text_px"],
        color=tokens["asset"], halo=tokens["asset_halo"],
        layout={
            "icon-image": ICON, "icon-size": 0.85, "icon-padding": 1, "text-optional": True,
            "text-anchor": "top", "text-offset": [0, 0.9],
        } | HIDDEN,
        paint={
            "icon-color": tokens["asset"], "icon-halo-color": tokens["asset_halo"],
            "icon-halo-width": 1.5,
        },
    )  # fmt: skip


def _cluster(
    id_: str, source: str, source_layer: str, count: Expression, icon: Any, tokens: Tokens
) -> Layer:
    """Return an icon with its number beside it."""
    return {
        "id": id_,
        "type": "symbol",
        "source": source,
        "source-layer": source_layer,
        "layout": {
            "icon-image": icon, "icon-size": 0.7, "icon-padding": 1,
            "text-field": ["case", [">", count, 1], ["to-string", count], ""],
            "text-font": FONTS, "text-size": tokens["text_px"],
            "text-anchor": "left", "text-offset": [0.7, 0],
            "symbol-sort-key": ["-", 0, count],
        } | HIDDEN,
        "paint": {
            "icon-color": tokens["asset"], "text-color": tokens["asset"],
            "icon-halo-color": tokens["asset_halo"], "icon-halo-width": 1.5,
            "text-halo-color": tokens["asset_halo"], "text-halo-width": 1.5,
        },
    }  # fmt: skip
