"""Make geometry ready for tiles: projected, generalised by zoom, labelled; once after each load.

Runs as the owner of the database, in one transaction; whoever reads tiles meanwhile sees the old
ones. At the end the district's ``ground_version`` is raised, which empties the tile caches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.code import Level
from geodata.crs import stamp
from geodata.db.query import query
from geodata.db.scope import Conn
from geodata.demo.progress import Progress
from layers.catalogue import KINDS

BAND_TOPS = (10, 12, 14)
"""Highest zoom of the bands 0, 1, 2 (mapsvc.band in migration 0030); band 3 is as surveyed."""
WEB_MERCATOR_EPSG = 3857
EARTH_M = 40_075_016.685578488
TILE_PX = 512
LAST_ZOOM = 24
STRAIGHT_M = 0.01
"""A bend of less than a centimetre is none: band 3 sheds the vertices that only cuts left."""
ROAD_ZOOMS = (0, 9, 12, 14)
"""First zoom of arterial, secondary, local, lane."""
AREA_ZOOMS = {
    Level.STREET: 0,
    Level.COMMUNITY: 8,
    Level.GRID: 9,
    Level.MICRO_GRID: 15,
}
"""First zoom of the polygons and boundaries of each level: /risk paints grids at z 10, and the
styles draw micro-grids from z 15 on."""
AREA_LAST_ZOOMS = {Level.STREET: 12, Level.COMMUNITY: 13}
"""Last zoom of the polygons: beyond it they fill the screen, and a grid's code names them."""
LABEL_ZOOMS = {Level.STREET: 9, Level.COMMUNITY: 12, Level.GRID: 14, Level.MICRO_GRID: 16}
BUILDING_ZOOM = 14
BUILDING_SMALL_M2 = 250.0
"""Square metres of Web Mercator, 3 x 3 pixels at z 14."""
PLACE_ZOOMS = {"street_zoom": 9, "community_zoom": 13, "estate_zoom": 15, "water_zoom": 11}
CLUSTER_FIRST_ZOOM = 6
CLUSTER_CELL_PX = 64
TABLES = (
    "lands", "waters", "roads", "buildings", "places", "areas", "boundaries", "area_labels",
    "assets", "asset_clusters",
)  # fmt: skip
DIGEST_TABLES: dict[str, tuple[str, ...]] = {
    "mapsvc.lands": ("band", "code"),
    "mapsvc.waters": ("band", "id"),
    "mapsvc.roads": ("band", "id"),
    "mapsvc.buildings": ("id",),
    "mapsvc.places": ("id",),
    "mapsvc.areas": ("band", "level", "code"),
    "mapsvc.boundaries": ("band", "level", "id"),
    "mapsvc.area_labels": ("level", "code"),
    "mapsvc.assets": ("id",),
    "mapsvc.asset_clusters": ("zoom", "kind", "geom"),
}
"""The same with the columns that order their rows, for geodata.demo.digest."""

GeometryArray = NDArray[np.object_]


def generalise(conn: Conn, at: datetime, progress: Progress) -> None:
    """Fill the tables of schema mapsvc from the ground as it stands at a moment.

    Parameters
    ----------
    conn
        Connection of the owner; the transaction is the caller's.
    at
        Areas and assets valid then are drawn.
    progress
        Told of each table.
    """
    steps = _steps(conn, at)
    for table in TABLES:
        conn.execute(f"DELETE FROM mapsvc.{table}")  # noqa: S608 - a name from the tuple above
    for done, step in enumerate(steps, 1):
        step()
        progress.step("tiles", done, len(steps))
    for table in TABLES:
        conn.execute(f"ANALYZE mapsvc.{table}")
    raise_ground_version(conn)


def raise_ground_version(conn: Conn) -> None:
    """Tell every tile cache that roads, areas or assets are no longer what they were."""
    conn.execute("UPDATE geodata.districts SET ground_version = ground_version + 1")


def band_tolerance_m(band: int) -> float:
    """Return how far a line may move in a band: half a pixel at its highest zoom.

    Metres of Web Mercator; band 0: 38.2 m, 1: 9.55 m, 2: 2.39 m, 3: 0.01 m.
    """
    if band >= len(BAND_TOPS):
        return STRAIGHT_M
    return EARTH_M / (TILE_PX << BAND_TOPS[band]) / 2


def _steps(conn: Conn, at: datetime) -> list[Callable[[], object]]:
    kinds = list(KINDS)
    asset_zooms = [KINDS[kind].min_zoom for kind in kinds]
    tops = list(BAND_TOPS)
    fills: list[tuple[str, dict[str, Any]]] = [
        ("fill_lands", {"at": at, "tops": tops}),
        ("fill_waters", {"tops": tops}),
        ("fill_roads", {"tops": tops, "class_zooms": list(ROAD_ZOOMS)}),
        ("fill_buildings", {"small_m2": BUILDING_SMALL_M2, "zoom": BUILDING_ZOOM}),
        ("fill_places", {"at": at, **PLACE_ZOOMS}),
        (
            "fill_area_labels",
            {
                "at": at,
                "levels": [level.value for level in LABEL_ZOOMS],
                "zooms": list(LABEL_ZOOMS.values()),
            },
        ),
        ("fill_assets", {"at": at, "kinds": kinds, "zooms": asset_zooms}),
        (
            "fill_asset_clusters",
            {"first_zoom": CLUSTER_FIRST_ZOOM, "cell_px": CLUSTER_CELL_PX},
        ),
    ]
    steps: list[Callable[[], object]] = [
        partial(conn.execute, query("mapsvc", name), values) for name, values in fills
    ]
    return steps + [partial(_fill_areas, conn, at, level) for level in AREA_ZOOMS]


