"""Travel times on tiny graphs: hand-worked, and against split edges in networkx."""

from __future__ import annotations

from threading import Thread

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import DataFault, InvalidInput
from geodata.road.graph import RoadGraph
from geodata.road.position import Position, Positions
from geodata.road.profile import PROFILES, Mode
from geodata.road.route import route, route_along
from geodata.road.travel import search_from, search_to, times_from, times_to
from tests.road_split import Street, fastest, split

INF = float("inf")
MPS = PROFILES[Mode.CAR].speed[0].mps


def graph_of(
    nodes: list[tuple[float, float]],
    edges: list[tuple[int, int, float, int, int | None]],
    names: list[str | None] | None = None,
) -> RoadGraph:
    """Build a graph; an edge is (from, to, length_m, access, twin), ids are 10, 20, 30 …."""
    return RoadGraph.build(
        node_id=range(len(nodes)),
        node_lon=[n[0] for n in nodes],
        node_lat=[n[1] for n in nodes],
        edge_id=[10 * (i + 1) for i in range(len(edges))],
        from_node=[e[0] for e in edges],
        to_node=[e[1] for e in edges],
        twin_id=[None if e[4] is None else 10 * (e[4] + 1) for e in edges],
        length_m=[e[2] for e in edges],
        speed_class=[1] * len(edges),
        access=[e[3] for e in edges],
        name=names or [None] * len(edges),
        geometry=[_line(nodes[e[0]], nodes[e[1] % len(nodes)]) for e in edges],
    )


def _line(a: tuple[float, float], b: tuple[float, float]) -> shapely.LineString:
    if a == b:  # a loop goes out and comes back
        return shapely.LineString([a, (a[0] + 1e-3, a[1]), (a[0] + 1e-3, a[1] + 1e-3), a])
    return shapely.LineString([a, b])


def one(graph: RoadGraph, source: Position, target: Position) -> tuple[float, float]:
    """Return time and distance, asserting that both ways of asking agree."""
    there = times_to(graph, Mode.CAR, target, Positions.of([source]), INF)
    back = times_from(graph, Mode.CAR, source, Positions.of([target]), INF)
    assert there[0][0] == pytest.approx(back[0][0])
    assert there[1][0] == pytest.approx(back[1][0])
    return float(there[0][0]), float(there[1][0])


@pytest.fixture
def block() -> RoadGraph:
    """Return a one-way block: 0 → 1 → 2 → 3 → 0, each side 100 m."""
    nodes = [(121.5, 38.9), (121.501, 38.9), (121.501, 38.901), (121.5, 38.901)]
    return graph_of(nodes, [(i, (i + 1) % 4, 100.0, 7, None) for i in range(4)])


def test_on_one_edge_ahead_is_near_and_behind_is_round_the_block(block: RoadGraph) -> None:
    assert one(block, Position(0, 0.2), Position(0, 0.7)) == pytest.approx((50 / MPS, 50))
    assert one(block, Position(0, 0.7), Position(0, 0.2)) == pytest.approx((350 / MPS, 350))


def test_a_twin_lets_one_turn_back() -> None:
    graph = graph_of([(121.5, 38.9), (121.501, 38.9)], [(0, 1, 100.0, 7, 1), (1, 0, 100.0, 7, 0)])
    assert one(graph, Position(0, 0.7), Position(0, 0.2)) == pytest.approx((50 / MPS, 50))
    assert one(graph, Position(1, 0.3), Position(0, 0.2)) == pytest.approx((50 / MPS, 50))
    assert one(graph, Position(1, 0.3), Position(0, 0.7)) == pytest.approx((0, 0), abs=1e-9)


def test_source_is_target(block: RoadGraph) -> None:
    for fraction in (0.0, 0.3, 1.0):
        assert one(block, Position(2, fraction), Position(2, fraction)) == (0.0, 0.0)


def test_the_end_of_one_edge_is_the_start_of_the_next(block: RoadGraph) -> None:
    assert one(block, Position(1, 0.0), Position(0, 1.0)) == (0.0, 0.0)
    assert one(block, Position(0, 1.0), Position(1, 0.5)) == pytest.approx((50 / MPS, 50))
    assert one(block, Position(1, 0.0), Position(0, 0.5)) == pytest.approx((350 / MPS, 350))


