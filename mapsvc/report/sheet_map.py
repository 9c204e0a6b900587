"""The map of the printed sheet, in the district's plane, so that its scale is the same all over."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import ListedColormap
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from geodata.crs import to_metric
from layers.risk.question import Measure, Unit
from mapsvc.report.base import GeoJson
from mapsvc.report.font import family
from mapsvc.report.key import make_key
from mapsvc.report.sheet_type import PAGE_MM, Ink, Pen
from mapsvc.report.subject import Subject

Box = tuple[float, float, float, float]
"""Left, bottom, width, height, millimetres."""
MARGIN_M = 900.0
SURE = 0.9
SCALES_KM = (0.5, 1.0, 2.0, 5.0, 10.0)
LABEL_PT = 7.0


def draw_map(subject: Subject, pen: Pen, box: Box) -> None:
    """Draw ground, density, outlines, names, legend, scale and north into a box."""
    axes = _axes(pen, box)
    bounds = _fit(subject, axes, box)
    _ground(subject, axes)
    _surface(subject, axes)
    _outlines(subject, axes)
    _names(subject, axes, bounds)
    _legend(subject, pen, box, bounds)
    _scale(subject, pen, box, bounds[2] - bounds[0])
    _north(subject, pen, box)


def _axes(pen: Pen, box: Box) -> Axes:
    left, bottom, width, height = box
    axes: Axes = pen.figure.add_axes(
        (left / PAGE_MM[0], bottom / PAGE_MM[1], width / PAGE_MM[0], height / PAGE_MM[1])
    )
    axes.set(xticks=[], yticks=[], facecolor=Ink.SEA)
    for spine in axes.spines.values():
        spine.set(color=Ink.COAST, linewidth=0.6)
    return axes


def _fit(subject: Subject, axes: Axes, box: Box) -> tuple[float, float, float, float]:
    """Show what was asked for, whole, one scale both ways; return the bounds in metres."""
    grids = subject.ground.grids
    inside = subject.ground.covers(grids, subject.question.within)
    west, south, east, north = shapely.total_bounds(grids.shapes[inside])
    west, south, east, north = (
        west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M,
    )  # fmt: skip
    per_mm = max((east - west) / box[2], (north - south) / box[3])
    wide, high = per_mm * box[2], per_mm * box[3]
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    bounds = (middle_x - wide / 2, middle_y - high / 2, middle_x + wide / 2, middle_y + high / 2)
    axes.set(xlim=(bounds[0], bounds[2]), ylim=(bounds[1], bounds[3]))
    return bounds


def _ground(subject: Subject, axes: Axes) -> None:
    base = subject.base
    _fill(axes, base.land, Ink.LAND, Ink.COAST)
    for rank, width in ((3, 0.35), (2, 0.8)):
        _lines(axes, base.roads.get(rank), Ink.ROAD, width, 2)
    _fill(axes, base.water, Ink.SEA, Ink.SEA)


def _surface(subject: Subject, axes: Axes) -> None:
    surface, legend = subject.surface, subject.legend(Measure.DENSITY, Unit.RASTER)
    frame = surface.frame
    if frame is None or not legend.colors:
        return
    classes = np.ma.masked_equal(legend.classes(surface.value), 0)
    extent = (
        frame.west_m, frame.west_m + frame.columns * frame.cell_m,
        frame.north_m - frame.rows * frame.cell_m, frame.north_m,
    )  # fmt: skip
    limits = axes.get_xlim(), axes.get_ylim()
    axes.imshow(
        classes, extent=extent, origin="upper", cmap=ListedColormap(list(legend.colors)),
        vmin=1, vmax=max(2, len(legend.colors)), alpha=SURE, interpolation="nearest", zorder=3,
        aspect="auto",
    )  # fmt: skip
    axes.set(xlim=limits[0], ylim=limits[1])


def _outlines(subject: Subject, axes: Axes) -> None:
    """Draw communities thinly, streets and main roads over them."""
    communities = shapely.boundary(subject.ground.communities.shapes)
    _draw(axes, _rings(communities), Ink.COAST, 0.25, 4, alpha=0.7)
    for street in subject.base.streets:
        _lines(axes, street.outline, Ink.STREET, 0.6, 5, dashes=(0, (5, 2.5)))
    _lines(axes, subject.base.roads.get(1), Ink.MAIN_ROAD, 1.1, 6)


def _names(subject: Subject, axes: Axes, bounds: tuple[float, float, float, float]) -> None:
    """Write the names of streets; one that would lie on another is left out."""
    taken: list[tuple[float, float, float]] = []
    per_mm = (bounds[2] - bounds[0]) / (axes.get_position().width * PAGE_MM[0])
    high = LABEL_PT * 0.353 * 1.3 * per_mm
    for street in subject.base.streets:
        name = subject.words.name(street.name, street.name_en)
        x_m, y_m = to_metric(np.array([street.lon]), np.array([street.lat]))
        x, y = float(x_m[0]), float(y_m[0])
        wide = _em(name) * LABEL_PT * 0.353 * per_mm / 2
        if any(abs(x - a) < wide + w and abs(y - b) < high for a, b, w in taken):
            continue
        taken.append((x, y, wide))
        axes.text(
            x, y, name, fontsize=LABEL_PT, fontfamily=family(), fontweight="bold",
            color=Ink.STRONG, ha="center", va="center", zorder=8, clip_on=True, parse_math=False,
            path_effects=[withStroke(linewidth=2.2, foreground=Ink.HALO)],
        )  # fmt: skip


def _em(name: str) -> float:
    return sum(1.0 if char > "\u2e80" else 0.58 for char in name)


def _legend(
    subject: Subject, pen: Pen, box: Box, bounds: tuple[float, float, float, float]
) -> None:
    key = make_key(subject, (Measure.DENSITY, Unit.RASTER))
    step, pad = 4.6, 3.0
    notes = [text for _, text in key.notes]
    widths = [
        pen.measure(key.unit, 7.5, bold=True), *(pen.measure(text, 6.5) for text in notes),
        *(10.5 + pen.measure(swatch.text, 7.5) for swatch in key.swatches),
    ]  # fmt: skip
    width = max(widths) + 2 * pad
    height = step * len(key.swatches) + 8.5 + 4.5 * len(notes) + pad
    left, bottom = _free_corner(subject, box, bounds, width, height)
    pen.box(left, bottom, width, height, Ink.PAPER, Ink.LINE)
    top = bottom + height
    pen.write(left + pad, top - 5.5, key.unit, size=7.5, bold=True)
    y = top - 8.5
    for swatch in key.swatches:
        pen.box(left + pad, y - step, 8, step, swatch.color)
        pen.write(left + pad + 10.5, y - step + 1.3, swatch.text, size=7.5)
        y -= step
    for text in notes:
        pen.write(left + pad, y - 4, text, size=6.5, color=Ink.SOFT)
        y -= 4.5


def _free_corner(
    subject: Subject, box: Box, bounds: tuple[float, float, float, float], width: float,
    height: float,
) -> tuple[float, float]:  # fmt: skip
    """Return where a legend of this size hides least of the district, millimetres."""
    per_mm = (bounds[2] - bounds[0]) / box[2]
    land = subject.ground.grids.shapes
    corners = [
        (box[0] + 3, box[1] + 12),
        (box[0] + box[2] - width - 3, box[1] + 3),
        (box[0] + 3, box[1] + box[3] - height - 3),
    ]

    def hidden(corner: tuple[float, float]) -> float:
        west = bounds[0] + (corner[0] - box[0]) * per_mm
        south = bounds[1] + (corner[1] - box[1]) * per_mm
        behind = shapely.box(west, south, west + width * per_mm, south + height * per_mm)
        return float(shapely.area(shapely.intersection(land, behind)).sum())

    return min(corners, key=hidden)


def _scale(subject: Subject, pen: Pen, box: Box, width_m: float) -> None:
    """Draw the longest of the round lengths that takes at most a fifth of the map."""
    per_km = box[2] / (width_m / 1000)
    length_km = max((km for km in SCALES_KM if km * per_km <= box[2] / 5), default=SCALES_KM[0])
    left, bottom = box[0] + 4, box[1] + 5
    half = length_km * per_km / 2
    pen.box(left, bottom, half, 1.4, Ink.STRONG, Ink.STRONG)
    pen.box(left + half, bottom, half, 1.4, Ink.PAPER, Ink.STRONG)
    pen.write(left, bottom + 2.4, "0", size=7)
    pen.write(
        left + 2 * half, bottom + 2.4, subject.words("scale.km", value=f"{length_km:g}"), size=7,
        align="center",
    )  # fmt: skip


def _north(subject: Subject, pen: Pen, box: Box) -> None:
    """Draw an arrow to grid north; the plane's own north differs from true north by under 1°."""
    x, y = box[0] + box[2] - 9, box[1] + box[3] - 16
    axes = pen.figure.add_axes((x / PAGE_MM[0], y / PAGE_MM[1], 6 / PAGE_MM[0], 9 / PAGE_MM[1]))
    axes.set_axis_off()
    axes.set(xlim=(0, 6), ylim=(0, 9))
    axes.fill([3, 0.6, 3], [9, 0, 2.2], color=Ink.STRONG, linewidth=0)
    axes.fill([3, 5.4, 3], [9, 0, 2.2], facecolor=Ink.PAPER, edgecolor=Ink.STRONG, linewidth=0.6)
    pen.write(x + 3, y + 10, subject.words("sheet.north"), size=9, bold=True, align="center")


