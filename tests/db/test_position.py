"""Position reports: order, clocks, jumps, reach, and a batch as one statement."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from dispatch.actor import Actor, system_actor
from dispatch.people.home import snap_people
from dispatch.people.position import Batch, Receipt, report_positions
from geodata.crs import Datum, convert
from geodata.db.scope import scoped, unscoped
from geodata.errors import Forbidden, InvalidInput
from tests.db import world as w
from tests.db.world import World, dispatcher, staff
from tests.small_town import place

GATEWAY = system_actor("gateway")
NOW_S = w.NOW.timestamp()


def fix(person: int, at: tuple[float, float], late_s: float = 0.0) -> tuple[Any, ...]:
    return (person, *place(*at), NOW_S - late_s)


def send(world: World, *fixes: tuple[Any, ...], actor: Actor = GATEWAY, **more: Any) -> Receipt:
    person, lon, lat, at_s = (list(column) for column in zip(*fixes, strict=True))
    batch = Batch(person, lon, lat, at_s, more.pop("datum", Datum.WGS84), **more)
    pool = world.system if actor.role == "system" else world.app
    with scoped(pool, actor.scope) as conn:
        return report_positions(conn, world.roads, actor, batch, world.clock.now())


def stored(world: World, person: int) -> dict[str, Any]:
    with unscoped(world.system) as conn:
        row = conn.execute(
            "SELECT * FROM dispatch.positions WHERE person_id = %s", (person,)
        ).fetchone()
    assert row is not None
    return row


def test_a_fix_is_stored_with_both_clocks_and_its_street(world: World):
    got = send(world, fix(w.WORKER, (0.5, 0.05), 7.0), speed_mps=[3.0], accuracy_m=[float("nan")])
    assert got == Receipt(received=1, stored=1, stale=0, unknown=0, suspect=0)
    row = stored(world, w.WORKER)
    assert (w.NOW - row["measured_at"]).total_seconds() == 7.0
    assert row["received_at"] == w.NOW
    assert row["snap_m"] == pytest.approx(20.0, abs=0.01)
    assert (row["speed_mps"], row["accuracy_m"], row["heading_deg"]) == (3.0, None, None)
    assert (
        world.roads.graph.name_of(int(world.roads.graph.edge_index(row["edge_id"])[0])) == "横0路"
    )
    assert row["fraction"] == pytest.approx(0.5, abs=1e-6)


def test_an_older_fix_never_overwrites_a_newer_one(world: World):
    send(world, fix(w.WORKER, (0.5, 0.0), 10))
    assert send(world, fix(w.WORKER, (0.9, 0.0), 20)).stale == 1
    assert send(world, fix(w.WORKER, (0.8, 0.0), 10)).stale == 1
    assert stored(world, w.WORKER)["lon"] == place(0.5, 0.0)[0]
    assert send(world, fix(w.WORKER, (0.6, 0.0), 5)).stored == 1


def test_within_a_batch_the_newest_stays(world: World):
    got = send(
        world,
        fix(w.WORKER, (0.5, 0.0), 1),
        fix(w.WORKER, (0.1, 0.0), 9),
        fix(w.OFFICER, (0.2, 0.0), 3),
        fix(999, (0.2, 0.0)),
    )
    assert got == Receipt(received=4, stored=2, stale=1, unknown=1, suspect=0)
    assert stored(world, w.WORKER)["lon"] == place(0.5, 0.0)[0]


def test_an_impossible_jump_is_flagged_and_the_way_back_is_not(world: World):
    send(world, fix(w.WORKER, (0.0, 0.0), 30))
    assert send(world, fix(w.WORKER, (4.0, 0.0), 20)).suspect == 1  # 1,600 m in 10 s
    assert stored(world, w.WORKER)["suspect"]
    assert send(world, fix(w.WORKER, (0.0, 0.0), 10)).suspect == 0
    assert send(world, fix(w.WORKER, (1.4, 0.0), 0)).suspect == 0  # 560 m in 10 s: 56 m/s


def test_the_declared_datum_is_converted_and_kept(world: World):
    lon, lat = convert(*place(0.5, 0.0), Datum.WGS84, Datum.GCJ02)
    send(world, (w.WORKER, float(lon[0]), float(lat[0]), NOW_S), datum=Datum.GCJ02)
    row = stored(world, w.WORKER)
    assert (row["lon"], row["lat"]) == pytest.approx(place(0.5, 0.0), abs=1e-9)
    assert row["datum"] == "GCJ-02"


def test_one_reports_for_oneself_only(world: World):
    me = staff(w.WORKER, w.GRID)
    assert send(world, fix(w.WORKER, (0.5, 0.0)), actor=me).stored == 1
    for actor in (me, dispatcher()):
        with pytest.raises(Forbidden):
            send(world, fix(w.OFFICER, (0.5, 0.0)), actor=actor)


def test_a_gateway_of_a_street_reaches_its_street_only(world: World):
    gateway = Actor("u:7", "system", dispatcher(w.STREET_2, 7).scope)
    with scoped(world.app, gateway.scope) as conn:
        batch = Batch([w.WORKER, w.GAS], [*[place(5, 0)[0]] * 2], [*[place(5, 0)[1]] * 2],
                      [NOW_S, NOW_S], Datum.WGS84)  # fmt: skip
        got = report_positions(conn, world.roads, gateway, batch, w.NOW)
    assert (got.stored, got.unknown) == (1, 1)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ((2, float("nan"), 38.9, NOW_S), "positions.lon"),
        ((2, 121.5, float("inf"), NOW_S), "positions.lat"),
        ((2, 38.9, 121.5, NOW_S), "positions.lat"),
        ((2, 121.5, 38.9, NOW_S + 121), "positions.measured_at"),
        ((2, 121.5, 38.9, float("nan")), "positions.measured_at"),
        ((2, 121.5, 38.9, NOW_S - 8 * 86_400), "positions.measured_at"),
        ((2.5, 121.5, 38.9, NOW_S), "positions.person_id"),
    ],
)
def test_bad_values_name_their_field_and_store_nothing(
    world: World, row: tuple[Any, ...], field: str
):
    with pytest.raises(InvalidInput) as caught:
        send(world, fix(w.OFFICER, (0.5, 0.0)), row)
    assert caught.value.field == field
    with unscoped(world.system) as conn:
        assert conn.execute("SELECT 1 FROM dispatch.positions").fetchone() is None


def test_batches_that_overlap_do_not_lock_each_other_out(world: World):
    """Sixteen people in any order from four senders at once: no deadlock, the newest stays."""
    rng = np.random.default_rng(1)

    def many(sender: int) -> None:
        for turn in range(20):
            people = rng.permutation(np.arange(1, 17)).tolist()
            late_s = 1000.0 - turn * 4 - sender
            send(world, *(fix(person, (turn / 10, 0.0), late_s) for person in people))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(many, range(4)))
    ages = {
        (w.NOW - stored(world, person)["measured_at"]).total_seconds() for person in range(1, 17)
    }
    assert ages == {1000.0 - 19 * 4 - 3}


def test_posts_and_first_fixes_find_their_street(world: World):
    with unscoped(world.system) as conn:
        conn.execute(
            "INSERT INTO dispatch.positions (person_id, lon, lat, measured_at, received_at)"
            " VALUES (2, %s, %s, now(), now())", place(0.25, 0.0),
        )  # fmt: skip
        assert snap_people(conn, world.roads) == 17
        assert snap_people(conn, world.roads) == 0
    assert stored(world, 2)["fraction"] == pytest.approx(0.25, abs=1e-6)
