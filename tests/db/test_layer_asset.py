"""Assets listed, counted and found near a place."""

from __future__ import annotations

import pytest

from geodata.db.scope import Conn
from geodata.errors import InvalidInput, NotFound
from layers.asset import count_by_kind, get_asset, list_assets, list_nearest
from tests.db.town_map import FIRST_STREET
from tests.small_town import AS_OF, grid_code, place


def test_one_asset(town_conn: Conn):
    found = get_asset(town_conn, 1, AS_OF)
    assert (found.kind, found.area_code) == ("camera", grid_code(0, 0))
    assert (found.lon, found.lat) == pytest.approx(place(0.1, 0.01))
    assert found.geometry is None
    with pytest.raises(NotFound):
        get_asset(town_conn, 9999, AS_OF)


def test_an_area_has_its_polygon_and_a_point_inside(town_conn: Conn):
    (found,) = list_assets(town_conn, AS_OF, kinds=["bungalow_area"])
    assert found.geometry is not None
    assert found.geometry["type"] == "Polygon"
    assert (found.lon, found.lat) == pytest.approx(place(2, 2), abs=1e-3)


def test_lists_by_kind_area_and_box_in_pages(town_conn: Conn):
    cameras = list_assets(town_conn, AS_OF, kinds=["camera"], within="210211001", limit=10)
    rest = list_assets(
        town_conn, AS_OF, kinds=["camera"], within="210211001", after=cameras[-1].id, limit=10
    )
    assert [a.kind for a in (*cameras, *rest)] == ["camera"] * 16
    lon, lat = place(0.1, 0.01)
    boxed = list_assets(town_conn, AS_OF, bbox=(lon - 1e-5, lat - 1e-5, lon + 1e-5, lat + 1e-5))
    assert [a.id for a in boxed] == [1]
    assert list_assets(town_conn, AS_OF.replace(year=2015)) == []
    with pytest.raises(InvalidInput):
        list_assets(town_conn, AS_OF, kinds=["castle"])


def test_counts_by_kind_and_scope(town_conn: Conn):
    assert count_by_kind(town_conn, AS_OF) == {
        "alarm_pillar": 32, "bungalow_area": 1, "camera": 32, "fuel_station": 32,
    }  # fmt: skip
    assert count_by_kind(town_conn, AS_OF, areas=FIRST_STREET.areas)["camera"] == 16
    assert count_by_kind(town_conn, AS_OF, areas=()) == {}


def test_the_nearest_of_each_kind_by_metres(town_conn: Conn):
    here = place(2.1, 2.11)
    found = list_nearest(
        town_conn, AS_OF, *here, kinds=["camera", "fuel_station", "bungalow_area"], radius_m=430,
        per_kind=2,
    )  # fmt: skip
    # The camera of grid (2, 2) stands 0.1 grids = 40 m south; the next ones 400 m off by column
    # (411.. no: 400 m east and 40 m south = 402 m) and by row (440 m); fuel at 0.9: 322.5 m.
    by_kind = [(a.kind, round(a.distance_m or 0, 1)) for a in found]
    assert by_kind[:2] == [("bungalow_area", 0.0), ("camera", 40.0)]
    assert ("camera", 360.0) in by_kind  # the one of the row above: 0.9 grids north
    assert [k for k, _ in by_kind].count("camera") == 2
    assert by_kind == sorted(by_kind, key=lambda pair: pair[1])
    assert all(d <= 430 for _, d in by_kind)


def test_the_nearest_by_brute_force(town_conn: Conn):
    here = place(5.3, 1.7)
    found = list_nearest(town_conn, AS_OF, *here, kinds=["camera"], radius_m=1500, per_kind=5)
    expected = town_conn.execute(
        "SELECT id FROM layers.assets WHERE kind = 'camera' ORDER BY ST_Distance(geom_m,"
        " geodata.to_metric(ST_SetSRID(ST_MakePoint(%s, %s), 4326))), id LIMIT 5",
        here,
    ).fetchall()
    assert [a.id for a in found] == [row["id"] for row in expected]
