"""What risk is measured on: the district's areas, who lives where, and the cells between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import h3
import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import from_origin

from geodata.code import DIGITS, Level
from geodata.crs import METRIC_EPSG, from_metric, to_metric
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.errors import NotFound
from layers.risk.density.frame import FloatArray, Frame
from layers.risk.incident import name_hexagons
from layers.risk.question import Unit

Pairs = NDArray[np.intp]
ROUND_M = 400.0
"""The corner of every raster lies on a multiple of this: rasters of 25 to 200 m nest."""
MOST_KEPT = 24
"""Rasters kept of one district: some 20 MB each at 25 m."""
HEXAGON_CELL_M = 50.0
"""Cells by which the part of a hexagon within the district is measured."""


@dataclass(frozen=True, eq=False)
class Areas:
    """Units that incidents are counted in; arrays of shape (units,).

    Parameters
    ----------
    shapes
        Polygons in metres (EPSG:4549).
    area_km2
        What lies within the district.
    pairs
        Shape (k, 2): units that share an edge, each pair both ways.
    """

    codes: NDArray[np.str_]
    names: tuple[str, ...]
    names_en: tuple[str, ...]
    shapes: NDArray[np.object_]
    area_km2: FloatArray
    residents: FloatArray
    pairs: Pairs

    def __len__(self) -> int:
        return len(self.codes)

    def rows_of(self, codes: NDArray[np.str_] | NDArray[np.bytes_]) -> NDArray[np.intp]:
        """Return the unit of each code (text or bytes), -1 where there is none."""
        known = self.codes if codes.dtype.kind == "U" else self._code_bytes
        place = np.minimum(np.searchsorted(known, codes), len(known) - 1)
        return np.where(known[place] == codes, place, -1)

    @cached_property
    def _code_bytes(self) -> NDArray[np.bytes_]:
        return self.codes.astype("S")


@dataclass(frozen=True, eq=False)
class Ground:
    """The district as it stands; what is derived from it is made once and kept.

    Parameters
    ----------
    home_x_m, home_y_m, home_residents
        Shape (homes,): middles of buildings, metres (EPSG:4549), and who lives there.
    """

    grids: Areas
    communities: Areas
    home_x_m: FloatArray
    home_y_m: FloatArray
    home_residents: FloatArray
    _kept: dict[object, NDArray[Any]] = field(default_factory=dict)

    def keep(self, key: object, make: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """Return what is kept under a key, made the first time; what was not used longest goes.

        Two threads may get here: then something is made twice, and nothing else happens.
        """
        value = self._kept.pop(key, None)
        if value is None:
            value = make()
        while len(self._kept) >= MOST_KEPT:
            oldest, *_ = list(self._kept) or [key]
            self._kept.pop(oldest, None)
        self._kept[key] = value
        return value

    def areas_of(self, unit: Unit) -> Areas:
        """Return the areas of a unit that is not the raster."""
        return {
            Unit.GRID: lambda: self.grids,
            Unit.COMMUNITY: lambda: self.communities,
            Unit.HEXAGON: lambda: self.hexagons,
        }[unit]()

    def frame(self, cell_m: float) -> Frame:
        """Return the raster over the district whose cells nest in those of other sizes."""
        west, south, east, north = self.bounds_m
        return Frame.over((west, south, east, north), cell_m, METRIC_EPSG)

    @cached_property
    def bounds_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north of all grids, rounded outwards, metres."""
        west, south, east, north = shapely.total_bounds(self.grids.shapes)
        low = np.floor(np.array([west, south]) / ROUND_M) * ROUND_M
        high = np.ceil(np.array([east, north]) / ROUND_M) * ROUND_M
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def grid_of_cells(self, cell_m: float) -> NDArray[np.int32]:
        """Return the grid (row of ``grids``) that each cell's centre lies in, -1 for none."""
        return self.keep(("grids", cell_m), lambda: self._grid_in(self.frame(cell_m)))

    def _grid_in(self, frame: Frame) -> NDArray[np.int32]:
        shapes = list(zip(self.grids.shapes, range(len(self.grids)), strict=True))
        corner = from_origin(frame.west_m, frame.north_m, frame.cell_m, frame.cell_m)
        found: NDArray[np.int32] = rasterize(
            shapes, out_shape=frame.shape, transform=corner, fill=-1, dtype=np.int32
        )
        return found

    def mask(self, cell_m: float, within: tuple[str, ...]) -> NDArray[np.bool_]:
        """Tell which cells lie in the areas of these codes; shape of the frame."""
        grid = self.grid_of_cells(cell_m)
        return self.keep(("mask", cell_m, within), lambda: self._inside(grid, within))

    def mask_of(self, frame: Frame, within: tuple[str, ...]) -> NDArray[np.bool_]:
        """Tell which cells of any frame lie in the areas of these codes; not kept."""
        return self._inside(self._grid_in(frame), within)

    def _inside(self, grid: NDArray[np.int32], within: tuple[str, ...]) -> NDArray[np.bool_]:
        inside = np.append(self.covers(self.grids, within), False)  # the last is -1: nowhere
        found: NDArray[np.bool_] = inside[grid]
        return found

    def covers(self, areas: Areas, within: tuple[str, ...]) -> NDArray[np.bool_]:
        """Tell which grids or communities lie in one of the areas of these codes, (units,)."""
        return np.array([code.startswith(within) for code in areas.codes.tolist()], bool)

    def areas_within(self, unit: Unit, within: tuple[str, ...]) -> Areas:
        """Return the areas of a unit, each with what of it lies in the areas of these codes.

        Ground and residents beyond are not counted: 0 for what lies beyond altogether.
        """
        areas = self.areas_of(unit)
        if unit is Unit.HEXAGON:
            return self._hexagons_within(within)
        inside = self.covers(areas, within)
        return replace(
            areas,
            area_km2=np.where(inside, areas.area_km2, 0.0),
            residents=np.where(inside, areas.residents, 0.0),
        )

    def _hexagons_within(self, within: tuple[str, ...]) -> Areas:
        mask = self.mask(HEXAGON_CELL_M, within)
        count = len(self.hexagons)
        cells = np.bincount(self.hexagon_of_cells[mask], minlength=count)
        home = self.frame(HEXAGON_CELL_M).cells_of(self.home_x_m, self.home_y_m)
        lives = (self._home_hexagon >= 0) & (home >= 0) & mask.ravel()[home]
        residents = np.bincount(
            self._home_hexagon[lives], self.home_residents[lives], minlength=count
        )
        return replace(
            self.hexagons,
            area_km2=cells.astype(np.float64) * (HEXAGON_CELL_M**2 / 1e6),
            residents=residents.astype(np.float64),
        )

    @cached_property
    def _home_hexagon(self) -> NDArray[np.intp]:
        """Hexagon (row of ``hexagons``) of each home, -1 for none."""
        return self.hexagons.rows_of(name_hexagons(*from_metric(self.home_x_m, self.home_y_m)))

    def residents_of_cells(self, cell_m: float) -> FloatArray:
        """Return who lives in each cell, shape of the frame."""
        frame = self.frame(cell_m)

        def count() -> FloatArray:
            cell = frame.cells_of(self.home_x_m, self.home_y_m)
            inside = cell >= 0
            flat = np.bincount(
                cell[inside], self.home_residents[inside], frame.rows * frame.columns
            )
            return flat.astype(np.float64).reshape(frame.shape)

        return self.keep(("residents", cell_m), count)

    @cached_property
    def _hexagon_names(self) -> NDArray[np.str_]:
        """H3 cell of each raster cell of the district, shape (cells in the mask,)."""
        frame = self.frame(HEXAGON_CELL_M)
        row, column = np.nonzero(self.grid_of_cells(HEXAGON_CELL_M) >= 0)
        return name_hexagons(*from_metric(*frame.centres(column, row)))

    @cached_property
    def hexagons(self) -> Areas:
        """H3 hexagons with a part in the district, by name; who lives there is not counted yet."""
        codes, counts = np.unique(self._hexagon_names, return_counts=True)
        shapes = np.array([_hexagon_shape(code) for code in codes.tolist()], dtype=object)
        names = tuple(codes.tolist())
        area_km2 = counts.astype(np.float64) * (HEXAGON_CELL_M**2 / 1e6)
        nobody = np.zeros(len(codes))
        return Areas(codes, names, names, shapes, area_km2, nobody, _hexagon_pairs(codes))

    @cached_property
    def hexagon_of_cells(self) -> NDArray[np.intp]:
        """Return the hexagon (row of ``hexagons``) of each cell of 50 m, shape of the frame."""
        grid = self.grid_of_cells(HEXAGON_CELL_M)
        found = np.zeros(grid.shape, np.intp)
        found[grid >= 0] = np.searchsorted(self.hexagons.codes, self._hexagon_names)
        return found


