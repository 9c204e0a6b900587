"""The demo's accounts: every role that is promised, round one busy community, no known password."""

from __future__ import annotations

from typing import Any

from web.identity.demo import choose_accounts
from web.identity.password import make_password
from web.identity.role import PERMISSIONS, Permission, home_of

DISTRICT = "210211"


def person(number: int, role: str, *codes: str) -> dict[str, Any]:
    return {"id": number, "name": f"张{number}", "role": role, "area_codes": list(codes)}


PEOPLE = [
    person(1, "judge", "210211001001", "210211001002"),
    person(2, "judge", "210211001003", "210211002001", "210211003001"),
    person(3, "judge", "210211001004", "210211002002", "210211003002"),
    person(4, "mediator", "210211001001"),
    person(5, "mediator", "210211003001", "210211003002"),
    person(6, "lawyer", "210211003002"),
    person(7, "grid_worker", "210211001001001"),
    person(8, "grid_worker", "210211003002004"),
]
BUSY = {"210211003002": 5, "210211001001": 9}


def accounts(seed: int = 1) -> dict[str, Any]:
    return {a.username: a for a in choose_accounts(DISTRICT, PEOPLE, seed, BUSY)}


def test_accounts_stand_round_the_busiest_community_of_a_judge_with_three_streets():
    made = accounts()
    assert made["judge"].person_id == 3
    assert made["clerk"].area_codes == ("210211003002",)
    assert made["street.dispatcher"].area_codes == ("210211003",)
    assert made["worker"].person_id == 8
    assert made["mediator"].person_id == 5
    assert made["lawyer"].person_id == 6


def test_every_promised_role_has_an_account():
    roles = {account.role for account in accounts().values()}
    assert roles == set(PERMISSIONS) - {"system"}
    assert accounts()["commander"].area_codes == (DISTRICT,)


def test_the_same_seed_makes_the_same_accounts():
    assert accounts(7) == accounts(7)


def test_passwords_are_random_and_readable():
    made = {make_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(word) == 14 and not set(word) & set("01ilo") for word in made)


def test_every_role_has_a_page_to_start_on_that_it_may_open():
    pages = {"/wall": Permission.PAGE_WALL, "/dispatch": Permission.PAGE_DISPATCH}
    pages |= {"/risk": Permission.PAGE_RISK, "/me": Permission.PAGE_WORK}
    for role, permissions in PERMISSIONS.items():
        if role != "system":
            assert pages[home_of(role)] in permissions
