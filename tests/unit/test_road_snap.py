"""Snapping and shapes: metric positions from degrees, ties, modes, the ends of streets."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.crs import Datum, convert, from_metric
from geodata.errors import DataFault, InvalidInput
from geodata.road.graph import RoadGraph
from geodata.road.position import Position, Positions
from geodata.road.profile import CLASSES, PROFILES, Mode, class_of_highway
from geodata.road.shape import cut, lonlat_at, point_at
from geodata.road.snap import Snapper

EAST_M, NORTH_M = 630_000.0, 4_310_000.0
"""South-west corner of the little town, EPSG:4549."""


def town(
    edges: list[tuple[list[tuple[float, float]], int, int | None]], ids: list[int] | None = None
) -> RoadGraph:
    """Build a graph; an edge is (points in metres from the corner, access, twin's row)."""
    ids = ids or list(range(1, len(edges) + 1))
    ends = sorted({point for line, _, _ in edges for point in (line[0], line[-1])})
    lines = [shapely.LineString(np.column_stack(_lonlat(line))) for line, _, _ in edges]
    lon, lat = _lonlat(ends)
    return RoadGraph.build(
        node_id=range(len(ends)),
        node_lon=lon,
        node_lat=lat,
        edge_id=ids,
        from_node=[ends.index(line[0]) for line, _, _ in edges],
        to_node=[ends.index(line[-1]) for line, _, _ in edges],
        twin_id=[None if twin is None else ids[twin] for _, _, twin in edges],
        length_m=[shapely.LineString(line).length for line, _, _ in edges],
        speed_class=[3] * len(edges),
        access=[access for _, access, _ in edges],
        name=[None] * len(edges),
        geometry=lines,
    )


def _lonlat(points: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    xy = np.array(points, float)
    return from_metric(EAST_M + xy[:, 0], NORTH_M + xy[:, 1])


def snap(graph: RoadGraph, x: float, y: float, mode: Mode | None = None) -> Position:
    lon, lat = _lonlat([(x, y)])
    return Snapper(graph).snap_one(float(lon[0]), float(lat[0]), mode)


@pytest.fixture
def bent() -> RoadGraph:
    """Return an L-shaped street in two directions: 100 m east, then 100 m north."""
    line = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0)]
    return town([(line, 7, 1), (line[::-1], 7, 0)])


def test_degrees_in_metres_out(bent: RoadGraph) -> None:
    found = snap(bent, 50.0, -30.0)
    assert bent.edge_id[found.edge] == 1
    assert (found.fraction, found.snap_m) == pytest.approx((0.25, 30.0), abs=1e-6)
    assert bent.shape_x_m[:3] == pytest.approx([EAST_M, EAST_M + 100, EAST_M + 100])


def test_a_position_is_a_place_on_the_map(bent: RoadGraph) -> None:
    places = Positions.of(
        [Position(0, 0.75), Position(1, 0.25), Position(0, 0.0), Position(0, 1.0)]
    )
    x, y = point_at(bent, places)
    assert x - EAST_M == pytest.approx([100, 100, 0, 100], abs=1e-6)
    assert y - NORTH_M == pytest.approx([50, 50, 0, 100], abs=1e-6)
    lon, lat = lonlat_at(bent, places)
    expected = _lonlat([(100, 50), (100, 50), (0, 0), (100, 100)])
    assert lon == pytest.approx(expected[0], abs=1e-9)
    assert lat == pytest.approx(expected[1], abs=1e-9)


@pytest.mark.parametrize(
    ("edge", "start", "end", "points"),
    [
        (0, 0.25, 0.75, [(50, 0), (100, 0), (100, 50)]),
        (1, 0.0, 0.25, [(100, 100), (100, 50)]),
        (0, 0.6, 0.6, [(100, 20), (100, 20)]),
        (0, 0.0, 1.0, [(0, 0), (100, 0), (100, 100)]),
    ],
)
def test_a_piece_keeps_the_bend(
    bent: RoadGraph, edge: int, start: float, end: float, points: list[tuple[float, float]]
) -> None:
    found = cut(bent, edge, start, end) - [EAST_M, NORTH_M]
    assert found == pytest.approx(np.array(points, float), abs=1e-6)


