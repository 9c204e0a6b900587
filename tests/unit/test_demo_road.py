"""The demo's roads: twins, one-way streets, and everywhere reachable."""

from __future__ import annotations

import numpy as np
import shapely

from geodata.demo.road import CAR, EBIKE, EVERYONE, WALK, is_strong, split_at
from tests.district import ground


def test_cars_riders_and_walkers_reach_every_place_from_every_other() -> None:
    edges, count = ground().edges, len(ground().nodes.id)
    for bit in (WALK, EBIKE, CAR):
        assert is_strong(edges, edges.access, bit, count)


def test_a_place_that_cars_cannot_leave_is_noticed() -> None:
    edges = ground().edges
    access = edges.access.copy()
    access[edges.from_node == 1] &= ~CAR
    assert not is_strong(edges, access, CAR, len(ground().nodes.id))
    assert is_strong(edges, access, WALK, len(ground().nodes.id))


def test_twins_name_each_other_and_run_the_other_way() -> None:
    edges = ground().edges
    twin = edges.twin_id - 1
    assert (edges.twin_id[twin] == edges.id).all()
    assert (edges.from_node[twin] == edges.to_node).all()
    assert (edges.length_m[twin] == edges.length_m).all()
    assert (edges.name[twin] == edges.name).all()
    assert shapely.equals_exact(shapely.reverse(edges.geom[twin]), edges.geom).all()


def test_geometry_runs_from_node_to_node_and_lengths_are_metres() -> None:
    edges, nodes = ground().edges, ground().nodes
    for place, node in ((0, edges.from_node), (-1, edges.to_node)):
        ends = shapely.get_coordinates(shapely.get_point(edges.geom, place))
        assert np.array_equal(ends, nodes.lonlat[node - 1])
    assert np.abs(shapely.length(edges.geom_m) - edges.length_m).max() < 0.001


def test_one_way_streets_are_some_and_coherent() -> None:
    edges = ground().edges
    street = np.isin(edges.speed_class, (2, 3))
    one_way = street & (edges.access == WALK)
    assert 0.06 < one_way.sum() / (street.sum() / 2) < 0.10
    assert (edges.access[edges.twin_id[one_way] - 1] == EVERYONE).all()
    # All pieces of a one-way street are closed, each in one direction, in a chain.
    for name in np.unique(edges.name[one_way].astype(str))[:40]:
        closed = np.flatnonzero(one_way & (edges.name == name))
        assert len(closed) == (edges.name == name).sum() / 2
        starts, ends = set(edges.from_node[closed]), set(edges.to_node[closed])
        assert len(starts - ends) <= 1


def test_speed_classes_follow_the_cut() -> None:
    edges = ground().edges
    for level, speed in ((0, 2), (1, 1), (2, 2), (3, 3), (4, 4)):
        assert set(edges.speed_class[edges.grid_level == level]) == {speed}


def test_footpaths_are_lanes_open_to_e_bikes() -> None:
    edges = ground().edges
    narrow = edges.access == WALK | EBIKE
    assert narrow.any()
    assert set(edges.speed_class[narrow]) == {4}


def test_chain_is_split_at_junctions() -> None:
    junctions = np.array([True, False, True, False, False])
    assert list(split_at([0, 1, 2, 3, 4], junctions)) == [(0, 1, 2), (2, 3, 4)]
