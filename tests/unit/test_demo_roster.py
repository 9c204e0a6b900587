from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest

from dispatch.demo.place import District, Places, Sites
from dispatch.demo.roster import FRONT_LINE, judge_areas, make_roster, officers_per_grid, split
from dispatch.demo.shift import draw_plans


def places(prefix: str, digits: int, count: int) -> Places:
    codes = [f"{prefix}{number:0{digits}d}" for number in range(1, count + 1)]
    return Places(codes, codes, np.column_stack([np.full(count, 121.5), np.full(count, 38.9)]))


@pytest.fixture(scope="module")
def district() -> District:
    streets = places("210211", 3, 17)
    communities = Places(
        [f"{streets.code[i % 17]}{i // 17 + 1:03d}" for i in range(237)],
        ["c"] * 237,
        np.full((237, 2), 38.9),
    )
    communities.code.sort()
    grids = [f"{communities.code[i % 237]}{i // 237 + 1:03d}" for i in range(1570)]
    grids.sort()
    homes = 40_000
    grid_of_home = sorted(grids[i % 1570] for i in range(homes))
    return District(
        "210211", "甘井子区", streets, communities,
        Places(grids, grids, np.full((1570, 2), 38.9)),
        Sites(
            np.arange(1, homes + 1), grid_of_home, ["x"] * homes, np.full((homes, 2), 38.9),
            np.zeros((homes, 2)), np.ones(homes, dtype=np.int64), ["residential"] * homes,
        ),
        [],
    )  # fmt: skip


def test_the_published_numbers_are_met_exactly(district: District) -> None:
    roster = make_roster(district, np.random.default_rng(1))
    count = Counter(person.role for person in roster.people)
    assert count["grid_worker"] + count["info_officer"] == FRONT_LINE == 17_695
    assert {role: count[role] for role in ("mediator", "judge", "lawyer")} == {
        "mediator": 130,
        "judge": 41,
        "lawyer": 155,
    }
    assert (count["cadre"], count["fire_clerk"], count["community_worker"]) == (204, 13, 247)


def test_every_building_has_one_officer_and_every_community_its_people(district: District) -> None:
    people = make_roster(district, np.random.default_rng(1)).people
    buildings = Counter(b for person in people for b in person.buildings)
    assert set(buildings.values()) == {1}
    assert len(buildings) == 40_000
    for role in ("mediator", "judge", "lawyer", "cadre", "community_worker"):
        covered = {area for person in people if person.role == role for area in person.areas}
        assert covered == set(district.communities.code), role


def test_every_judge_serves_communities_of_three_streets(district: District) -> None:
    for areas in judge_areas(district.communities.code, 41):
        assert len({area[:9] for area in areas}) >= 3


def test_the_same_seed_gives_the_same_people(district: District) -> None:
    first, again = (make_roster(district, np.random.default_rng(5)) for _ in range(2))
    assert first == again
    assert first.names != make_roster(district, np.random.default_rng(6)).names


@pytest.mark.parametrize("hour", [0, 3, 9, 15, 23])
def test_shifts_and_leave_say_of_everybody_the_duty_they_have(
    district: District, hour: int
) -> None:
    as_of = datetime(2026, 11, 20, hour, 17, tzinfo=UTC)
    roster = make_roster(district, np.random.default_rng(1))
    plans = list(draw_plans(roster, as_of, np.random.default_rng(2)))
    assert {plan.duty_at(as_of) for plan in plans} == {"on_duty", "off_duty", "on_leave"}
    for plan in plans:
        assert plan.duty_at(as_of) == roster.duty[plan.person_id - 1]
        assert plan.next_turn(as_of) is None or plan.next_turn(as_of) > as_of
    by_shift = [plan for plan in plans if plan.shifts]
    roles = {roster.people[plan.person_id - 1].role for plan in by_shift}
    assert "grid_worker" in roles
    assert not roles & {"judge", "info_officer"}
    away = {number for number, duty in enumerate(roster.duty, 1) if duty == "on_leave"}
    assert away <= {plan.person_id for plan in plans}


@pytest.mark.parametrize(("items", "parts"), [(5, 2), (2, 5), (7, 7), (237, 41), (17, 160)])
def test_dealing_covers_everything_and_leaves_nobody_idle(items: int, parts: int) -> None:
    names = [str(number) for number in range(items)]
    dealt = split(names, parts)
    assert len(dealt) == parts
    assert all(dealt)
    assert {name for part in dealt for name in part} == set(names)


def test_officers_follow_the_buildings_and_none_stands_idle() -> None:
    count = officers_per_grid(np.array([0, 1, 10, 100, 300]), 60)
    assert count.sum() == 60
    assert count[0] == 0
    assert count[1] == 1
    assert (count <= np.array([0, 1, 10, 100, 300])).all()


def test_more_officers_than_buildings_is_an_error() -> None:
    with pytest.raises(ValueError, match="more officers"):
        officers_per_grid(np.array([1, 2]), 10)
