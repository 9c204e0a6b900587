"""The plan: counts, codes, nesting and exact coverage, whatever the seed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely

from geodata.code import Level, contains
from geodata.demo.division import read_outline
from geodata.demo.ground import stage_rng
from geodata.demo.plan import number_blocks
from geodata.demo.shore import ARCS
from geodata.demo.subdivide import RawCut
from geodata.demo.thoroughfare import join_cuts
from tests.district import ground

BELOW = (Level.STREET, Level.COMMUNITY, Level.GRID, Level.MICRO_GRID)


def test_counts_of_every_level() -> None:
    plan = ground().plan
    counts = [len(plan.at(level)) for level in Level]
    assert counts == [1, 17, 237, 1570, 3452]


def test_codes_nest_and_are_in_order() -> None:
    plan = ground().plan
    for level in BELOW:
        codes = [area.code for area in plan.at(level)]
        assert codes == sorted(set(codes))
    known = {area.code for area in plan.areas}
    for area in plan.areas[1:]:
        assert area.parent_code in known
        assert area.parent_code is not None
        assert contains(area.parent_code, area.code)


def test_areas_of_every_level_cover_the_district_without_gap_or_overlap() -> None:
    plan = ground().plan
    for level in BELOW:
        areas = plan.at(level)
        assert shapely.coverage_is_valid([area.geom for area in areas])
        error_m2 = sum(area.geom_m.area for area in areas) - plan.areas[0].geom_m.area
        assert abs(error_m2) < 0.01


def test_children_fill_their_parent() -> None:
    plan = ground().plan
    for level in (Level.STREET, Level.COMMUNITY, Level.GRID):
        filled: dict[str, float] = {}
        for child in plan.at(BELOW[BELOW.index(level) + 1]):
            assert child.parent_code is not None
            filled[child.parent_code] = filled.get(child.parent_code, 0.0) + child.geom_m.area
        for area in plan.at(level):
            assert abs(filled[area.code] - area.geom_m.area) < 0.001


def test_shapes_are_single_and_labels_inside() -> None:
    for area in ground().plan.areas:
        assert area.geom.is_valid
        assert area.geom.contains(area.label)


def test_every_side_of_every_block_is_a_road() -> None:
    plan = ground().plan
    roads = {frozenset(step) for cut in plan.cuts for step in pairwise(cut.chain)}
    for ring in plan.rings.values():
        assert all(frozenset(step) in roads for step in pairwise([*ring, ring[0]]))


def test_roads_have_names_of_their_own() -> None:
    names = [cut.name for cut in ground().plan.cuts]
    assert len(names) == len(set(names))
    assert {cut.level for cut in ground().plan.cuts} == {0, 1, 2, 3, 4}


def test_towns_are_denser_than_the_country() -> None:
    grids = ground().plan.at(Level.GRID)
    town = np.median([grid.geom_m.area for grid in grids if not grid.rural])
    country = np.median([grid.geom_m.area for grid in grids if grid.rural])
    assert country > 2 * town


def test_waters_lie_where_water_may() -> None:
    plan = ground().plan
    kinds = [water.kind for water in plan.waters]
    assert (kinds.count("sea"), kinds.count("river"), kinds.count("reservoir")) == (1, 4, 3)
    outline = plan.areas[0].geom_m
    for water in plan.waters:
        assert water.geom.is_valid
        inside_m2 = water.geom_m.intersection(outline).area
        assert inside_m2 < 1.0 if water.kind == "sea" else inside_m2 > water.geom_m.area - 1.0


def test_blocks_are_numbered_west_to_east_in_rows_from_the_north() -> None:
    centres = [(150.0, 50.0), (50.0, 140.0), (160.0, 155.0), (40.0, 60.0)]
    assert number_blocks(centres, 40_000.0) == [1, 2, 3, 0]


def test_cuts_that_run_on_are_one_road() -> None:
    vertices = np.array([[0, 0], [100, 0], [200, 5], [100, 100], [100, -100]], dtype=float)
    cuts = [
        RawCut(3, "a", (0, 1)),
        RawCut(3, "b", (2, 1)),
        RawCut(3, "c", (3, 1)),
        RawCut(4, "d", (1, 4)),  # a lane does not continue a street
    ]
    joined = join_cuts(cuts, vertices)
    assert [(cut.owner, cut.chain) for cut in joined] == [
        ("a", (0, 1, 2)),
        ("c", (3, 1)),
        ("d", (1, 4)),
    ]


def test_the_arcs_go_once_round_the_outline() -> None:
    assert [arc.last for arc in ARCS[:-1]] == [arc.first for arc in ARCS[1:]]
    assert ARCS[-1].last - ARCS[0].first == len(read_outline())


def test_each_stage_has_numbers_of_its_own() -> None:
    first, again = stage_rng(1, "a").random(3), stage_rng(1, "a").random(3)
    assert first.tolist() == again.tolist()
    assert first.tolist() != stage_rng(1, "b").random(3).tolist()
    assert first.tolist() != stage_rng(2, "a").random(3).tolist()
