"""Fields of travel time, against one search after another: equal to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import InvalidInput
from geodata.road.field import Fields
from geodata.road.field_loop import Pairs
from geodata.road.graph import RoadGraph
from geodata.road.position import Position, Positions
from geodata.road.profile import PROFILES, Mode
from geodata.road.travel import search_to
from tests.unit.test_road_travel import INF, graph_of, towns

Edge = tuple[int, int, float, int, int | None]

MPS = PROFILES[Mode.CAR].speed[0].mps
NONE = np.empty(0, np.int32)


def _rows(*row: int) -> np.ndarray:
    return np.array(row, np.int32)


def _dense(pairs: Pairs, places: int, positions: int) -> np.ndarray:
    table = np.full((places, positions), INF)
    assert len({*zip(pairs.place.tolist(), pairs.position.tolist(), strict=True)}) == len(
        pairs.place
    )
    table[pairs.place, pairs.position] = pairs.travel_s
    return table


def _searched(graph: RoadGraph, target: Positions, people: Positions, limit_s: float) -> np.ndarray:
    return np.array([search_to(graph, Mode.CAR, t, limit_s).travel_s(people) for t in target])


@pytest.fixture
def road() -> RoadGraph:
    """Return a one-way street of three pieces of 100 m: 0 → 1 → 2 → 3."""
    nodes = [(121.5 + i * 1e-3, 38.9) for i in range(4)]
    return graph_of(nodes, [(i, i + 1, 100.0, 7, None) for i in range(3)])


def test_who_is_before_the_place_reaches_it_and_who_is_behind_does_not(road: RoadGraph) -> None:
    fields = Fields(road, Mode.CAR, 1000.0)
    people = Positions.of(
        [Position(0, 0.5), Position(1, 0.25), Position(1, 0.75), Position(2, 0.5)]
    )
    found = fields.search(_rows(0), Positions.of([Position(1, 0.5)]), people)
    assert _dense(found, 1, 4)[0] == pytest.approx([100 / MPS, 25 / MPS, INF, INF])


def test_a_limit_is_kept_even_along_the_street_alone(road: RoadGraph) -> None:
    people = Positions.of([Position(1, 0.4), Position(1, 0.6), Position(0, 1.0)])
    fields = Fields(road, Mode.CAR, 35 / MPS)
    found = fields.search(_rows(0), Positions.of([Position(1, 0.9)]), people)
    assert _dense(found, 1, 3)[0] == pytest.approx([INF, 30 / MPS, INF])
    assert _dense(fields.look_up(people), 1, 3)[0] == pytest.approx([INF, 30 / MPS, INF])


def test_a_place_that_is_forgotten_is_reached_by_nobody(road: RoadGraph) -> None:
    fields = Fields(road, Mode.CAR, 1000.0)
    person = Positions.of([Position(0, 0.5)])
    fields.search(_rows(0, 1), Positions.of([Position(1, 0.5), Position(2, 0.5)]), person)
    fields.forget(_rows(0))
    assert fields.look_up(person).place.tolist() == [1]


@pytest.mark.parametrize("limit_s", [-1.0, INF, float("nan")])
def test_a_limit_is_a_finite_number_of_zero_or_more(road: RoadGraph, limit_s: float) -> None:
    with pytest.raises(InvalidInput):
        Fields(road, Mode.CAR, limit_s)


@given(towns(), st.sampled_from([0.0, 5.0, 12.0, 40.0, 1e6]))
@settings(max_examples=300, deadline=None)
def test_searched_and_looked_up_equal_one_search_after_another(
    town: tuple[list[Edge], list[tuple[int, float]]], limit_s: float
) -> None:
    edges, points = town
    graph = graph_of([(121.5 + i * 1e-3, 38.9 + i * i * 1e-3) for i in range(4)], edges)
    people = Positions.of([Position(*point) for point in points])
    rows = np.arange(len(points), dtype=np.int32)
    fields = Fields(graph, Mode.CAR, limit_s)
    expected = _searched(graph, people, people, limit_s)
    found = _dense(fields.search(rows, people, people), len(rows), len(rows))
    assert (found == expected).all()
    assert (_dense(fields.look_up(people), len(rows), len(rows)) == expected).all()


def test_fields_outlive_growing_and_giving_up(lattice: RoadGraph) -> None:
    rng = np.random.default_rng(3)
    fields = Fields(lattice, Mode.CAR, 400.0)
    people, places = _draw(lattice, rng, 300), _draw(lattice, rng, 60)
    rows = np.arange(60, dtype=np.int32)
    fields.search(rows, places, people)
    moved = _draw(lattice, rng, 50)
    for row in range(0, 50):  # one by one: the unused half is given up more than once
        fields.search(_rows(row), moved.take(np.array([row])), people)
    most = fields.nbytes
    fields.forget(rows[50:])
    expected = _searched(lattice, moved, people, 400.0)
    assert (_dense(fields.look_up(people), 60, 300)[:50] == expected).all()
    assert np.isfinite(expected).mean() > 0.05
    fields.forget(rows)
    assert fields.nbytes < most / 10


@pytest.fixture(scope="module")
def lattice() -> RoadGraph:
    """Return 30 × 30 crossings with streets of 80 to 120 m, a third of them one-way."""
    side, rng = 30, np.random.default_rng(2)
    nodes = [(121.5 + x * 1e-3, 38.9 + y * 1e-3) for y in range(side) for x in range(side)]
    ends = [(n, n + 1) for n in range(side * side) if n % side < side - 1]
    ends += [(n, n + side) for n in range(side * (side - 1))]
    edges: list[Edge] = []
    for a, b in ends:
        length_m, number = float(rng.uniform(80, 120)), len(edges)
        if rng.random() < 1 / 3:
            edges.append((a, b, length_m, 7, None))
        else:
            edges.append((a, b, length_m, 7, number + 1))
            edges.append((b, a, length_m, 7, number))
    return graph_of(nodes, edges)


def _draw(graph: RoadGraph, rng: np.random.Generator, count: int) -> Positions:
    edge = rng.integers(0, len(graph.edge_id), count).astype(np.int32)
    return Positions(edge, rng.choice([0.0, 1.0, 0.3, rng.random()], count), np.zeros(count))
