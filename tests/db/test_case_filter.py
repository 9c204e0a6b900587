"""Lists and searches of cases against brute force in Python, in several scopes, page by page."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from dispatch import desk
from dispatch.case.filter import Filter
from dispatch.case.loop import the_loop
from geodata.db.pool import make_pool
from geodata.db.scope import NOTHING, Conn, Pool, Scope, scoped, unscoped
from tests.db import world as w
from tests.small_town import grid_code, place

CASES = 420
SEED = 20
OPEN = the_loop().open_states
TYPES = ("D0201", "D0402", "H01", "H05", "S03", "P04")
BASE = w.NOW - timedelta(days=60)
TEXTS = (
    "居民反映楼道堆物", "楼上漏水,楼下天花板渗水", "电动车飞线充电", "道路积水 20%",
    "Gas 泄漏 at No.7", "下水道_堵塞", "反斜杠\\在这里", "引号'和\"双引号", "百分号%和_下划线",
    "GAS smell", "噪声扰民\n第二行", "邻里纠纷", "楼", "", "É 号楼 ß", "道楼反序",
)  # fmt: skip
ADDRESSES = (None, "和平小区1号楼2单元", "横0路10号", "楼", "Wanda Plaza 3F")
SEARCHES = (
    "楼", "道", "楼道", "道楼", "漏水", "楼上漏", "天花板", "堆物", "鲸", "鲸鱼", "鲸鱼座", "gas",
    "GAS", "Gas 泄", "at no", "%", "_", "\\", "'", '"', "20%", "道_", "斜杠\\", "号'和", "é", "ß",
    "0001", "000017", "210211-2026", "-", "1-2", "号楼", "1号", "路10号", "3f", "扰民\n第",
    " 楼道 ",
    "  ", "第", "z", "居民反映楼道堆物", "居民反映楼道堆特",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A case as it was written, for the brute force."""

    id: int
    number: str
    type_code: str
    family: str
    parent: str | None
    state: str
    urgent: bool
    grid: str
    text: str
    address: str | None
    at: datetime
    subjects: tuple[str, ...]
    takers: tuple[int, ...]


SCOPES = {
    "district": Scope(("210211",), ("u:1",)),
    "street": Scope((w.STREET_1,), ("u:2",)),
    "two communities and parts": Scope(("210211001001", "210211002003"), ("u:50", f"p:{w.JUDGE}")),
    "grid": Scope((w.GRID,), ("u:1002", f"p:{w.WORKER}")),
    "parts only": Scope((), ("u:50", f"p:{w.JUDGE}")),
    "elsewhere": Scope(("999999",), ("u:2",)),
    "nothing": NOTHING,
}


@dataclass(frozen=True)
class Past:
    """A town with a past, and what it is made of."""

    dsn: str
    app: Pool
    told: list[Told]


@pytest.fixture(scope="module")
def past(clone: Callable[[str], str], world_template: str) -> Iterator[Past]:
    """Return a town with a past."""
    dsn = clone(world_template)
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        told = _write(conn, random.Random(SEED))  # noqa: S311 - a past, no secret
    app = make_pool(dsn, "ganxin_app", name="test")
    yield Past(dsn, app, told)
    app.close()


def _write(conn: Conn, chance: random.Random) -> list[Told]:
    kinds = {
        row["code"]: row
        for row in conn.execute(
            "SELECT code, family, parent_code FROM dispatch.case_types WHERE code = ANY (%s)",
            (list(TYPES),),
        )
    }
    told = [_draw(chance, number, kinds) for number in range(1, CASES + 1)]
    slots: dict[int, int] = {}
    for one in told:
        _write_case(conn, one, slots)
    conn.execute("ANALYZE dispatch.cases, dispatch.participations, dispatch.assignments")
    return told


