"""The small town with its tiles made ready and cases at known places, for tests that only read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from geodata.db.cluster import mark_leakproof
from geodata.db.scope import Conn, Scope, set_scope
from geodata.demo.progress import NoProgress
from mapsvc.generalise import generalise
from tests.small_town import AS_OF, DISTRICT, add_case, connect, load_small_town

CASES = (
    # column and row in grids, state, urgent, hours before AS_OF
    (0.5, 0.5, "pending", True, 0),
    (0.6, 0.5, "assigned", False, 1),
    (1.5, 0.5, "closed", False, 2),
    (3.5, 3.5, "arrived", False, 30),
    (4.5, 0.5, "pending", False, 3),
    (7.5, 3.5, "closed", False, 4),
    (7.6, 3.5, "void", False, 4),
)
"""Four in the first street (three open), three in the second (one open)."""
WHOLE = Scope((DISTRICT,))
FIRST_STREET = Scope(("210211001",))


@pytest.fixture(scope="session")
def town_map(clone: Callable[[str], str], empty_template: str) -> str:
    """Return the dsn of the town, shared by tests that only read."""
    dsn = clone(empty_template)
    mark_leakproof(dsn)
    with connect(dsn) as conn:
        load_small_town(conn)
        for number, (column, row, state, urgent, hours) in enumerate(CASES, 1):
            add_case(
                conn, column, row, state=state, urgent=urgent, number=f"C{number}",
                type_code="H01" if urgent else "D0201", reported_at=AS_OF - timedelta(hours=hours),
            )  # fmt: skip
        generalise(conn, AS_OF, NoProgress())
        conn.execute("ANALYZE")
    return dsn


@pytest.fixture
def town_conn(town_map: str) -> Iterator[Conn]:
    """Lend the application's connection, in a transaction without a scope."""
    with connect(town_map, "ganxin_app") as conn:
        yield conn
        conn.rollback()


def look(conn: Conn, scope: Scope) -> Conn:
    """Return the connection in a new transaction within a scope."""
    conn.rollback()
    set_scope(conn, scope)
    return conn
