"""The demo is a pure function of its seed and as-of moment: nothing else shows in its digest.

The second district is seeded by a process of its own, whose hash seed (the order of sets), time
zone and number of threads differ from those of this run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from geodata.db.scope import Conn
from geodata.demo.digest import digest_tables
from tests.conftest import DEMO_AS_OF, DEMO_SEED, LONG
from web.demo import DIGESTED, digest

SEED = (
    "import sys; from datetime import datetime; from web.demo import seed_district;"
    "seed_district(sys.argv[1], seed=int(sys.argv[2]), as_of=datetime.fromisoformat(sys.argv[3]))"
)
TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('geodata', 'layers', 'dispatch', 'mapsvc') AND c.relkind IN ('r', 'p')
"""
TOUCHES = {
    "dispatch.cases": "UPDATE dispatch.cases SET edge_m = edge_m * (1 + 1e-15) WHERE id = 4711",
    "dispatch.people": "UPDATE dispatch.people SET duty_since = duty_since + interval '1 us'"
    " WHERE id = 7",
    "layers.assets": "UPDATE layers.assets a SET name = b.name FROM layers.assets b"
    " WHERE a.id = 1 AND b.id = 2",
    "geodata.events": "UPDATE geodata.events SET payload = payload || '{\"x\": 1}' WHERE seq = 100",
    "dispatch.participations": "DELETE FROM dispatch.participations WHERE case_id = 1",
}


def _seed_elsewhere(dsn: str, seed: int, as_of: datetime) -> None:
    """Seed in another process that has another order of sets, time zone and thread count."""
    elsewhere = {"PYTHONHASHSEED": "4711", "TZ": "America/St_Johns", "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [sys.executable, "-c", SEED, dsn, str(seed), as_of.isoformat()],
        env={**os.environ, **elsewhere},
        check=True,
    )


def _digests(dsn: str) -> dict[str, str]:
    """Return the digest of each table, so that a difference names where it is, and of all."""
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        found = {table: digest_tables(conn, {table: order}) for table, order in DIGESTED.items()}
        return {**found, "all": digest(conn)}


def test_the_same_seed_and_moment_give_the_same_digest(demo_dsn: str, empty_db: str) -> None:
    _seed_elsewhere(empty_db, DEMO_SEED, DEMO_AS_OF)
    with (
        psycopg.connect(empty_db, row_factory=dict_row) as theirs,
        psycopg.connect(demo_dsn, row_factory=dict_row) as ours,
    ):
        same = digest(theirs) == digest(ours)
    assert same, _digests(empty_db).items() ^ _digests(demo_dsn).items()


@LONG
@pytest.mark.parametrize(
    ("seed", "as_of"),
    [(DEMO_SEED + 1, DEMO_AS_OF), (DEMO_SEED, DEMO_AS_OF + timedelta(days=1))],
)
def test_another_seed_or_moment_gives_another(
    demo_dsn: str, empty_db: str, seed: int, as_of: datetime
) -> None:
    _seed_elsewhere(empty_db, seed, as_of)
    ours, theirs = _digests(demo_dsn), _digests(empty_db)
    assert ours["all"] != theirs["all"]
    assert ours["dispatch.cases"] != theirs["dispatch.cases"]
    same_ground = ours["layers.buildings"] == theirs["layers.buildings"]
    assert same_ground == (seed == DEMO_SEED)


def test_every_table_that_is_loaded_is_part_of_the_digest(demo_dsn: str) -> None:
    with psycopg.connect(demo_dsn, row_factory=dict_row) as conn:
        for row in conn.execute(TABLES.encode()).fetchall():
            assert row["name"] in DIGESTED or _empty(conn, row["name"]), row["name"]
        for table, order in DIGESTED.items():
            assert not _ties(conn, table, order), table


def _empty(conn: Conn, table: str) -> bool:
    statement = sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(*table.split(".")))
    return conn.execute(statement).fetchone() is None


def _ties(conn: Conn, table: str, order: tuple[str, ...]) -> bool:
    columns = sql.SQL(", ").join(map(sql.Identifier, order))
    statement = sql.SQL("SELECT 1 FROM {} GROUP BY {} HAVING count(*) > 1 LIMIT 1")
    name = sql.Identifier(*table.split("."))
    return conn.execute(statement.format(name, columns)).fetchone() is not None


def test_the_digest_sees_the_least_change(demo_dsn: str) -> None:
    with psycopg.connect(demo_dsn, row_factory=dict_row) as conn:
        for table, statement in TOUCHES.items():
            order = {table: DIGESTED[table]}
            whole = digest_tables(conn, order)
            with conn.transaction(force_rollback=True):
                assert conn.execute(statement.encode()).rowcount > 0
                assert digest_tables(conn, order) != whole, table
            assert digest_tables(conn, order) == whole
