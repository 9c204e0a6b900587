"""Names of areas and roads in the manner of the city."""

from __future__ import annotations

import pytest

from geodata.demo.division import read_outline, read_streets
from geodata.demo.name import (
    chinese_number,
    lane_names,
    local_names,
    road_stems,
    short_name,
    side_of,
    stem_of,
    suffix_of,
)


@pytest.mark.parametrize(
    ("official", "stem", "short"),
    [
        ("玉山社区居委会", "玉山", "玉山社区"),
        ("由家村委会", "由家", "由家村"),
        ("中革镇堡村民委员会", "中革镇堡", "中革镇堡村"),
        ("渤海社区居居委会", "渤海", "渤海社区"),
        ("红港家属委员会居委会", "红港", "红港社区"),
        ("港建居委会", "港建", "港建社区"),
        ("七贤岭街道虚拟社区", "七贤岭", "七贤岭"),
    ],
)
def test_short_forms_of_official_names(official: str, stem: str, short: str) -> None:
    assert stem_of(official) == stem
    assert short_name(official) == short


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (21, "二十一"), (99, "九十九")],
)
def test_chinese_numbers(number: int, text: str) -> None:
    assert chinese_number(number) == text


def test_official_divisions_are_complete() -> None:
    streets = read_streets()
    codes = [c.code for s in streets for c in s.communities]
    assert (len(streets), len(codes), len(set(codes))) == (17, 237, 237)
    assert all(c.code.startswith(s.code) for s in streets for c in s.communities)
    assert len(read_outline()) == 63


def test_stems_of_roads_are_unique() -> None:
    stems = road_stems(read_streets())
    assert len(stems) == len(set(stems.values())) == 237
    assert (stems["210211018003"], stems["210211400501"]) == ("幸福", "幸福村")


def test_roads_are_named_by_direction_and_side() -> None:
    east_west, north_south = [(0.0, 0.0), (900.0, 100.0)], [(0.0, 0.0), (100.0, 900.0)]
    assert (suffix_of(east_west), suffix_of(north_south)) == ("路", "街")
    path = [(0.0, 0.0), (50.0, 0.0), (100.0, 0.0)]
    sides = [side_of(path, centre) for centre in ((0, 0), (50, -90), (200, 0), (50, 90))]
    assert sides == ["东", "北", "西", "南"]


def test_choices_go_from_plain_to_numbered() -> None:
    names = local_names("玉山", [(0.0, 0.0), (90.0, 0.0)], (-50.0, 0.0))
    assert [next(names) for _ in range(4)] == ["玉山路", "玉山东路", "玉山一路", "玉山二路"]
    assert next(lane_names("玉山")) == "玉山一巷"
