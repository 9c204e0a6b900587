"""The replay read from a database: the small town's case by case, the demo's as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import psycopg
import pytest
from psycopg.rows import dict_row

from dispatch.assign import ladder
from dispatch.assign.candidate import read_candidates
from dispatch.assign.flow.problem import NOBODY
from dispatch.assign.travel import Goal, Spot
from dispatch.replay.comparison import compare, policies
from dispatch.replay.figure import measure
from dispatch.replay.play import play
from dispatch.replay.policy import ResponsibleFirst
from dispatch.replay.store import ON_SITE_S, Month, handling_s, last_month, read_town
from dispatch.replay.town import Town, multiply
from geodata.db.scope import Conn
from geodata.errors import NotFound
from geodata.road.snap import Snapper
from geodata.road.store import load_graph
from tests.conftest import DEMO_AS_OF
from tests.db.world import (
    JUDGE,
    LAWYER,
    MEDIATOR,
    NEXT_DOOR,
    NOW,
    OFFICER,
    WORKER,
    World,
)
from tests.small_town import add_case
from web.cli import main

HOUR = timedelta(hours=1)
MONTH = Month(NOW - timedelta(days=2), NOW, timedelta(days=1))


def _owner(world: World) -> Conn:
    return psycopg.connect(world.dsn, row_factory=dict_row, autocommit=True)


def _handled(
    conn: Conn, case_id: int, person_id: int, arrived: datetime, lasted: timedelta
) -> None:
    conn.execute(
        "INSERT INTO dispatch.assignments (case_id, person_id, person_role, role, slot, state,"
        " rung, reasons, rank, assigned_by, assigned_at, arrived_at, ended_at)"
        " VALUES (%s, %s, 'x', 'lead', 1, 'done', 'grid', '[]', 1, 'x', %s, %s, %s)",
        (case_id, person_id, arrived, arrived, arrived + lasted),
    )


@pytest.fixture
def told(world: World) -> Iterator[tuple[World, Conn, list[int]]]:
    """Three cases of the month, one of the warm-up, and three that are no part of it."""
    with _owner(world) as conn:
        at = [NOW - timedelta(days=2) + n * HOUR for n in (0, 1, 2)]
        ids = [
            add_case(conn, 0.2, 0.05, type_code="H05", reported_at=at[0]),
            add_case(conn, 1.6, 1.5, type_code="H05", reported_at=at[1]),
            add_case(conn, 1.6, 1.5, type_code="D0201", reported_at=at[2]),
            add_case(conn, 0.2, 0.05, type_code="H05", reported_at=at[0] - 5 * HOUR),
        ]
        add_case(conn, 0.2, 0.05, type_code="H05", reported_at=at[0] - timedelta(days=1, hours=1))
        add_case(conn, 0.2, 0.05, type_code="H05", reported_at=NOW)
        void = add_case(conn, 0.2, 0.05, type_code="H05", reported_at=at[0])
        conn.execute("UPDATE dispatch.cases SET state = 'void' WHERE id = %s", (void,))
        _handled(conn, ids[0], WORKER, at[0], 3 * HOUR)
        _handled(conn, ids[3], WORKER, at[0], HOUR / 4)
        yield world, conn, ids


def test_the_month_is_read_with_its_warm_up(told: tuple[World, Conn, list[int]]) -> None:
    world, conn, ids = told
    town = read_town(conn, world.roads, MONTH, 1)
    assert [case.id for case in town.cases] == [ids[3], *ids[:3]]
    assert [case.at_s / 3600.0 for case in town.cases] == [19.0, 24.0, 25.0, 26.0]
    assert (town.length_s, town.counted_s) == (3 * 86_400.0, 86_400.0)
    quarter, known, drawn, dispute = town.cases
    assert (known.open_s, known.stay_s) == (3 * 3600.0, ON_SITE_S["hazard"])
    assert (quarter.open_s, quarter.stay_s) == (900.0, 900.0)
    assert drawn.open_s in (900.0, 3 * 3600.0)
    assert dispute.stay_s == min(dispute.open_s, ON_SITE_S["dispute"])
    assert (known.limit_s, dispute.limit_s) == (1800.0, 3600.0)
    assert known.place.row == quarter.place.row != drawn.place.row == dispute.place.row


def test_ladder_ways_and_duty_are_those_of_the_product(
    told: tuple[World, Conn, list[int]],
) -> None:
    """Who stands where, and how far: as the desk's own list of the same case says."""
    world, conn, _ = told
    town = read_town(conn, world.roads, MONTH, 1)
    for case in town.cases:
        need, responders = read_candidates(conn, world.roads, case.id, NOW)
        standing = dict(
            zip(town.people.id[case.place.person].tolist(), case.place.rung.tolist(), strict=True)
        )
        assert standing == {r.person_id: r.rung for r in responders}
        times = town.ways.from_post_s[case.place.row, case.place.person].tolist()
        by_id = dict(zip(standing, times, strict=True))
        for r in responders:
            assert by_id[r.person_id] == pytest.approx(r.travel_s, abs=0.01, nan_ok=True) or (
                r.travel_s is None and np.isnan(by_id[r.person_id])
            )
        first = ladder.order(responders, need.arrival_limit_s).responders[0]
        lone = Town([case], town.people, town.ways, town.length_s)
        sent = int(play(lone, ResponsibleFirst()).person[0])
        assert town.people.id[sent] == first.person_id
    assert {LAWYER, JUDGE, MEDIATOR} <= set(town.people.id[town.cases[3].place.person].tolist())


