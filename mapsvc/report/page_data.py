"""What the page's script works with: shapes and numbers of units, colours of layers, words."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from layers.risk.finding import Finding
from layers.risk.question import Unit
from mapsvc.legend import Legend
from mapsvc.report.key import untold_color
from mapsvc.report.subject import LAYERS, Layer, Subject
from mapsvc.report.unit_row import UnitRow
from mapsvc.risk_picture import SURE, UNSURE, UNTOLD
from mapsvc.risk_shape import TOLERANCE_M, to_geojson
from mapsvc.style import style_tokens

Rows = dict[Unit, list[UnitRow]]
FULL = 255.0
DIGITS = 4


def key_of(layer: Layer) -> str:
    """Return the name of a layer in the page: ``density-grid``."""
    return "-".join(layer)


def pack_data(subject: Subject, rows: Rows) -> dict[str, Any]:
    """Return all that the script needs; see the types at the head of page.js."""
    words = subject.words
    tokens = style_tokens()["day"]
    return {
        "locale": "zh-CN" if words.locale == "zh" else "en",
        "words": words.group("popup") | words.group("map"),
        "told": {
            "relative": words.group("sign"), "significance": words.group("hot"),
            "outlier": words.group("quadrant"),
        },
        "units": {str(unit): _units(subject, unit, rows[unit]) for unit in rows},
        "layers": {
            key_of(layer): _layer(subject, layer, rows[layer[1]])
            for layer in LAYERS
            if layer[1] is not Unit.RASTER
        },
        "first": key_of(subject.first),
        "bounds": bounds_of(subject),
        "streets": [
            {"name": words.name(s.name, s.name_en), "at": [s.lat, s.lon], "outline": s.outline}
            for s in subject.base.streets
        ],
        "colors": {
            "edge": tokens["community"], "strong": tokens["label_major"],
            "street": tokens["street"], "untold": untold_color(),
        },
        "opacity": {"sure": SURE / FULL, "unsure": UNSURE / FULL, "untold": UNTOLD / FULL},
    }  # fmt: skip


def bounds_of(subject: Subject) -> list[list[float]]:
    """Return south-west and north-east of what was asked for, (lat, lon) degrees."""
    areas = subject.ground.grids
    inside = subject.ground.covers(areas, subject.question.within)
    west, south, east, north = shapely.total_bounds(areas.shapes[inside])
    ring = to_geojson(shapely.box(west, south, east, north))["coordinates"][0]
    lon, lat = np.array(ring).T
    return [[float(lat.min()), float(lon.min())], [float(lat.max()), float(lon.max())]]


def _units(subject: Subject, unit: Unit, rows: list[UnitRow]) -> dict[str, Any]:
    """Return columns of numbers, with the shapes in the same order."""
    areas = subject.ground.areas_of(unit)
    shapes = shapely.coverage_simplify(areas.shapes, TOLERANCE_M)
    columns = (
        "code", "name", "part_of", "count", "residents", "density", "per_thousand", "relative",
        "low", "high", "relative_sign", "z", "z_sign", "quadrant", "quadrant_sign",
    )  # fmt: skip
    numbers = {name: [_short(getattr(row, name)) for row in rows] for name in columns}
    return {
        **numbers,
        "shapes": [to_geojson(shapes[row.row]) for row in rows],
    }


def _layer(subject: Subject, layer: Layer, rows: list[UnitRow]) -> dict[str, Any]:
    measure, unit = layer
    finding, legend = subject.finding(measure, unit), subject.legend(measure, unit)
    return {
        "unit": str(unit),
        "measure": str(measure),
        "colors": list(legend.colors),
        "shade": _shades(finding, legend, rows),
        "sign": None if finding.sign is None else [int(finding.sign[row.row]) for row in rows],
    }


def _shades(finding: Finding, legend: Legend, rows: list[UnitRow]) -> list[int]:
    shade = legend.classes(finding.value)
    return [int(shade[row.row]) for row in rows]


def _short(value: object) -> object:
    return round(value, DIGITS) if isinstance(value, float) else value
