"""What there is of the demo in a database and a home: its plan, its accounts.

Apart from web/demo.py, which makes the district, so that a start that finds one is quick.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from geodata.db.scope import Conn
from geodata.errors import Conflict
from geodata.settings import Settings
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
        write_accounts(path, _renew(conn))
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


def write_accounts(path: Path, accounts: list[Account]) -> None:
    """Write the accounts in one step, readable by their owner only."""
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(accounts, file, ensure_ascii=False, indent=2)
    draft.replace(path)
