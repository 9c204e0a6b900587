import pytest

from geodata.code import Level, contains, level_of, parent_of, parse_code
from geodata.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "code", "level"),
    [
        ("210211", "210211", Level.DISTRICT),
        ("210211000000", "210211", Level.DISTRICT),
        ("210211001000", "210211001", Level.STREET),
        ("210211001", "210211001", Level.STREET),
        ("210211001001", "210211001001", Level.COMMUNITY),
        ("210211001001007", "210211001001007", Level.GRID),
        ("21021100100100702", "21021100100100702", Level.MICRO_GRID),
    ],
)
def test_codes_are_cut_to_their_level(text: str, code: str, level: Level) -> None:
    assert parse_code(text) == code
    assert level_of(code) is level


@pytest.mark.parametrize(
    "text",
    ["", "21021", "2102110", "21021100100100", "２１０２１１", "210211\x00", "21021a", "9" * 5000],
)
def test_malformed_codes_are_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_code(text, field="area")
    assert refused.value.field == "area"
    assert len(refused.value.public_message) < 120


def test_parents_and_containment_are_prefixes() -> None:
    assert parent_of("21021100100100702") == "210211001001007"
    assert parent_of("210211001001007") == "210211001001"
    assert parent_of("210211") is None
    assert contains("210211001", "210211001001007")
    assert not contains("210211001", "210211010001007")
