"""Limits in the database: shipped with the product, edited by the district; and who may write."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import errors
from psycopg.rows import dict_row

from dispatch.actor import Actor
from dispatch.case.type import get_type, seed_types
from dispatch.clock.limit import Limit, Unit
from dispatch.clock.limit_table import (
    LimitKey,
    LimitRow,
    Step,
    put_limit,
    read_limits,
    remove_limit,
    seed_limits,
    shipped_limits,
)
from dispatch.rule import drop_limit, rules_version, seed_rules, set_limit
from geodata.code import Level
from geodata.db.scope import Conn, Scope, unscoped
from geodata.errors import Forbidden, InvalidInput, NotFound
from tests.db.world import World, commander
from web.check import check_database

ADMIN = Actor("u:9", "administrator", Scope(("210211",), ("u:9",)))
MANHOLE = LimitKey(Step.SETTLE, type_code="H01")


def owner_of(world: World) -> Conn:
    return psycopg.connect(world.dsn, row_factory=dict_row)


def rows_of(conn: Conn) -> dict[LimitKey, tuple[int, str, bool]]:
    rows = read_limits(conn).rows
    return {row.key: (row.limit.amount, row.limit.unit.value, row.edited) for row in rows}


def id_of(conn: Conn, key: LimitKey) -> int:
    found = next(row.id for row in read_limits(conn).rows if row.key == key)
    assert found is not None
    return found


def test_seeding_again_changes_nothing(world: World):
    with owner_of(world) as owner:
        before, version = rows_of(owner), rules_version(owner)
        assert len(before) == len(shipped_limits().rows)
        assert seed_limits(owner) == 0
        assert seed_types(owner) == 0
        assert rows_of(owner) == before
        assert rules_version(owner) == version


def test_what_the_district_edited_survives_a_new_version(world: World):
    with owner_of(world) as owner:
        put_limit(owner, LimitRow(MANHOLE, Limit(90, Unit.MINUTES), "district"))
        own = LimitKey(Step.HANDLE, type_code="H01", level=Level.GRID, urgent=True)
        put_limit(owner, LimitRow(own, Limit(1, Unit.HOURS), "district"))
        rubbish = LimitKey(Step.SETTLE, type_code="H05")
        remove_limit(owner, id_of(owner, rubbish))
        # An older version shipped another amount, which nobody here edited.
        dispute = LimitKey(Step.SETTLE, family="dispute")
        owner.execute(
            "UPDATE dispatch.limits SET amount = 99 WHERE id = %s", (id_of(owner, dispute),)
        )

        assert seed_limits(owner) == 0
        now = rows_of(owner)
        assert now[MANHOLE] == (90, "minutes", True)
        assert now[own] == (1, "hours", True)
        assert rubbish not in now
        assert now[dispute] == (7, "days", False)
        # It may be set anew.
        put_limit(owner, LimitRow(rubbish, Limit(3, Unit.WORKING_HOURS), "district"))
        seed_limits(owner)
        assert rows_of(owner)[rubbish] == (3, "working_hours", True)


def test_one_row_for_one_key_whatever_is_null(world: World):
    with owner_of(world) as owner:
        with pytest.raises(errors.UniqueViolation), owner.transaction():
            owner.execute(
                "INSERT INTO dispatch.limits (step, amount, unit, source)"
                " VALUES ('register', 1, 'days', 'x')"
            )
        with pytest.raises(errors.CheckViolation), owner.transaction():
            owner.execute(
                "INSERT INTO dispatch.limits (family, type_code, step, amount, unit, source)"
                " VALUES ('hazard', 'H01', 'close', 1, 'days', 'x')"
            )


def test_every_change_of_a_rule_is_counted(world: World):
    with owner_of(world) as owner:
        versions = [rules_version(owner)]
        for statement in (
            "UPDATE dispatch.case_types SET active = false WHERE code = 'H16'",
            "UPDATE dispatch.limits SET amount = amount + 1 WHERE type_code = 'H01'",
            "DELETE FROM dispatch.limits WHERE type_code = 'H01'",
            "UPDATE dispatch.limits SET amount = 1 WHERE type_code = 'nothing'",
        ):
            owner.execute(statement.encode())
            versions.append(rules_version(owner))
    first = versions[0]
    assert versions == [first, first + 1, first + 2, first + 3, first + 3]


def test_an_administrator_sets_and_takes_away_and_each_is_told(world: World):
    with unscoped(world.app) as conn:
        row = LimitRow(MANHOLE, Limit(90, Unit.MINUTES), "district")
        stored = set_limit(conn, world.clock, ADMIN, row)
        assert stored.edited
        table = read_limits(conn)
        assert table.find("H01", "HC01", "hazard", None, Step.SETTLE, True) == row.limit
        assert stored.id is not None
        drop_limit(conn, world.clock, ADMIN, stored.id)
        with pytest.raises(NotFound):
            drop_limit(conn, world.clock, ADMIN, stored.id)
    with unscoped(world.system) as conn:
        told = conn.execute(
            "SELECT kind, area_code, actor, payload FROM geodata.events_pending ORDER BY id"
        ).fetchall()
        table = read_limits(conn)
    # The next more general one holds: an urgent hazard, 4 hours.
    found = table.find("H01", "HC01", "hazard", None, Step.SETTLE, True)
    assert found == Limit(4, Unit.HOURS)
    assert {(one["kind"], one["area_code"], one["actor"]) for one in told} == {
        ("limit.changed", "210211", "u:9")
    }
    facts = {"type": "H01", "family": None, "step": "settle", "level": None, "urgent": None}
    assert [one["payload"] for one in told] == [
        {
            **facts,
            "before": {"amount": 2, "unit": "hours"},
            "now": {"amount": 90, "unit": "minutes"},
        },
        {**facts, "before": {"amount": 90, "unit": "minutes"}, "now": None},
    ]


@pytest.mark.parametrize(
    "actor", [commander(), Actor("u:9", "administrator", Scope(("210211001",), ("u:9",)))]
)
def test_nobody_else_edits_the_rules_of_the_district(world: World, actor: Actor):
    row = LimitRow(MANHOLE, Limit(90, Unit.MINUTES), "district")
    with unscoped(world.app) as conn:
        with pytest.raises(Forbidden):
            set_limit(conn, world.clock, actor, row)
        with pytest.raises(Forbidden):
            drop_limit(conn, world.clock, actor, id_of(conn, MANHOLE))


@pytest.mark.parametrize(
    ("key", "field"),
    [
        (LimitKey(Step.CLOSE, type_code="H99"), "type"),
        (LimitKey(Step.CLOSE, family="weather"), "family"),
    ],
)
def test_a_limit_of_nothing_is_refused(world: World, key: LimitKey, field: str):
    with unscoped(world.app) as conn, pytest.raises(InvalidInput) as caught:
        set_limit(conn, world.clock, ADMIN, LimitRow(key, Limit(1, Unit.DAYS), "district"))
    assert caught.value.field == field


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM dispatch.case_types",
        "UPDATE dispatch.case_types SET family = 'police' WHERE code = 'H01'",
        "UPDATE dispatch.case_types SET parent_code = NULL WHERE code = 'H01'",
        "UPDATE dispatch.rules_version SET version = 1",
        "DELETE FROM dispatch.removed_limits",
    ],
)
def test_what_cases_refer_to_is_out_of_reach_of_the_application(world: World, statement: str):
    with pytest.raises(errors.InsufficientPrivilege), unscoped(world.app) as conn:
        conn.execute(statement.encode())


def test_check_names_what_the_rules_lack_and_its_repair(world: World):
    def faults() -> dict[str, tuple[str, str]]:
        found = check_database(world.dsn)
        return {f.name: (f.fault.problem, f.fault.repair) for f in found if f.fault}

    names = {"types", "limits of types", "posts of types", "kinds of services", "service catalogue"}
    assert not names & set(faults())
    with owner_of(world) as owner:
        owner.execute("DELETE FROM dispatch.limits WHERE family = 'police' OR type_code = 'P04'")
        owner.execute("UPDATE dispatch.case_types SET responsible_post = 'king' WHERE code = 'H01'")
        owner.execute("UPDATE dispatch.case_types SET service_kind = NULL WHERE code = 'S01'")
        owner.execute("UPDATE dispatch.case_types SET active = false WHERE service_kind = 'joint'")
    found = faults()
    assert names - set(found) == {"types"}
    assert found["limits of types"][0] == "missing for P01, P02, P03, P04, P05, P07"
    assert "PUT /api/v1/limits" in found["limits of types"][1]
    assert found["posts of types"][0] == "missing for H01"
    assert "PUT /api/v1/case-types/{code}" in found["posts of types"][1]
    assert found["kinds of services"][0] == "missing for S01"
    assert found["service catalogue"][0] == "missing for joint"


def test_an_edited_type_is_left_as_it_is(world: World):
    with owner_of(world) as owner:
        owner.execute(
            "UPDATE dispatch.case_types SET name = '井盖问题', closing_condition = '补好。',"
            " active = false, edited = true WHERE code = 'H01'"
        )
        seed_rules(owner)
        kind = get_type(owner, "H01")
    assert (kind.name, kind.closing_condition, kind.active) == ("井盖问题", "补好。", False)
