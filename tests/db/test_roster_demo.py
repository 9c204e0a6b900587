"""The demo's roster: it says the duty that people have, and its accounts stay on duty."""

from __future__ import annotations

from datetime import timedelta

import psycopg
from psycopg.rows import dict_row

from dispatch.roster.store import read_plans
from tests.conftest import DEMO_AS_OF, DEMO_SEED
from web.identity.demo import choose_accounts, read_staff


def test_the_plan_is_the_duty_of_everybody_on_the_roster(demo_dsn: str) -> None:
    with psycopg.connect(demo_dsn, row_factory=dict_row) as conn:
        rows = conn.execute(
            "SELECT p.id, p.duty, r.turn_at FROM dispatch.rosters r"
            " JOIN dispatch.people p ON p.id = r.person_id"
        ).fetchall()
        plans = read_plans(conn, [row["id"] for row in rows], DEMO_AS_OF)
    assert len(rows) > 1500
    for row in rows:
        assert plans[row["id"]].duty_at(DEMO_AS_OF) == row["duty"]
        assert row["turn_at"] == plans[row["id"]].next_turn(DEMO_AS_OF)


def test_whoever_signs_in_as_staff_is_on_duty_at_any_hour(demo_dsn: str) -> None:
    until = DEMO_AS_OF + timedelta(days=14)
    with psycopg.connect(demo_dsn, row_factory=dict_row) as conn:
        accounts = choose_accounts("210211", read_staff(conn), DEMO_SEED)
        staff = [one.person_id for one in accounts if one.person_id]
        plans = read_plans(conn, staff, DEMO_AS_OF)
    for person_id in staff:
        spans = plans[person_id].on_spans(DEMO_AS_OF, until)
        assert spans == [(DEMO_AS_OF, until)], person_id