def _hexagon_shape(code: str) -> shapely.Polygon:
    lat, lon = np.array(h3.cell_to_boundary(code)).T
    return shapely.Polygon(np.column_stack(to_metric(lon, lat)))


def _hexagon_pairs(codes: NDArray[np.str_]) -> Pairs:
    row_of = {code: row for row, code in enumerate(codes.tolist())}
    found = [
        (row, row_of[other])
        for code, row in row_of.items()
        for other in h3.grid_ring(code, 1)
        if other in row_of
    ]
    return np.array(found, dtype=np.intp).reshape(-1, 2)


def read_ground(conn: Conn, at: datetime) -> Ground:
    """Read the district as it stands at a moment. Public ground: needs no scope.

    Raises
    ------
    NotFound
        No district is loaded.
    """
    grids = _read_areas(conn, Level.GRID, at)
    homes = conn.execute(query("layers.risk", "read_homes"), binary=True).fetchone()
    x_m, y_m, residents = (
        np.frombuffer((homes or {}).get(name) or b"", dtype=">f8").astype(np.float64)
        for name in ("x_m", "y_m", "residents")
    )
    edges = conn.execute("SELECT code, neighbor_code FROM layers.area_neighbors").fetchall()
    pairs = [(row["code"], row["neighbor_code"]) for row in edges]
    communities = _read_areas(conn, Level.COMMUNITY, at)
    return Ground(_joined(grids, pairs), _joined(communities, pairs), x_m, y_m, residents)


