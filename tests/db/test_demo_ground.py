"""The demo's ground as loaded: counts, exact coverage, addresses, neighbours, digest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from geodata.db.scope import Conn
from geodata.demo.ground import Ground
from geodata.demo.load import load_ground
from geodata.demo.progress import NoProgress
from layers.demo.load import LEAST_SHARED_M, fill_neighbors, load_town
from layers.demo.town import Town
from tests.conftest import DEMO_AS_OF, DEMO_SEED
from tests.district import ground, town

AREA_ERRORS = """
    SELECT c.code, abs(ST_Area(c.geom_m) - sum(ST_Area(g.geom_m))) AS error_m2
    FROM layers.areas c JOIN layers.areas g ON g.parent_code = c.code
    WHERE c.level = %s AND g.level = %s GROUP BY c.code, c.geom_m
"""
OVERLAPS = """
    SELECT a.code, b.code AS other FROM layers.areas a
    JOIN layers.areas b ON b.parent_code = a.parent_code AND b.level = a.level AND a.code < b.code
                       AND b.geom_m && a.geom_m
    WHERE a.level = %s AND ST_Relate(a.geom_m, b.geom_m, '2********')
"""
UNFILLED = """
    SELECT c.code FROM layers.areas c
    JOIN LATERAL (SELECT ST_Union(g.geom_m) AS whole FROM layers.areas g
                  WHERE g.parent_code = c.code) g ON true
    WHERE c.level = %s AND NOT (ST_NumGeometries(ST_Multi(g.whole)) = 1
        AND ST_Area(ST_SymDifference(g.whole, c.geom_m)) < 1)
"""
STRAY_ADDRESSES = """
    SELECT d.id FROM geodata.addresses d
    LEFT JOIN layers.areas g ON g.code = d.grid_code AND g.level = 'grid'
    WHERE g.code IS NULL OR NOT ST_ContainsProperly(g.geom, d.geom)
"""
STRAY_BUILDINGS = """
    SELECT b.id FROM layers.buildings b
    LEFT JOIN layers.areas g ON g.code = b.grid_code AND g.level = 'grid'
    WHERE g.code IS NULL OR NOT ST_ContainsProperly(g.geom, b.geom)
"""
TOLD_NEIGHBORS = """
    SELECT a.code, b.code AS neighbor_code, sum(ST_Length(x.geom)) AS shared_m
    FROM layers.areas a
    JOIN layers.areas b ON b.level = 'grid' AND b.geom && a.geom AND b.code <> a.code
    CROSS JOIN LATERAL ST_Dump(ST_Intersection(ST_Boundary(a.geom_m), ST_Boundary(b.geom_m))) x
    WHERE a.level = 'grid' AND ST_Dimension(x.geom) = 1 AND a.code ^@ %s
    GROUP BY a.code, b.code HAVING sum(ST_Length(x.geom)) >= %s
