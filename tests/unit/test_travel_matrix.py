"""The kept matrix, after any number of changes, is what each case alone would be told."""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.assign.matrix import MODES, TravelMatrix, goals
from dispatch.assign.travel import Goal, Spot, positions_of
from geodata.errors import NotFound
from geodata.road.graph import RoadGraph
from geodata.road.position import Position, Positions
from geodata.road.profile import PROFILES, Mode
from geodata.road.snap import Snapper
from tests.unit.test_road_travel import graph_of

WALK_MPS = PROFILES[Mode.WALK].speed[0].mps
LIMIT_S = 300.0
SIDE = 12
Point = tuple[float, float]


@pytest.fixture(scope="module")
def roads() -> Snapper:
    """Return 12 × 12 crossings; every fifth street is for cars alone, every seventh for walkers."""
    nodes = [(121.5 + x * 1e-3, 38.9 + y * 1e-3) for y in range(SIDE) for x in range(SIDE)]
    ends = [(n, n + 1) for n in range(SIDE**2) if n % SIDE < SIDE - 1]
    ends += [(n, n + SIDE) for n in range(SIDE * (SIDE - 1))]
    edges: list[tuple[int, int, float, int, int | None]] = []
    for number, (a, b) in enumerate(ends):
        access = 4 if number % 5 == 0 else 1 if number % 7 == 0 else 7
        length_m = 80.0 + number % 13
        if number % 4 == 0:
            edges.append((a, b, length_m, access, None))
        else:
            edges.append((a, b, length_m, access, len(edges) + 1))
            edges.append((b, a, length_m, access, len(edges) - 1))
    return Snapper(graph_of(nodes, edges))


def _street() -> RoadGraph:
    nodes = [(121.5 + i * 1e-3, 38.9) for i in range(3)]
    edges = [(0, 1, 100.0, 7, 1), (1, 0, 100.0, 7, 0), (1, 2, 100.0, 7, 3), (2, 1, 100.0, 7, 2)]
    return graph_of(nodes, edges)


def _everywhere(position: Position) -> dict[Mode, Positions]:
    return dict.fromkeys(MODES, Positions.of([position]))


def _told(matrix: TravelMatrix) -> dict[tuple[int, int], float]:
    times = matrix.times()
    pairs = zip(times.case_id.tolist(), times.person_id.tolist(), strict=True)
    told = dict(zip(pairs, times.travel_s.tolist(), strict=True))
    assert len(told) == len(times)
    return told


def test_a_walker_comes_nearer_and_leaves() -> None:
    matrix = TravelMatrix(_street(), 110.0)
    matrix.place([7], _everywhere(Position(2, 0.5)))
    matrix.move([1], Mode.WALK, Positions.of([Position(0, 0.5)]))
    assert _told(matrix) == {(7, 1): pytest.approx(100 / WALK_MPS)}
    matrix.move([1], Mode.WALK, Positions.of([Position(0, 1.0)]))
    assert _told(matrix) == {(7, 1): pytest.approx(50 / WALK_MPS)}
    matrix.move([1], Mode.WALK, Positions.of([Position(0, 0.0)]))  # 150 m are 115 s
    assert _told(matrix) == {}
    matrix.move([1], Mode.CAR, Positions.of([Position(0, 0.0)]))
    assert list(_told(matrix)) == [(7, 1)]
    matrix.leave([1, 99])
    assert _told(matrix) == {}


def test_times_come_by_case_then_time_then_person() -> None:
    matrix = TravelMatrix(_street(), 600.0)
    ends = Positions.of([Position(0, 0.0), Position(2, 1.0), Position(0, 0.0)])
    matrix.move([30, 10, 20], Mode.WALK, ends)
    matrix.place([5], _everywhere(Position(2, 0.9)))
    matrix.place([4], _everywhere(Position(0, 0.1)))
    times = matrix.times()
    assert times.case_id.tolist() == [4, 4, 4, 5, 5, 5]
    assert times.person_id.tolist() == [20, 30, 10, 10, 20, 30]


