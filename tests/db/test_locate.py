"""Locating on real polygons: inside, on edges, at corners, outside, in any datum, by plate."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.rows import dict_row

from dispatch.case.locate import Location, locate, locate_address
from geodata.address import find_address, search_addresses
from geodata.crs import Datum, convert
from geodata.db.scope import Conn, unscoped
from geodata.errors import InvalidInput
from tests.db.world import GRID, NOW, World
from tests.small_town import grid_code, place


def wgs84(column: float, row: float, accuracy_m: float | None = None) -> Location:
    lon, lat = place(column, row)
    return Location(lon, lat, Datum.WGS84, accuracy_m)


@pytest.fixture
def conn(world: World) -> Conn:
    with unscoped(world.app) as conn:
        yield conn


def test_a_point_lies_in_its_grid_and_knows_the_nearest_edge(conn: Conn):
    place_ = locate(conn, wgs84(0.75, 0.5, 50.0), NOW)
    assert place_.grid_code == GRID
    assert place_.edge_m == pytest.approx(100.0, abs=0.01)
    assert place_.runner_up_code == grid_code(1, 0)
    assert not place_.ambiguous


@pytest.mark.parametrize(("accuracy_m", "ambiguous"), [(None, False), (99.0, False), (101.0, True)])
def test_it_is_ambiguous_when_the_next_grid_is_within_the_accuracy(
    conn: Conn, accuracy_m: float | None, ambiguous: bool
):
    assert locate(conn, wgs84(0.75, 0.5, accuracy_m), NOW).ambiguous is ambiguous


def test_an_outer_edge_alone_does_not_make_it_ambiguous(conn: Conn):
    found = locate(conn, wgs84(0.5, 0.1, 60.0), NOW)
    assert found.edge_m == pytest.approx(40.0, abs=0.01)
    assert not found.ambiguous


def test_an_edge_goes_to_the_lowest_code_and_names_the_other(conn: Conn):
    row = conn.execute(
        "SELECT ST_X(v.geom) AS lon, ST_Y(v.geom) AS lat FROM layers.areas a,"
        " LATERAL ST_DumpPoints(a.geom) v WHERE a.code = %s"
        " AND ST_Intersects(v.geom, (SELECT geom FROM layers.areas WHERE code = %s))"
        " AND NOT ST_Intersects(v.geom, (SELECT geom FROM layers.areas WHERE code = %s))",
        (GRID, grid_code(1, 0), grid_code(0, 1)),
    ).fetchone()
    assert row is not None
    for _ in range(5):
        found = locate(conn, Location(row["lon"], row["lat"], Datum.WGS84), NOW)
        assert found.grid_code == min(GRID, grid_code(1, 0))
        assert found.runner_up_code == max(GRID, grid_code(1, 0))
        assert found.edge_m == pytest.approx(0.0, abs=1e-6)
        assert found.ambiguous


def test_a_corner_of_four_grids_is_decided_by_code(conn: Conn):
    lon, lat = place(1, 1)
    found = locate(conn, Location(lon, lat, Datum.WGS84), NOW)
    four = sorted(grid_code(c, r) for c in (0, 1) for r in (0, 1))
    assert (found.grid_code, found.runner_up_code) == (four[0], four[1])


@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09, Datum.CGCS2000])
def test_the_same_place_in_any_datum_is_in_the_same_grid(conn: Conn, datum: Datum):
    true = locate(conn, wgs84(0.9, 0.9), NOW)
    lon, lat = convert(*place(0.9, 0.9), Datum.WGS84, datum)
    found = locate(conn, Location(float(lon[0]), float(lat[0]), datum), NOW)
    assert found.grid_code == true.grid_code
    assert found.edge_m == pytest.approx(true.edge_m, abs=0.001)


def test_taken_for_wgs84_a_shifted_point_lands_elsewhere(conn: Conn):
    lon, lat = convert(*place(0.9, 0.9), Datum.WGS84, Datum.GCJ02)
    found = locate(conn, Location(float(lon[0]), float(lat[0]), Datum.WGS84), NOW)
    assert found.grid_code != GRID


def test_outside_is_refused_by_field(conn: Conn):
    with pytest.raises(InvalidInput, match="outside the district") as caught:
        locate(conn, Location(100.0, 30.0, Datum.WGS84), NOW)
    assert caught.value.field == "location"
    assert "exchanged" not in caught.value.public_message


def test_exchanged_coordinates_are_recognised(conn: Conn):
    lon, lat = place(0.5, 0.5)
    # 122 is no latitude at all, so the value type refuses it before anything is asked.
    with pytest.raises(InvalidInput, match="order is lon, lat") as caught:
        Location(lat, lon, Datum.WGS84)
    assert caught.value.field == "location.lat"


def test_the_grid_is_that_of_the_time(world: World):
    with psycopg.connect(world.dsn, row_factory=dict_row) as owner:
        owner.execute(
            "UPDATE layers.areas SET valid = tstzrange('2026-12-01', NULL) WHERE code = %s", (GRID,)
        )
        owner.execute(
            "INSERT INTO layers.areas (code, level, parent_code, name, valid, geom, label)"
            " SELECT '210211001001009', level, parent_code, name,"
            " tstzrange('2016-01-01', '2026-12-01'), geom, label FROM layers.areas WHERE code = %s",
            (GRID,),
        )
    with unscoped(world.app) as conn:
        assert locate(conn, wgs84(0.5, 0.5), NOW).grid_code == "210211001001009"
        later = NOW.replace(month=12, day=2)
        assert locate(conn, wgs84(0.5, 0.5), later).grid_code == GRID


def test_the_building_is_found(conn: Conn):
    assert locate(conn, wgs84(0.2, 0.17), NOW).building_id == 1
    assert locate(conn, wgs84(0.5, 0.5), NOW).building_id is None


def test_a_full_door_plate_is_one_place(conn: Conn):
    found = locate_address(conn, "辽宁省大连市小城区第1街道横0路3号", NOW)
    assert found.grid_code == grid_code(1, 0)
    assert locate_address(conn, "第1街道 横0路３号2-1-302", NOW) == found


def test_a_plate_in_two_streets_lists_both(conn: Conn):
    with pytest.raises(InvalidInput, match="Several") as caught:
        locate_address(conn, "横0路3号", NOW)
    assert caught.value.field == "address"
    assert caught.value.context["choices"] == [
        "小城区第1街道横0路3号",
        "小城区第2街道横0路3号",
    ]


def test_an_unknown_number_offers_the_road(conn: Conn):
    with pytest.raises(InvalidInput, match="第1街道横0路1号"):
        find_address(conn, "第1街道横0路99号")


@pytest.mark.parametrize("text", ["", "  ", "\x00", "\ud800", "x" * 201])
def test_text_that_is_no_address_is_refused(conn: Conn, text: str):
    with pytest.raises(InvalidInput) as caught:
        find_address(conn, text)
    assert caught.value.field == "address"


def test_typing_narrows_the_list(conn: Conn):
    assert len(search_addresses(conn, "横0", 50)) == 20
    ones = search_addresses(conn, "第2街道横0路1", 50)
    assert [a.number for a in ones] == ["1", "10"]
    assert search_addresses(conn, "不存在路", 5) == []
    assert search_addresses(conn, "%", 5) == []
