"""Polygons from GeoJSON files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import shapely

from geodata.errors import InvalidInput


def read_polygons(path: Path, field: str = "mask") -> shapely.Geometry:
    """Return all polygons of a GeoJSON file as one geometry, in the file's coordinates.

    Raises
    ------
    InvalidInput
        Names ``field``: no such file, no GeoJSON, or no valid polygon in it.
    """
    try:
        outline = shapely.union_all(list(_polygons(json.loads(path.read_text("utf-8")))))
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}", field=field) from error
    except (ValueError, shapely.errors.ShapelyError) as error:
        raise InvalidInput(f"{path} is no GeoJSON with polygons: {error}", field=field) from error
    if outline.is_empty:
        raise InvalidInput(f"{path} holds no polygon", field=field)
    return outline


def _polygons(document: Any) -> list[shapely.Geometry]:
    if not isinstance(document, dict):
        raise ValueError("it is not an object")
    features = document.get("features")
    parts = features if isinstance(features, list) else [document]
    found = [part.get("geometry", part) if isinstance(part, dict) else part for part in parts]
    shapes = [shapely.from_geojson(json.dumps(part)) for part in found]
    return [shape for shape in shapes if shape.geom_type in ("Polygon", "MultiPolygon")]
