"""Why not, for everybody in the demo district: the verdict is what the ladder's list says."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from psycopg.rows import dict_row

from dispatch import desk
from dispatch.actor import Actor
from dispatch.assign import ladder
from dispatch.assign.candidate import read_candidates
from dispatch.assign.ladder import Order
from dispatch.assign.rung import LADDER, columns
from dispatch.assign.why_not import Standing, Verdict, why_not
from dispatch.case.locate import Location
from dispatch.case.store import Case
from dispatch.case.type import get_type
from dispatch.explanation import explain_person
from dispatch.office import Office
from geodata.clock import FixedClock
from geodata.crs import Datum
from geodata.db.pool import make_pool
from geodata.db.scope import Conn, Row, Scope, scoped
from geodata.road.snap import Snapper
from geodata.road.store import load_graph
from tests.conftest import DEMO_AS_OF

BOSS = Actor("u:1", "commander", Scope(("210211",), ("u:1",)))
TYPES = ("H01", "H12", "D0201", "D0701", "S01", "P02", "P04", "R01")
ASKED = 40
"""So many people of each case are asked about by the function that reads one person."""
EVERYBODY = """
    SELECT p.id, p.role, p.duty, p.capacity,
           (SELECT count(*)::integer FROM dispatch.assignments a
            WHERE a.person_id = p.id AND a.live) AS load
    FROM dispatch.people p ORDER BY p.id
"""


@pytest.fixture(scope="module")
def demo_roads(demo_dsn: str) -> Snapper:
    with psycopg.connect(demo_dsn) as conn:
        return Snapper(load_graph(conn))


def test_everybody_is_told_what_the_list_says(demo_db: str, demo_roads: Snapper):
    rng = random.Random(20261120)  # noqa: S311 - a seeded test
    told: Counter[str] = Counter()
    with psycopg.connect(demo_db, row_factory=dict_row) as conn:
        people = conn.execute(EVERYBODY).fetchall()
        plates = conn.execute(
            "SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat FROM geodata.addresses ORDER BY id"
        ).fetchall()
    pool = make_pool(demo_db, "ganxin_app", name="test", max_size=1, statement_timeout_s=60)
    office = Office(FixedClock(DEMO_AS_OF))
    with scoped(pool, BOSS.scope) as conn:
        for code in TYPES:
            plate = rng.choice(plates)
            place = Location(plate["lon"], plate["lat"], Datum.WGS84)
            case = desk.report_case(conn, office, BOSS, desk.Report(code, "x", place), demo_roads)
            need, responders = read_candidates(conn, demo_roads, case.id, DEMO_AS_OF)
            ordered = ladder.order(responders, need.arrival_limit_s)
            skills = get_type(conn, code).skills
            known = {one.person_id: one for one in standings(conn, case, list(skills), people)}
            told.update(check(one, list(skills), case.family, ordered) for one in known.values())
            near = [r.person_id for r in ordered.responders]
            for person in {*rng.sample(sorted(known), ASKED), *near[:ASKED]}:
                standing, _ = explain_person(conn, demo_roads, case.id, person, DEMO_AS_OF)
                assert replace(standing, name=None) == known[person]
    pool.close()
    assert told.total() == len(TYPES) * len(people)
    assert {"recommended", "outranked", "excluded"} == {key.split(":")[0] for key in told}
    assert {key.split(":")[1] for key in told} >= {
        "other_family", "other_area", "off_duty", "on_leave", "higher_rung", "farther",
        "joins_beside",
    }  # fmt: skip


def standings(conn: Conn, case: Case, skills: list[str], people: list[Row]) -> Iterator[Standing]:
    """Yield how everybody stands to a case; rungs by one question for all."""
    rules = vars(columns(LADDER))
    rungs = {
        row["person_id"]: row["rung"]
        for row in conn.execute(
            "SELECT person_id, rung FROM dispatch.answering(%(id)s, %(grid)s, %(building)s,"
            " %(of)s, %(skills)s, %(now)s, %(family)s::text[], %(rung)s::smallint[],"
            " %(role)s::text[], %(within)s::boolean[], %(skill)s::text[])",
            {
                "id": case.id, "grid": case.grid_code, "building": case.building_id,
                "of": case.family, "skills": skills, "now": DEMO_AS_OF, **rules,
            },
        )
    }  # fmt: skip
    for row in people:
        yield Standing(
            row["id"], row["role"], row["duty"], row["load"], row["capacity"],
            rungs.get(row["id"]),
        )  # fmt: skip


def check(standing: Standing, skills: list[str], family: str, ordered: Order) -> str:
    """Hold one answer to the list; return verdict and rule."""
    found = why_not(standing, LADDER, family, skills, ordered)
    ids = [r.person_id for r in ordered.responders]
    if standing.person_id not in ids:
        assert found.verdict is Verdict.EXCLUDED, standing
        assert found.answers, standing
    elif ids[0] == standing.person_id:
        assert found.verdict is Verdict.FIRST
    else:
        assert found.verdict is Verdict.OUTRANKED
        assert found.rank == ids.index(standing.person_id) + 1
    return f"{found.verdict.value}:{found.answers[0].code}"
