"""The web application on a small town with people: one template, cloned where a test writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask

from geodata.clock import Clock, SystemClock
from geodata.road.snap import Snapper
from geodata.road.store import load_graph
from geodata.settings import Settings
from tests.conftest import create_database, drop_database, prepare_database
from tests.small_town import CASE_TABLES, connect
from tests.town_staff import PASSWORD, load_logins, load_staffed_town
from tests.web.browser_client import Client
from web.app import create_app
from web.identity.password import hash_password
from web.log import configure_log
from web.services import Services, build_services

TEMPLATE = "ganxin_test_web_town"
RESET = (
    "TRUNCATE "
    + CASE_TABLES
    + """,
    dispatch.rosters, dispatch.shifts, dispatch.leaves, dispatch.terms, dispatch.roster_changes,
    dispatch.past_recusals, dispatch.positions, web.sessions, web.tokens,
    layers.risk_maps, web.saved_filters, web.rate_limits, web.idempotency_keys RESTART IDENTITY;
ALTER SEQUENCE dispatch.case_ids RESTART;
UPDATE geodata.event_head SET seq = 0, hash = '\\x';
UPDATE dispatch.people SET duty = 'on_duty', version = 1 WHERE version <> 1;
UPDATE web.users SET active = true WHERE NOT active;
DELETE FROM dispatch.run_cards WHERE code IS NULL;
UPDATE dispatch.run_cards SET removed = false, edited = false, version = 1 WHERE version <> 1;
"""
)
"""Cheaper than a clone of the template for every test."""
configure_log()


@pytest.fixture(scope="session")
def town_template(cluster_dsn: str) -> str:
    """Load the town, its people and accounts once; return the template's name."""
    drop_database(cluster_dsn, TEMPLATE)
    dsn = create_database(cluster_dsn, TEMPLATE)
    prepare_database(dsn)
    with connect(dsn) as conn:
        load_staffed_town(conn)
        load_logins(conn, hash_password(PASSWORD))
    return TEMPLATE


@pytest.fixture(scope="session")
def town_roads(clone: Callable[[str], str], town_template: str) -> Snapper:
    """Return the town's roads, the same in every clone."""
    with psycopg.connect(clone(town_template)) as conn:
        return Snapper(load_graph(conn))


@pytest.fixture
def town_db(clone_once: Callable[[str], str], town_template: str) -> str:
    """Return the dsn of a town of one's own."""
    return clone_once(town_template)


@pytest.fixture(scope="module")
def module_town(clone: Callable[[str], str], town_template: str) -> str:
    """Return the dsn of a town shared by the tests of a module."""
    return clone(town_template)


def serve(
    dsn: str, roads: Snapper, home: Path, clock: Clock | None = None, **settings: Any
) -> Iterator[Flask]:
    """Yield the application on a database, and close its pools afterwards."""
    services: Services = build_services(
        Settings(home=home, **settings), dsn, roads=lambda: roads, clock=clock or SystemClock()
    )
    try:
        app = create_app(services)
        yield app
    finally:
        services.close()


@pytest.fixture
def app(module_town: str, town_roads: Snapper, tmp_path: Path) -> Iterator[Flask]:
    """Return a new application on the module's town, as it was when it was loaded."""
    with connect(module_town) as conn:
        conn.execute(RESET)
    yield from serve(module_town, town_roads, tmp_path)


@pytest.fixture(scope="module")
def shared_app(
    module_town: str, town_roads: Snapper, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """Return an application shared by a module whose tests do not get in each other's way."""
    yield from serve(module_town, town_roads, tmp_path_factory.mktemp("home"))


@pytest.fixture
def sign_in(app: Flask) -> Callable[[str], Client]:
    """Return a function that signs a user in."""
    return lambda username: Client(app, username)
