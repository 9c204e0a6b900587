"""The nearest people: by hand, and against looking at everybody."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.people.nearest import Near, Places
from geodata.crs import from_metric, to_metric
from geodata.errors import InvalidInput

EAST_M, NORTH_M = 500_000.0, 4_310_000.0
"""On the meridian of EPSG:4549."""


def degrees(x_m: float, y_m: float) -> tuple[float, float]:
    """Return the place so many metres east and north of the origin."""
    lon, lat = from_metric(EAST_M + x_m, NORTH_M + y_m)
    return float(lon[0]), float(lat[0])


def placed(people: dict[int, tuple[float, float]]) -> Places:
    places = Places()
    lon, lat = from_metric(
        [EAST_M + x for x, _ in people.values()], [NORTH_M + y for _, y in people.values()]
    )
    places.move(list(people), lon, lat)
    return places


def brute(
    people: dict[int, tuple[float, float]], at: tuple[float, float], count: int
) -> list[Near]:
    """Look at everybody; through degrees and back, as whoever is placed goes."""
    lon, lat = zip(*[degrees(*place) for place in (at, *people.values())], strict=True)
    (x_m, *xs_m), (y_m, *ys_m) = (column.tolist() for column in to_metric(lon, lat))
    far_m = [
        math.sqrt((one_m - x_m) * (one_m - x_m) + (other_m - y_m) * (other_m - y_m))
        for one_m, other_m in zip(xs_m, ys_m, strict=True)
    ]
    ranked = sorted(zip(far_m, people, strict=True))
    return [Near(who, distance_m) for distance_m, who in ranked[:count]]


def test_the_nearest_first_with_metres():
    places = placed({7: (300.0, 400.0), 3: (0.0, 100.0), 9: (-1200.0, 500.0), 4: (5000.0, 0.0)})
    near = places.nearest(*degrees(0.0, 0.0), 3)
    assert [one.person_id for one in near] == [3, 7, 9]
    assert [one.distance_m for one in near] == pytest.approx([100.0, 500.0, 1300.0], abs=1e-6)


def test_of_equally_near_ones_the_lowest_ids():
    spot = degrees(250.0, 0.0)
    places = Places()
    ids = [30, 11, 25, 2, 18]
    places.move([*ids, 1], *zip(*[spot] * len(ids), degrees(900.0, 0.0), strict=True))
    assert [one.person_id for one in places.nearest(*degrees(0.0, 0.0), 3)] == [2, 11, 18]
    assert [one.person_id for one in places.nearest(*spot, 6)] == [2, 11, 18, 25, 30, 1]
    assert places.nearest(*spot, 1) == [Near(2, 0.0)]


def test_people_move_come_and_go():
    places = placed({1: (100.0, 0.0), 2: (200.0, 0.0)})
    places.move([1, 3], *zip(degrees(300.0, 0.0), degrees(50.0, 0.0), strict=True))
    assert [one.person_id for one in places.nearest(*degrees(0.0, 0.0), 9)] == [3, 2, 1]
    places.leave([3, 99])
    assert [one.person_id for one in places.nearest(*degrees(0.0, 0.0), 9)] == [2, 1]
    places.leave([1, 2])
    assert places.nearest(*degrees(0.0, 0.0), 9) == []
    assert len(places) == 0


def test_nobody_is_asked_of_an_empty_district():
    assert Places().nearest(*degrees(0.0, 0.0), 10) == []


def test_what_cannot_be_asked_or_placed_is_refused():
    places = placed({1: (0.0, 0.0)})
    with pytest.raises(InvalidInput, match="count"):
        places.nearest(*degrees(0.0, 0.0), 0)
    with pytest.raises(InvalidInput):
        places.nearest(math.nan, 39.0, 1)
    with pytest.raises(InvalidInput, match="one place"):
        places.move([1, 1], [120.0, 120.1], [39.0, 39.0])
    with pytest.raises(InvalidInput):
        places.move([1, 2], [120.0, math.inf], [39.0, 39.0])
    assert places.nearest(*degrees(0.0, 0.0), 5)[0].person_id == 1


@settings(deadline=None)
@given(
    cells=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=60),
    at=st.tuples(st.integers(0, 6), st.integers(0, 6)),
    count=st.integers(1, 12),
    seed=st.integers(0, 9),
)
def test_as_looking_at_everybody_on_a_lattice_full_of_ties(
    cells: list[tuple[int, int]], at: tuple[int, int], count: int, seed: int
):
    ids = list(range(1, len(cells) + 1))
    random.Random(seed).shuffle(ids)  # noqa: S311 - dice, not secrets
    people = {one: (100.0 * x, 100.0 * y) for one, (x, y) in zip(ids, cells, strict=True)}
    here = (100.0 * at[0], 100.0 * at[1])
    assert placed(people).nearest(*degrees(*here), count) == brute(people, here, count)


def test_as_looking_at_everybody_while_a_thousand_move():
    rng = np.random.default_rng(5)
    people = {one: tuple(rng.normal(0.0, 3000.0, 2).tolist()) for one in range(1, 1001)}
    places = placed(people)
    for _ in range(30):
        moved = rng.choice(list(people), 40, replace=False).tolist()
        people |= {one: tuple(rng.normal(0.0, 3000.0, 2).tolist()) for one in moved}
        places.move(moved, *zip(*[degrees(*people[one]) for one in moved], strict=True))
        here = tuple(rng.normal(0.0, 3000.0, 2).tolist())
        assert places.nearest(*degrees(*here), 10) == brute(people, here, 10)
