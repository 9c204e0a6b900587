"""The demo's assets: the published numbers exactly, each in the area its code names."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
import shapely

from geodata.code import Level
from geodata.demo.progress import NoProgress
from layers.catalogue import KINDS
from layers.demo.asset import make_assets
from layers.demo.civic import BODIES, short
from layers.demo.device import PILLARS_APART_M, device_id
from layers.demo.firm import major_hazard_class
from layers.demo.site import NewAsset, spread
from tests.district import ground, town


@cache
def assets() -> list[NewAsset]:
    """Return the assets of the tests' demo."""
    return make_assets(ground(), town(), NoProgress())


def of(kind: str) -> list[NewAsset]:
    """Return the assets of one kind."""
    return [asset for asset in assets() if asset.kind == kind]


def test_the_published_numbers_are_kept():
    counts = Counter(asset.kind for asset in assets())
    assert counts["venue"] == 1_163
    assert counts["party_branch"] == 1_570
    assert counts["party_group"] == 3_452
    assert counts["party_household"] == 8_029
    assert counts["camera"] >= 10_000
    assert (counts["hazchem_firm"], counts["gas_firm"], counts["fuel_station"]) == (40, 30, 60)
    assert counts["stationed_body"] == 17 * len(BODIES)
    assert 200 <= counts["alarm_pillar"] <= 900
    assert counts["bungalow_area"] > 0
    assert set(counts) == set(KINDS)


def test_a_branch_on_every_grid_and_a_group_on_every_micro_grid():
    plan = ground().plan
    branches = Counter(asset.area_code for asset in of("party_branch"))
    groups = Counter(asset.area_code for asset in of("party_group"))
    assert branches == Counter(area.code for area in plan.at(Level.GRID))
    assert groups == Counter(area.code for area in plan.at(Level.MICRO_GRID))


def test_every_community_has_a_council():
    councils = [a for a in of("venue") if a.attributes["form"] == "council"]
    communities = {area.code for area in ground().plan.at(Level.COMMUNITY)}
    assert Counter(a.area_code[:12] for a in councils) == Counter(communities)


def test_every_street_has_each_body_once():
    bodies = Counter((a.area_code[:9], a.attributes["body"]) for a in of("stationed_body"))
    streets = {area.code for area in ground().plan.at(Level.STREET)}
    assert bodies == Counter((street, body) for street in streets for body in BODIES)


def test_every_point_lies_in_the_area_of_its_code():
    outlines = {area.code: area.geom for area in town().areas}
    points = [asset for asset in assets() if asset.geom.geom_type == "Point"]
    inside = shapely.covers(
        np.array([outlines[asset.area_code] for asset in points], dtype=object),
        np.array([asset.geom for asset in points], dtype=object),
    )
    assert inside.all()


def test_bungalow_areas_hold_their_bungalows():
    for asset in of("bungalow_area"):
        assert asset.geom.is_valid
        assert asset.attributes["buildings"] >= 12
        assert asset.attributes["residents"] >= asset.attributes["households"] > 0


def test_device_ids_are_unique():
    ids = [a.attributes["device_id"] for a in (*of("camera"), *of("alarm_pillar"))]
    assert len(set(ids)) == len(ids)
    assert device_id("132", 7) == "21021100001320000007"


def test_pillars_keep_apart():
    places = np.array([(a.geom.x, a.geom.y) for a in of("alarm_pillar")])
    metres = places * (111_320 * np.cos(np.radians(38.95)), 111_000)
    gaps = np.hypot(*(metres[:, None] - metres[None]).transpose(2, 0, 1))
    np.fill_diagonal(gaps, np.inf)
    assert gaps.min() > PILLARS_APART_M / 8


def test_no_party_row_names_a_person():
    for kind in ("party_branch", "party_group", "party_household"):
        for asset in of(kind):
            assert asset.name.endswith(("党支部", "党小组", "党员中心户"))
            assert set(asset.attributes) <= {"members", "building_id"}


def test_the_same_seed_gives_the_same_assets():
    again = make_assets(ground(), town(), NoProgress())
    assert [(a.kind, a.name, a.area_code, a.attributes, a.geom.wkb) for a in again] == [
        (a.kind, a.name, a.area_code, a.attributes, a.geom.wkb) for a in assets()
    ]


@pytest.mark.parametrize(
    ("people", "beta", "ratio", "expected"),
    [
        (1000, 4.0, 0.99, "none"),
        (0, 1.0, 2.0, "IV"),  # 0.5 x 1 x 2 = 1
        (40, 1.0, 10.0, "III"),  # 1.2 x 10 = 12
        (100, 1.0, 25.0, "II"),  # 2 x 25 = 50
        (100, 4.0, 12.5, "I"),  # 2 x 4 x 12.5 = 100
    ],
)
def test_major_hazard_class_by_hand(people: int, beta: float, ratio: float, expected: str):
    assert major_hazard_class(people, beta, ratio) == expected


def test_spread_gives_way_when_there_is_no_room():
    line = np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 0.0], [30.0, 0.0]])
    assert spread([1, 0, 2, 3], line, 2, 15.0) == [1, 3]
    assert sorted(spread([1, 0, 2, 3], line, 4, 15.0)) == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="5 places"):
        spread([0, 1, 2, 3], line, 5, 1.0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("周东社区居委会", "周东社区"),
        ("中革镇堡村民委员会", "中革镇堡村"),
        ("前革镇堡村委会", "前革镇堡村"),
        ("阳光社区", "阳光社区"),
    ],
)
def test_short_names(name: str, expected: str):
    assert short(name) == expected