def _fill_areas(conn: Conn, at: datetime, level: Level) -> None:
    rows = conn.execute(
        "SELECT code, name, ST_AsBinary(ST_Transform(geom, 3857)) AS geom FROM layers.areas"
        " WHERE level = %s AND valid @> %s::timestamptz ORDER BY code",
        (level.value, at),
    ).fetchall()
    geoms = shapely.from_wkb(np.array([row["geom"] for row in rows], dtype=object))
    for band in range(len(BAND_TOPS) + 1):
        if band < len(BAND_TOPS) and AREA_ZOOMS[level] > BAND_TOPS[band]:
            continue
        shapes = simplify_coverage(geoms, band_tolerance_m(band))
        if band == 0 or AREA_LAST_ZOOMS.get(level, LAST_ZOOM) > BAND_TOPS[band - 1]:
            _copy_areas(conn, band, level, [(r["code"], r["name"]) for r in rows], shapes)
        lines = group_lines(draw_boundaries(shapes), group_side_m(band))
        _copy_boundaries(conn, band, level, lines)


def simplify_coverage(geoms: GeometryArray, tolerance_m: float) -> GeometryArray:
    """Simplify areas that share edges so that they share them still: no slivers, no overlaps.

    Parameters
    ----------
    geoms
        Polygons or multipolygons in metres; neighbours share vertices.
    tolerance_m
        Square root of the largest triangle that may go (Visvalingam and Whyatt, 1993).
    """
    if len(geoms) == 0:
        return geoms
    simplified: GeometryArray = shapely.coverage_simplify(geoms, tolerance_m)
    return simplified


def draw_boundaries(shapes: GeometryArray) -> list[shapely.LineString]:
    """Return every stretch of boundary once, from junction to junction."""
    if len(shapes) == 0:
        return []
    merged = shapely.line_merge(shapely.union_all(shapely.boundary(shapes)))
    lines = shapely.get_parts(merged)
    return sorted(lines, key=lambda line: tuple(line.coords[0] + line.coords[-1]))


def group_side_m(band: int) -> float:
    """Return the side of the cell whose boundaries are one feature: a quarter of a tile.

    Metres of Web Mercator; of the tiles at the band's highest zoom (band 3: z 15).
    """
    tops = (*BAND_TOPS, BAND_TOPS[-1] + 1)
    return EARTH_M / (1 << tops[band]) / 4


def group_lines(lines: list[shapely.LineString], side_m: float) -> list[shapely.MultiLineString]:
    """Return lines whose middles lie in the same cell as one multiline, cells in order.

    Fewer features make a tile cheaper; small cells keep the index selective.
    """
    groups: dict[tuple[int, int], list[shapely.LineString]] = defaultdict(list)
    for line in lines:
        middle = line.interpolate(0.5, normalized=True)
        groups[int(middle.x // side_m), int(middle.y // side_m)].append(line)
    return [shapely.MultiLineString(groups[cell]) for cell in sorted(groups)]


def _copy_areas(
    conn: Conn, band: int, level: Level, names: list[tuple[str, str]], shapes: GeometryArray
) -> None:
    with (
        conn.cursor() as cursor,
        cursor.copy(
            "COPY mapsvc.areas (band, level, min_zoom, max_zoom, code, name, geom) FROM STDIN"
        ) as copy,
    ):
        for (code, name), wkb in zip(names, _wkb(_multi(shapes)), strict=True):
            zooms = (AREA_ZOOMS[level], AREA_LAST_ZOOMS.get(level, LAST_ZOOM))
            copy.write_row((band, level.value, *zooms, code, name, wkb))


def _copy_boundaries(
    conn: Conn, band: int, level: Level, lines: list[shapely.MultiLineString]
) -> None:
    with (
        conn.cursor() as cursor,
        cursor.copy("COPY mapsvc.boundaries (band, id, level, min_zoom, geom) FROM STDIN") as copy,
    ):
        for number, wkb in enumerate(_wkb(np.array(lines, dtype=object)), 1):
            copy.write_row((band, number, level.value, AREA_ZOOMS[level], wkb))


def _multi(shapes: GeometryArray) -> GeometryArray:
    return np.array(
        [shapely.MultiPolygon(shapely.get_parts(shape).tolist()) for shape in shapes], dtype=object
    )


def _wkb(shapes: GeometryArray) -> list[str]:
    stamped = stamp(shapes, WEB_MERCATOR_EPSG)
    return [str(text) for text in shapely.to_wkb(stamped, hex=True, include_srid=True)]
