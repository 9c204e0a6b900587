"""The town: who lives where adds up, and trouble has its places."""

from __future__ import annotations

import numpy as np
import pytest

from geodata.code import Level
from layers.demo.building import DENSE_HOUSEHOLDS, HOMES, USES, name_estates
from layers.demo.share import apportion_within
from tests.district import ground, town


def test_shares_within_groups_are_exact() -> None:
    weights = np.array([1.0, 1.0, 2.0, 0.0, 0.0, 3.0])
    group = np.array([0, 0, 0, 1, 1, 2])
    assert apportion_within(weights, group, [5, 7, 4]).tolist() == [1, 1, 3, 0, 0, 4]


def test_residents_are_a_million_and_a_half() -> None:
    buildings, population = town().buildings, town().population
    assert buildings.residents.sum() == population.residents.sum() == 1_500_000
    assert buildings.households.sum() == population.households.sum()
    per_household = population.residents.sum() / population.households.sum()
    assert 2.4 < per_household < 3.1


def test_population_of_a_grid_is_that_of_its_buildings() -> None:
    buildings, population = town().buildings, town().population
    assert population.grid_code.tolist() == [g.code for g in ground().plan.at(Level.GRID)]
    code = population.grid_code[700]
    mine = buildings.grid_code == code
    assert population.residents[700] == buildings.residents[mine].sum()
    assert (population.elders + population.children <= population.residents).all()


def test_dense_grids_have_300_to_500_households() -> None:
    low, high = DENSE_HOUSEHOLDS
    households = town().population.households
    assert households.max() <= high
    assert (households[town().grids.dense] >= low).all()
    assert 0.6 < town().grids.dense.mean() < 0.9


def test_only_homes_have_households() -> None:
    buildings = town().buildings
    assert set(buildings.use) == set(USES)
    assert (buildings.households[~np.isin(buildings.use, HOMES)] == 0).all()
    assert (buildings.residents >= buildings.households).mean() > 0.99
    assert (buildings.storeys[buildings.use == "bungalow"] == 1).all()


def test_estates_and_their_houses_have_unique_names() -> None:
    names = [name for name in town().buildings.name if name is not None]
    assert len(names) == len(set(names))
    assert any(name.endswith("区3号楼") for name in names)
    zones = [n for n in name_estates(ground().plan).values() if n.startswith("泡崖")]
    assert zones


def test_causes_are_where_they_say_and_weigh_one_together() -> None:
    causes, grids = town().causes, town().grids
    assert sum(cause.weight for cause in causes) == pytest.approx(1.0)
    assert {cause.kind for cause in causes} == {
        "bungalow", "old_estate", "works", "market", "construction", "night_street",
    }  # fmt: skip
    known = set(grids.code)
    for cause in causes:
        assert cause.grid_codes
        assert known.issuperset(cause.grid_codes)
    number = {code: k for k, code in enumerate(grids.code)}
    share = [
        max(grids.bungalow_share[number[code]] for code in cause.grid_codes)
        for cause in causes
        if cause.kind == "bungalow"
    ]
    assert min(share) > 0.4