def test_the_place_on_a_street_closed_to_the_mode_is_unreachable() -> None:
    graph = graph_of(
        [(121.5, 38.9), (121.501, 38.9), (121.502, 38.9)],
        [(0, 1, 100.0, 7, None), (1, 2, 9.0, 3, None)],
    )
    assert one(graph, Position(0, 0.5), Position(1, 0.5)) == (INF, INF)
    assert one(graph, Position(1, 0.5), Position(1, 0.5)) == (INF, INF)
    assert route(graph, Mode.CAR, Position(0, 0.5), Position(1, 0.5)) is None


def test_against_a_one_way_street_a_walker_uses_the_twin_and_a_car_does_not() -> None:
    graph = graph_of([(121.5, 38.9), (121.501, 38.9)], [(0, 1, 100.0, 7, 1), (1, 0, 100.0, 1, 0)])
    assert one(graph, Position(0, 0.7), Position(0, 0.2)) == (INF, INF)
    walk = times_to(graph, Mode.WALK, Position(0, 0.2), Positions.of([Position(0, 0.7)]), INF)
    assert walk[1][0] == pytest.approx(50)


def test_the_limit_includes_what_takes_just_as_long(block: RoadGraph) -> None:
    sources = Positions.of([Position(0, 0.2), Position(3, 0.5)])
    limit_s = float(times_to(block, Mode.CAR, Position(0, 0.7), sources, INF)[0][1])
    assert np.isfinite(times_to(block, Mode.CAR, Position(0, 0.7), sources, limit_s)[0]).all()
    travel_s, distance_m = times_to(block, Mode.CAR, Position(0, 0.7), sources, limit_s - 1e-6)
    assert np.isfinite(travel_s).tolist() == np.isfinite(distance_m).tolist() == [True, False]
    assert times_to(block, Mode.CAR, Position(0, 0.7), sources, 0.0)[0].tolist() == [INF, INF]


