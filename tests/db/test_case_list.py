"""Lists of cases against brute force: filters, both orders page by page, the tally of a desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from dispatch import desk
from dispatch.case.filter import Filter
from dispatch.case.loop import the_loop
from dispatch.case.order import DUE, NEWEST, Order
from dispatch.case.tally import count_desk
from geodata.code import level_of
from geodata.db.pool import make_pool
from geodata.db.scope import Conn, Pool, Scope, scoped, unscoped
from geodata.errors import InvalidInput
from tests.conftest import DEMO_AS_OF

NOW = DEMO_AS_OF
SCOPE = Scope(("210211",), ("u:1",))
SEED = 64
SPREAD = """
UPDATE dispatch.cases SET
    holder_code = left(grid_code, (ARRAY[6, 9, 12, 12, 15])[1 + id %% 5]),
    state = (ARRAY['reported', 'pending', 'assigned', 'suspended', 'handled', 'verified'])
        [1 + id %% 6],
    suspended_from = CASE WHEN id %% 6 = 3 THEN 'pending' END,
    closed_at = NULL, closing_kind = NULL,
    hops = id %% 3,
    card = (ARRAY['yellow', 'red', NULL, NULL])[1 + id %% 4],
    state_since = %(now)s - (id %% 70) * interval '1 hour',
    due_at = CASE WHEN id %% 7 > 0 THEN %(now)s + (id %% 11 - 5) * interval '3 hours' END,
    yellow_at = CASE WHEN id %% 7 > 0 THEN %(now)s + (id %% 11 - 6) * interval '3 hours' END
