"""Planted clusters are found: the demo's causes over its year, and an outbreak put in by hand.

The demo knows where trouble has a reason (layers/demo/cause.py) and the map does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta

import numpy as np
import psycopg
import pytest
from psycopg.rows import dict_row

from layers.risk.answer import answer, pairs_of_cells
from layers.risk.finding import Finding
from layers.risk.ground import Ground, read_ground
from layers.risk.incident import Incidents, read_incidents
from layers.risk.question import Kind, Measure, Period, Question, Unit
from tests.conftest import DEMO_AS_OF
from tests.district import town

YEAR = Period(DEMO_AS_OF - timedelta(days=365), DEMO_AS_OF)
WEEKS = Period(DEMO_AS_OF - timedelta(days=84), DEMO_AS_OF - timedelta(days=56))
BEFORE = Period(DEMO_AS_OF - timedelta(days=112), DEMO_AS_OF - timedelta(days=84))
DISTRICT = ("210211",)
OUTBREAK, SPREAD_M, CALM_M = 45, 120.0, 1500.0
"""Cases planted, how far apart, and how far from every cause of the demo."""


@pytest.fixture(scope="module")
def read(demo_dsn: str) -> Iterator[tuple[Incidents, Ground]]:
    with psycopg.connect(demo_dsn, row_factory=dict_row) as conn:
        yield read_incidents(conn, DEMO_AS_OF), read_ground(conn, DEMO_AS_OF)


def cells(found: Finding) -> tuple[np.ndarray, np.ndarray]:
    """Return easting and northing of every cell's centre, shape of the raster."""
    assert found.frame is not None
    row, column = np.indices(found.value.shape)
    return found.frame.centres(column, row)


def away(found: Finding, xy_m: tuple[float, float]) -> np.ndarray:
    x_m, y_m = cells(found)
    return np.hypot(x_m - xy_m[0], y_m - xy_m[1])


def test_the_causes_of_the_demo_are_found_and_nothing_else(read: tuple[Incidents, Ground]) -> None:
    found = answer(Question(YEAR, DISTRICT, measure=Measure.RELATIVE), *read)
    raised = found.sign > 0
    causes = town().causes
    told = [bool(raised[away(found, one.xy_m) <= max(one.radius_m, 100.0)].any()) for one in causes]
    assert len(causes) == 40
    assert sum(told) >= 0.9 * len(causes), [
        c.name for c, t in zip(causes, told, strict=True) if not t
    ]
    reach = [away(found, one.xy_m) <= 3.0 * one.radius_m + 600.0 for one in causes]
    beyond = raised & ~np.any(reach, axis=0)
    assert raised.sum() > 1000
    assert beyond.sum() <= 0.05 * raised.sum()


def planted(incidents: Incidents, xy_m: tuple[float, float], period: Period) -> Incidents:
    """Return the incidents with an outbreak among them, drawn by a seed."""
    rng = np.random.default_rng(7)
    like = incidents.take(rng.integers(0, len(incidents), OUTBREAK))
    at_s = period.since.timestamp() + rng.random(OUTBREAK) * period.days * 86_400.0
    new = replace(
        like,
        x_m=xy_m[0] + rng.normal(0.0, SPREAD_M, OUTBREAK),
        y_m=xy_m[1] + rng.normal(0.0, SPREAD_M, OUTBREAK),
        at_s=at_s,
        local_s=at_s + 8 * 3600.0,
        family=np.full(OUTBREAK, b"hazard"),
    )
    names = [column.name for column in fields(incidents) if column.name != "read_at"]
    joined = {n: np.concatenate([getattr(incidents, n), getattr(new, n)]) for n in names}
    return Incidents(**joined, read_at=incidents.read_at)


def calm_place(ground: Ground) -> tuple[float, float]:
    """Return the middle of the most lived-in cell that lies far from every cause."""
    frame = ground.frame(100.0)
    row, column = np.indices(frame.shape)
    x_m, y_m = frame.centres(column, row)
    near = [np.hypot(x_m - c.xy_m[0], y_m - c.xy_m[1]) < CALM_M for c in town().causes]
    residents = np.where(np.any(near, axis=0), 0.0, ground.residents_of_cells(100.0))
    best = np.unravel_index(residents.argmax(), frame.shape)
    return float(x_m[best]), float(y_m[best])


@pytest.mark.parametrize("measure", [Measure.RELATIVE, Measure.SIGNIFICANCE])
def test_an_outbreak_is_found_where_and_when_it_was(
    read: tuple[Incidents, Ground], measure: Measure
) -> None:
    incidents, ground = read
    place = calm_place(ground)
    all_of_it = planted(incidents, place, WEEKS)
    hazards = Kind(families=("hazard",))
    during = answer(Question(WEEKS, DISTRICT, hazards, measure=measure), all_of_it, ground)
    near = away(during, place) <= 2 * SPREAD_M
    assert (during.sign[near] > 0).mean() > 0.5
    for period, kind in ((BEFORE, hazards), (WEEKS, Kind(families=("service",)))):
        quiet = answer(Question(period, DISTRICT, kind, measure=measure), all_of_it, ground)
        assert not (quiet.sign[near] > 0).any()


def test_areas_tell_the_outbreak_too(read: tuple[Incidents, Ground]) -> None:
    incidents, ground = read
    place = calm_place(ground)
    row = ground.grid_of_cells(25.0)[
        tuple(int(v) for v in np.floor(np.array(ground.frame(25.0).place(*place))[::-1] + 0.5))
    ]
    code = str(ground.grids.codes[row]).encode()
    all_of_it = planted(incidents, place, WEEKS)
    # The grid goes with the place, as it does when a case is taken in.
    all_of_it.grid_code[len(incidents) :] = code
    hazards = Kind(families=("hazard",))
    found = answer(
        Question(WEEKS, DISTRICT, hazards, measure=Measure.RELATIVE, unit=Unit.GRID),
        all_of_it,
        ground,
    )
    assert found.sign[row] == 1
    assert found.value[row] > 3.0
    assert found.value[row] > found.high[row]


def test_moran_tells_the_causes_as_high_among_high(read: tuple[Incidents, Ground]) -> None:
    found = answer(Question(YEAR, DISTRICT, measure=Measure.OUTLIER), *read)
    assert set(np.unique(found.value[found.inside])) == {1.0, 2.0, 3.0, 4.0}
    high = (found.sign > 0) & (found.value == 4.0)
    assert high.sum() >= 20
    reach = [away(found, one.xy_m) <= 3.0 * one.radius_m + 600.0 for one in town().causes]
    assert (high & ~np.any(reach, axis=0)).sum() <= 0.05 * high.sum()


def test_cells_that_touch_are_neighbours() -> None:
    pairs = pairs_of_cells(np.array([[True, True], [False, True]]))
    assert pairs.tolist() == [[0, 1], [1, 2], [0, 2], [1, 0], [2, 1], [2, 0]]