@pytest.mark.parametrize("limit_s", [-1.0, float("nan")])
def test_a_limit_that_is_none_is_refused(block: RoadGraph, limit_s: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        search_to(block, Mode.CAR, Position(0, 0.5), limit_s)
    assert caught.value.field == "limit_s"


def test_no_positions_at_all(block: RoadGraph) -> None:
    travel_s, distance_m = times_to(block, Mode.CAR, Position(0, 0.5), Positions.of([]), INF)
    assert travel_s.shape == distance_m.shape == (0,)


def test_one_search_after_another_leaves_no_trace(block: RoadGraph) -> None:
    sources = Positions.of([Position(e, 0.5) for e in range(4)])
    first = times_to(block, Mode.CAR, Position(0, 0.5), sources, INF)
    for edge in range(4):
        times_to(block, Mode.CAR, Position(edge, 0.9), sources, INF)
    again = times_to(block, Mode.CAR, Position(0, 0.5), sources, INF)
    assert first[0].tolist() == again[0].tolist()


def test_threads_share_a_graph(block: RoadGraph) -> None:
    sources = Positions.of([Position(e, 0.5) for e in range(4)])
    right = {e: times_to(block, Mode.CAR, Position(e, 0.25), sources, INF)[0] for e in range(4)}
    wrong: list[int] = []

    def work(edge: int) -> None:
        for _ in range(200):
            found = times_to(block, Mode.CAR, Position(edge, 0.25), sources, INF)[0]
            if found.tolist() != right[edge].tolist():
                wrong.append(edge)

    threads = [Thread(target=work, args=(edge,)) for edge in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_route_is_drawn_in_the_direction_of_travel_and_names_each_street_once() -> None:
    nodes = [(121.5, 38.9), (121.501, 38.9), (121.502, 38.9), (121.502, 38.901)]
    edges = [(0, 1, 90.0, 7, None), (1, 2, 90.0, 7, None), (2, 3, 110.0, 7, None)]
    graph = graph_of(nodes, edges, ["兴华路", "兴华路", None])
    found = route(graph, Mode.CAR, Position(0, 0.5), Position(2, 0.5))
    assert found is not None
    assert found.streets == ["兴华路"]
    assert found.distance_m == pytest.approx(45 + 90 + 55)
    assert found.coordinates[0] == pytest.approx((121.5005, 38.9), abs=1e-6)
    assert found.coordinates[1:-1] == [nodes[1], nodes[2]]
    assert found.coordinates[-1] == pytest.approx((121.502, 38.9005), abs=1e-6)


def test_both_trees_draw_the_same_route(block: RoadGraph) -> None:
    source, target = Position(0, 0.75), Position(0, 0.25)
    to, out = search_to(block, Mode.CAR, target, INF), search_from(block, Mode.CAR, source, INF)
    first, second = route_along(to, source), route_along(out, target)
    assert first is not None
    assert second is not None
    assert first.coordinates == second.coordinates
    assert len(first.coordinates) == 6


def test_a_route_to_where_one_is_has_two_points(block: RoadGraph) -> None:
    found = route(block, Mode.CAR, Position(1, 0.5), Position(1, 0.5))
    assert found is not None
    assert (found.travel_s, found.distance_m, found.streets) == (0.0, 0.0, [])
    assert len(found.coordinates) == 2
    assert found.coordinates[0] == found.coordinates[1]


@pytest.mark.parametrize(
    ("edges", "what"),
    [
        ([(0, 1, 100.0, 7, 0)], "twins"),
        ([(0, 1, 100.0, 7, 1), (0, 1, 100.0, 7, 0)], "twins"),
        ([(0, 1, 0.0, 7, None)], "length"),
        ([(0, 1, float("nan"), 7, None)], "length"),
        ([(0, 7, 5.0, 7, None)], "to_node 7"),
    ],
)
def test_a_broken_graph_is_refused(
    edges: list[tuple[int, int, float, int, int | None]], what: str
) -> None:
    with pytest.raises(DataFault, match=what):
        graph_of([(121.5, 38.9), (121.501, 38.9)], edges)


def test_edge_ids_and_indices_translate(block: RoadGraph) -> None:
    assert block.edge_index([40, 10]).tolist() == [3, 0]
    assert Positions.from_ids(block, [40], [0.5])[0] == Position(3, 0.5)
    with pytest.raises(DataFault, match="edge_id 11"):
        block.edge_index(11)
    with pytest.raises(DataFault, match="fraction"):
        Positions.from_ids(block, [40], [1.5])


@st.composite
def towns(
    draw: st.DrawFn,
) -> tuple[list[tuple[int, int, float, int, int | None]], list[tuple[int, float]]]:
    """Draw a tiny graph with parallel edges, loops, one-ways and twins, and four positions."""
    n_nodes = draw(st.integers(1, 4))
    node = st.integers(0, n_nodes - 1)
    edges: list[tuple[int, int, float, int, int | None]] = []
    for _ in range(draw(st.integers(1, 6))):
        u, v, length = draw(node), draw(node), float(draw(st.integers(1, 20)))
        access, back = draw(st.sampled_from([7, 7, 4, 3])), draw(st.sampled_from([None, 7, 3]))
        index = len(edges)
        edges.append((u, v, length, access, None if back is None else index + 1))
        if back is not None:
            edges.append((v, u, length, back, index))
    place = st.tuples(st.integers(0, len(edges) - 1), st.integers(0, 8).map(lambda k: k / 8))
    return edges, draw(st.lists(place, min_size=4, max_size=4))


@given(towns())
@settings(max_examples=300, deadline=None)
def test_times_equal_those_on_really_split_edges(
    town: tuple[list[tuple[int, int, float, int, int | None]], list[tuple[int, float]]],
) -> None:
    edges, points = town
    nodes = [(121.5 + i * 1e-3, 38.9 + i * i * 1e-3) for i in range(4)]
    graph = graph_of(nodes, edges)
    streets = [Street(u, v, m / MPS if a & 4 else None, m, t) for u, v, m, a, t in edges]
    reference = split(streets, points)
    positions = Positions.of([Position(*point) for point in points])
    for number, target in enumerate(positions):
        tree = search_to(graph, Mode.CAR, target, INF)
        travel_s, _ = tree.measure(positions)
        back_s, _ = search_from(graph, Mode.CAR, target, INF).measure(positions)
        for other in range(len(points)):
            if other == number:
                continue
            there, _ = fastest(reference, ("point", other), ("point", number))
            back, _ = fastest(reference, ("point", number), ("point", other))
            assert travel_s[other] == pytest.approx(there, abs=1e-9)
            assert back_s[other] == pytest.approx(back, abs=1e-9)
            found = route_along(tree, positions[other])
            assert (found is None) == (there == INF)


@given(towns())
@settings(max_examples=150, deadline=None)
def test_at_one_speed_distance_is_time_times_speed(
    town: tuple[list[tuple[int, int, float, int, int | None]], list[tuple[int, float]]],
) -> None:
    edges, points = town
    graph = graph_of([(121.5 + i * 1e-3, 38.9 + i * i * 1e-3) for i in range(4)], edges)
    positions = Positions.of([Position(*point) for point in points])
    for search in (search_to, search_from):
        travel_s, distance_m = search(graph, Mode.CAR, positions[0], INF).measure(positions)
        assert distance_m == pytest.approx(travel_s * MPS)
