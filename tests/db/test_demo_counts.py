"""The demo district as loaded, before the live process: the published numbers, ground, roster.

Numbers are those the district has published, written down here once more; nothing is compared
with what the demo's own modules say. Areas are held to their cover in test_demo_ground.py, cases
and events in test_demo_past.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import psycopg
import pytest
from psycopg.rows import dict_row
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from geodata.db.scope import Conn
from tests.db.ask import count, none, rows

PEOPLE = {
    "mediator": 130,
    "judge": 41,
    "lawyer": 155,
    "cadre": 204,
    "fire_clerk": 13,
    "community_worker": 247,
    "admin_post": 31,
    "institutional_post": 160,
}
FRONT_LINE = 17_695
ASSETS = {"venue": 1_163, "party_branch": 1_570, "party_group": 3_452, "party_household": 8_029}
AREAS = {"district": 1, "street": 17, "community": 237, "grid": 1_570, "micro_grid": 3_452}
REPORTED, CLOSED = 9_769, 9_717
WALK, EBIKE, CAR = 1, 2, 4


@pytest.fixture
def conn(demo_dsn: str) -> Iterator[Conn]:
    with psycopg.connect(demo_dsn, row_factory=dict_row) as conn:
        yield conn
        conn.rollback()


# What is published ------------------------------------------------------------------------------


def test_areas_of_every_level(conn: Conn) -> None:
    assert count(conn, "layers.areas", "level") == AREAS


def test_people_of_every_published_role(conn: Conn) -> None:
    of = count(conn, "dispatch.people", "role")
    assert {role: of[role] for role in PEOPLE} == PEOPLE
    assert of["grid_worker"] + of["info_officer"] == FRONT_LINE


def test_only_people_without_a_published_number_are_marked_as_assumed(conn: Conn) -> None:
    assumed = {row["role"] for row in rows(conn, "SELECT role FROM dispatch.people WHERE assumed")}
    known = {r["role"] for r in rows(conn, "SELECT role FROM dispatch.people WHERE NOT assumed")}
    assert known == {*PEOPLE, "grid_worker", "info_officer"}
    assert not assumed & known


def test_venues_party_figures_and_cameras(conn: Conn) -> None:
    of = count(conn, "layers.assets", "kind")
    assert {kind: of[kind] for kind in ASSETS} == ASSETS
    assert of["camera"] >= 10_000
    for kind, level in (("party_branch", "grid"), ("party_group", "micro_grid")):
        none(
            conn,
            "SELECT a.code FROM layers.areas a LEFT JOIN layers.assets s"
            " ON s.area_code = a.code AND s.kind = %s WHERE a.level = %s"
            " GROUP BY a.code HAVING count(s.id) <> 1",
            kind,
            level,
        )


def test_addresses_and_population(conn: Conn) -> None:
    assert rows(conn, "SELECT count(*) >= 60000 AS enough FROM geodata.addresses")[0]["enough"]
    by_grid = rows(conn, "SELECT sum(residents) AS n, count(*) AS m FROM layers.populations")[0]
    assert (by_grid["n"], by_grid["m"]) == (1_500_000, AREAS["grid"])
    in_buildings = rows(conn, "SELECT sum(residents) AS n FROM layers.buildings")[0]
    assert in_buildings["n"] == 1_500_000


def test_cases_reported_and_closed(conn: Conn) -> None:
    states = count(conn, "dispatch.cases", "state")
    assert sum(states.values()) == REPORTED
    assert states["closed"] == CLOSED
    assert "void" not in states
    assert round(100 * states["closed"] / sum(states.values()), 2) == 99.47
    told = count(conn, "geodata.events", "kind")
    assert (told["case.reported"], told["case.closed"]) == (REPORTED, CLOSED)


# The ground -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [WALK, EBIKE, CAR])
def test_the_roads_are_one_strong_component(conn: Conn, mode: int) -> None:
    edges = rows(
        conn, "SELECT from_node, to_node FROM geodata.road_edges WHERE access & %s > 0", mode
    )
    ends = np.array([(edge["from_node"], edge["to_node"]) for edge in edges])
    used, index = np.unique(ends, return_inverse=True)
    index = index.reshape(ends.shape)
    graph = coo_matrix((np.ones(len(ends)), (index[:, 0], index[:, 1])), (len(used),) * 2)
    assert connected_components(graph, directed=True, connection="strong")[0] == 1
    nodes = rows(conn, "SELECT count(*) AS n FROM geodata.road_nodes")[0]["n"]
    assert len(used) == nodes if mode == WALK else len(used) > 0.95 * nodes


def test_roads_for_cars_are_whole_above_the_lanes(conn: Conn) -> None:
    """Only lanes may be footpaths: every other street lets cars through, at least one way."""
    none(
        conn,
        "SELECT e.id FROM geodata.road_edges e LEFT JOIN geodata.road_edges t ON t.id = e.twin_id"
        " WHERE e.speed_class < 4 AND (e.access | coalesce(t.access, 0::smallint)) & 4 = 0",
    )


def test_every_address_lies_in_the_grid_its_code_names(conn: Conn) -> None:
    none(
        conn,
        "SELECT d.id FROM geodata.addresses d LEFT JOIN layers.areas g ON g.code = d.grid_code"
        " AND g.level = 'grid' WHERE g.code IS NULL OR NOT ST_Intersects(g.geom, d.geom)",
    )


def test_every_asset_lies_in_the_area_its_code_names(conn: Conn) -> None:
    none(
        conn,
        "SELECT s.id FROM layers.assets s LEFT JOIN layers.areas g ON g.code = s.area_code"
        " WHERE g.code IS NULL OR NOT ST_Intersects(g.geom, s.geom)",
    )


# The roster -------------------------------------------------------------------------------------


def test_everybody_answers_for_areas_that_exist(conn: Conn) -> None:
    none(
        conn,
        "SELECT p.id FROM dispatch.people p WHERE p.area_codes IS DISTINCT FROM"
        " (SELECT array_agg(DISTINCT r.area_code ORDER BY r.area_code)"
        "  FROM dispatch.responsibilities r WHERE r.person_id = p.id AND r.valid @> now())",
    )
    none(
        conn,
        "SELECT r.id FROM dispatch.responsibilities r LEFT JOIN layers.areas a"
        " ON a.code = r.area_code LEFT JOIN layers.buildings b ON b.id = r.building_id"
        " WHERE a.code IS NULL OR (r.building_id IS NOT NULL AND b.grid_code <> r.area_code)",
    )


def test_each_grid_has_its_worker_and_each_inhabited_building_its_officer(conn: Conn) -> None:
    none(
        conn,
        "SELECT a.code FROM layers.areas a LEFT JOIN (dispatch.responsibilities r"
        " JOIN dispatch.people p ON p.id = r.person_id AND p.role = 'grid_worker')"
        " ON r.area_code = a.code WHERE a.level = 'grid' GROUP BY a.code HAVING count(p.id) <> 1",
    )
    none(
        conn,
        "SELECT b.id FROM layers.buildings b LEFT JOIN (dispatch.responsibilities r"
        " JOIN dispatch.people p ON p.id = r.person_id AND p.role = 'info_officer')"
        " ON r.building_id = b.id GROUP BY b.id, b.households"
        " HAVING count(p.id) <> CASE WHEN b.households > 0 THEN 1 ELSE 0 END",
    )


@pytest.mark.parametrize("role", ["mediator", "lawyer", "judge", "cadre", "community_worker"])
def test_each_community_has_one_of(conn: Conn, role: str) -> None:
    none(
        conn,
        "SELECT a.code FROM layers.areas a WHERE a.level = 'community' AND NOT EXISTS (SELECT"
        " FROM dispatch.responsibilities r JOIN dispatch.people p ON p.id = r.person_id"
        " WHERE r.area_code = a.code AND p.role = %s)",
        role,
    )


def test_judges_serve_communities_of_several_streets(conn: Conn) -> None:
    none(
        conn,
        "SELECT p.id FROM dispatch.people p JOIN dispatch.responsibilities r ON r.person_id = p.id"
        " WHERE p.role = 'judge' GROUP BY p.id HAVING count(DISTINCT left(r.area_code, 9)) < 2",
    )


def test_people_on_duty_stand_at_a_street_they_may_use(conn: Conn) -> None:
    none(
        conn,
        "SELECT p.id FROM dispatch.people p LEFT JOIN dispatch.positions f ON f.person_id = p.id"
        " LEFT JOIN geodata.road_edges e ON e.id = f.edge_id"
        " LEFT JOIN geodata.road_edges t ON t.id = e.twin_id WHERE p.duty = 'on_duty'"
        " AND p.travel_mode <> 'none' AND NOT coalesce((e.access | coalesce(t.access, 0::smallint))"
        " & CASE p.travel_mode WHEN 'walk' THEN 1 WHEN 'ebike' THEN 2 ELSE 4 END > 0, false)",
    )
