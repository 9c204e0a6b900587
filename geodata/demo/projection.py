"""Between EPSG:4326 and the district's metric CRS for arrays of points, shape (n, 2)."""

from __future__ import annotations

import numpy as np

from geodata import crs
from geodata.demo.ground import FloatArray

DEGREE_DIGITS = 9
"""Longitudes and latitudes are kept to a tenth of a millimetre, so that digests are stable."""


def to_metric(lonlat: FloatArray) -> FloatArray:
    """Return metres (EPSG:4549) of points in EPSG:4326 or CGCS2000, shape (n, 2).

    The two datums differ by centimetres; like PostGIS and PROJ, the demo takes them as one.
    """
    return np.column_stack(crs.to_metric(lonlat[:, 0], lonlat[:, 1]))


def to_lonlat(xy_m: FloatArray) -> FloatArray:
    """Return (lon, lat) in EPSG:4326 of points in EPSG:4549, shape (n, 2)."""
    lonlat: FloatArray = np.column_stack(crs.from_metric(xy_m[:, 0], xy_m[:, 1]))
    return lonlat.round(DEGREE_DIGITS)
