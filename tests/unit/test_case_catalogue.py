"""The catalogue of types as shipped: its numbers, and that every line can be worked with."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from dispatch.case.type import CaseType, known_types
from dispatch.clock.limit_table import LimitTable, shipped_limits
from dispatch.people.role import ROLES
from dispatch.rule import (
    SKILLS,
    check_class,
    check_type,
    kinds_without_service,
    services_without_kind,
    types_without_limit,
    types_without_post,
)
from geodata.errors import InvalidInput

TYPES = {kind.code: kind for kind in known_types()}
OLD_HAZARDS = {
    "H01": "井盖缺失", "H02": "燃气异味", "H03": "电线老化", "H04": "消防通道占用",
    "H05": "暴露垃圾", "H06": "楼道堆物", "H07": "电动自行车违规充电", "H08": "外墙脱落",
    "H09": "积水内涝", "H10": "路面塌陷", "H11": "危险化学品异味或泄漏", "H12": "冒烟起火",
    "H13": "树木倒伏", "H14": "平房取暖一氧化碳隐患", "H15": "违章搭建", "H16": "积雪结冰",
}  # fmt: skip
OLD_SERVICES = {
    "S01": "独居老人探访", "S02": "政务代办", "S03": "居家求助", "S04": "助餐送餐",
    "S05": "走失人员协寻", "S06": "停水停电协调", "S07": "政策咨询", "S08": "残疾人服务",
}  # fmt: skip


def family(name: str) -> list[CaseType]:
    return [kind for kind in TYPES.values() if kind.family == name]


def test_sixteen_classes_of_disputes_with_78_subcodes():
    disputes = family("dispute")
    classes = [kind.code for kind in disputes if kind.parent_code is None]
    assert classes == [*(f"D{n:02}" for n in range(1, 17)), "D99"]  # and one for all others
    assert sum(kind.parent_code is not None for kind in disputes) == 78


def test_hazards_stand_in_ten_classes_and_keep_their_codes():
    hazards = family("hazard")
    classes = {kind.code for kind in hazards if kind.parent_code is None}
    assert classes == {f"HC{n:02}" for n in range(1, 11)}
    under = Counter(kind.parent_code for kind in hazards if kind.parent_code)
    assert (set(under), sum(under.values())) == (classes, 60)
    assert {code: TYPES[code].name for code in OLD_HAZARDS} == OLD_HAZARDS


def test_services_are_eighteen_at_once_twelve_with_help_ten_jointly():
    services = family("service")
    kinds = Counter(kind.service_kind for kind in services)
    assert kinds == {"immediate": 18, "assisted": 12, "joint": 10}
    assert {code: TYPES[code].name for code in OLD_SERVICES} == OLD_SERVICES
    assert TYPES["S09"].name == "医保缴费"
    assert TYPES["S09"].service_kind == "immediate"
    assert TYPES["S25"].service_kind == "assisted"


@pytest.mark.parametrize("code", TYPES)
def test_every_type_says_when_it_is_taken_in_and_settled_and_by_whom(code: str):
    kind = TYPES[code]
    check_type(kind)
    check_class(kind, TYPES)
    for sentence in (kind.registration_condition, kind.closing_condition):
        assert sentence.endswith("。")
    for sentence in (kind.registration_condition_en, kind.closing_condition_en):
        assert sentence.endswith(".")
    assert kind.family in ROLES[kind.responsible_post or ""].families
    assert set(kind.skills) <= SKILLS
    assert kind.source
    assert kind.active


def test_a_subcode_has_from_its_class_what_its_own_line_leaves_out():
    kind, parent = TYPES["D0701"], TYPES["D07"]
    assert parent.closing_condition
    assert kind.closing_condition == parent.closing_condition
    assert kind.responsible_unit == parent.responsible_unit
    assert TYPES["H01"].closing_condition != TYPES["HC01"].closing_condition


def test_the_shipped_rules_leave_no_gap():
    types, limits = known_types(), shipped_limits()
    assert types_without_limit(types, limits) == []
    assert types_without_post(types) == []
    assert services_without_kind(types) == []
    assert kinds_without_service(types) == []


def test_a_gap_is_found_in_active_types_only():
    odd = replace(TYPES["S09"], service_kind=None, responsible_post="king")
    assert services_without_kind([odd]) == ["S09"]
    assert types_without_post([odd]) == ["S09"]
    assert types_without_limit([odd], LimitTable([])) == ["S09"]
    assert kinds_without_service([odd, TYPES["S25"]]) == ["immediate", "joint"]
    gone = replace(odd, active=False)
    assert services_without_kind([gone]) == []
    assert types_without_post([gone]) == []
    assert types_without_limit([gone], LimitTable([])) == []
    assert kinds_without_service([replace(TYPES["S25"], active=False)])[1] == "assisted"


@pytest.mark.parametrize(
    ("code", "change", "field"),
    [
        ("H01", {"family": "weather"}, "family"),
        ("H01", {"service_kind": "joint"}, "service_kind"),
        ("S01", {"service_kind": None}, "service_kind"),
        ("H01", {"responsible_post": "king"}, "responsible_post"),
        ("H01", {"responsible_post": None}, "responsible_post"),
        ("H01", {"skills": ("gas", "magic")}, "skills"),
    ],
)
def test_a_type_that_nothing_could_be_done_with_is_refused(
    code: str, change: dict[str, object], field: str
):
    with pytest.raises(InvalidInput) as caught:
        check_type(replace(TYPES[code], **change))  # type: ignore[arg-type]
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("parent", "field"), [("H99", "parent_code"), ("H02", "parent_code"), ("D02", "family")]
)
def test_a_class_is_a_class_of_the_same_family(parent: str, field: str):
    with pytest.raises(InvalidInput) as caught:
        check_class(replace(TYPES["H01"], parent_code=parent), TYPES)
    assert caught.value.field == field
