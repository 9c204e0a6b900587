"""The demo district as a whole: each package's part in order, then the people who may sign in.

Everything is loaded in one transaction, so a start that is killed half way leaves an empty
database and the next start begins anew.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from dispatch.demo.seed import seed_dispatch
from geodata.db.cluster import mark_leakproof
from geodata.db.scope import Conn
from geodata.demo.load import load_ground
from geodata.demo.make import make_ground
from geodata.demo.progress import NoProgress, Progress
from geodata.errors import Conflict
from geodata.road.snap import Snapper
from geodata.road.store import load_graph
from geodata.settings import Settings
from layers.demo.asset import load_assets, make_assets
from layers.demo.load import load_town
from layers.demo.make import make_town
from mapsvc.generalise import generalise
from web.identity.demo import seed_demo_users
from web.identity.password import hash_password, make_password

Account = dict[str, str]
"""A line of ``demo-accounts.json``: username, password, role, area_code."""


@dataclass(frozen=True)
class Plan:
    """What the district is a pure function of."""

    seed: int
    as_of: datetime


def plan_of(conn: Conn) -> Plan | None:
    """Return the plan of the district that is loaded, None in an empty database.

    Raises
    ------
    Conflict
        The database holds a real district.
    """
    row = conn.execute("SELECT synthetic, seed, as_of FROM geodata.districts LIMIT 1").fetchone()
    if row is None:
        return None
    if not row["synthetic"]:
        raise Conflict(
            "This database holds a real district: the demo leaves it alone. "
            "Point GANXIN_DATABASE_URL at an empty database, or use `ganxin serve`."
        )
    return Plan(row["seed"], row["as_of"])


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
        _write_accounts(accounts_path(settings), seed_demo_users(conn, plan.seed))


def load_district(conn: Conn, progress: Progress, plan: Plan) -> None:
    """Load what each package has of the district, in the order of their dependence."""
    ground = make_ground(plan.seed, plan.as_of, progress)
    load_ground(conn, ground, progress)
    town = make_town(ground, progress)
    load_town(conn, town, plan.as_of, progress)
    load_assets(conn, make_assets(ground, town, progress), progress)
    generalise(conn, plan.as_of, progress)
    roads = Snapper(load_graph(conn))
    seed_dispatch(conn, roads, town.causes, seed=plan.seed, as_of=plan.as_of, progress=progress)


def empty(conn: Conn) -> None:
    """Drop all of ganxin from a database, if a demo is what it holds; an empty one is fine."""
    row = conn.execute("SELECT to_regclass('geodata.districts') IS NOT NULL AS here").fetchone()
    if row is not None and row["here"]:
        plan_of(conn)
    conn.execute("DROP SCHEMA IF EXISTS web, mapsvc, dispatch, layers, geodata CASCADE")
    conn.execute("DROP TABLE IF EXISTS _yoyo_migration, _yoyo_log, _yoyo_version, yoyo_lock")
    conn.commit()


def accounts_path(settings: Settings) -> Path:
    """Return where the demo's accounts are written, readable by their owner only."""
    return settings.home / "demo-accounts.json"


def load_accounts(settings: Settings, conn: Conn) -> list[Account]:
    """Return the accounts as written; with the file gone, give them new passwords."""
    path = accounts_path(settings)
    if not path.exists():
        _write_accounts(path, _renew(conn))
    accounts: list[Account] = json.loads(path.read_text("utf-8"))
    return accounts


def _renew(conn: Conn) -> list[Account]:
    rows = conn.execute(
        "SELECT id, username, role, area_codes FROM web.users WHERE active ORDER BY id"
    ).fetchall()
    renewed = []
    with conn.transaction():
        for row in rows:
            password = make_password()
            conn.execute(
                "UPDATE web.users SET password_hash = %s WHERE id = %s",
                (hash_password(password), row["id"]),
            )
            renewed.append(
                {
                    "username": row["username"],
                    "password": password,
                    "role": row["role"],
                    "area_code": row["area_codes"][0],
                }
            )
    return renewed


def _write_accounts(path: Path, accounts: list[Account]) -> None:
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(accounts, file, ensure_ascii=False, indent=2)
    draft.replace(path)