def test_ways_between_places_are_those_of_a_search(told: tuple[World, Conn, list[int]]) -> None:
    world, conn, _ = told
    town = read_town(conn, world.roads, MONTH, 1)
    rows = conn.execute(
        "SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat FROM dispatch.cases WHERE id = ANY (%s)"
        " ORDER BY reported_at LIMIT 3",
        ([case.id for case in town.cases],),
    ).fetchall()
    there, far = rows[0], rows[2]
    for number, mode in enumerate(("walk", "ebike", "car")):
        goal = Goal(world.roads, far["lon"], far["lat"])
        spot = Spot(mode, None, None, there["lon"], there["lat"])
        travel_s, _ = goal.times([spot])[0]
        rows_of = town.cases[2].place.row, town.cases[0].place.row
        found = town.ways.between_s[number][rows_of]
        if not np.isinf(found):
            assert found == pytest.approx(travel_s, abs=0.01)
    assert np.isfinite(town.ways.between_s[1]).all()


def test_shifts_leave_and_the_duty_of_now_say_who_is_there(
    told: tuple[World, Conn, list[int]],
) -> None:
    """One works by night, one is on leave for a day, one is off and has no plan."""
    world, conn, _ = told
    conn.execute(
        "INSERT INTO dispatch.rosters (person_id, version) VALUES (%s, 1), (%s, 1)",
        (WORKER, NEXT_DOOR),
    )
    conn.execute(
        "INSERT INTO dispatch.shifts (person_id, weekdays, starts_min, length_min, from_day,"
        " made_in) VALUES (%s, '{1,2,3,4,5,6,7}', 1200, 480, '2026-01-01', 1)",
        (WORKER,),
    )
    conn.execute(
        "INSERT INTO dispatch.leaves (person_id, from_at, until_at, kind, made_in)"
        " VALUES (%s, %s, %s, 'annual', 1)",
        (NEXT_DOOR, MONTH.begins + 10 * HOUR, MONTH.begins + 34 * HOUR),
    )
    conn.execute("UPDATE dispatch.people SET duty = 'off_duty' WHERE id = %s", (OFFICER,))
    town = read_town(conn, world.roads, MONTH, 1)
    on = dict(zip(town.people.id.tolist(), town.people.on, strict=True))
    # The replay begins at 10:00 local time; nights are from 20:00 to 04:00.
    assert on[WORKER][:2] == [(10 * 3600.0, 18 * 3600.0), (34 * 3600.0, 42 * 3600.0)]
    assert on[NEXT_DOOR] == [(0.0, 10 * 3600.0), (34 * 3600.0, 5 * 86_400.0)]
    assert on[OFFICER] == []
    assert on[MEDIATOR] == [(0.0, 5 * 86_400.0)]


