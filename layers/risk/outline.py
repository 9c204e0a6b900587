"""Outlines of places that somebody asks about, in metres of the district's plane."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.crs import to_metric
from geodata.errors import InvalidInput, NotFound
from layers.risk.density.frame import FloatArray
from layers.risk.ground import Ground
from layers.risk.question import Unit

LEAST_CORNERS, MOST_CORNERS = 3, 200
SIDES_OF_QUARTER = 64
"""A circle is drawn with 256 sides: its area is 0.01 % small, its edge 2 cm at 300 m."""


def outline_circle(lon: float, lat: float, radius_m: float) -> shapely.Polygon:
    """Return the circle round a point, degrees (EPSG:4326)."""
    x_m, y_m = to_metric(lon, lat)
    return shapely.Point(x_m[0], y_m[0]).buffer(radius_m, quad_segs=SIDES_OF_QUARTER)


def outline_unit(ground: Ground, unit: Unit, code: str) -> BaseGeometry:
    """Return the outline of a grid, community or hexagon.

    Raises
    ------
    NotFound
        ``code``: no such unit stands today.
    """
    areas = ground.areas_of(unit)
    row = int(areas.rows_of(np.array([code]))[0])
    if row < 0:
        raise NotFound(f"There is no {unit.value} {code[:20]}", field="code")
    shape: BaseGeometry = areas.shapes[row]
    return shape


def outline_ring(lon: FloatArray, lat: FloatArray) -> shapely.Polygon:
    """Return the polygon that somebody drew; the last corner may repeat the first.

    Parameters
    ----------
    lon, lat
        Shape (corners,), degrees (EPSG:4326).

    Raises
    ------
    InvalidInput
        ``ring``: too few or too many corners, out of range, or its sides cross.
    """
    closed = len(lon) > 1 and lon[0] == lon[-1] and lat[0] == lat[-1]
    corners = len(lon) - closed
    if not LEAST_CORNERS <= corners <= MOST_CORNERS:
        raise InvalidInput(
            f"ring has from {LEAST_CORNERS} to {MOST_CORNERS} corners, not {corners}", field="ring"
        )
    if not ((np.abs(lon) <= 180) & (np.abs(lat) <= 90)).all():
        raise InvalidInput("ring is out of range: longitude comes first", field="ring")
    x_m, y_m = to_metric(lon[:corners], lat[:corners])
    if not (np.isfinite(x_m) & np.isfinite(y_m)).all():
        raise InvalidInput("ring is too far away from the district", field="ring")
    return _checked(shapely.Polygon(np.column_stack([x_m, y_m])))


def _checked(shape: shapely.Polygon) -> shapely.Polygon:
    if not shape.is_valid or shape.area == 0:
        raise InvalidInput("ring is no area: its sides cross, or it is flat", field="ring")
    return shape
