"""Footprints and door plates: in their block, on their side, in rising order."""

from __future__ import annotations

import numpy as np
import shapely

from geodata.code import Level
from geodata.demo.address import number_houses
from geodata.demo.frontage import HALF_WIDTH_M
from tests.district import ground


def test_numbers_keep_step_with_the_road() -> None:
    road = np.array([0, 0, 0, 0, 0, 1])
    left = np.array([False, False, True, True, True, True])
    along_m = np.array([7.0, 300.0, 5.0, 12.0, 60.0, 0.0])
    assert number_houses(road, left, along_m).tolist() == [2, 56, 1, 3, 11, 1]


def test_crowded_houses_still_rise() -> None:
    along_m = np.array([1.0, 2.0, 3.0, 100.0])
    left = np.ones(4, dtype=bool)
    assert number_houses(np.zeros(4, dtype=int), left, along_m).tolist() == [1, 3, 5, 19]


def test_there_are_enough_plates_and_each_is_unique() -> None:
    addresses = ground().addresses
    assert len(addresses.id) >= 60_000
    assert len(set(addresses.full_text)) == len(addresses.id)
    assert len(set(zip(addresses.road, addresses.number, strict=True))) == len(addresses.id)
    texts = dict(zip(addresses.id, addresses.full_text, strict=True))
    assert all(text.startswith("甘井子区") and text.endswith("号") for text in texts.values())


def test_every_point_lies_strictly_in_the_grid_its_code_names() -> None:
    addresses = ground().addresses
    grid = {area.code: area.geom for area in ground().plan.at(Level.GRID)}
    shapes = np.array([grid[code] for code in addresses.grid_code])
    assert shapely.contains_properly(shapes, shapely.points(addresses.lonlat)).all()


def test_odd_numbers_stand_on_the_left_and_rise_along_the_road() -> None:
    plots, addresses = ground().plots, ground().addresses
    row = addresses.building_id - 1
    number = np.array([int(text.split("-")[0]) for text in addresses.number])
    assert (plots.left[row] == (number % 2 == 1)).all()
    order = np.lexsort((number, plots.left[row], plots.road[row]))
    along_m, side = plots.along_m[row][order], (plots.road[row] * 2 + plots.left[row])[order]
    same = np.diff(side) == 0
    assert (np.diff(along_m)[same] >= 0).all()


def test_the_edge_of_an_address_has_it_on_the_right() -> None:
    edges, addresses, plots = ground().edges, ground().addresses, ground().plots
    lines = edges.geom_m[addresses.edge_id - 1]
    assert (edges.name[addresses.edge_id - 1] == addresses.road).all()
    doors = shapely.points(plots.door_m[addresses.building_id - 1])
    at = shapely.line_locate_point(lines, doors)
    a, b = (
        shapely.get_coordinates(
            shapely.line_interpolate_point(lines, np.clip(at + d, 0.0, shapely.length(lines)))
        )
        for d in (-0.5, 0.5)
    )
    door = shapely.get_coordinates(doors)
    cross = (b - a)[:, 0] * (door - a)[:, 1] - (b - a)[:, 1] * (door - a)[:, 0]
    assert (cross < 0).all()
    assert shapely.distance(lines, doors).max() < 40.0


def test_footprints_stand_clear_of_each_other_and_of_the_road() -> None:
    plots, plan = ground().plots, ground().plan
    boxes = shapely.box(*shapely.bounds(plots.geom).T)  # a coarse sieve before the exact test
    a, b = shapely.STRtree(boxes).query(boxes, predicate="intersects")
    pairs = a < b
    assert not shapely.intersects(plots.geom[a[pairs]], plots.geom[b[pairs]]).any()
    micro = {area.code: area.geom for area in plan.at(Level.MICRO_GRID)}
    homes = np.array([micro[code] for code in plots.micro_code])
    assert shapely.contains_properly(homes, plots.geom).all()
    near = shapely.STRtree(ground().edges.geom_m[::2]).query_nearest(
        shapely.points(plots.xy_m), return_distance=True, all_matches=False
    )[1]
    assert near.min() > HALF_WIDTH_M[4]


def test_nothing_stands_in_the_water() -> None:
    plots, plan = ground().plots, ground().plan
    for water in plan.waters:
        if water.kind != "sea":
            assert not shapely.intersects(plots.geom, water.geom).any()