def _draw(chance: random.Random, number: int, kinds: dict[str, Any]) -> Told:
    code = chance.choice(TYPES)
    state = chance.choice(OPEN) if chance.random() < 0.15 else chance.choices(
        ("closed", "void", "merged"), (90, 7, 3)
    )[0]  # fmt: skip
    if state == "merged" and number == 1:
        state = "closed"
    grid = grid_code(chance.randrange(8), chance.randrange(4))
    # Bursts of one moment, and ids that do not follow the time.
    at = BASE + timedelta(minutes=chance.randrange(12) if number % 7 == 0 else number * 97)
    subjects = tuple(
        subject
        for subject, share in (("u:1", 0.4), ("u:2", 0.2), ("u:50", 0.1), (f"p:{w.JUDGE}", 0.1))
        if chance.random() < share
    )
    taker = chance.choice((w.JUDGE, w.WORKER)) if state in OPEN and chance.random() < 0.2 else None
    return Told(
        id=number,
        number=f"{grid[:6]}-{at + timedelta(hours=8):%Y%m%d}-{number:06d}",
        type_code=code,
        family=kinds[code]["family"],
        parent=kinds[code]["parent_code"],
        state=state,
        urgent=chance.random() < 0.1,
        grid=grid,
        text=chance.choice(TEXTS) + chance.choice(("", str(number), "楼道")),
        address=chance.choice(ADDRESSES),
        at=at,
        subjects=subjects,
        takers=() if taker is None else (taker,),
    )


def _write_case(conn: Conn, one: Told, slots: dict[int, int]) -> None:
    lon, lat = place(int(one.grid[8]) * 4 - 3.5, 0.5)
    conn.execute(
        "INSERT INTO dispatch.cases (id, number, type_code, state, urgent, channel, description,"
        " address, grid_code, edge_m, source_lon, source_lat, source_datum, geom, reported_by,"
        " reported_at, state_since, closed_at, suspended_from, merged_into) VALUES (%s, %s, %s, %s,"
        " %s, 'desk', %s, %s, %s, 10, %s, %s, 'WGS-84', ST_SetSRID(ST_MakePoint(%s, %s), 4326),"
        " 'system:test', %s, %s, %s, %s, %s)",
        (
            one.id, one.number, one.type_code, one.state, one.urgent, one.text, one.address,
            one.grid, lon, lat, lon, lat, one.at, one.at, one.at if one.state == "closed" else None,
            "pending" if one.state == "suspended" else None, 1 if one.state == "merged" else None,
        ),
    )  # fmt: skip
    for subject in one.subjects:
        conn.execute(
            "INSERT INTO dispatch.participations (subject, case_id, since) VALUES (%s, %s, %s)",
            (subject, one.id, one.at),
        )
    for person in one.takers:
        slots[person] = slots.get(person, 0) + 1
        conn.execute(
            "INSERT INTO dispatch.assignments (case_id, person_id, person_role, role, slot, state,"
            " rung, reasons, rank, assigned_by, assigned_at) VALUES (%s, %s, 'x', 'lead', %s,"
            " 'acknowledged', 'grid', '[]', 1, 'u:1', %s)",
            (one.id, person, slots[person], one.at),
        )


def expected(told: Sequence[Told], scope: Scope, wanted: Filter) -> list[int]:
    """Return the ids of a list, by looking at every case."""
    found = [one for one in told if _in_scope(one, scope) and _meets(one, wanted)]
    return [one.id for one in sorted(found, key=lambda one: (one.at, one.id), reverse=True)]


def _in_scope(one: Told, scope: Scope) -> bool:
    return scope.covers(one.grid) or bool(set(one.subjects) & set(scope.subjects))


