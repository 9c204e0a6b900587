"""The raster a surface is drawn on: cells of one size in a metric CRS, north up."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.errors import InvalidInput

FloatArray = NDArray[np.float64]
MOST_CELLS = 50_000_000
"""A surface of doubles over so many cells takes 400 MB, and its convolution some times that."""


@dataclass(frozen=True)
class Frame:
    """Where the cells lie.

    Parameters
    ----------
    west_m, north_m
        Outer corner of the first cell, metres in ``epsg``.
    cell_m
        Side of a cell.
    columns, rows
        Row 0 is the northernmost.
    epsg
        A plane with axes in metres.
    """

    west_m: float
    north_m: float
    cell_m: float
    columns: int
    rows: int
    epsg: int

    @classmethod
    def over(cls, bbox: tuple[float, float, float, float], cell_m: float, epsg: int) -> Frame:
        """Return the frame that covers a box (west, south, east, north) from its north-west corner.

        A side that is no multiple of the cell is rounded up, to the east and to the south.

        Raises
        ------
        InvalidInput
            ``bbox`` or ``cell_m``: empty, not finite, or too many cells.
        """
        west, south, east, north = bbox
        if not all(map(math.isfinite, bbox)) or west >= east or south >= north:
            raise InvalidInput("bbox must be west,south,east,north in metres", field="bbox")
        if not (math.isfinite(cell_m) and cell_m > 0):
            raise InvalidInput("cell_m must be a length over zero", field="cell_m")
        # A cell more or less must not depend on the last bit of a division.
        columns = math.ceil((east - west) / cell_m - 1e-9)
        rows = math.ceil((north - south) / cell_m - 1e-9)
        if columns * rows > MOST_CELLS:
            raise InvalidInput(
                f"{columns} x {rows} cells are over {MOST_CELLS}: choose a larger cell",
                field="cell_m",
            )
        return cls(west, north, cell_m, columns, rows, epsg)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.rows, self.columns

    @property
    def cell_km2(self) -> float:
        """Area of a cell in square kilometres."""
        return self.cell_m**2 / 1e6

    def place(self, x_m: FloatArray, y_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return column and row of points, in cells; the centre of the first cell is (0, 0)."""
        column = (x_m - self.west_m) / self.cell_m - 0.5
        row = (self.north_m - y_m) / self.cell_m - 0.5
        return column, row

    def cells_of(self, x_m: FloatArray, y_m: FloatArray) -> NDArray[np.intp]:
        """Return the number of the cell each point lies in, row by row; -1 beyond the frame."""
        column, row = (np.floor(place + 0.5) for place in self.place(x_m, y_m))
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        return np.where(inside, row * self.columns + column, -1).astype(np.intp)

    def centres(
        self, column: NDArray[np.intp], row: NDArray[np.intp]
    ) -> tuple[FloatArray, FloatArray]:
        """Return the eastings of columns and the northings of rows, metres."""
        x_m = self.west_m + (column.astype(np.float64) + 0.5) * self.cell_m
        y_m = self.north_m - (row.astype(np.float64) + 0.5) * self.cell_m
        return x_m, y_m

    def cells_within(self, outline: shapely.Geometry) -> NDArray[np.bool_]:
        """Tell which cells have their centre within polygons of the frame's plane."""
        x_m, y_m = self.centres(np.arange(self.columns), np.arange(self.rows))
        shapely.prepare(outline)
        column, row = np.meshgrid(x_m, y_m)
        return np.asarray(shapely.contains_xy(outline, column, row), bool)
