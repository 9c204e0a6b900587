"""Locating in the demo: one place in every datum is one grid, and edges are decided once for all.

Datums are converted by the published forward formulas, written here once more (the product has to
invert them); which grid is right is asked of the polygons themselves, with shapely and pyproj.
"""

from __future__ import annotations

import csv
import math
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import psycopg
import pytest
import shapely
from psycopg.rows import dict_row
from pyproj import Geod, Transformer

from dispatch import desk
from dispatch.actor import Actor
from dispatch.case.locate import Location, Place, locate
from dispatch.office import Office
from geodata.clock import FixedClock
from geodata.db.pool import make_pool
from geodata.db.scope import Conn, Pool, Scope, scoped
from geodata.errors import InvalidInput
from tests.conftest import DEMO_AS_OF

POINTS = 400
EDGES = 60
CLEAR_M = 2.0
Point = tuple[float, float]
SENT = ("WGS-84", "CGCS2000", "GCJ-02", "BD-09")


def to_gcj02(lon: float, lat: float) -> Point:
    """Shift a WGS-84 point as the published reconstruction of GCJ-02 does (eviltransform)."""
    x, y, a, ee = lon - 105.0, lat - 35.0, 6378245.0, 0.00669342162296594323
    both = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    north += (both + 20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2 / 3
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2 / 3
    east += (both + 20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2 / 3
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2 / 3
    radians = math.radians(lat)
    magic = 1 - ee * math.sin(radians) ** 2
    return (
        lon + math.degrees(east / (a / math.sqrt(magic) * math.cos(radians))),
        lat + math.degrees(north / (a * (1 - ee) / (magic * math.sqrt(magic)))),
    )


def to_bd09(lon: float, lat: float) -> Point:
    """Shift a WGS-84 point to Baidu's BD-09, by way of GCJ-02."""
    x, y = to_gcj02(lon, lat)
    turn = math.pi * 3000.0 / 180.0
    z = math.hypot(x, y) + 0.00002 * math.sin(y * turn)
    theta = math.atan2(y, x) + 0.000003 * math.cos(x * turn)
    return z * math.cos(theta) + 0.0065, z * math.sin(theta) + 0.006


def in_datum(lon: float, lat: float, datum: str) -> Point:
    if datum == "GCJ-02":
        return to_gcj02(lon, lat)
    return to_bd09(lon, lat) if datum == "BD-09" else (lon, lat)


@pytest.mark.reference
def test_the_formulas_of_this_test_are_the_published_ones(test_data: Path) -> None:
    geod = Geod(ellps="WGS84")
    with (test_data / "crs" / "city_vectors_80.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            here = float(row["wgs84_lng"]), float(row["wgs84_lat"])
            for shift, name in ((to_gcj02, "gcj02"), (to_bd09, "bd09")):
                told = float(row[f"{name}_lng"]), float(row[f"{name}_lat"])
                assert geod.inv(*shift(*here), *told)[2] < 1.0, row


@cache
def plane() -> Transformer:
    """Return the way from degrees to the district's plane, EPSG:4549."""
    return Transformer.from_crs(4326, 4549, always_xy=True)


@dataclass(frozen=True)
class Grids:
    """The grids as polygons, and the same on the plane."""

    code: list[str]
    shape: np.ndarray

    @cached_property
    def plane(self) -> np.ndarray:
        """EPSG:4549, metres, by pyproj."""
        return shapely.transform(
            self.shape, lambda xy: np.column_stack(plane().transform(xy[:, 0], xy[:, 1]))
        )

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shape)

    def touching(self, point: Point) -> list[str]:
        """Return the codes of all grids that have the point inside or on their edge."""
        found = self.tree.query(shapely.Point(point), predicate="intersects")
        return sorted(self.code[index] for index in found)

    def edge_m(self, point: Point) -> float:
        """Return how far the nearest edge of any grid is."""
        here = shapely.Point(plane().transform(*point))
        near = self.tree.query(shapely.Point(point), predicate="dwithin", distance=0.001)
        return float(shapely.distance(shapely.boundary(self.plane[near]), here).min())

    @cached_property
    def corners(self) -> dict[Point, set[int]]:
        """Return every vertex with the grids that have it."""
        found: dict[Point, set[int]] = defaultdict(set)
        for index, shape in enumerate(self.shape):
            for xy in shapely.get_coordinates(shape).tolist():
                found[xy[0], xy[1]].add(index)
        return found


@pytest.fixture(scope="module")
def grids(demo_dsn: str) -> Grids:
    with psycopg.connect(demo_dsn) as conn:
        rows = conn.execute(
            "SELECT code, ST_AsBinary(geom) FROM layers.areas WHERE level = 'grid' ORDER BY code"
        ).fetchall()
    return Grids([row[0] for row in rows], shapely.from_wkb([row[1] for row in rows]))


@pytest.fixture
def conn(demo_dsn: str) -> Iterator[Conn]:
    with psycopg.connect(demo_dsn, row_factory=dict_row) as conn:
        yield conn
        conn.rollback()


@pytest.fixture(scope="module")
def places(grids: Grids) -> list[tuple[Point, str]]:
    """Random places with their grid: half anywhere, half a few metres beside an edge."""
    rng = random.Random(20230215)  # noqa: S311 - a seeded test
    found: list[tuple[Point, str]] = []
    while len(found) < POINTS:
        index = rng.randrange(len(grids.code))
        point = _inside(grids.shape[index], rng)
        if len(found) % 2:
            point = _towards_edge(grids, index, point, rng.uniform(2.05, 6.0))
        touching = grids.touching(point)
        if touching == [grids.code[index]] and grids.edge_m(point) > CLEAR_M:
            found.append((point, grids.code[index]))
    return found


def _inside(shape: shapely.Geometry, rng: random.Random) -> Point:
    west, south, east, north = shape.bounds
    while True:
        point = rng.uniform(west, east), rng.uniform(south, north)
        if shape.contains(shapely.Point(point)):
            return point


def _towards_edge(grids: Grids, index: int, point: Point, away_m: float) -> Point:
    """Return the point moved straight towards the nearest edge until so far from it."""
    here = shapely.Point(plane().transform(*point))
    edge = grids.plane[index].boundary
    foot = edge.interpolate(edge.project(here))
    share = max(0.0, 1.0 - away_m / max(here.distance(foot), 1e-9))
    x, y = here.x + share * (foot.x - here.x), here.y + share * (foot.y - here.y)
    lon, lat = plane().transform(x, y, direction="INVERSE")
    return float(lon), float(lat)


@pytest.mark.parametrize("datum", SENT)
def test_the_same_place_in_any_datum_is_in_the_same_grid(
    conn: Conn, places: list[tuple[Point, str]], datum: str
) -> None:
    for point, code in places:
        found = locate(conn, Location(*in_datum(*point, datum), datum), DEMO_AS_OF)
        assert found.grid_code == code, point
        assert (found.lon, found.lat) == pytest.approx(point, abs=1e-8)


def test_the_distance_to_the_edge_is_that_of_the_polygons(
    conn: Conn, grids: Grids, places: list[tuple[Point, str]]
) -> None:
    for point, _ in places:
        found = locate(conn, Location(*point, "WGS-84"), DEMO_AS_OF)
        assert found.edge_m == pytest.approx(grids.edge_m(point), abs=1e-4)
        assert not found.ambiguous


def test_a_shifted_point_taken_as_it_stands_is_mostly_in_another_grid(
    conn: Conn, places: list[tuple[Point, str]]
) -> None:
    """What the declared datum is for: half a kilometre is another grid."""
    wrong = 0
    for point, code in places[:100]:
        try:
            found = locate(conn, Location(*to_gcj02(*point), "WGS-84"), DEMO_AS_OF)
        except InvalidInput:
            continue
        wrong += found.grid_code != code
    assert wrong > 50


@pytest.fixture(scope="module")
def corners(grids: Grids) -> list[Point]:
    """Vertices that several grids share; the first ones are shared by most."""
    shared = [point for point, owners in grids.corners.items() if len(owners) > 1]
    random.Random(7).shuffle(shared)  # noqa: S311 - a seeded test
    return sorted(shared, key=lambda point: -len(grids.corners[point]))[:EDGES]


@pytest.fixture(scope="module")
def middles(grids: Grids) -> list[tuple[Point, set[str]]]:
    """Middles of edges that two grids share, with the two."""
    found = []
    for index, shape in enumerate(grids.shape):
        ring = shapely.get_coordinates(shape).tolist()
        for (x, y), (u, v) in pairwise(ring):
            both = grids.corners[x, y] & grids.corners[u, v]
            if len(both) == 2 and index == min(both):
                pair = {grids.code[owner] for owner in both}
                found.append((((x + u) / 2, (y + v) / 2), pair))
    random.Random(8).shuffle(found)  # noqa: S311 - a seeded test
    return found[:EDGES]


def test_a_shared_corner_goes_to_the_lowest_code_and_names_the_next(
    conn: Conn, grids: Grids, corners: list[Point]
) -> None:
    assert len(grids.touching(corners[0])) >= 3
    for point in corners:
        found = locate(conn, Location(*point, "WGS-84"), DEMO_AS_OF)
        assert [found.grid_code, found.runner_up_code] == grids.touching(point)[:2]
        assert found.edge_m == pytest.approx(0.0, abs=1e-6)
        assert found.ambiguous


def test_the_middle_of_an_edge_is_in_one_of_its_grids_and_names_the_other(
    conn: Conn, middles: list[tuple[Point, set[str]]]
) -> None:
    for point, pair in middles:
        found = locate(conn, Location(*point, "WGS-84"), DEMO_AS_OF)
        assert {found.grid_code, found.runner_up_code} == pair
        assert found.edge_m < 0.05  # an edge straight in degrees is not quite so on the plane
        assert found.ambiguous


@pytest.mark.parametrize("datum", SENT)
def test_an_edge_is_decided_the_same_way_every_time(
    demo_dsn: str, corners: list[Point], middles: list[tuple[Point, set[str]]], datum: str
) -> None:
    """Again, in another order, and in other sessions, with and without a prepared statement."""
    sent = [Location(*in_datum(*p, datum), datum) for p in [*corners, *(p for p, _ in middles)]]
    first = _decide(demo_dsn, sent)
    assert _decide(demo_dsn, sent[::-1])[::-1] == first
    assert _decide(demo_dsn, sent, prepare_threshold=0) == first
    assert _decide(demo_dsn, [s for s in sent for _ in range(3)]) == [
        p for p in first for _ in "123"
    ]
    assert all(place.runner_up_code not in (None, place.grid_code) for place in first)


def _decide(dsn: str, sent: list[Location], prepare_threshold: int | None = 5) -> list[Place]:
    with psycopg.connect(dsn, row_factory=dict_row, prepare_threshold=prepare_threshold) as conn:
        return [locate(conn, location, DEMO_AS_OF) for location in sent]


@pytest.fixture
def app(demo_db: str) -> Iterator[Pool]:
    pool = make_pool(demo_db, "ganxin_app", name="test", max_size=1)
    yield pool
    pool.close()


def test_a_case_keeps_what_was_sent_and_stands_where_it_is(
    app: Pool, places: list[tuple[Point, str]]
) -> None:
    boss = Actor("u:1", "commander", Scope(("210211",), ("u:1",)))
    office = Office(FixedClock(DEMO_AS_OF))
    with scoped(app, boss.scope) as conn:
        for point, code in places[:10]:
            for datum in SENT:
                sent = in_datum(*point, datum)
                report = desk.Report("H05", "路面有垃圾", Location(*sent, datum))
                case = desk.report_case(conn, office, boss, report)
                assert case.grid_code == code
                assert (case.source_lon, case.source_lat, case.source_datum) == (*sent, datum)
                assert (case.lon, case.lat) == pytest.approx(point, abs=1e-8)


@pytest.mark.parametrize(
    ("lon", "lat", "datum", "field"),
    [
        (math.nan, 38.95, "WGS-84", "location.lon"),
        (121.5, math.nan, "WGS-84", "location.lat"),
        (math.inf, 38.95, "GCJ-02", "location.lon"),
        (38.95, 121.5, "WGS-84", "location.lat"),
        (181.0, 38.95, "WGS-84", "location.lon"),
        ("121.5", 38.95, "WGS-84", "location.lon"),
        (True, 38.95, "WGS-84", "location.lon"),
        (121.5, 38.95, None, "location.datum"),
        (121.5, 38.95, "", "location.datum"),
        (121.5, 38.95, "WGS-72", "location.datum"),
        (116.4, 39.9, "WGS-84", "location"),
        (121.0, 38.0, "BD-09", "location"),
    ],
)
def test_what_is_no_place_here_is_refused_by_field(
    conn: Conn, lon: float, lat: float, datum: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        locate(conn, Location(lon, lat, datum), DEMO_AS_OF)
    assert caught.value.field == field
