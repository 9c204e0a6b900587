"""The demo's accounts: who they are follows from the seed, their passwords from nobody's."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from geodata.db.scope import Conn, Row
from geodata.errors import DataFault
from web.identity.password import make_password
from web.identity.user import Account, create_user

LEAST_STREETS = 3
"""In so many streets lie the communities of the demo's judge."""


def seed_demo_users(
    conn: Conn, seed: int, people: Sequence[Row] | None = None
) -> list[dict[str, str]]:
    """Create the demo's accounts; return ``{username, password, role, area_code}`` of each.

    Parameters
    ----------
    conn
        A connection that sees the whole roster (the owner or ``ganxin_system``).
    seed
        Chooses the people who have accounts; never the passwords.
    people
        Rows with id, name, role and area_codes; read from dispatch.people when None.
    """
    roster = read_staff(conn) if people is None else people
    district = conn.execute("SELECT code FROM geodata.districts ORDER BY code").fetchone()
    if district is None:
        raise DataFault("Load a district before its accounts")
    made = []
    for account in choose_accounts(district["code"], roster, seed, count_open(conn)):
        password = make_password()
        create_user(conn, account, password)
        made.append(
            {
                "username": account.username,
                "password": password,
                "role": account.role,
                "area_code": account.area_codes[0],
            }
        )
    return made


def read_staff(conn: Conn) -> list[Row]:
    """Return the people of whom some have an account in the demo, by id."""
    return conn.execute(
        "SELECT id, name, role, area_codes FROM dispatch.people"
        " WHERE role IN ('judge', 'lawyer', 'mediator', 'grid_worker') AND area_codes <> '{}'"
        " ORDER BY id"
    ).fetchall()


def count_open(conn: Conn) -> dict[str, int]:
    """Return how many cases are open, by community: accounts should have something to do."""
    rows = conn.execute(
        "SELECT left(grid_code, 12) AS code, count(*) AS n FROM dispatch.cases"
        " WHERE state NOT IN ('closed', 'void', 'merged') GROUP BY 1"
    ).fetchall()
    return {row["code"]: row["n"] for row in rows}


def choose_accounts(
    district: str, people: Iterable[Row], seed: int, busy: Mapping[str, int] | None = None
) -> list[Account]:
    """Choose the accounts: a judge, and round the busiest of the judge's communities the others.

    Parameters
    ----------
    busy
        Open cases by community; the seed decides between equals.
    """
    by_role: dict[str, list[Row]] = {}
    for person in people:
        by_role.setdefault(person["role"], []).append(person)
    chance = random.Random(seed)  # noqa: S311 - chooses people, not secrets
    wide = [judge for judge in by_role["judge"] if _streets(judge) >= LEAST_STREETS]
    judges = chance.sample(wide or by_role["judge"], len(wide or by_role["judge"]))
    work = busy or {}
    judge, community = max(
        ((judge, code) for judge in judges for code in judge["area_codes"]),
        key=lambda pair: work.get(pair[1], 0),
    )
    street = community[:9]
    staff = [
        ("worker", _near(by_role["grid_worker"], community)),
        ("mediator", _near(by_role["mediator"], community)),
        ("judge", judge),
        ("lawyer", _near(by_role["lawyer"], community)),
    ]
    return [
        Account("commander", "区指挥长", "commander", (district,)),
        Account("dispatcher", "区调度员一", "dispatcher", (district,)),
        Account("dispatcher2", "区调度员二", "dispatcher", (district,)),
        Account("street.dispatcher", "街道调度员", "dispatcher", (street,)),
        Account("clerk", "社区干事", "clerk", (community,)),
        *(_staff_account(username, person) for username, person in staff),
        Account("planner", "规划员", "planner", (district,)),
        Account("supervisor", "督查员", "supervisor", (district,)),
        Account("admin", "系统管理员", "administrator", (district,)),
    ]


def _staff_account(username: str, person: Row) -> Account:
    return Account(
        username, person["name"], person["role"], tuple(person["area_codes"]), person["id"]
    )


def _near(people: Sequence[Row], community: str) -> Row:
    """Return the first who answers for a part of the community or for all of it, else the first."""
    for person in people:
        if any(code.startswith(community) for code in person["area_codes"]):
            return person
    return people[0]


def _streets(person: Row) -> int:
    return len({code[:9] for code in person["area_codes"]})
