"""Rasters as GeoTIFF files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.transform import from_origin

from geodata.errors import InvalidInput


def write_geotiff(
    path: Path,
    values: NDArray[np.float64],
    *,
    west_m: float,
    north_m: float,
    cell_m: float,
    epsg: int,
    tags: dict[str, str] | None = None,
) -> None:
    """Write one band as float32, north up; NaN is no data. The file appears whole or not at all.

    Parameters
    ----------
    values
        Shape (rows, columns), row 0 north.
    west_m, north_m
        Outer corner of the first cell, metres in ``epsg``.
    tags
        Written into the file: what it is and how it was made.

    Raises
    ------
    InvalidInput
        ``out``: the file cannot be written there. ``epsg``: there is no such system.
    """
    rows, columns = values.shape
    try:
        crs = rasterio.crs.CRS.from_epsg(epsg)
    except rasterio.errors.CRSError as error:
        raise InvalidInput(f"There is no EPSG:{epsg}", field="epsg") from error
    profile = {
        "driver": "GTiff", "height": rows, "width": columns, "count": 1, "dtype": "float32",
        "crs": crs, "transform": from_origin(west_m, north_m, cell_m, cell_m),
        "nodata": float("nan"), "compress": "deflate", "predictor": 3,
    }  # fmt: skip
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".ganxin-") as folder:
            draft = Path(folder) / "draft.tif"
            with rasterio.open(draft, "w", **profile) as file:
                file.write(values.astype(np.float32), 1)
                file.update_tags(**(tags or {}))
            os.replace(draft, path)
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error.strerror}", field="out") from error