"""


def _load(dsn: str, earth: Ground, built: Town) -> None:
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        load_ground(conn, earth, NoProgress())
        load_town(conn, built, DEMO_AS_OF, NoProgress())


@pytest.fixture(scope="module")
def ground_dsn(clone: Callable[[str], str], empty_template: str) -> str:
    dsn = clone(empty_template)
    _load(dsn, ground(), town())
    return dsn


@pytest.fixture
def conn(ground_dsn: str) -> Iterator[Conn]:
    with psycopg.connect(ground_dsn, row_factory=dict_row) as conn:
        yield conn
        conn.rollback()


def _rows(conn: Conn, statement: str, *parameters: Any) -> list[dict[str, Any]]:
    return conn.execute(statement.encode(), parameters or None).fetchall()


def test_counts_as_loaded(conn: Conn) -> None:
    counts = _rows(conn, "SELECT level, count(*) AS n FROM layers.areas GROUP BY level")
    assert {row["level"]: row["n"] for row in counts} == {
        "district": 1, "street": 17, "community": 237, "grid": 1570, "micro_grid": 3452,
    }  # fmt: skip
    sums = _rows(
        conn,
        "SELECT sum(residents) AS residents, count(*) AS grids FROM layers.populations",
    )
    assert sums == [{"residents": 1_500_000, "grids": 1570}]
    plates = _rows(conn, "SELECT count(*) AS n FROM geodata.addresses")[0]["n"]
    assert plates >= 60_000


def test_district_is_said_to_be_synthetic(conn: Conn) -> None:
    district = _rows(conn, "SELECT code, synthetic, seed, as_of FROM geodata.districts")
    assert district == [
        {"code": "210211", "synthetic": True, "seed": DEMO_SEED, "as_of": DEMO_AS_OF}
    ]


@pytest.mark.parametrize(
    ("level", "below"),
    [
        ("district", "street"),
        ("street", "community"),
        ("community", "grid"),
        ("grid", "micro_grid"),
    ],
)
def test_areas_neither_overlap_nor_leave_gaps(conn: Conn, level: str, below: str) -> None:
    errors = _rows(conn, AREA_ERRORS, level, below)
    assert max(row["error_m2"] for row in errors) < 1.0
    assert _rows(conn, OVERLAPS, below) == []
    assert _rows(conn, UNFILLED, level) == []


def test_each_grid_is_one_valid_polygon_in_order(conn: Conn) -> None:
    broken = _rows(
        conn,
        "SELECT code FROM layers.areas WHERE ST_NumGeometries(geom) <> 1 OR NOT ST_IsValid(geom)"
        " OR NOT ST_Contains(geom, label) OR (level <> 'district' AND NOT code ^@ parent_code)",
    )
    assert broken == []


def test_every_address_and_building_lies_in_the_grid_its_code_names(conn: Conn) -> None:
    assert _rows(conn, STRAY_ADDRESSES) == []
    assert _rows(conn, STRAY_BUILDINGS) == []


def test_addresses_name_their_building(conn: Conn) -> None:
    lost = _rows(
        conn,
        "SELECT d.id FROM geodata.addresses d LEFT JOIN layers.buildings b ON b.id = d.building_id"
        " WHERE b.id IS NULL OR b.grid_code <> d.grid_code"
        " OR ST_Distance(geodata.to_metric(b.geom), geodata.to_metric(d.geom)) > 3",
    )
    assert lost == []


def test_road_lengths_are_metres_of_their_geometry(conn: Conn) -> None:
    worst = _rows(
        conn,
        "SELECT max(abs(ST_Length(geodata.to_metric(e.geom)) - e.length_m)) AS error_m,"
        " bool_and(ST_Equals(ST_StartPoint(e.geom), a.geom)"
        "      AND ST_Equals(ST_EndPoint(e.geom), b.geom)) AS joined"
        " FROM geodata.road_edges e JOIN geodata.road_nodes a ON a.id = e.from_node"
        " JOIN geodata.road_nodes b ON b.id = e.to_node",
    )[0]
    assert worst["error_m"] < 0.01
    assert worst["joined"]


def test_neighbours_share_an_edge_both_ways(conn: Conn) -> None:
    one_way = _rows(
        conn,
        "SELECT n.code FROM layers.area_neighbors n LEFT JOIN layers.area_neighbors m"
        " ON m.code = n.neighbor_code AND m.neighbor_code = n.code AND m.shared_m = n.shared_m"
        " WHERE m.code IS NULL",
    )
    assert one_way == []
    street = "210211007"
    told = _rows(conn, TOLD_NEIGHBORS, street, LEAST_SHARED_M)
    stored = _rows(
        conn,
        "SELECT code, neighbor_code, shared_m FROM layers.area_neighbors WHERE code ^@ %s",
        street,
    )
    wanted = {(row["code"], row["neighbor_code"]): row["shared_m"] for row in told}
    assert {(row["code"], row["neighbor_code"]) for row in stored} == set(wanted)
    for row in stored:
        length_m = wanted[row["code"], row["neighbor_code"]]
        assert row["shared_m"] == pytest.approx(length_m, abs=1e-3)
    alone = _rows(
        conn,
        "SELECT code FROM layers.areas WHERE level = 'grid'"
        " EXCEPT SELECT code FROM layers.area_neighbors",
    )
    assert alone == []


def test_neighbours_can_be_found_again(conn: Conn) -> None:
    before = _rows(conn, "SELECT count(*) AS n FROM layers.area_neighbors")[0]["n"]
    assert fill_neighbors(conn, DEMO_AS_OF) == before
