"""The live snapshot: who and what is in it, in whose scope, and the seq it goes on from."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import pytest

from geodata.db.event import Event, append, read_since, seal
from geodata.db.pool import make_pool
from geodata.db.scope import Conn, Pool, Scope, scoped, set_scope
from mapsvc.snapshot import SnapshotCache, take_snapshot
from tests.small_town import AS_OF, add_case, connect, grid_code, load_small_town, place

WHOLE = Scope(("210211",))
FIRST_STREET = Scope(("210211001",))
PEOPLE = (
    # id, role, grid of the home post, duty, has a position
    (1, "grid_worker", (0, 0), "on_duty", True),
    (2, "grid_worker", (5, 0), "on_duty", True),
    (3, "mediator", (1, 1), "off_duty", True),
    (4, "mediator", (2, 2), "on_duty", False),
    (5, "mediator", (3, 3), "on_duty", True),
)


def load_live_town(dsn: str) -> str:
    """Write five people and four cases, two of them assigned; return the dsn."""
    with connect(dsn) as conn:
        load_small_town(conn)
        for person in PEOPLE:
            add_person(conn, *person)
        first = add_case(conn, 0.5, 0.5, number="C1", state="assigned", urgent=True)
        add_case(conn, 4.5, 0.5, number="C2", reported_at=AS_OF - timedelta(hours=1))
        add_case(conn, 4.6, 0.5, number="C3", state="closed")
        old = AS_OF - timedelta(hours=2)
        abroad = add_case(conn, 3.9, 0.5, number="C4", state="assigned", reported_at=old)
        for case_id, person_id in ((first, 1), (abroad, 2)):
            conn.execute(
                "INSERT INTO dispatch.assignments (case_id, person_id, person_role, slot, state,"
                " rung, reasons, rank, travel_s, assigned_by, assigned_at)"
                " VALUES (%s, %s, 'grid_worker', 1, 'assigned', 'grid', '[]', 1, 96, 'u:1', %s)",
                (case_id, person_id, AS_OF),
            )
    return dsn


@pytest.fixture(scope="module")
def live_db(clone: Callable[[str], str], empty_template: str) -> str:
    """Return the dsn of the town shared by the tests that only read."""
    return load_live_town(clone(empty_template))


def add_person(
    conn: Conn, id_: int, role: str, grid: tuple[int, int], duty: str, placed: bool
) -> None:
    """Write a person at the middle of a grid."""
    lon, lat = place(grid[0] + 0.5, grid[1] + 0.5)
    conn.execute(
        "INSERT INTO dispatch.people (id, name, role, team, home_code, home, travel_mode, duty)"
        " VALUES (%s, %s, %s, 'x', %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326), 'walk', %s)",
        (id_, f"某{id_}", role, grid_code(*grid), lon, lat, duty),
    )
    if placed:
        conn.execute(
            "INSERT INTO dispatch.positions (person_id, lon, lat, heading_deg, speed_mps,"
            " measured_at, received_at) VALUES (%s, %s, %s, %s, %s, now(), now() - %s)",
            (id_, lon, lat, 90.4 if id_ == 1 else None, 1.26 if id_ == 1 else None,
             timedelta(seconds=30)),
        )  # fmt: skip


@pytest.fixture
def live_conn(live_db: str) -> Iterator[Conn]:
    """Lend the application's connection."""
    with connect(live_db, "ganxin_app") as conn:
        yield conn
        conn.rollback()


def taken(conn: Conn, scope: Scope) -> dict[str, Any]:
    """Return the snapshot of a scope as the browser reads it."""
    conn.rollback()
    set_scope(conn, scope)
    found: dict[str, Any] = json.loads(take_snapshot(conn).body)
    return found


def test_people_on_duty_with_a_position_in_columns(live_conn: Conn):
    found = taken(live_conn, WHOLE)
    people = found["people"]
    assert people["id"] == [1, 2, 5]
    assert [found["roles"][index] for index in people["role"]] == [
        "grid_worker", "grid_worker", "mediator",
    ]  # fmt: skip
    assert people["heading_deg"] == [90, None, None]
    assert people["speed_dmps"] == [13, 0, 0]
    assert people["busy"] == [1, 1, 0]
    assert all(30 <= age <= 90 for age in people["age_s"])
    lon, lat = place(0.5, 0.5)
    west, south = people["origin_e6"]
    assert west + people["dlon_e6"][0] == round(lon * 1e6)
    assert south + people["dlat_e6"][0] == round(lat * 1e6)
    assert min(people["dlon_e6"]) in (0, 1)  # the origin is the corner of those seen, rounded down


