"""The demo district as a whole: each package's part in order, then the people who may sign in.

Everything is loaded in one transaction, so a start that is killed half way leaves an empty
database and the next start begins anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from dispatch.demo.seed import DISPATCH_TABLES, seed_dispatch
from geodata.db.cluster import mark_leakproof
from geodata.db.scope import Conn
from geodata.demo.digest import EVENT_TABLES, GROUND_TABLES, digest_tables
from geodata.demo.load import load_ground
from geodata.demo.make import make_ground
from geodata.demo.progress import NoProgress, Progress
from geodata.road.snap import Snapper
from geodata.road.store import load_graph
from geodata.settings import Settings
from layers.demo.asset import DIGEST_TABLES as ASSET_TABLES
from layers.demo.asset import load_assets, make_assets
from layers.demo.load import TOWN_TABLES, load_town
from layers.demo.make import make_town
from mapsvc.generalise import DIGEST_TABLES as MAP_TABLES
from mapsvc.generalise import generalise
from web.demo_state import Plan, accounts_path, write_accounts
from web.identity.demo import seed_demo_users


def prepare(dsn: str) -> None:
    """Do to a migrated database what must be done at every start, as its owner."""
    mark_leakproof(dsn)


def seed_district(
    dsn: str, *, seed: int, as_of: datetime, progress: Progress | None = None
) -> None:
    """Load the district without accounts into a migrated, empty database, all of it or nothing."""
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        load_district(conn, progress or NoProgress(), Plan(seed, as_of))


def seed_demo(settings: Settings, conn: Conn, progress: Progress, plan: Plan) -> None:
    """Load the district and its accounts, all of it or nothing, and write the accounts down."""
    with conn.transaction():
        load_district(conn, progress, plan)
        write_accounts(accounts_path(settings), seed_demo_users(conn, plan.seed))


def load_district(conn: Conn, progress: Progress, plan: Plan) -> None:
    """Load what each package has of the district, in the order of their dependence."""
    ground = make_ground(plan.seed, plan.as_of, progress)
    load_ground(conn, ground, progress)
    town = make_town(ground, progress)
    load_town(conn, town, plan.as_of, progress)
    load_assets(conn, make_assets(ground, town, progress), progress)
    generalise(conn, plan.as_of, progress)
    roads = Snapper(load_graph(conn))
    with owner_unbound(conn):
        seed_dispatch(conn, roads, town.causes, seed=plan.seed, as_of=plan.as_of, progress=progress)


@contextmanager
def owner_unbound(conn: Conn) -> Iterator[None]:
    """Free the tables' owner from row security until the block ends, in the open transaction.

    Row security is forced on the owner too, and then PostgreSQL refuses COPY to an owner who is
    no superuser. Nobody sees the tables unforced: the change is locked in until the commit.
    """
    rows = conn.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relforcerowsecurity ORDER BY c.oid"
    ).fetchall()
    tables = [sql.Identifier(row["nspname"], row["relname"]) for row in rows]
    for table in tables:
        conn.execute(sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(table))
    yield
    for table in tables:
        conn.execute(sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(table))


DIGESTED: dict[str, tuple[str, ...]] = {
    **GROUND_TABLES,
    **TOWN_TABLES,
    **ASSET_TABLES,
    **MAP_TABLES,
    **DISPATCH_TABLES,
    **EVENT_TABLES,
}
"""Every table that :func:`load_district` fills, with the columns that order its rows."""


def digest(conn: Conn) -> str:
    """Return one number for the loaded district: the same seed and as-of give the same.

    Accounts are no part of it: their passwords are drawn anew each time. Ask before the live
    process begins.
    """
    return digest_tables(conn, DIGESTED)
