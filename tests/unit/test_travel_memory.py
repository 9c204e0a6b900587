"""Travel times that are kept: what is told after any change is what nothing kept would tell."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dispatch.assign.memory import Pairing, Place, TravelMemory
from dispatch.assign.travel import Goal, Spot
from geodata.road.profile import PROFILES, Mode
from geodata.road.snap import Snapper
from tests.unit.test_road_travel import graph_of

LON, LAT, STEP = 121.5, 38.9, 1e-3
WALK_MPS = PROFILES[Mode.WALK].speed[0].mps


def street(pieces: int = 6) -> Snapper:
    """Return a street of pieces that count as 100 m each, both ways for everybody."""
    nodes = [(LON + i * STEP, LAT) for i in range(pieces + 1)]
    edges = []
    for i in range(pieces):
        edges += [(i, i + 1, 100.0, 7, 2 * i + 1), (i + 1, i, 100.0, 7, 2 * i)]
    return Snapper(graph_of(nodes, edges))


def at(piece: float) -> Place:
    return Place(LON + piece * STEP, LAT)


def spot(piece: float, mode: str = "walk") -> Spot:
    return Spot(mode, None, None, *at(piece))


class Counted(TravelMemory):
    """Counts the cases that it searches for."""

    searched = 0

    def ask(
        self, roads: Snapper, places: dict[int, Place], spots: dict[int, Spot]
    ) -> dict[tuple[int, int], float]:
        pairs = [(case, one) for case in places for one in spots]
        told = self.between(
            roads, places, spots, Pairing([c for c, _ in pairs], [p for _, p in pairs]), self._tick
        )
        return dict(zip(pairs, told.tolist(), strict=True))

    def _tick(self) -> None:
        self.searched += 1


def test_who_moves_is_looked_up_and_only_a_case_that_moves_is_searched_for() -> None:
    roads, memory = street(), Counted(600.0, 10)
    places, spots = {1: at(0.0), 2: at(3.0)}, {7: spot(1.0), 8: spot(5.0, "none")}
    told = memory.ask(roads, places, spots)
    assert told[1, 7] == pytest.approx(100 / WALK_MPS, rel=1e-3)
    assert told[2, 7] == pytest.approx(200 / WALK_MPS, rel=1e-3)
    assert np.isnan([told[1, 8], told[2, 8]]).all()
    assert memory.searched == 1
    spots[7] = spot(2.0)
    moved = memory.ask(roads, places, spots)
    assert moved[1, 7] == pytest.approx(200 / WALK_MPS, rel=1e-3)
    assert moved[2, 7] == pytest.approx(100 / WALK_MPS, rel=1e-3)
    assert memory.searched == 1
    places[2] = at(6.0)
    assert memory.ask(roads, places, spots)[2, 7] == pytest.approx(400 / WALK_MPS, rel=1e-3)
    assert memory.searched == 2


def test_after_the_roads_were_replaced_nothing_of_before_is_told() -> None:
    memory = Counted(600.0, 10)
    assert memory.ask(street(), {1: at(0.0)}, {7: spot(1.0)})[1, 7] < 600.0
    cut = Snapper(graph_of([(LON, LAT), (LON + STEP / 2, LAT), (LON + STEP * 0.9, LAT),
                            (LON + 2 * STEP, LAT)],
                           [(0, 1, 50.0, 7, 1), (1, 0, 50.0, 7, 0), (2, 3, 110.0, 7, 3),
                            (3, 2, 110.0, 7, 2)]))  # fmt: skip
    assert memory.ask(cut, {1: at(0.0)}, {7: spot(1.0)})[1, 7] == np.inf


def test_who_was_not_asked_about_for_the_longest_is_forgotten_first() -> None:
    roads, memory = street(), Counted(600.0, 2)
    for case in (1, 2, 1, 3):
        memory.ask(roads, {case: at(case)}, {7: spot(0.0)})
    assert memory.searched == 3
    memory.ask(roads, {1: at(1)}, {7: spot(0.0)})
    assert memory.searched == 3
    memory.ask(roads, {2: at(2)}, {7: spot(0.0)})
    assert memory.searched == 4


def test_after_any_changes_and_whoever_asks_times_are_those_of_single_goals() -> None:
    roads, memory = street(12), TravelMemory(600.0, 5)

    def ask(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(20):
            places = {int(n): at(rng.random() * 12) for n in rng.choice(9, 4, replace=False)}
            modes = rng.choice(["walk", "ebike", "car"], 6).tolist()
            spots = {n: spot(rng.random() * 12, mode) for n, mode in enumerate(modes)}
            pairs = [(case, one) for case in places for one in spots]
            told = memory.between(
                roads, places, spots, Pairing([c for c, _ in pairs], [p for _, p in pairs])
            )
            alone = [Goal(roads, *places[c]).times([spots[p]], 600.0)[0][0] for c, p in pairs]
            assert told.tolist() == alone

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, range(4)))
