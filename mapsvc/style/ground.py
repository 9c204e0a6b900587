"""Layers of the ground: land, water, buildings, roads, boundaries, names."""

from __future__ import annotations

from typing import Any

from mapsvc.style.layer import Expression, Layer, by_zoom, fill, label, line

Tokens = dict[str, Any]
NEAR_ZOOM = 13
"""From here on streets have a width, and boundaries run over them."""


def fills(tokens: Tokens) -> list[Layer]:
    """Return what lies at the bottom."""
    return [
        {
            "id": "background",
            "type": "background",
            "paint": {"background-color": tokens["background"]},
        },
        fill("land", "basemap", "land", tokens["land"]),
        fill("water", "basemap", "water", tokens["water"]),
        fill(
            "building", "basemap", "building", tokens["building"], edge=tokens["building_edge"],
            minzoom=14, paint={"fill-opacity": by_zoom((14, 0.4), (15.5, 1))},
        ),
    ]  # fmt: skip


def lines(tokens: Tokens) -> list[Layer]:
    """Return roads and boundaries, the lesser below the greater.

    From afar boundaries are the drawing and streets lie over them; near by streets are, and a thin
    dashed boundary runs along their middle. An arterial is never covered but by a street's own.
    """
    px = tokens["line_px"]
    inland = ["!=", ["get", "kind"], "sea"]
    return [
        line("water-edge", "basemap", "water", tokens["water_edge"], px, filter=inland),
        *_boundaries(tokens, px),
        line("outline", "basemap", "land", tokens["land_edge"], by_zoom((9, px), (16, 2 * px))),
        *_roads(tokens),
        *_near_boundaries(tokens, px),
        *_arterials(tokens, px),
        _near_boundary("street", tokens, 1.25 * px, NEAR_ZOOM + 2, [12, 3, 2, 3]),
    ]


def _boundaries(tokens: Tokens, px: float) -> list[Layer]:
    return [
        _boundary("grid", tokens["grid"], by_zoom((10, px * 0.5), (13, px)), 9, NEAR_ZOOM),
        _boundary(
            "community", tokens["community"], by_zoom((10, px * 0.75), (13, px)), 8, NEAR_ZOOM
        ),
        _boundary("street", tokens["street"], by_zoom((9, px), (13, px * 1.5)), 5, 24),
    ]


def _near_boundaries(tokens: Tokens, px: float) -> list[Layer]:
    return [
        _near_boundary("micro_grid", tokens, 0.75 * px, NEAR_ZOOM + 2, [2, 3]),
        _near_boundary("grid", tokens, px, NEAR_ZOOM, [4, 3]),
        _near_boundary("community", tokens, 1.25 * px, NEAR_ZOOM, [8, 3]),
    ]


def _near_boundary(
    level: str, tokens: Tokens, width: float, minzoom: int, dashes: list[int]
) -> Layer:
    return _boundary(
        level, tokens[level], width, minzoom, 24, suffix="-near", layout={"line-cap": "butt"},
        paint={"line-dasharray": dashes},
    )  # fmt: skip


def _boundary(
    level: str, color: str, width: Any, minzoom: int, maxzoom: int, suffix: str = "", **rest: Any
) -> Layer:
    id_ = f"boundary-{level.replace('_', '-')}{suffix}"
    only = ["==", ["get", "level"], level]
    return line(
        id_, "areas", "boundary", color, width, minzoom=minzoom, maxzoom=maxzoom, filter=only,
        **rest,
    )  # fmt: skip


def _roads(tokens: Tokens) -> list[Layer]:
    middle = by_zoom((10, 0.5), (13, 2), (16, 7), (18, 20))
    narrow = by_zoom((12, 0.5), (14, 1.5), (16, 5), (18, 16))
    lane = by_zoom((14, 0.5), (16, 3), (18, 10))
    return [
        _road("road-lane", 4, lane, tokens["road"], 14),
        _road("road-local-casing", 3, _cased(narrow), tokens["road_casing"], 14),
        _road("road-secondary-casing", 2, _cased(middle), tokens["road_casing"], 13),
        _road("road-local", 3, narrow, tokens["road"], 12),
        _road("road-secondary", 2, middle, tokens["road"], 9),
    ]


def _arterials(tokens: Tokens, px: float) -> list[Layer]:
    wide = by_zoom((9, 1.2 * px), (13, 3), (16, 9), (18, 24))
    return [
        _road("road-arterial-casing", 1, _cased(wide), tokens["arterial_casing"], 13),
        _road("road-arterial", 1, wide, tokens["arterial"], 5),
    ]


def _cased(width: Expression) -> Expression:
    """Return the width with a pixel on each side."""
    return [*width[:3], *(p + 2 if i % 2 else p for i, p in enumerate(width[3:]))]


def _road(id_: str, rank: int, width: Expression, color: str, minzoom: int) -> Layer:
    only = ["==", ["get", "class"], rank]
    return line(id_, "basemap", "road", color, width, filter=only, minzoom=minzoom)


def labels(tokens: Tokens, text: Expression) -> list[Layer]:
    """Return names, the most important last: it is placed first and wins its room."""
    size, major = tokens["text_px"], tokens["text_major_px"]
    ink = {"color": tokens["label"], "halo": tokens["label_halo"]}
    major_ink = {"color": tokens["label_major"], "halo": tokens["label_halo"]}
    return [
        {
            "id": "road-one-way",
            "type": "symbol",
            "source": "basemap",
            "source-layer": "road",
            "minzoom": 16,
            "filter": ["==", ["get", "one_way"], True],
            "layout": {
                "symbol-placement": "line", "symbol-spacing": 120, "icon-image": "arrow",
                "icon-size": 0.6, "icon-padding": 8,
            },
            "paint": {"icon-color": tokens["label"], "icon-opacity": 0.7},
        },
        _area_label("grid", size, ink, 14),
        _place("estate", text, size, ink, 15),
        label(
            "road-name", "basemap", "road", ["get", "name"], size=size, minzoom=14, **ink,
            filter=["<=", ["get", "class"], ["step", ["zoom"], 2, 15, 3, 16.5, 4]],
            layout={"symbol-placement": "line", "symbol-spacing": 320, "text-letter-spacing": 0.1},
        ),
        _place("water", text, size, ink | {"color": tokens["label_water"]}, 11),
        _place("community", text, size, ink, 12.5),
        _place("street", text, by_zoom((9, major), (14, major + 4)), major_ink, 9, spacing=0.15),
    ]  # fmt: skip


def _place(
    kind: str, text: Expression, size: Any, ink: dict[str, str], minzoom: float, spacing: float = 0
) -> Layer:
    only = ["==", ["get", "kind"], kind]
    layout = {"text-letter-spacing": spacing, "text-max-width": 8}
    return label(
        f"place-{kind}", "basemap", "place", text, size=size, minzoom=minzoom, filter=only,
        layout=layout, **ink,
    )  # fmt: skip


def _area_label(level: str, size: int, ink: dict[str, str], minzoom: int) -> Layer:
    last_three = ["slice", ["get", "code"], -3]
    return label(
        f"area-{level}", "areas", "area_label", ["concat", "…", last_three], size=size,
        minzoom=minzoom, filter=["==", ["get", "level"], level], paint={"text-opacity": 0.8}, **ink,
    )  # fmt: skip
