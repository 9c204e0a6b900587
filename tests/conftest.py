"""Fixtures: a real PostGIS cluster for the run, template databases cloned per test.

``empty_db`` is migrated and holds no district; ``demo_db`` holds the whole demo district. Every
database a test may touch has ``test`` in its name; anything else is refused.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from geodata.clock import FixedClock
from geodata.db.cluster import temporary_cluster
from geodata.db.migrate import migrate

pytest_plugins = ["tests.no_skip"]

DEMO_SEED = 210211
DEMO_AS_OF = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
LONG = pytest.mark.long


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the long forms too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, not skip, what this run does not ask for, and say how much it was."""
    kept, left = [], []
    for item in items:
        is_long = item.get_closest_marker("long") is not None
        (left if is_long and not config.getoption("--long") else kept).append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)


@pytest.fixture(scope="session")
def test_data() -> Path:
    """Return the folder of published ground truth (GANXIN_TEST_DATA)."""
    default = Path(__file__).parents[2] / "shared" / "data"
    return Path(os.environ.get("GANXIN_TEST_DATA") or default)


def dsn_of(cluster_dsn: str, name: str) -> str:
    """Return the connection string of a test database, refusing any other."""
    if "test" not in name:
        raise ValueError(f"{name!r} is not a test database")
    return psycopg.conninfo.make_conninfo(cluster_dsn, dbname=name)


@pytest.fixture(scope="session")
def cluster_dsn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run one throw-away cluster; return the superuser's connection string."""
    given = os.environ.get("GANXIN_TEST_CLUSTER")
    if given:
        yield given
        return
    with temporary_cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster.dsn(dbname="postgres")


def create_database(cluster_dsn: str, name: str, template: str = "template1") -> str:
    """Create a database from a template and return its connection string.

    Its files are copied: PostgreSQL's own choice writes every page to the log too, compressed.
    """
    dsn = dsn_of(cluster_dsn, name)
    with psycopg.connect(cluster_dsn, autocommit=True) as conn:
        conn.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return dsn


def drop_database(cluster_dsn: str, name: str) -> None:
    """Drop a test database with whoever is still connected to it."""
    dsn_of(cluster_dsn, name)
    with psycopg.connect(cluster_dsn, autocommit=True) as conn:
        conn.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


@pytest.fixture(scope="session")
def empty_template(cluster_dsn: str) -> str:
    """Migrate a template once; return its name."""
    name = "ganxin_test_empty"
    drop_database(cluster_dsn, name)
    prepare_database(create_database(cluster_dsn, name))
    return name


@pytest.fixture(scope="session")
def demo_template(cluster_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Load the whole demo district once; return the template's name."""
    from web.demo import seed_district  # the demo pulls in every package: only when asked for

    name = "ganxin_test_demo"
    if os.environ.get("GANXIN_TEST_CLUSTER") and _exists(cluster_dsn, name):
        return name
    dsn = create_database(cluster_dsn, name)
    prepare_database(dsn)
    seed_district(dsn, seed=DEMO_SEED, as_of=DEMO_AS_OF)
    return name


def prepare_database(dsn: str) -> None:
    """Bring a new database to the point where ``ganxin serve`` would use it."""
    from web.demo import prepare

    migrate(dsn)
    prepare(dsn)


def _exists(cluster_dsn: str, name: str) -> bool:
    with psycopg.connect(cluster_dsn) as conn:
        found = conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        return found.fetchone() is not None


@contextmanager
def cloning(cluster_dsn: str) -> Iterator[Callable[[str], str]]:
    """Lend a function that clones a template; its clones are dropped after the block."""
    names: list[str] = []

    def make(template: str) -> str:
        names.append(f"ganxin_test_{uuid.uuid4().hex[:12]}")
        return create_database(cluster_dsn, names[-1], template)

    yield make
    for name in names:
        drop_database(cluster_dsn, name)


@pytest.fixture(scope="session")
def clone(cluster_dsn: str) -> Iterator[Callable[[str], str]]:
    """Return a function that clones a template for as long as the run lasts."""
    with cloning(cluster_dsn) as make:
        yield make


@pytest.fixture
def clone_once(cluster_dsn: str) -> Iterator[Callable[[str], str]]:
    """Return a function that clones a template for this test: hundreds would fill the disk."""
    with cloning(cluster_dsn) as make:
        yield make


@pytest.fixture
def empty_db(clone_once: Callable[[str], str], empty_template: str) -> str:
    """Return the dsn of a migrated database of one's own."""
    return clone_once(empty_template)


@pytest.fixture
def demo_db(clone_once: Callable[[str], str], demo_template: str) -> str:
    """Return the dsn of a loaded demo district of one's own, to write to."""
    return clone_once(demo_template)


@pytest.fixture(scope="session")
def demo_dsn(clone: Callable[[str], str], demo_template: str) -> str:
    """Return the dsn of a loaded demo district shared by tests that only read."""
    return clone(demo_template)


@pytest.fixture
def clock() -> FixedClock:
    """Return a clock that stands at the demo's as-of moment."""
    return FixedClock(DEMO_AS_OF)