def _fill(axes: Axes, shape: GeoJson | None, color: str, edge: str) -> None:
    if shape is None:
        return
    paths = [
        Path.make_compound_path(*(Path(_metres(ring), closed=True) for ring in rings))
        for rings in _polygons(shape)
    ]
    axes.add_collection(
        PathCollection(paths, facecolors=color, edgecolors=edge, linewidths=0.7, zorder=1)
    )


def _lines(
    axes: Axes, shape: GeoJson | None, color: str, width: float, order: int, dashes: Any = "solid"
) -> None:
    if shape is None:
        return
    lines = [_metres(line) for line in _all_lines(shape)]
    _draw(axes, lines, color, width, order, dashes=dashes)


def _draw(
    axes: Axes, lines: list[NDArray[np.float64]], color: str, width: float, order: int,
    *, dashes: Any = "solid", alpha: float = 1.0,
) -> None:  # fmt: skip
    made = LineCollection(
        lines, colors=color, linewidths=width, linestyles=dashes, alpha=alpha, zorder=order,
        capstyle="round",
    )  # fmt: skip
    axes.add_collection(made)


def _polygons(shape: GeoJson) -> list[list[Any]]:
    """Return the rings of each polygon, however deep they lie in collections."""
    kind = shape["type"]
    if kind == "Polygon":
        return [shape["coordinates"]]
    if kind == "MultiPolygon":
        return list(shape["coordinates"])
    return [rings for part in shape.get("geometries", ()) for rings in _polygons(part)]


def _all_lines(shape: GeoJson) -> list[Any]:
    kind = shape["type"]
    if kind == "LineString":
        return [shape["coordinates"]]
    if kind == "MultiLineString":
        return list(shape["coordinates"])
    if kind == "GeometryCollection":
        return [line for part in shape["geometries"] for line in _all_lines(part)]
    return [ring for rings in _polygons(shape) for ring in rings]


def _metres(points: Any) -> NDArray[np.float64]:
    lon, lat = np.array(points, dtype=np.float64).T
    return np.column_stack(to_metric(lon, lat))


def _rings(shapes: NDArray[np.object_]) -> list[NDArray[np.float64]]:
    return [shapely.get_coordinates(line) for line in shapely.get_parts(shapes)]
