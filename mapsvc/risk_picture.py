"""The picture of a finding on a raster: a PNG with a palette, in the plane of web maps."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_erosion

from geodata.errors import InvalidInput
from layers.risk.finding import Finding
from mapsvc.legend import Legend
from mapsvc.style import style_tokens
from mapsvc.warp import Warp, make_warp

SURE, UNSURE, UNTOLD = 225, 80, 150
"""Opacity of 255: of classes, of what is not told from chance, of where nothing can be told."""
QUICK = 1
"""Level of compression: the picture is looked at, not kept."""


def draw_finding(finding: Finding, legend: Legend) -> tuple[bytes, Warp]:
    """Return a PNG of a finding on a raster and where it lies.

    Parameters
    ----------
    finding
        Of unit raster.

    Raises
    ------
    InvalidInput
        The finding has no raster.
    """
    if finding.frame is None:
        raise InvalidInput("Only a raster is drawn as a picture", field="unit")
    warp = make_warp(finding.frame)
    image = Image.fromarray(warp.draw(_codes(finding, legend)), "P")
    image.putpalette(_palette(legend), "RGBA")
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=QUICK)
    return out.getvalue(), warp


def _codes(finding: Finding, legend: Legend) -> NDArray[np.uint8]:
    """Return the palette's number of each cell: 0 clear, classes, unsure, untold, rim."""
    codes = legend.classes(finding.value)
    if finding.sign is None:
        return codes
    count = len(legend.colors)
    codes = np.where((codes > 0) & (finding.sign == 0), codes + count, codes)
    codes[finding.inside & ~np.isfinite(finding.value)] = 2 * count + 1
    codes[_rim(finding.sign > 0)] = 2 * count + 2
    return codes.astype(np.uint8)


def _rim(raised: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the outermost cells of what is raised: they are told without any colour."""
    rim: NDArray[np.bool_] = raised & ~binary_erosion(raised)
    return rim


def _palette(legend: Legend) -> list[int]:
    colors = [(*_rgb(color), SURE) for color in legend.colors]
    unsure = [(*_rgb(color), UNSURE) for color in legend.colors]
    untold = (*_rgb(style_tokens()["untold"]["day"]), UNTOLD)
    rim = (*_rgb(style_tokens()["day"]["case"]), SURE)
    return [part for color in [(0, 0, 0, 0), *colors, *unsure, untold, rim] for part in color]


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