@settings(deadline=None)
@given(st.floats(-200, 300), st.floats(-200, 300))
def test_no_street_is_nearer_than_the_one_found(x: float, y: float) -> None:
    lines = [[(0.0, 0.0), (100.0, 0.0)], [(0.0, 0.0), (0.0, 100.0), (60.0, 130.0)]]
    graph = town([(line, 7, None) for line in lines])
    found = snap(graph, x, y)
    point = shapely.Point(x, y)
    assert found.snap_m == pytest.approx(
        min(shapely.LineString(line).distance(point) for line in lines), abs=1e-5
    )
    px, py = point_at(graph, Positions.of([found]))
    there = shapely.Point(px[0] - EAST_M, py[0] - NORTH_M)
    assert there.distance(point) == pytest.approx(found.snap_m, abs=0.011)


def test_ties_go_to_the_lowest_edge_id_in_whatever_order_they_are_stored() -> None:
    star = [[(0.0, 0.0), (100.0, 0.0)], [(0.0, 0.0), (0.0, 100.0)], [(0.0, 0.0), (-70.0, 70.0)]]
    for ids in ([3, 1, 2], [2, 3, 1], [9, 8, 7]):
        graph = town([(line, 7, None) for line in star], ids)
        found = snap(graph, 0.0, -50.0)
        assert graph.edge_id[found.edge] == min(ids)
        assert found.fraction == 0.0


def test_within_a_centimetre_of_a_crossing_is_at_it(bent: RoadGraph) -> None:
    assert snap(bent, 0.008, 5.0).fraction == 0.0
    assert snap(bent, 0.02, 5.0).fraction > 0.0
    assert snap(bent, 105.0, 99.995).fraction == 1.0


def test_a_mode_gets_a_street_it_may_use_and_the_edge_it_may_travel() -> None:
    alley = [(0.0, 0.0), (100.0, 0.0)]
    road = [(0.0, 50.0), (100.0, 50.0)]
    graph = town([(alley, 1, None), (road, 1, 2), (road[::-1], 7, 1)])
    assert graph.edge_id[snap(graph, 50, 1).edge] == 1
    assert graph.edge_id[snap(graph, 50, 1, Mode.WALK).edge] == 1
    car = snap(graph, 20, 1, Mode.CAR)
    assert graph.edge_id[car.edge] == 3
    assert (car.fraction, car.snap_m) == pytest.approx((0.8, 49.0), abs=1e-5)
    assert graph.edge_id[snap(graph, 20, 49).edge] == 2


def test_many_points_at_once_are_as_one_by_one(bent: RoadGraph) -> None:
    rng = np.random.default_rng(3)
    xy = rng.uniform(-50, 150, (200, 2))
    lon, lat = _lonlat([tuple(p) for p in xy.tolist()])
    snapper = Snapper(bent)
    many = snapper.snap(lon, lat)
    assert list(many) == [snapper.snap_one(a, b) for a, b in zip(lon, lat, strict=True)]
    assert len(snapper.snap([], [])) == 0


def test_no_place_and_no_street_are_refused(bent: RoadGraph) -> None:
    with pytest.raises(InvalidInput):
        Snapper(bent).snap_one(float("nan"), 38.9)
    graph = town([([(0.0, 0.0), (100.0, 0.0)], 1, None)])
    with pytest.raises(DataFault, match="car"):
        snap(graph, 0, 0, Mode.CAR)


def test_one_point_in_three_datums_snaps_to_one_place(bent: RoadGraph) -> None:
    lon, lat = _lonlat([(30.0, 12.0)])
    found = []
    for datum in (Datum.WGS84, Datum.GCJ02, Datum.BD09):
        sent = convert(lon, lat, Datum.WGS84, datum)
        back = convert(*sent, datum, Datum.WGS84)
        found.append(Snapper(bent).snap(*back)[0])
    assert {p.edge for p in found} == {0}
    assert [p.fraction for p in found] == pytest.approx([0.15] * 3, abs=1e-6)


def test_every_speed_has_a_source_and_modes_have_bits_of_their_own() -> None:
    assert sorted(p.access_bit for p in PROFILES.values()) == [1, 2, 4]
    for profile in PROFILES.values():
        assert len(profile.speed) == len(CLASSES)
        assert all(0.5 < s.mps < 20 and len(s.source) > 10 for s in profile.speed)
        fast = [s.mps for s in profile.speed]
        assert fast == sorted(fast, reverse=True)
    assert [class_of_highway(h) for h in ("trunk_link", "tertiary", "footway")] == [1, 3, 4]
