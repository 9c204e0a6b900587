"""Between EPSG:4326 and the district's metric CRS (EPSG:4549), once for all of the demo."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyproj

from geodata.demo.ground import FloatArray

DEGREE_DIGITS = 9
"""Longitudes and latitudes are kept to a tenth of a millimetre, so that digests are stable."""


@cache
def _transformer(source_epsg: int, target_epsg: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source_epsg, target_epsg, always_xy=True)


def to_metric(lonlat: FloatArray) -> FloatArray:
    """Return metres (EPSG:4549) of points in EPSG:4326 or CGCS2000, shape (n, 2).

    The two datums differ by centimetres; like PostGIS and PROJ, the demo takes them as one.
    """
    x, y = _transformer(4326, 4549).transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([x, y])


def to_lonlat(xy_m: FloatArray) -> FloatArray:
    """Return (lon, lat) in EPSG:4326 of points in EPSG:4549, shape (n, 2)."""
    lon, lat = _transformer(4549, 4326).transform(xy_m[:, 0], xy_m[:, 1])
    return np.round(np.column_stack([lon, lat]), DEGREE_DIGITS)
