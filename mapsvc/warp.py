"""From the district's plane to the screen's: where each pixel of a Mercator picture looks.

A raster in metres of a Gauss-Krüger plane, laid on the map by its corners, is up to a cell off in
its middle. So pixels are looked up, nearest cell, by a table that is made once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom

from geodata.crs import from_metric, to_metric
from layers.risk.density.frame import FloatArray, Frame

STEP = 32
"""Pixels between points that are projected exactly; between them it is as good as straight."""
Corners = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, eq=False)
class Warp:
    """How a raster becomes a picture.

    Parameters
    ----------
    bbox
        West, south, east, north of the picture, degrees (EPSG:4326); rows are even in Mercator.
    cell
        Shape (height, width): number of the cell that a pixel shows, -1 beyond the raster.
    """

    bbox: tuple[float, float, float, float]
    cell: NDArray[np.intp]

    @property
    def corners(self) -> Corners:
        """North-west, north-east, south-east, south-west; (lon, lat) degrees."""
        west, south, east, north = self.bbox
        return (west, north), (east, north), (east, south), (west, south)

    def draw(self, classes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the classes of cells as pixels; 0 beyond the raster."""
        flat = np.append(classes.ravel(), np.uint8(0))
        picture: NDArray[np.uint8] = flat[self.cell]
        return picture


@lru_cache(maxsize=8)
def make_warp(frame: Frame) -> Warp:
    """Return the table of a raster, about one pixel to a cell."""
    x_m = frame.west_m + np.array([0.0, 0.5, 1.0]) * frame.columns * frame.cell_m
    y_m = frame.north_m - np.array([0.0, 0.5, 1.0]) * frame.rows * frame.cell_m
    across_m, down_m = np.meshgrid(x_m, y_m)
    lon, lat = from_metric(across_m.ravel(), down_m.ravel())
    west, south, east, north = lon.min(), lat.min(), lon.max(), lat.max()
    width = frame.columns
    low, high = _mercator(float(south)), _mercator(float(north))
    height = max(1, round(width * (high - low) / math.radians(east - west)))
    across = west + (np.arange(width) + 0.5) / width * (east - west)
    down = _latitude(high - (np.arange(height) + 0.5) / height * (high - low))
    column, row = _looked_up(frame, across, down)
    inside = (column >= 0) & (column < frame.columns) & (row >= 0) & (row < frame.rows)
    cell = np.where(inside, row * frame.columns + column, -1)
    return Warp((float(west), float(south), float(east), float(north)), cell)


def _looked_up(
    frame: Frame, lon: FloatArray, lat: FloatArray
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the column and row of the cell under each pixel, shape (height, width)."""
    thin_lon, thin_lat = _thinned(lon), _thinned(lat)
    grid = np.meshgrid(thin_lon, thin_lat)
    x_m, y_m = to_metric(grid[0].ravel(), grid[1].ravel())
    column, row = frame.place(x_m, y_m)
    shape = len(thin_lat), len(thin_lon)
    factor = len(lat) / shape[0], len(lon) / shape[1]
    full = [zoom(place.reshape(shape), factor, order=1) for place in (column, row)]
    wide = [np.floor(place + 0.5).astype(np.intp) for place in full]
    return wide[0], wide[1]


def _thinned(axis: FloatArray) -> FloatArray:
    """Return evenly spaced points from the first pixel to the last."""
    return np.interp(
        np.linspace(0, len(axis) - 1, max(2, len(axis) // STEP)), np.arange(len(axis)), axis
    )


def _mercator(lat_deg: float) -> float:
    return math.asinh(math.tan(math.radians(lat_deg)))


def _latitude(mercator: FloatArray) -> FloatArray:
    return np.degrees(np.arctan(np.sinh(mercator)))