def test_a_closed_case_is_gone_and_its_row_used_again() -> None:
    matrix = TravelMatrix(_street(), 600.0)
    matrix.move([1], Mode.WALK, Positions.of([Position(0, 0.5)]))
    matrix.place([7], _everywhere(Position(2, 0.5)))
    matrix.close([7, 8])
    assert _told(matrix) == {}
    matrix.place([9], _everywhere(Position(0, 0.75)))
    assert _told(matrix) == {(9, 1): pytest.approx(25 / WALK_MPS)}


def test_nothing_is_asked_and_nothing_told() -> None:
    matrix = TravelMatrix(_street(), 600.0)
    matrix.place([], {mode: Positions.of([]) for mode in MODES})
    matrix.move([], Mode.CAR, Positions.of([]))
    matrix.close([])
    matrix.leave([])
    assert matrix.between([], Mode.CAR, Positions.of([])).tolist() == []
    with pytest.raises(NotFound):
        matrix.between([1], Mode.CAR, Positions.of([Position(0, 0.5)]))
    assert len(matrix.times()) == 0


def test_after_any_changes_times_equal_those_of_single_goals(roads: Snapper) -> None:
    rng = np.random.default_rng(11)
    matrix = TravelMatrix(roads.graph, LIMIT_S)
    cases: dict[int, Point] = {}
    people: dict[int, Spot] = {}
    seen = 0
    for step in range(60):
        _change(matrix, roads, rng, cases, people)
        if step % 10 == 9:
            told = _told(matrix)
            assert told == _one_by_one(roads, cases, people)
            _check_pairs(matrix, roads, cases, people, told)
            seen += len(told)
    assert seen > 1000


def _check_pairs(
    matrix: TravelMatrix,
    roads: Snapper,
    cases: dict[int, Point],
    people: dict[int, Spot],
    told: dict[tuple[int, int], float],
) -> None:
    """Ask for every pair there is, without telling who the people are."""
    for mode in MODES:
        pairs = [(case, one) for case in cases for one in people if people[one].mode == mode]
        at = positions_of(roads, [people[one] for _, one in pairs], mode)
        found = matrix.between([case for case, _ in pairs], mode, at)
        assert found.tolist() == [told.get(pair, np.inf) for pair in pairs]


def _change(
    matrix: TravelMatrix,
    roads: Snapper,
    rng: np.random.Generator,
    cases: dict[int, Point],
    people: dict[int, Spot],
) -> None:
    """Let cases come, move and close, and people come, move, change their mode and leave."""
    kind = rng.integers(0, 4)
    if kind == 0 or not cases:
        new = {int(n): _point(rng) for n in rng.choice(40, 8, replace=False)}
        cases.update(new)
        at = goals(roads, [p[0] for p in new.values()], [p[1] for p in new.values()])
        matrix.place(list(new), at)
    elif kind == 1:
        gone = rng.choice(40, 3)
        matrix.close(gone.tolist())
        for number in gone.tolist():
            cases.pop(number, None)
    elif kind == 2:
        mode = MODES[rng.integers(0, 3)]
        moved = {int(n): Spot(mode, None, None, *_point(rng)) for n in rng.choice(90, 30, False)}
        people.update(moved)
        matrix.move(list(moved), mode, positions_of(roads, list(moved.values()), mode))
    else:
        gone = rng.choice(90, 5)
        matrix.leave(gone.tolist())
        for number in gone.tolist():
            people.pop(number, None)


def _point(rng: np.random.Generator) -> Point:
    return 121.5 + float(rng.random()) * 0.011, 38.9 + float(rng.random()) * 0.011


def _one_by_one(
    roads: Snapper, cases: dict[int, Point], people: dict[int, Spot]
) -> dict[tuple[int, int], float]:
    found = {}
    for case_id, (lon, lat) in cases.items():
        times = Goal(roads, lon, lat).times(list(people.values()), LIMIT_S)
        for person_id, (travel_s, _) in zip(people, times, strict=True):
            if travel_s is not None and travel_s <= LIMIT_S:
                found[case_id, person_id] = travel_s
    return found
