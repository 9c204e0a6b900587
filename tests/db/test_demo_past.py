"""The demo's past as loaded: cases, assignments and events keep every rule and can be believed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby

import numpy as np
import psycopg
import pytest
from psycopg.rows import dict_row

from dispatch.case.loop import the_loop
from geodata.db.event import verify
from geodata.db.scope import Conn
from tests.conftest import DEMO_AS_OF
from tests.db.ask import count, none, rows


@pytest.fixture
def conn(demo_dsn: str) -> Iterator[Conn]:
    with psycopg.connect(demo_dsn, row_factory=dict_row) as conn:
        yield conn
        conn.rollback()


# Cases ------------------------------------------------------------------------------------------


def test_every_case_lies_in_the_grid_its_code_names(conn: Conn) -> None:
    none(
        conn,
        "SELECT c.id FROM dispatch.cases c LEFT JOIN layers.areas g ON g.code = c.grid_code"
        " AND g.level = 'grid' AND g.valid @> c.reported_at"
        " WHERE g.code IS NULL OR NOT ST_Intersects(g.geom, c.geom)"
        " OR abs(ST_Distance(ST_Boundary(g.geom_m), c.geom_m) - c.edge_m) > 1e-6"
        " OR c.runner_up_code = c.grid_code",
    )
    none(
        conn,
        "SELECT c.id FROM dispatch.cases c JOIN layers.buildings b ON b.id = c.building_id"
        " WHERE NOT ST_Intersects(b.geom, c.geom)",
    )


def test_nothing_happened_later_than_as_of(conn: Conn) -> None:
    none(
        conn,
        "SELECT c.id FROM dispatch.cases c, (VALUES (%s::timestamptz)) v (as_of)"
        " WHERE c.reported_at > v.as_of OR c.reported_at <= v.as_of - interval '366 days'"
        " OR c.state_since < c.reported_at OR c.state_since > v.as_of OR c.closed_at > v.as_of",
        DEMO_AS_OF,
    )
    none(conn, "SELECT seq FROM geodata.events WHERE occurred_at > %s", DEMO_AS_OF)


def test_live_assignments_keep_to_capacity_and_one_journey(conn: Conn) -> None:
    none(
        conn,
        "SELECT p.id FROM dispatch.assignments a JOIN dispatch.people p ON p.id = a.person_id"
        " WHERE a.live GROUP BY p.id HAVING count(*) > p.capacity"
        " OR max(a.slot) > p.capacity OR count(DISTINCT a.slot) < count(*)",
    )
    none(
        conn,
        "SELECT p.id FROM dispatch.assignments a JOIN dispatch.people p ON p.id = a.person_id"
        " WHERE a.state IN ('assigned', 'acknowledged') GROUP BY p.id"
        " HAVING count(*) FILTER (WHERE a.travelling)"
        " <> CASE WHEN p.travel_mode = 'none' THEN 0 ELSE 1 END",
    )
    none(
        conn,
        "SELECT id FROM dispatch.assignments WHERE travelling"
        " AND state NOT IN ('assigned', 'acknowledged')",
    )


def test_who_has_a_live_assignment_is_on_duty_and_stands_aside_from_nothing_of_it(
    conn: Conn,
) -> None:
    none(
        conn,
        "SELECT a.id FROM dispatch.assignments a JOIN dispatch.people p ON p.id = a.person_id"
        " WHERE a.live AND p.duty <> 'on_duty'",
    )
    none(
        conn,
        "SELECT a.id FROM dispatch.assignments a JOIN dispatch.recusals x"
        " ON x.person_id = a.person_id AND x.case_id = a.case_id WHERE a.assigned_at >= x.since",
    )


def test_a_case_and_its_lead_are_in_the_same_state(conn: Conn) -> None:
    none(
        conn,
        "SELECT c.id, c.state FROM dispatch.cases c LEFT JOIN dispatch.assignments a"
        " ON a.case_id = c.id AND a.live AND a.role = 'lead' GROUP BY c.id, c.state"
        " HAVING coalesce(array_agg(a.state) FILTER (WHERE a.id IS NOT NULL), '{}') <> CASE"
        " WHEN c.state IN ('pending', 'closed') THEN '{}'::text[] ELSE ARRAY[c.state] END",
    )
    none(
        conn,
        "SELECT c.id FROM dispatch.cases c LEFT JOIN dispatch.assignments a ON a.case_id = c.id"
        " AND a.role = 'lead' AND a.state = 'done' AND a.ended_at <= c.closed_at"
        " WHERE c.state = 'closed' GROUP BY c.id HAVING count(a.id) <> 1",
    )


def test_custody_is_the_life_of_each_case_without_a_gap(conn: Conn) -> None:
    """Held times add up to the time from report to end; open cases are held now."""
    none(
        conn,
        "SELECT c.id FROM dispatch.cases c LEFT JOIN dispatch.custody k ON k.case_id = c.id"
        " GROUP BY c.id HAVING min(k.since) <> c.reported_at"
        " OR sum(coalesce(k.until, c.closed_at, now()) - k.since)"
        "    <> coalesce(c.closed_at, now()) - c.reported_at"
        " OR (count(*) FILTER (WHERE k.until IS NULL) = 1) <> dispatch.is_open(c.state)",
    )


def test_every_open_case_has_a_clock_and_shows_when_it_is_due(conn: Conn) -> None:
    none(
        conn,
        "SELECT c.id FROM dispatch.cases c LEFT JOIN dispatch.clocks k"
        " ON k.case_id = c.id AND k.stopped_at IS NULL WHERE dispatch.is_open(c.state)"
        " GROUP BY c.id HAVING count(k.id) NOT IN (1, 2) OR min(k.due_at) <> c.due_at",
    )


def test_what_grid_workers_reported_was_verified_and_rated_before_it_closed(conn: Conn) -> None:
    none(
        conn,
        "SELECT c.id FROM dispatch.cases c JOIN dispatch.case_types t ON t.code = c.type_code"
        " LEFT JOIN dispatch.ratings r ON r.case_id = c.id AND r.rated_at < c.closed_at"
        " WHERE c.state = 'closed' GROUP BY c.id, t.family HAVING count(r.id)"
        " <> CASE WHEN t.family IN ('hazard', 'dispute', 'service')"
        "         AND c.channel IN ('grid_worker', 'patrol') THEN 1 ELSE 0 END",
    )


# Events -----------------------------------------------------------------------------------------


def test_the_event_chain_holds_and_nothing_waits(conn: Conn) -> None:
    assert verify(conn) is None
    assert count(conn, "geodata.events_pending", "kind") == {}
    ends = rows(conn, "SELECT min(seq) AS a, max(seq) AS b, count(*) AS n FROM geodata.events")[0]
    assert (ends["a"], ends["b"]) == (1, ends["n"])


def test_the_events_of_each_case_are_a_walk_through_the_table(conn: Conn) -> None:
    loop = the_loop()
    actions = {
        "assignment.assigned": "dispatch", "assignment.undone": "undo",
        "assignment.acknowledged": "acknowledge", "assignment.arrived": "arrive",
        "assignment.returned": "return", "case.handled": "finish", "case.verified": "verify",
        "case.closed": "close",
    }  # fmt: skip
    events = rows(
        conn,
        "SELECT seq, case_id, kind, person_id, actor, occurred_at, payload, area_code"
        " FROM geodata.events ORDER BY case_id, seq",
    )
    walked: dict[int, tuple[str, int]] = {}
    for case_id, walk in groupby(events, key=lambda event: event["case_id"]):
        first, *steps = walk
        assert first["kind"] == "case.reported"
        state, version, at, lead = "pending", 1, first["occurred_at"], None
        assert (first["payload"]["state"], first["payload"]["version"]) == (state, version)
        for step in steps:
            action = actions[step["kind"]]
            row = loop.row(step["payload"]["family"], action, state)
            assert row is not None, (case_id, step)
            assert row.event == step["kind"]
            lead = step["person_id"] if action == "dispatch" else lead
            assert step["person_id"] == (
                lead if state != "handled" and state != "verified" else None
            )
            field = step["person_id"] is not None and action not in ("dispatch", "undo")
            assert step["actor"] == (f"p:{lead}" if field else "system:demo")
            assert step["occurred_at"] > at
            state, version, at = row.to_state, version + 1, step["occurred_at"]
            assert (step["payload"]["state"], step["payload"]["version"]) == (state, version)
            assert step["area_code"] == first["area_code"]
        walked[case_id] = (state, version)
    cases = rows(conn, "SELECT id, state, version FROM dispatch.cases")
    assert walked == {case["id"]: (case["state"], case["version"]) for case in cases}


def test_events_are_sealed_in_the_order_in_which_they_happened(conn: Conn) -> None:
    none(
        conn,
        "SELECT seq FROM (SELECT seq, occurred_at, lag(occurred_at) OVER (ORDER BY seq) AS before"
        " FROM geodata.events) e WHERE before > occurred_at",
    )


def test_assignments_and_events_tell_the_same(conn: Conn) -> None:
    """Each step of the events stands in the assignment it moved, at the same moment."""
    none(
        conn,
        "SELECT coalesce(e.kind, s.kind), e.case_id, s.case_id"
        " FROM (SELECT kind, case_id, person_id, occurred_at AS at FROM geodata.events"
        "       WHERE person_id IS NOT NULL) e"
        " FULL JOIN (SELECT v.kind, a.case_id, a.person_id, v.at FROM dispatch.assignments a"
        "       JOIN dispatch.cases c ON c.id = a.case_id"
        "       CROSS JOIN LATERAL (VALUES ('assignment.assigned', a.assigned_at),"
        "           ('assignment.acknowledged', a.acknowledged_at),"
        "           ('assignment.arrived', a.arrived_at),"
        "           ('assignment.returned', CASE a.state WHEN 'returned' THEN a.ended_at END),"
        "           ('assignment.undone', CASE a.state WHEN 'undone' THEN a.ended_at END),"
        "           (CASE WHEN a.ended_at = c.closed_at THEN 'case.closed' ELSE 'case.handled' END,"
        "            CASE a.state WHEN 'done' THEN a.ended_at END)) v (kind, at)"
        "       WHERE v.at IS NOT NULL) s"
        " USING (kind, case_id, person_id, at) WHERE e.case_id IS NULL OR s.case_id IS NULL",
    )


def test_who_took_part_keeps_sight_of_the_case(conn: Conn) -> None:
    none(
        conn,
        "SELECT a.case_id, a.person_id FROM dispatch.assignments a LEFT JOIN"
        " dispatch.participations p ON p.case_id = a.case_id AND p.subject = 'p:' || a.person_id"
        " WHERE p.case_id IS NULL OR p.since > a.assigned_at",
    )


# What a planner looks for ------------------------------------------------------------------------


def test_cases_cluster_where_there_is_a_cause(conn: Conn) -> None:
    """Bungalows and old estates have more cases by household than towers, as DESIGN.md asks."""
    rate = {
        row["use"]: row["rate"]
        for row in rows(
            conn,
            "SELECT b.use, sum(n.cases)::float8 / sum(b.households) AS rate"
            " FROM layers.buildings b LEFT JOIN (SELECT building_id, count(*) AS cases"
            " FROM dispatch.cases GROUP BY 1) n ON n.building_id = b.id"
            " WHERE b.households > 0 GROUP BY b.use",
        )
    }
    assert rate["bungalow"] > 2 * rate["residential"]
    assert rate["old_estate"] > 1.2 * rate["residential"]


def test_cases_are_no_even_rain_over_the_households(conn: Conn) -> None:
    """Grids differ far more than chance would let them: the chi-square of counts by grid."""
    grids = rows(
        conn,
        "SELECT p.households, (SELECT count(*) FROM dispatch.cases c"
        " WHERE c.grid_code = p.grid_code) AS cases FROM layers.populations p",
    )
    households = np.array([grid["households"] for grid in grids], float)
    cases = np.array([grid["cases"] for grid in grids], float)
    expected = cases.sum() * households / households.sum()
    inhabited = expected > 0
    chi_square = ((cases - expected)[inhabited] ** 2 / expected[inhabited]).sum()
    assert chi_square > 3 * inhabited.sum()


def test_no_single_house_is_the_whole_trouble(conn: Conn) -> None:
    """A cluster spreads over the homes around its cause: none has a case every fortnight."""
    none(
        conn,
        "SELECT building_id, count(*) FROM dispatch.cases GROUP BY 1 HAVING count(*) > 26",
    )


def test_people_sleep_at_night(conn: Conn) -> None:
    """From 0 to 5 there are less than half as many cases an hour as from 8 to 19."""
    hours = rows(
        conn,
        "SELECT extract(hour FROM reported_at AT TIME ZONE 'Asia/Shanghai')::int AS hour,"
        " count(*) AS n FROM dispatch.cases GROUP BY 1",
    )
    of = {row["hour"]: row["n"] for row in hours}
    assert sum(of[hour] for hour in range(5)) / 5 < sum(of[hour] for hour in range(8, 20)) / 24


def test_types_keep_their_season_and_place(conn: Conn) -> None:
    """Ice and stoves belong to winter, floods to the rains, stoves to bungalows."""
    found = rows(
        conn,
        "SELECT c.type_code AS code, b.use, array_agg(DISTINCT extract(month FROM c.reported_at"
        " AT TIME ZONE 'Asia/Shanghai')::int) AS months FROM dispatch.cases c"
        " JOIN layers.buildings b ON b.id = c.building_id GROUP BY 1, 2",
    )
    for row in found:
        months = set(row["months"])
        if row["code"] in ("H14", "H16"):
            assert months <= {11, 12, 1, 2, 3}
        if row["code"] == "H09":
            assert months <= {6, 7, 8, 9}
        assert (row["code"], row["use"]) not in {("H14", "residential"), ("H06", "bungalow")}
    assert {row["code"] for row in found} >= {"H06", "H09", "H14", "H16"}


def test_who_led_was_somebody_of_the_ladder(conn: Conn) -> None:
    """Police go to police incidents, mediators to disputes; nobody is on the way for days."""
    none(
        conn,
        "SELECT t.code, a.person_role, count(*) FROM dispatch.assignments a"
        " JOIN dispatch.cases c ON c.id = a.case_id JOIN dispatch.case_types t"
        " ON t.code = c.type_code WHERE NOT CASE t.family"
        " WHEN 'police' THEN a.person_role = 'police_officer'"
        "   OR (a.person_role = 'grid_worker' AND 'front_line' = ANY (t.skills))"
        " WHEN 'dispute' THEN a.person_role IN ('mediator', 'justice_officer')"
        " ELSE a.person_role IN ('info_officer', 'grid_worker', 'community_worker') END"
        " GROUP BY 1, 2",
    )
    none(
        conn,
        "SELECT id FROM dispatch.assignments WHERE travelling AND assigned_at < %s",
        DEMO_AS_OF - timedelta(hours=3),
    )


def test_no_code_stands_where_people_expect_words(conn: Conn) -> None:
    none(
        conn,
        "SELECT id FROM dispatch.cases WHERE address ~ '[0-9]{9}' OR description ~ '[0-9]{9}'",
    )
