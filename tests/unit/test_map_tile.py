"""Tile numbers, levels of aggregation and generalisation, without a database."""

import numpy as np
import pytest
import shapely

from geodata.code import Level
from geodata.errors import InvalidInput, NotFound
from mapsvc.generalise import band_tolerance_m, draw_boundaries, group_lines, simplify_coverage
from mapsvc.tile import LAYERS, MAX_ZOOM, check_tile, cluster_level


@pytest.mark.parametrize("layer", LAYERS)
def test_the_corners_of_every_zoom_exist(layer: str):
    for z in range(MAX_ZOOM + 1):
        most = 2**z - 1
        for x, y in ((0, 0), (most, 0), (0, most), (most, most)):
            check_tile(layer, z, x, y)


@pytest.mark.parametrize(
    ("z", "x", "y", "field"),
    [
        (-1, 0, 0, "z"),
        (MAX_ZOOM + 1, 0, 0, "z"),
        pytest.param(10**5000, 0, 0, "z", id="a z of 5,000 digits"),
        (0, 1, 0, "x"),
        (0, 0, 1, "y"),
        (10, -1, 0, "x"),
        (10, 1024, 0, "x"),
        (10, 0, 1024, "y"),
        pytest.param(10, 0, 10**5000, "y", id="a y of 5,000 digits"),
    ],
)
def test_numbers_out_of_range_name_the_field(z: int, x: int, y: int, field: str):
    with pytest.raises(InvalidInput) as caught:
        check_tile("areas", z, x, y)
    assert caught.value.field == field


def test_there_is_no_layer_of_people():
    with pytest.raises(NotFound):
        check_tile("people", 10, 0, 0)


def test_cases_are_counted_by_smaller_areas_the_nearer_one_looks():
    assert [cluster_level(z) for z in (0, 8, 9, 10, 11, 12)] == [
        Level.STREET, Level.STREET, Level.COMMUNITY, Level.COMMUNITY, Level.GRID, Level.GRID,
    ]  # fmt: skip


def test_tolerance_is_half_a_pixel_at_the_top_of_a_band():
    # 40,075,016.69 m / (512 x 2^10) = 76.437 m to a pixel at z 10.
    assert band_tolerance_m(0) == pytest.approx(38.2185, abs=1e-3)
    assert band_tolerance_m(1) == pytest.approx(9.5546, abs=1e-3)
    assert band_tolerance_m(2) == pytest.approx(2.3887, abs=1e-3)
    assert band_tolerance_m(3) == 0.01


def wavy_pair() -> np.ndarray:
    """Return two neighbours parted by a line that wavers by 1 m every 10 m."""
    edge = [(50 + (1 if y % 20 else 0), y) for y in range(0, 101, 10)]
    west = shapely.Polygon([(0, 100), (0, 0), *edge])
    east = shapely.Polygon([(100, 0), (100, 100), *edge[::-1]])
    return np.array([west, east], dtype=object)


def test_simplified_neighbours_still_share_their_edge():
    shapes = simplify_coverage(wavy_pair(), 20.0)
    assert shapely.intersection(*shapes).area == 0
    assert shapely.union_all(shapes).area == pytest.approx(10_000, abs=30)
    assert shapely.get_num_coordinates(shapes).sum() < 12
    assert shapely.coverage_is_valid(shapes)


def test_every_stretch_of_boundary_is_drawn_once():
    lines = draw_boundaries(wavy_pair())
    whole = shapely.union_all(np.array(lines, dtype=object))
    assert sum(line.length for line in lines) == pytest.approx(whole.length)
    assert len(lines) == 3  # round the west, round the east, and between


def test_lines_of_a_cell_are_one_feature():
    lines = [shapely.LineString([(x, 0), (x + 2, 0)]) for x in (0, 5, 12, -3)]
    groups = group_lines(lines, 10)
    assert [len(group.geoms) for group in groups] == [1, 2, 1]
    assert sum(group.length for group in groups) == 8


def test_nothing_comes_of_nothing():
    none = np.array([], dtype=object)
    assert len(simplify_coverage(none, 1.0)) == 0
    assert draw_boundaries(none) == []