def test_open_cases_newest_first_with_their_lead(live_conn: Conn):
    first, second, third = taken(live_conn, WHOLE)["cases"]
    assert [case["number"] for case in (first, second, third)] == ["C1", "C2", "C4"]
    assert first["lead"] == {
        "person_id": 1, "name": "某1", "role": "grid_worker", "state": "assigned", "travel_s": 96,
    }  # fmt: skip
    assert second["lead"] is None
    assert first["urgent"] is True
    assert first["type_name"] == "邻里纠纷"
    assert abs(first["lon"] - place(0.5, 0.5)[0]) < 1e-6


def test_a_street_sees_its_own(live_conn: Conn):
    found = taken(live_conn, FIRST_STREET)
    assert found["people"]["id"] == [1, 5]
    assert [case["number"] for case in found["cases"]] == ["C1", "C4"]


def test_nobody_sees_nothing(live_conn: Conn):
    found = taken(live_conn, Scope(()))
    assert found["people"]["id"] == []
    assert found["roles"] == []
    assert found["cases"] == []


def test_a_lead_from_beyond_the_scope_stays_unnamed(live_conn: Conn):
    leads = {case["number"]: case["lead"] for case in taken(live_conn, FIRST_STREET)["cases"]}
    assert leads["C4"] == {
        "person_id": None, "name": None, "role": "grid_worker", "state": "assigned", "travel_s": 96,
    }  # fmt: skip
    assert leads["C1"]["name"] == "某1"


def test_the_stream_goes_on_where_the_snapshot_ends(empty_db: str):
    """A change is in the rows, or in the events after seq, or in both: never in neither."""
    load_live_town(empty_db)
    with connect(empty_db) as writer, connect(empty_db, "ganxin_app") as reader:
        for n in range(3):
            append(writer, Event("case.reported", AS_OF, grid_code(0, 0), "system:test", n))
        writer.commit()
        seal(writer)
        writer.commit()
        # Stored and sealed after the snapshot's moment: begun before, committed after.
        append(writer, Event("case.reported", AS_OF, grid_code(0, 0), "system:test", 99))
        add_case(writer, 1.5, 0.5, number="LATE")
        found = taken(reader, WHOLE)
        writer.commit()
        seal(writer)
        writer.commit()
        assert found["seq"] == 3
        assert "LATE" not in {case["number"] for case in found["cases"]}
        reader.rollback()
        set_scope(reader, WHOLE)
        assert [event["case_id"] for event in read_since(reader, found["seq"], 10)] == [99]


def test_the_application_learns_the_seq_and_nothing_else_of_the_head(live_conn: Conn):
    set_scope(live_conn, WHOLE)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        live_conn.execute("SELECT * FROM geodata.event_head")


# ---------------------------------------------------------------- the cache


@pytest.fixture
def live_pool(live_db: str) -> Iterator[Pool]:
    """Lend a pool of the application."""
    pool = make_pool(live_db, "ganxin_app", name="live", max_size=2)
    yield pool
    pool.close()


def test_a_snapshot_serves_its_scope_for_a_second_and_no_other_scope(live_pool: Pool):
    now = [0.0]
    cache = SnapshotCache(partial(scoped, live_pool), monotonic=lambda: now[0])
    whole = cache.get(WHOLE)
    street = cache.get(FIRST_STREET)
    assert json.loads(street.body)["people"]["id"] == [1, 5]
    assert cache.get(WHOLE) is whole
    other_user = cache.get(Scope(WHOLE.areas, ("u:9",)))
    assert other_user is not whole
    now[0] = 0.99
    assert cache.get(WHOLE) is whole
    now[0] = 1.0
    assert cache.get(WHOLE) is not whole


def test_the_age_counts_from_before_the_reading(live_pool: Pool):
    moments = iter([0.0, 10.0, 10.5])
    cache = SnapshotCache(partial(scoped, live_pool), monotonic=lambda: next(moments))
    first = cache.get(WHOLE)
    second = cache.get(WHOLE)
    assert second is not first
    assert cache.get(WHOLE) is second
