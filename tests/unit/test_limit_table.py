"""Which limit holds: worked by hand, and against the rule written another way."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.case.type import Family, known_types
from dispatch.clock.limit import Limit, Unit
from dispatch.clock.limit_table import (
    LEVELS,
    LimitKey,
    LimitRow,
    LimitTable,
    Step,
    shipped_limits,
)
from geodata.code import Level
from geodata.errors import DataFault, InvalidInput

SETTLE, HANDLE = Step.SETTLE, Step.HANDLE


def row(amount: int, step: Step = SETTLE, **key: object) -> LimitRow:
    return LimitRow(LimitKey(step, **key), Limit(amount, Unit.HOURS), "test")  # type: ignore[arg-type]


TABLE = LimitTable(
    [
        row(100),
        row(90, urgent=True),
        row(80, level=Level.STREET),
        row(70, family="hazard"),
        row(60, family="hazard", level=Level.GRID),
        row(50, type_code="HC01"),
        row(40, type_code="HC01", urgent=True),
        row(30, type_code="H01"),
        row(20, type_code="H01", level=Level.GRID),
        row(10, type_code="H01", level=Level.GRID, urgent=False),
        row(5, HANDLE, family="police"),
    ]
)


@pytest.mark.parametrize(
    ("type_code", "parent", "family", "level", "urgent", "hours"),
    [
        ("H01", "HC01", "hazard", Level.GRID, False, 10),  # type, level and urgency
        ("H01", "HC01", "hazard", Level.GRID, True, 20),  # the 10 is for what is not urgent
        ("H01", "HC01", "hazard", Level.STREET, True, 30),  # a type's any level before a class
        ("H01", "HC01", "hazard", None, False, 30),  # no level is none of the levels given
        ("H02", "HC01", "hazard", Level.GRID, True, 40),  # the class; its urgency counts
        ("H02", "HC01", "hazard", Level.GRID, False, 50),  # a class before the family's level
        ("HC01", None, "hazard", Level.GRID, False, 50),  # reported as the class itself
        ("H09", "HC06", "hazard", Level.GRID, True, 60),
        ("H09", "HC06", "hazard", Level.STREET, True, 70),  # the family before any family's level
        ("S01", None, "service", Level.STREET, True, 80),  # a level before an urgency
        ("S01", None, "service", Level.GRID, True, 90),
        ("S01", None, "service", Level.GRID, False, 100),
    ],
)
def test_the_most_specific_row_wins(
    type_code: str, parent: str | None, family: str, level: Level | None, urgent: bool, hours: int
):
    found = TABLE.find(type_code, parent, family, level, SETTLE, urgent)
    assert found == Limit(hours, Unit.HOURS)


def test_a_step_without_a_row_has_no_limit():
    assert TABLE.find("H01", "HC01", "hazard", Level.GRID, HANDLE, True) is None
    assert TABLE.find("P01", None, "police", None, HANDLE, True) == Limit(5, Unit.HOURS)
    assert LimitTable([]).find("H01", None, "hazard", None, SETTLE, False) is None


KEYS = [
    LimitKey(SETTLE, family, code, level, urgent)
    for (family, code), level, urgent in product(
        [(None, None), ("hazard", None), (None, "HC01"), (None, "H01")],
        (None, Level.GRID, Level.STREET),
        (None, True, False),
    )
]


def specificity(key: LimitKey) -> tuple[int, bool, bool]:
    scope = {"H01": 3, "HC01": 2, None: 0}[key.type_code]
    return max(scope, 1 if key.family else 0), key.level is not None, key.urgent is not None


@given(
    st.lists(st.sampled_from(KEYS), unique=True),
    st.sampled_from([None, Level.GRID, Level.STREET, Level.DISTRICT]),
    st.booleans(),
)
def test_a_scan_of_all_rows_finds_the_same(keys: list[LimitKey], level: Level | None, urgent: bool):
    table = LimitTable(LimitRow(k, Limit(i + 1, Unit.DAYS), "x") for i, k in enumerate(keys))
    fitting = [k for k in keys if k.level in (None, level) and k.urgent in (None, urgent)]
    found = table.find_row("H01", "HC01", "hazard", level, SETTLE, urgent)
    assert (found and found.key) == max(fitting, key=specificity, default=None)


def test_two_rows_for_the_same_are_refused():
    one = row(1, type_code="H01", level=Level.GRID)
    with pytest.raises(DataFault, match=r"Two limits are for the same: .*H01"):
        LimitTable([row(7), one, row(2, type_code="H01", level=Level.GRID)])
    assert LimitTable([one, row(2, type_code="H01", urgent=False)]).rows[0] == one


@pytest.mark.parametrize(
    ("key", "field"),
    [({"family": "hazard", "type_code": "H01"}, "family"), ({"level": Level.MICRO_GRID}, "level")],
)
def test_a_key_that_says_two_things_is_refused(key: dict[str, object], field: str):
    with pytest.raises(InvalidInput) as caught:
        row(1, **key)
    assert caught.value.field == field


def shipped(code: str, step: Step, urgent: bool, level: Level | None = None) -> Limit | None:
    kind = next(one for one in known_types() if one.code == code)
    return shipped_limits().find(code, kind.parent_code, kind.family, level, step, urgent)


@pytest.mark.parametrize(
    ("code", "step", "urgent", "amount", "unit"),
    [
        ("H01", Step.REGISTER, True, 5, Unit.MINUTES),
        ("H01", Step.DISPATCH, True, 5, Unit.MINUTES),
        ("H05", Step.REGISTER, False, 15, Unit.MINUTES),
        ("H05", Step.DISPATCH, False, 15, Unit.MINUTES),
        ("H01", Step.VERIFY, True, 2, Unit.HOURS),
        ("H01", Step.SETTLE, True, 2, Unit.HOURS),
        ("H05", Step.SETTLE, False, 4, Unit.WORKING_HOURS),
        ("D0601", Step.SETTLE, False, 1, Unit.WORKING_DAYS),
        ("D0201", Step.SETTLE, False, 7, Unit.DAYS),
        ("D0902", Step.SETTLE, False, 20, Unit.DAYS),
        ("D11", Step.SETTLE, False, 20, Unit.DAYS),
        ("S09", Step.SETTLE, False, 1, Unit.WORKING_DAYS),
        ("S25", Step.SETTLE, False, 3, Unit.WORKING_DAYS),
        ("S33", Step.SETTLE, False, 10, Unit.WORKING_DAYS),
    ],
)
def test_the_typical_limits_are_shipped(
    code: str, step: Step, urgent: bool, amount: int, unit: Unit
):
    assert shipped(code, step, urgent) == Limit(amount, unit)


def test_the_level_that_holds_a_hazard_counts():
    days = [shipped("H03", HANDLE, False, level) for level in LEVELS]
    assert [limit and limit.amount for limit in days] == [1, 1, 2, 3]


def test_every_shipped_row_is_of_something_and_has_a_source():
    codes = {kind.code for kind in known_types()}
    for one in shipped_limits().rows:
        assert one.source
        assert one.key.type_code is None or one.key.type_code in codes, one
        assert one.key.family is None or one.key.family in set(Family), one
