"""People, door plates and accounts for the small town: for tests of the web over HTTP."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dispatch.rule import seed_rules
from geodata.db.scope import Conn
from tests.small_town import COLUMNS, DISTRICT, ROWS, STREETS, grid_code, load_small_town, place

STREET, OTHER_STREET = STREETS
COMMUNITY = f"{STREET}001"
FAR_COMMUNITIES = (f"{STREET}001", f"{OTHER_STREET}001", f"{OTHER_STREET}004")
HERE = (0.4, 0.4)
"""A place in the first grid of the first street, in grids from the south-west corner."""
THERE = (4.4, 0.4)
"""A place in the first grid of the second street."""


@dataclass(frozen=True)
class Staff:
    """One row of the roster."""

    id: int
    role: str
    team: str
    area_codes: tuple[str, ...]
    at: tuple[float, float]
    mode: str = "ebike"
    capacity: int = 3


def staff() -> Iterator[Staff]:
    """Yield the town's people: one worker a grid, one mediator and helper a community."""
    for number, (column, row) in enumerate(
        ((c, r) for c in range(COLUMNS) for r in range(ROWS)), 1
    ):
        code = grid_code(column, row)
        yield Staff(number, "grid_worker", "grid", (code,), (column + 0.5, row + 0.01))
    for s, street in enumerate(STREETS):
        for c in range(4):
            at = (4 * s + 2 * (c % 2) + 1.0, 2 * (c // 2) + 1.0)
            code = f"{street}{c + 1:03}"
            yield Staff(100 + 4 * s + c, "mediator", "mediation", (code,), at)
            yield Staff(200 + 4 * s + c, "community_worker", "community", (code,), at)
        yield Staff(400 + s, "institutional_post", "street", (street,), (4 * s + 2.0, 2.0), "car")
    yield Staff(300, "judge", "mediation", FAR_COMMUNITIES, (1.0, 1.0), "none", 10)
    yield Staff(301, "lawyer", "mediation", FAR_COMMUNITIES, (1.0, 1.0), "none", 8)


def load_staffed_town(conn: Conn) -> None:
    """Write the small town with its people and door plates; nothing is committed."""
    load_small_town(conn)
    seed_rules(conn)
    people = list(staff())
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO dispatch.people (id, name, role, team, home_code, home, travel_mode,"
            " capacity, phone) VALUES (%s, %s, %s, %s, %s,"
            " ST_SetSRID(ST_MakePoint(%s, %s), 4326), %s, %s, '13800000000')",
            [
                (p.id, f"张{p.id}", p.role, p.team, p.area_codes[0], *place(*p.at), p.mode,
                 p.capacity)
                for p in people
            ],
        )  # fmt: skip
        cursor.executemany(
            "INSERT INTO dispatch.responsibilities (person_id, area_code) VALUES (%s, %s)",
            [(p.id, code) for p in people for code in p.area_codes],
        )
        cursor.executemany(
            "INSERT INTO geodata.addresses (id, road, number, full_text, grid_code, geom)"
            " VALUES (%s, %s, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
            [
                (n, "横0路", str(n), f"小城区第1街道横0路{n}号", grid_code(0, 0),
                 *place(0.05 * n, 0.05))
                for n in range(1, 11)
            ],
        )  # fmt: skip


@dataclass(frozen=True)
class Login:
    """One account of the tests."""

    username: str
    role: str
    area_codes: tuple[str, ...]
    person_id: int | None = None


LOGINS = {
    login.username: login
    for login in (
        Login("commander", "commander", (DISTRICT,)),
        Login("dispatcher", "dispatcher", (DISTRICT,)),
        Login("street.dispatcher", "dispatcher", (STREET,)),
        Login("other.dispatcher", "dispatcher", (OTHER_STREET,)),
        Login("clerk", "clerk", (COMMUNITY,)),
        Login("worker", "grid_worker", (grid_code(0, 0),), 1),
        Login("mediator", "mediator", (COMMUNITY,), 100),
        Login("judge", "judge", FAR_COMMUNITIES, 300),
        Login("lawyer", "lawyer", FAR_COMMUNITIES, 301),
        Login("planner", "planner", (DISTRICT,)),
        Login("supervisor", "supervisor", (DISTRICT,)),
        Login("admin", "administrator", (DISTRICT,)),
        Login("gateway", "system", (DISTRICT,)),
    )
}
PASSWORD = "a long word for tests only"


def load_logins(conn: Conn, password_hash: str, logins: Iterable[Login] = LOGINS.values()) -> None:
    """Write the accounts, all with one password hash: a hash of their own costs 0.1 s each."""
    levels = {6: "district", 9: "street", 12: "community", 15: "grid"}
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO web.users (username, display_name, password_hash, role, level,"
            " area_codes, person_id) VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [
                (u.username, u.username, password_hash, u.role, levels[len(u.area_codes[0])],
                 list(u.area_codes), u.person_id)
                for u in logins
            ],
        )  # fmt: skip
