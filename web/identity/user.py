"""Accounts: made, found, and the demo's own set with passwords of this installation only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from geodata.code import level_of, parse_code
from geodata.db.scope import Conn
from geodata.errors import DataFault
from web.identity.password import hash_password
from web.identity.role import permissions_of


@dataclass(frozen=True)
class Account:
    """What it takes to make a user."""

    username: str
    display_name: str
    role: str
    area_codes: tuple[str, ...]
    person_id: int | None = None
    locale: str = "zh"


def create_user(conn: Conn, account: Account, password: str) -> int:
    """Create a user; return the id. The level is that of the highest area.

    Raises
    ------
    InvalidInput
        The role or an area code does not exist.
    DataFault
        The username is taken.
    """
    permissions_of(account.role)
    codes = [parse_code(code, field="area_codes") for code in account.area_codes]
    row = conn.execute(
        "INSERT INTO web.users (username, display_name, password_hash, role, level, area_codes,"
        " person_id, locale) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (username) DO NOTHING RETURNING id",
        (
            account.username,
            account.display_name,
            hash_password(password),
            account.role,
            level_of(min(codes, key=len)),
            codes,
            account.person_id,
            account.locale,
        ),
    ).fetchone()
    if row is None:
        raise DataFault(f"The username {account.username} is taken")
    return int(row["id"])


def find_password(conn: Conn, username: str) -> tuple[int | None, str | None]:
    """Return the id and the stored hash of an active account, or two Nones."""
    row = conn.execute(
        "SELECT id, password_hash FROM web.users WHERE username = %s AND active", (username,)
    ).fetchone()
    return (None, None) if row is None else (row["id"], row["password_hash"])


def display_name(conn: Conn, subject: str) -> str | None:
    """Return the name of the account behind a subject, None if it is no account's."""
    if not subject.startswith("u:"):
        return None
    row = conn.execute(
        "SELECT display_name FROM web.users WHERE id = %s", (int(subject[2:]),)
    ).fetchone()
    return None if row is None else str(row["display_name"])


def subject_names(conn: Conn, subjects: Iterable[str]) -> dict[str, str]:
    """Return the names of accounts ``u:…`` and of people in scope ``p:…``; others are left out."""
    ids: dict[str, list[int]] = {"u": [], "p": []}
    for subject in set(subjects):
        kind, _, number = subject.partition(":")
        if kind in ids:
            ids[kind].append(int(number))
    rows = conn.execute(
        "SELECT 'u:' || id AS subject, display_name AS name FROM web.users WHERE id = ANY (%(u)s)"
        " UNION ALL SELECT 'p:' || id, name FROM dispatch.people WHERE id = ANY (%(p)s)",
        ids,
    )
    return {row["subject"]: row["name"] for row in rows}


def disable_user(conn: Conn, user_id: int) -> None:
    """Disable an account: its sessions, tokens and streams end at once."""
    conn.execute("UPDATE web.users SET active = false WHERE id = %s", (user_id,))