WHERE id IN (SELECT id FROM dispatch.cases ORDER BY id DESC LIMIT 1500)
"""
"""Many equal due times, and due times exactly now: where a cursor or a comparison would slip."""


@dataclass(frozen=True)
class Town:
    """A demo district whose newest cases are everywhere in the loop, and what they are."""

    pool: Pool
    rows: list[dict[str, Any]]


@pytest.fixture(scope="module")
def town(clone: Callable[[str], str], demo_template: str) -> Iterator[Town]:
    dsn = clone(demo_template)
    system = make_pool(dsn, "ganxin_system", name="test-system", max_size=1)
    with unscoped(system) as conn:
        conn.execute(SPREAD, {"now": NOW})
    with unscoped(system) as conn:
        rows = conn.execute(
            "SELECT c.*, t.family, t.parent_code, (SELECT a.person_id FROM dispatch.assignments a"
            " WHERE a.case_id = c.id AND a.role = 'lead' AND a.live) AS lead"
            " FROM dispatch.cases c JOIN dispatch.case_types t ON t.code = c.type_code"
        ).fetchall()
    pool = make_pool(dsn, "ganxin_app", name="test", max_size=2)
    yield Town(pool, rows)
    pool.close()
    system.close()


def light_of(row: dict[str, Any]) -> str | None:
    if row["due_at"] is None:
        return None
    if row["due_at"] <= NOW:
        return "red"
    return "yellow" if row["yellow_at"] <= NOW else "green"


def fits(row: dict[str, Any], wanted: Filter) -> bool:
    """Tell whether a row fits a filter, by the words of its documentation."""
    is_open = row["state"] in the_loop().open_states
    return all(
        (
            not wanted.states
            or row["state"] in wanted.states
            or ("open" in wanted.states and is_open),
            not wanted.families or row["family"] in wanted.families,
            wanted.area_code is None or row["grid_code"].startswith(wanted.area_code),
            not wanted.holders or row["holder_code"].startswith(wanted.holders),
            not wanted.levels or level_of(row["holder_code"]) in wanted.levels,
            not wanted.lights or light_of(row) in wanted.lights,
            not wanted.cards or row["card"] in wanted.cards,
            wanted.returned is None or (row["hops"] >= 1) == wanted.returned,
            wanted.stuck_h is None or NOW - row["state_since"] >= timedelta(hours=wanted.stuck_h),
            wanted.lead is None or row["lead"] == wanted.lead,
        )
    )


def some_filter(chance: Random, town: Town) -> Filter:
    """Return a filter of two or three parts that some row fits."""
    row = chance.choice([row for row in town.rows if row["state"] in the_loop().open_states])
    led = next(row["lead"] for row in town.rows if row["lead"] is not None)
    parts: dict[str, Any] = {
        "families": (row["family"],),
        "area_code": row["grid_code"][: chance.choice([6, 9, 12, 15])],
        "holders": tuple({row["holder_code"], row["grid_code"][:9]}),
        "levels": (level_of(row["holder_code"]).value,),
        "lights": tuple(chance.sample(["green", "yellow", "red"], 2)),
        "cards": (row["card"] or "red",),
        "returned": row["hops"] >= 1,
        "stuck_h": chance.choice([1.0, 24.0, 24.5, 69.0]),
        "lead": row["lead"] or led,
    }
    chosen = chance.sample(sorted(parts), chance.choice([1, 2, 3]))
    states = chance.choice([("open",), (row["state"],)])
    return Filter(states=states, **{name: parts[name] for name in chosen}, now=NOW)


def pages(conn: Conn, wanted: Filter, order: Order, limit: int) -> list[int]:
    """Return the ids of all pages, one after another."""
    ids: list[int] = []
    cursor = None
    while True:
        found = desk.list_cases(conn, wanted, limit=limit, cursor=cursor, order=order)
        ids += [case.id for case in found.items]
        cursor = found.next
        if cursor is None:
            return ids
        assert len(found.items) == limit


def in_order(rows: list[dict[str, Any]], order: Order) -> list[int]:
    if order is NEWEST:
        return [r["id"] for r in sorted(rows, key=lambda r: (r["reported_at"], r["id"]))][::-1]
    last = datetime.max.replace(tzinfo=NOW.tzinfo)
    return [r["id"] for r in sorted(rows, key=lambda r: (r["due_at"] or last, r["id"]))]


@pytest.mark.parametrize("number", range(40))
def test_a_filter_leaves_what_brute_force_leaves_page_by_page(town: Town, number: int):
    chance = Random(SEED * 1000 + number)  # noqa: S311 - chooses what to ask
    wanted = some_filter(chance, town)
    rows = [row for row in town.rows if fits(row, wanted)]
    order = chance.choice([NEWEST, DUE])
    with scoped(town.pool, SCOPE) as conn:
        found = pages(conn, wanted, order, chance.choice([7, 50, 200]))
    assert found == in_order(rows, order), wanted


@pytest.mark.parametrize("order", [NEWEST, DUE], ids=["newest", "due"])
@pytest.mark.parametrize("limit", [1, 13])
def test_equal_due_times_and_none_at_all_come_once_each(town: Town, order: Order, limit: int):
    wanted = Filter(states=("open",), holders=("210211001", "210211002"), now=NOW)
    rows = [row for row in town.rows if fits(row, wanted)]
    assert len({row["due_at"] for row in rows}) < len(rows) / 3
    assert any(row["due_at"] is None for row in rows)
    with scoped(town.pool, SCOPE) as conn:
        assert pages(conn, wanted, order, limit) == in_order(rows, order)


def test_a_cursor_of_another_order_is_refused(town: Town):
    wanted = Filter(states=("open",))
    with scoped(town.pool, SCOPE) as conn:
        for one, other in ((NEWEST, DUE), (DUE, NEWEST)):
            cursor = desk.list_cases(conn, wanted, limit=2, order=one).next
            with pytest.raises(InvalidInput) as refused:
                desk.list_cases(conn, wanted, limit=2, cursor=cursor, order=other)
            assert refused.value.field == "cursor"


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("holder", Filter(holders=("21",))),
        ("level", Filter(levels=("village",))),
        ("light", Filter(lights=("blue",), now=NOW)),
        ("card", Filter(cards=("green",))),
    ],
)
def test_what_there_is_not_is_refused_by_its_field(town: Town, field: str, wanted: Filter):
    with scoped(town.pool, SCOPE) as conn, pytest.raises(InvalidInput) as refused:
        desk.list_cases(conn, wanted)
    assert refused.value.field == field


@pytest.mark.parametrize("area", ["210211", "210211001", "210211001001"])
def test_the_tally_is_what_the_lists_hold(town: Town, area: str):
    scope = Scope((area,), ("u:1",))
    rows = [
        row
        for row in town.rows
        if row["grid_code"].startswith(area) and row["state"] in the_loop().open_states
    ]
    tabs = {
        "open": lambda row: True,
        "accept": lambda row: row["state"] == "reported",
        "dispatch": lambda row: row["state"] == "pending",
        "in_hand": lambda row: row["state"] in ("assigned", "acknowledged", "arrived"),
        "suspended": lambda row: row["state"] == "suspended",
        "verify": lambda row: row["state"] == "handled",
        "close": lambda row: row["state"] == "verified",
        "late": lambda row: light_of(row) == "red",
        "carded": lambda row: row["card"] is not None,
        "returned": lambda row: row["hops"] >= 1,
        "stuck": lambda row: NOW - row["state_since"] >= timedelta(hours=24),
    }
    with scoped(town.pool, scope) as conn:
        tally = count_desk(conn, Filter(), NOW)
    assert tally.tabs == {name: sum(map(test, rows)) for name, test in tabs.items()}
    assert tally.tabs["late"] > 0
    for code, numbers in tally.holders.items():
        held = [row for row in rows if row["holder_code"] == code]
        assert numbers == {name: sum(map(tabs[name], held)) for name in numbers}
    assert sum(numbers["open"] for numbers in tally.holders.values()) == len(rows)


def test_the_tally_of_nothing_is_zero(town: Town):
    with scoped(town.pool, Scope(("999999",), ("u:1",))) as conn:
        tally = count_desk(conn, Filter(), NOW)
    assert set(tally.tabs.values()) == {0}
    assert tally.holders == {}