def _read_areas(conn: Conn, level: Level, at: datetime) -> Areas:
    parameters = {"at": at, "level": level.value, "digits": DIGITS[level]}
    rows = conn.execute(query("layers.risk", "read_areas"), parameters).fetchall()
    if not rows:
        raise NotFound(f"There is no {level.value} in the district yet", field="unit")
    shapes = shapely.from_wkb([bytes(row["shape"]) for row in rows])
    return Areas(
        codes=np.array([row["code"] for row in rows]),
        names=tuple(row["name"] for row in rows),
        names_en=tuple(row["name_en"] for row in rows),
        shapes=np.asarray(shapes, dtype=object),
        area_km2=shapely.area(shapes) / 1e6,
        residents=np.array([row["residents"] for row in rows]),
        pairs=np.empty((0, 2), np.intp),
    )


def _joined(areas: Areas, pairs: list[tuple[str, str]]) -> Areas:
    """Give areas the neighbours that pairs of grids make of them."""
    digits = len(str(areas.codes[0]))
    row_of = {code: row for row, code in enumerate(areas.codes.tolist())}
    found = {
        (row_of[one[:digits]], row_of[other[:digits]])
        for one, other in pairs
        if one[:digits] != other[:digits] and one[:digits] in row_of and other[:digits] in row_of
    }
    both = sorted(found | {(other, one) for one, other in found})
    ordered = np.array(both, dtype=np.intp).reshape(-1, 2)
    return Areas(
        areas.codes, areas.names, areas.names_en, areas.shapes, areas.area_km2, areas.residents,
        ordered,
    )  # fmt: skip
