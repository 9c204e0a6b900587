"""Travel times on a real Chinese road graph equal those of networkx."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from geodata.road.graph import RoadGraph
from geodata.road.position import Position, Positions
from geodata.road.profile import PROFILES, Mode, class_of_highway
from geodata.road.travel import times_from, times_to
from tests.reference.futian import Row, build, read_futian
from tests.road_split import Street, fastest, split

pytestmark = pytest.mark.reference
PAIRS = 1000
TOLERANCE_S = 1e-6


@pytest.fixture(scope="module")
def futian(test_data: Path) -> tuple[RoadGraph, list[Row]]:
    graph, rows = read_futian(test_data / "roads" / "shenzhen_futian_drive.graphml")
    return build(graph, rows), rows


@cache
def _speed(mode: Mode, highway: str) -> float:
    return PROFILES[mode].speed[class_of_highway(highway) - 1].mps


def _streets(rows: list[Row], mode: Mode) -> list[Street]:
    bit = PROFILES[mode].access_bit
    return [
        Street(
            row.u,
            row.v,
            row.length_m / _speed(mode, row.highway) if row.access & bit else None,
            row.length_m,
            row.twin,
        )
        for row in rows
    ]


def _compare(
    graph: RoadGraph, mode: Mode, reference: nx.MultiDiGraph, pairs: list[tuple[object, ...]]
) -> int:
    """Compare every pair (their source, their target, our source, our target); count the ways."""
    found = 0
    for theirs, to, source, target in pairs:
        time_s, length_m = fastest(reference, theirs, to)
        ours = times_to(graph, mode, target, Positions.of([source]), np.inf)
        again = times_from(graph, mode, source, Positions.of([target]), np.inf)
        assert ours[0][0] == pytest.approx(time_s, abs=TOLERANCE_S, rel=0)
        assert again[0][0] == pytest.approx(time_s, abs=TOLERANCE_S, rel=0)
        assert ours[1][0] == pytest.approx(length_m, abs=TOLERANCE_S, rel=0)
        assert again[1][0] == pytest.approx(length_m, abs=TOLERANCE_S, rel=0)
        found += time_s < float("inf")
    return found


@pytest.mark.parametrize("mode", [Mode.CAR, Mode.EBIKE])
def test_times_between_1000_pairs_of_nodes_equal_networkx(
    futian: tuple[RoadGraph, list[Row]], mode: Mode
) -> None:
    graph, rows = futian
    streets = _streets(rows, mode)
    rng = np.random.default_rng(5)
    at: dict[str, list[Position]] = {}
    for index, street in enumerate(streets):
        if street.time_s is not None:
            at.setdefault(street.u, []).append(Position(index, 0.0))
            at.setdefault(street.v, []).append(Position(index, 1.0))
    nodes = sorted(at)
    pairs = []
    for a, b in rng.choice(len(nodes), (PAIRS, 2)):
        source, target = (at[nodes[n]][rng.integers(len(at[nodes[n]]))] for n in (a, b))
        pairs.append((nodes[a], nodes[b], source, target))
    assert _compare(graph, mode, split(streets, []), pairs) > PAIRS / 2


def test_times_between_1000_pairs_of_points_equal_networkx(
    futian: tuple[RoadGraph, list[Row]],
) -> None:
    graph, rows = futian
    streets = _streets(rows, Mode.CAR)
    rng = np.random.default_rng(6)
    usable = [i for i, street in enumerate(streets) if street.time_s is not None]
    one_way = [i for i in usable if streets[i].twin is None]
    points: list[tuple[int, float]] = []
    for number in range(PAIRS):
        first = int(rng.choice(one_way if number % 3 == 0 else usable))
        second = first if number % 4 == 0 else int(rng.choice(usable))
        twin = streets[first].twin
        if number % 8 == 0 and twin is not None:
            second = twin  # the same street, told the other way round
        points += [(first, float(rng.random())), (second, float(rng.random()))]
    reference = split(streets, points)
    pairs = [
        (("point", i), ("point", i + 1), Position(*points[i]), Position(*points[i + 1]))
        for i in range(0, len(points), 2)
    ]
    orders = {points[i][1] < points[i + 1][1] for i in range(0, 2 * PAIRS, 8)}
    assert orders == {True, False}
    assert _compare(graph, Mode.CAR, reference, pairs) > PAIRS / 2


def test_a_limit_cuts_off_what_takes_longer_and_nothing_else(
    futian: tuple[RoadGraph, list[Row]],
) -> None:
    graph, _ = futian
    rng = np.random.default_rng(7)
    sources = Positions.of(
        [
            Position(int(e), float(f))
            for e, f in zip(rng.choice(len(graph.edge_id), 500), rng.random(500), strict=True)
        ]
    )
    target = Position(1000, 0.25)
    for limit_s in (0.0, 60.0, 300.0, 900.0):
        travel_s, distance_m = times_to(graph, Mode.CAR, target, sources, limit_s)
        whole_s, whole_m = times_to(graph, Mode.CAR, target, sources, np.inf)
        within = whole_s <= limit_s
        assert (np.isfinite(travel_s) == within).all()
        assert travel_s[within] == pytest.approx(whole_s[within], abs=1e-9)
        assert distance_m[within] == pytest.approx(whole_m[within], abs=1e-9)