def _meets(one: Told, wanted: Filter) -> bool:
    states = {s for state in wanted.states for s in (OPEN if state == "open" else (state,))}
    takers = {int(s[2:]) for s in wanted.mine if s.startswith("p:")}
    part = (wanted.text or "").strip().lower()
    fields = (one.number, one.text, one.address or "")
    return all(
        (
            not states or one.state in states,
            not wanted.families or one.family in wanted.families,
            not wanted.type_codes or {one.type_code, one.parent} & set(wanted.type_codes),
            wanted.urgent is None or one.urgent == wanted.urgent,
            wanted.area_code is None or one.grid.startswith(wanted.area_code),
            not part or any(part in field.lower() for field in fields),
            not takers or takers & set(one.takers),
            not wanted.mine or takers or set(wanted.mine) & set(one.subjects),
            wanted.reported_from is None or one.at >= wanted.reported_from,
            wanted.reported_to is None or one.at < wanted.reported_to,
        )
    )


LOOKS = (1, 12, 100, 1000)
"""Cases in the first window: with few of them also this small past is asked by its indexes."""


def pages(conn: Conn, wanted: Filter, limit: int, first_look: int = LOOKS[-1]) -> list[int]:
    """Return the ids of a whole list, page by page; every page but the last is full."""
    conn.execute("SELECT set_config('ganxin.first_look', %s, true)", (str(first_look),))
    found: list[int] = []
    cursor = None
    while True:
        page = desk.list_cases(conn, wanted, limit=limit, cursor=cursor)
        found += [case.id for case in page.items]
        assert page.next is None or len(page.items) == limit
        if page.next is None:
            return found
        cursor = page.next


def draw_filter(chance: random.Random) -> Filter:
    """Return a filter of one to four conditions."""
    makers = {
        "states": lambda: tuple(
            chance.sample(("open", "closed", "void", "merged", "pending", "suspended"),
                          chance.randint(1, 3))
        ),
        "families": lambda: tuple(chance.sample(("dispute", "hazard", "police"), 1)),
        "type_codes": lambda: tuple(chance.sample((*TYPES, "D02", "H01"), chance.randint(1, 2))),
        "urgent": lambda: chance.random() < 0.7,
        "area_code": lambda: chance.choice(
            ("210211", w.STREET_1, w.STREET_2, w.COMMUNITY, "210211002003", w.GRID, "310000")
        ),
        "text": lambda: chance.choice(SEARCHES),
        "mine": lambda: chance.choice(
            (("u:1",), ("u:2",), ("u:50",), ("u:50", f"p:{w.JUDGE}"), (f"p:{w.WORKER}",), ("u:9",))
        ),
        "reported_from": lambda: BASE + timedelta(hours=chance.randrange(700)),
        "reported_to": lambda: BASE + timedelta(hours=chance.randrange(700)),
    }  # fmt: skip
    names = chance.sample(list(makers), chance.randint(0, 4))
    return replace(Filter(), **{name: makers[name]() for name in names})


@pytest.mark.parametrize("name", SCOPES)
def test_random_filters_as_brute_force(past: Past, name: str):
    chance = random.Random(f"{SEED} {name}")  # noqa: S311 - filters, no secret
    scope, some = SCOPES[name], 0
    for _ in range(160):
        wanted, limit = draw_filter(chance), chance.choice((1, 3, 17, 60, 500))
        first_look = chance.choice(LOOKS)
        with scoped(past.app, scope) as conn:
            found = pages(conn, wanted, limit, first_look)
        assert found == expected(past.told, scope, wanted), (wanted, limit, first_look)
        some += bool(found)
    assert some >= 20 or name in ("elsewhere", "nothing")


@pytest.mark.parametrize("text", SEARCHES)
def test_every_search_as_brute_force(past: Past, text: str):
    for scope in SCOPES.values():
        told = expected(past.told, scope, Filter(text=text))
        for first_look in LOOKS:
            with scoped(past.app, scope) as conn:
                assert pages(conn, Filter(text=text), 7, first_look) == told


def test_background_work_sees_all(past: Past):
    system = make_pool(past.dsn, "ganxin_system", name="test-system")
    with unscoped(system) as conn:
        found = pages(conn, Filter(text="楼道", states=("closed",)), 50)
    system.close()
    everything = Scope(("210211",))
    assert found == expected(past.told, everything, Filter(text="楼道", states=("closed",)))
