"""Areas, buildings and population of the small town."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from geodata.code import Level
from geodata.db.scope import Conn
from geodata.errors import InvalidInput, NotFound
from layers.area import (
    count_by_level,
    get_area,
    get_outline,
    list_areas,
    list_children,
    list_neighbors,
)
from layers.building import find_building
from layers.population import list_population
from tests.small_town import AS_OF, STREETS, grid_code, place


def test_an_area_by_its_code(town_conn: Conn):
    found = get_area(town_conn, STREETS[0], AS_OF)
    assert (found.level, found.parent_code, found.name) == (Level.STREET, "210211", "第1街道")
    # Four grids by four of 400 m each: 2.56 km2.
    assert found.area_m2 == pytest.approx(2_560_000, rel=1e-6)
    west, south, east, north = found.bbox
    assert west < found.lon < east
    assert south < found.lat < north


def test_the_official_twelve_digits_name_the_street(town_conn: Conn):
    assert get_area(town_conn, f"{STREETS[0]}000", AS_OF).code == STREETS[0]


def test_an_area_before_its_time_is_not_found(town_conn: Conn):
    with pytest.raises(NotFound):
        get_area(town_conn, STREETS[0], AS_OF.replace(year=2015))
    with pytest.raises(NotFound):
        get_outline(town_conn, STREETS[0], AS_OF.replace(year=2015))
    with pytest.raises(NotFound):
        get_area(town_conn, "210211009", AS_OF)
    with pytest.raises(InvalidInput):
        get_area(town_conn, "21021", AS_OF)


def test_a_code_that_changed_hands(town_conn: Conn):
    town_conn.execute("RESET ROLE")
    changed = AS_OF + timedelta(days=1)
    town_conn.execute(
        "UPDATE layers.areas SET valid = tstzrange(lower(valid), %s) WHERE code = %s",
        (changed, grid_code(0, 0)),
    )
    town_conn.execute(
        "INSERT INTO layers.areas (code, level, parent_code, name, valid, geom, label)"
        " SELECT code, level, parent_code, '新网格', tstzrange(%s, NULL), geom, label"
        " FROM layers.areas WHERE code = %s",
        (changed, grid_code(0, 0)),
    )
    before = get_area(town_conn, grid_code(0, 0), AS_OF)
    after = get_area(town_conn, grid_code(0, 0), changed)
    assert (before.name, after.name) == ("网格001", "新网格")
    assert before.valid_to == after.valid_from == changed


def test_lists_by_level_and_prefix_in_pages(town_conn: Conn):
    first = list_areas(town_conn, AS_OF, level=Level.GRID, within=STREETS[1], limit=10)
    then = list_areas(
        town_conn, AS_OF, level=Level.GRID, within=STREETS[1], after=first[-1].code, limit=10
    )
    codes = [area.code for area in (*first, *then)]
    assert len(codes) == 16
    assert codes == sorted(set(codes))
    assert {code[:9] for code in codes} == {STREETS[1]}


def test_lists_by_codes(town_conn: Conn):
    found = list_areas(town_conn, AS_OF, codes=[STREETS[1], "999999", STREETS[0]])
    assert [area.code for area in found] == list(STREETS)


def test_children_and_counts(town_conn: Conn):
    assert [area.code for area in list_children(town_conn, "210211", AS_OF)] == list(STREETS)
    assert count_by_level(town_conn, AS_OF) == {
        Level.DISTRICT: 1,
        Level.STREET: 2,
        Level.COMMUNITY: 8,
        Level.GRID: 32,
        Level.MICRO_GRID: 64,
    }
    assert count_by_level(town_conn, AS_OF, within=STREETS[0])[Level.DISTRICT] == 0


def test_neighbors_share_an_edge_not_a_corner(town_conn: Conn):
    found = list_neighbors(town_conn, grid_code(1, 1), AS_OF)
    assert {n.code for n in found} == {
        grid_code(0, 1), grid_code(2, 1), grid_code(1, 0), grid_code(1, 2),
    }  # fmt: skip
    assert len(list_neighbors(town_conn, grid_code(0, 0), AS_OF)) == 2


def test_an_outline_is_geojson(town_conn: Conn):
    outline = get_outline(town_conn, grid_code(0, 0), AS_OF)
    assert outline["type"] == "MultiPolygon"
    assert len(outline["coordinates"][0][0]) == 9


def test_the_building_at_a_point_or_near_it(town_conn: Conn):
    inside = find_building(town_conn, *place(0.2, 0.17))
    assert inside is not None
    assert (inside.id, inside.distance_m) == (1, 0)
    # 10 m west of the first building's west wall.
    near = find_building(town_conn, *place(0.15 - 10 / 400, 0.17))
    assert near is not None
    assert near.id == 1
    assert near.distance_m == pytest.approx(10, abs=0.01)
    assert find_building(town_conn, *place(0.15 - 10 / 400, 0.17), radius_m=9.9) is None


def test_population_rolls_up(town_conn: Conn):
    grids = list_population(town_conn, date(2026, 2, 1), Level.GRID)
    assert len(grids) == 32
    streets = list_population(town_conn, date(2026, 2, 1), Level.STREET)
    assert [(row.code, row.residents) for row in streets] == [(code, 16_000) for code in STREETS]
    assert list_population(town_conn, date(2025, 12, 31), Level.DISTRICT) == []
    assert len(list_population(town_conn, date(2026, 2, 1), Level.GRID, within=STREETS[0])) == 16