def test_who_stands_aside_is_on_no_ladder(told: tuple[World, Conn, list[int]]) -> None:
    world, conn, ids = told
    conn.execute(
        "INSERT INTO dispatch.recusals (person_id, case_id, reason, since)"
        " VALUES (%s, %s, 'x', %s)",
        (WORKER, ids[0], NOW),
    )
    town = read_town(conn, world.roads, MONTH, 1)
    named = {
        case.id: set(town.people.id[case.place.person].tolist()) for case in town.cases
    }  # fmt: skip
    assert WORKER not in named[ids[0]]
    assert WORKER in named[ids[3]]


def test_nothing_to_replay_is_said(world: World) -> None:
    with _owner(world) as conn, pytest.raises(NotFound):
        last_month(conn)
    with pytest.raises(NotFound):
        handling_s([{"id": 1, "family": "hazard", "handled_s": None}], 1)


@pytest.fixture(scope="module")
def demo_days(demo_dsn: str) -> tuple[Town, Town]:
    """Read the demo's last four days, with a day of warm-up before them, twice."""
    month = Month(DEMO_AS_OF - timedelta(days=4), DEMO_AS_OF, timedelta(days=1))
    with psycopg.connect(demo_dsn, row_factory=dict_row) as conn:
        conn.execute("SET ROLE ganxin_system")
        roads = Snapper(load_graph(conn))
        return read_town(conn, roads, month, 7), read_town(conn, roads, month, 7)


def test_the_same_seed_gives_the_same_figures(demo_days: tuple[Town, Town]) -> None:
    first, second = (list(compare(town, policies((1.0,)), (1, 3), seed=7)) for town in demo_days)
    assert first == second
    assert [one.figures.cases for one in first] == [first[0].figures.cases] * 4 + [
        first[4].figures.cases
    ] * 4
    assert first[0].figures.cases > 50
    assert first != list(compare(demo_days[0], policies((1.0,)), (1, 3), seed=8))


@pytest.mark.parametrize("name", policies())
def test_no_policy_exceeds_capacity(demo_days: tuple[Town, Town], name: str) -> None:
    """At twenty times the load, where places run out."""
    town = multiply(demo_days[0], 20, 7)
    record = play(town, policies()[name])
    assert (record.most_load <= town.people.capacity).all()
    assert (record.most_load == town.people.capacity)[record.most_load > 0].any()
    assert measure(record).unassigned == (record.person[_counted(town)] == NOBODY).mean()


def _counted(town: Town) -> list[int]:
    return [n for n, case in enumerate(town.cases) if case.at_s >= town.counted_s]


def test_nearest_is_the_shortest_road_and_the_default_the_most_responsible(
    demo_days: tuple[Town, Town],
) -> None:
    found = {
        one.policy: one.figures for one in compare(demo_days[0], policies(), (1,), seed=7)
    }  # fmt: skip
    nearest, default = found["nearest"], found["responsible first (default)"]
    assert nearest.road_mean_min == min(one.road_mean_min or 0.0 for one in found.values())
    assert default.responsible == max(one.responsible or 0.0 for one in found.values())
    assert (default.responsible or 0.0) > 0.9 > (nearest.responsible or 0.0)


def test_the_command_prints_a_table_or_json(
    demo_dsn: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table with a row for each policy, load and family; the figures as JSON."""
    monkeypatch.setenv("GANXIN_DATABASE_URL", demo_dsn)
    asked = ["assign", "replay", "--days", "2", "--load", "1", "2", "--every", "2"]
    assert main([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    whole = [row for row in told["policies"] if row["of"] == "all"]
    assert [(row["load"], row["policy"]) for row in whole] == [
        (load, name) for load in (1, 2) for name in policies((2.0,))
    ]
    assert all(0.0 <= row["late"] <= 1.0 and row["road_mean_min"] > 0.0 for row in whole)
    assert main([*asked, "--families", "--role", "mediator"]) == 0
    since, _, head, *rows = capsys.readouterr().out.splitlines()
    assert since == f"{told['since']} to {told['until']}"
    assert head.endswith("Gini, mediator")
    assert len(rows) == len(told["policies"])


@pytest.mark.parametrize(
    "wrong",
    [["--load", "0"], ["--every", "0"], ["--days", "x"], ["--until", "soon"], ["--every", "nan"]],
)
def test_the_command_refuses_what_cannot_be(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["assign", "replay", *wrong])
    assert refused.value.code == 2
    assert wrong[0] in capsys.readouterr().err
