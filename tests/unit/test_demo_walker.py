import numpy as np

from dispatch.demo.walker import REACH_M, Streets, Walkers, modes


def lattice(side: int, step_m: float) -> Streets:
    """Return a square lattice of two-way streets that everybody may use."""
    node = np.arange(side * side).reshape(side, side)
    pairs = np.concatenate(
        [
            np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()]),
            np.column_stack([node[:-1].ravel(), node[1:].ravel()]),
        ]
    )
    half = len(pairs)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    twin = np.concatenate([np.arange(half) + half, np.arange(half)])
    y, x = np.divmod(np.arange(side * side), side)
    node_m = np.column_stack([x, y]) * step_m
    return Streets.build(
        both[:, 0], both[:, 1], twin, np.full(2 * half, step_m), np.full(2 * half, 7), node_m
    )


def crowd(streets: Streets, count: int, speed_mps: float) -> Walkers:
    edge = np.arange(count) % len(streets.length_m)
    return Walkers(
        edge=edge,
        fraction=np.zeros(count),
        mode_bit=np.ones(count, dtype=np.int64),
        speed_mps=np.full(count, speed_mps),
        post_m=streets.start_m[edge].copy(),
    )


def xy_m(walkers: Walkers, streets: Streets) -> np.ndarray:
    start, end = streets.start_m[walkers.edge], streets.end_m[walkers.edge]
    return start + (end - start) * walkers.fraction[:, None]


def test_a_step_goes_as_far_as_speed_and_time_say() -> None:
    streets = lattice(10, 100.0)
    walkers = crowd(streets, 50, 2.0)
    before_m = xy_m(walkers, streets)
    walkers.step(streets, 10.0, np.random.default_rng(0))
    assert np.allclose(np.abs(xy_m(walkers, streets) - before_m).sum(axis=1), 20.0)


def test_people_stay_around_their_posts_for_hours() -> None:
    streets = lattice(60, 50.0)
    walkers = crowd(streets, 500, 3.5)
    rng = np.random.default_rng(0)
    for _ in range(400):
        walkers.step(streets, 20.0, rng)
    away_m = np.hypot(*(xy_m(walkers, streets) - walkers.post_m).T)
    assert np.quantile(away_m, 0.95) < 2 * REACH_M
    assert (walkers.fraction >= 0).all()
    assert (walkers.fraction < 1).all()


def test_nobody_enters_a_street_that_is_closed_to_them() -> None:
    streets = lattice(20, 50.0)
    closed = np.zeros(len(streets.access), dtype=bool)
    closed[::7] = True
    closed |= closed[streets.twin]
    streets.access[closed] = 4
    walkers = crowd(streets, 800, 1.2)
    open_edges = np.flatnonzero(~closed)
    walkers.edge = open_edges[np.arange(800) % len(open_edges)]
    rng = np.random.default_rng(0)
    for _ in range(200):
        walkers.step(streets, 30.0, rng)
    assert not closed[walkers.edge].any()


def test_a_heading_is_clockwise_from_north() -> None:
    streets = lattice(3, 100.0)
    walkers = crowd(streets, len(streets.length_m), 1.0)
    heading = walkers.heading_deg(streets)
    east = streets.end_m[:, 0] > streets.start_m[:, 0]
    north = streets.end_m[:, 1] > streets.start_m[:, 1]
    assert (heading[east] == 90.0).all()
    assert (heading[north] == 0.0).all()


def test_who_does_not_travel_does_not_move() -> None:
    bits, pace, moving = modes(["walk", "ebike", "car", "none"])
    assert bits.tolist() == [1, 2, 4, 1]
    assert moving.tolist() == [True, True, True, False]
    assert pace[3] == 0.0
