"""The small town with sixteen people, door plates and case types: for tests of dispatch.

Along the roads an e-bike needs 96 s for a block of 400 m, a walker 307.7 s, a car 72 s (41.1 s on
an arterial: every fourth road). People stand at crossings, so that times can be worked by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import psycopg
import pytest
from psycopg.rows import dict_row

from dispatch.actor import Actor
from dispatch.office import Office
from dispatch.rule import seed_rules
from geodata.clock import FixedClock
from geodata.db.pool import make_pool
from geodata.db.scope import Conn, Pool, Scope
from geodata.road.snap import Snapper
from geodata.road.store import load_graph
from tests.conftest import create_database, drop_database
from tests.small_town import grid_code, load_small_town, place

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
BLOCK_EBIKE_S = 96.0
STREET_1, STREET_2 = "210211001", "210211002"
COMMUNITY = "210211001001"
GRID = grid_code(0, 0)

OFFICER, WORKER, NEXT_DOOR, UPSTAIRS, FAR_WORKER = 1, 2, 3, 4, 5
STAFF, MEDIATOR, LAWYER, JUDGE, OTHER_MEDIATOR = 6, 7, 8, 9, 10
URBAN, GAS, POLICE, OTHER_POLICE, ACROSS, BORDER = 11, 12, 13, 14, 15, 16

# id, role, team, areas (or grid and building), crossing, mode, capacity
_PEOPLE: tuple[tuple[int, str, str, tuple[str, ...], tuple[float, float], str, int], ...] = (
    (OFFICER, "info_officer", "grid", (GRID,), (0, 1), "walk", 2),
    (WORKER, "grid_worker", "grid", (GRID,), (1, 1), "ebike", 3),
    (NEXT_DOOR, "grid_worker", "grid", (grid_code(1, 0),), (2, 0), "ebike", 3),
    (UPSTAIRS, "grid_worker", "grid", (grid_code(0, 1),), (0, 2), "ebike", 3),
    (FAR_WORKER, "grid_worker", "grid", (grid_code(2, 0),), (3, 1), "ebike", 3),
    (STAFF, "community_worker", "community", (COMMUNITY,), (1, 2), "ebike", 3),
    (MEDIATOR, "mediator", "mediation", (COMMUNITY,), (2, 2), "ebike", 5),
    (LAWYER, "lawyer", "mediation", (COMMUNITY,), (4, 4), "none", 8),
    (JUDGE, "judge", "mediation", (COMMUNITY, "210211001002", "210211002001"), (8, 4), "none", 10),
    (OTHER_MEDIATOR, "mediator", "mediation", ("210211001002",), (3, 2), "ebike", 5),
    (URBAN, "urban_officer", "stationed", (STREET_1,), (4, 2), "ebike", 3),
    (GAS, "gas_fitter", "stationed", (STREET_2,), (5, 0), "car", 2),
    (POLICE, "police_officer", "stationed", (STREET_1,), (4, 0), "car", 2),
    (OTHER_POLICE, "police_officer", "stationed", (STREET_2,), (6, 0), "car", 2),
    (ACROSS, "grid_worker", "grid", (grid_code(4, 0),), (4, 1), "ebike", 3),
    (BORDER, "grid_worker", "grid", (grid_code(3, 0),), (4, 1), "ebike", 3),
)
OFFICER_BUILDING = 1
"""The officer answers for the south-west building of the first grid."""
IN_BUILDING = (0.2, 0.17)
"""A place within it; the nearest street is the southern road at 0.2."""


def load_world(conn: Conn) -> None:
    """Write the town, its people and door plates as the owner; nothing is committed."""
    load_small_town(conn)
    seed_rules(conn)
    for person in _PEOPLE:
        _add_person(conn, *person)
    _add_plates(conn)
    conn.execute("ANALYZE")


def _add_person(
    conn: Conn,
    person_id: int,
    role: str,
    team: str,
    areas: tuple[str, ...],
    crossing: tuple[float, float],
    mode: str,
    capacity: int,
) -> None:
    lon, lat = place(*crossing)
    conn.execute(
        "INSERT INTO dispatch.people (id, name, role, team, phone, home_code, home, travel_mode,"
        " capacity, duty_since) VALUES (%s, %s, %s, %s, '100', %s,"
        " ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s, %s, %s)",
        (person_id, f"人员{person_id}", role, team, areas[0], lon, lat, mode, capacity, NOW),
    )
    for area in areas:
        conn.execute(
            "INSERT INTO dispatch.responsibilities (person_id, area_code, building_id)"
            " VALUES (%s, %s, %s)",
            (person_id, area, OFFICER_BUILDING if role == "info_officer" else None),
        )


def _add_plates(conn: Conn) -> None:
    """Ten plates along the southern road of each street; '横0路10号' exists in both."""
    number = 0
    for street, west in (("第1街道", 0), ("第2街道", 4)):
        for plate in range(1, 11):
            number += 1
            column, row = west + plate * 0.38, 0.05
            lon, lat = place(column, row)
            conn.execute(
                "INSERT INTO geodata.addresses (id, road, number, full_text, grid_code, geom)"
                " VALUES (%s, '横0路', %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
                (
                    number, str(plate), f"小城区{street}横0路{plate}号",
                    grid_code(int(column), 0), lon, lat,
                ),
            )  # fmt: skip


@dataclass
class World:
    """A town of one's own: its database, roads and clock, and pools of both roles."""

    dsn: str
    app: Pool
    system: Pool
    roads: Snapper
    clock: FixedClock

    @cached_property
    def office(self) -> Office:
        """The desk's time and rules; its clock is the world's."""
        return Office(self.clock)


def commander() -> Actor:
    return Actor("u:1", "commander", Scope(("210211",), ("u:1",)))


def dispatcher(area: str = STREET_1, user: int = 2) -> Actor:
    return Actor(f"u:{user}", "dispatcher", Scope((area,), (f"u:{user}",)))


def staff(person_id: int, area: str, role: str = "grid_worker") -> Actor:
    """Return somebody with an account and a place on the roster."""
    user = f"u:{1000 + person_id}"
    return Actor(user, role, Scope((area,), (user, f"p:{person_id}")))


@pytest.fixture(scope="session")
def world_template(cluster_dsn: str, empty_template: str) -> str:
    """Load the town once; return the template's name."""
    name = "ganxin_test_world"
    drop_database(cluster_dsn, name)
    dsn = create_database(cluster_dsn, name, empty_template)
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        load_world(conn)
    return name


@pytest.fixture(scope="session")
def world_roads(clone: Callable[[str], str], world_template: str) -> Snapper:
    """Return the town's roads: the same in every clone."""
    with psycopg.connect(clone(world_template)) as conn:
        return Snapper(load_graph(conn))


@pytest.fixture
def world(
    clone_once: Callable[[str], str], world_template: str, world_roads: Snapper
) -> Iterator[World]:
    """Return a town of one's own, to write to."""
    dsn = clone_once(world_template)
    app = make_pool(dsn, "ganxin_app", name="test", max_size=20)
    system = make_pool(dsn, "ganxin_system", name="test-system", max_size=4)
    yield World(dsn, app, system, world_roads, FixedClock(NOW))
    app.close()
    system.close()
