"""Shapes of the units that findings are told of, as GeoJSON of degrees (EPSG:4326)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.crs import from_metric
from layers.risk.ground import Areas

PLACES = 5
"""Decimals of a degree: a metre."""
TOLERANCE_M = 4.0
"""By how much an edge may be straightened: less than its line is wide on any screen."""


def make_shapes(areas: Areas) -> dict[str, Any]:
    """Return a FeatureCollection; each feature bears its unit's code as ``code``."""
    shapes = shapely.coverage_simplify(areas.shapes, TOLERANCE_M)
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"code": code}, "geometry": to_geojson(shape)}
            for code, shape in zip(areas.codes.tolist(), shapes, strict=True)
        ],
    }


def to_geojson(shape: shapely.Geometry) -> dict[str, Any]:
    """Return a geometry of metres as GeoJSON of degrees."""
    placed = shapely.transform(shape, _degrees)
    found: dict[str, Any] = json.loads(shapely.to_geojson(placed))
    return found


def _degrees(points: NDArray[np.float64]) -> NDArray[np.float64]:
    lon, lat = from_metric(points[:, 0], points[:, 1])
    return np.round(np.column_stack([lon, lat]), PLACES).astype(np.float64)
