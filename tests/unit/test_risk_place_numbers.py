"""A place explained, on two grids of 400 m with ten incidents: numbers worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely

from geodata.crs import from_metric
from geodata.errors import InvalidInput, NotFound
from layers.risk.chance.count import compare_counts, count_interval
from layers.risk.coverage import share_beyond
from layers.risk.ground import Areas, Ground
from layers.risk.incident import Incidents
from layers.risk.outline import MOST_CORNERS, outline_circle, outline_ring, outline_unit
from layers.risk.place import Trend, cells_of_place, explain_place
from layers.risk.question import Kind, Period, Question, Unit, Weight

WEST_M, SOUTH_M = 600_000.0, 4_312_000.0
LEFT, RIGHT = "210211001001001", "210211002001001"
UNTIL = datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
"""The first of March begins in Dalian; February had 28 days."""
DAYS_60 = Period(UNTIL - timedelta(days=60), UNTIL)
NO_PAIRS = np.empty((0, 2), np.intp)


def block(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return shapely.box(WEST_M + west, SOUTH_M + south, WEST_M + east, SOUTH_M + north)


def areas(codes: Sequence[str], residents: Sequence[float]) -> Areas:
    shapes = np.array([block(0, 0, 400, 400), block(400, 0, 800, 400)], dtype=object)
    names = tuple(codes)
    return Areas(np.array(codes), names, names, shapes, np.array([0.16, 0.16]),
                 np.array(residents), NO_PAIRS)  # fmt: skip


@pytest.fixture
def ground() -> Ground:
    return Ground(
        areas([LEFT, RIGHT], [400.0, 600.0]),
        areas([LEFT[:12], RIGHT[:12]], [400.0, 600.0]),
        WEST_M + np.array([100.0, 300.0, 600.0]),
        SOUTH_M + np.array([200.0, 200.0, 200.0]),
        np.array([100.0, 300.0, 600.0]),
    )


def incidents(
    x_m: Sequence[float],
    days_ago: Sequence[float],
    types: Sequence[str] = ("D0201",),
    urgent: Sequence[bool] = (False,),
    found: Sequence[bool] = (False,),
) -> Incidents:
    """Return incidents 200 m from the south edge; the last arguments are repeated to fit."""
    n = len(x_m)
    at_s = UNTIL.timestamp() - np.array(days_ago) * 86_400
    return Incidents(
        id=np.arange(1, n + 1),
        x_m=WEST_M + np.array(x_m, float),
        y_m=np.full(n, SOUTH_M + 200.0),
        at_s=at_s,
        local_s=at_s + 8 * 3600,
        type_code=np.resize(np.array(types, "S8"), n),
        class_code=np.resize(np.array(types, "S3"), n),
        family=np.full(n, b"dispute"),
        grid_code=np.where(np.array(x_m) < 400, LEFT, RIGHT).astype("S15"),
        urgent=np.resize(np.array(urgent), n),
        found=np.resize(np.array(found), n),
        read_at=UNTIL,
    )


def classed(of: Incidents, classes: dict[bytes, bytes]) -> Incidents:
    """Return incidents whose types have these classes, not those their codes begin with."""
    codes = [classes.get(code, code) for code in of.type_code.tolist()]
    return replace(of, class_code=np.array(codes))


TEN = incidents(
    [300] * 4 + [100] + [600] * 5,
    [1, 2, 3, 40, 1, 1, 1, 1, 1, 58],
    types=["D0201", "D0201", "H01", "H02", "D0201", "P01", "P01", "P01", "P01", "P01"],
    urgent=[False, False, True, False, False, True, True, True, True, True],
    found=[True, False, False, False, False, True, True, True, True, True],
)
MIDDLE = block(200, 0, 500, 400)
"""The eastern half of the left grid and a quarter of the right one."""
WHOLE = Question(DAYS_60, ("210211",))


def change_of(later: int, earlier: int, question: Question = WHOLE, ground: Ground | None = None):
    days = [50.0, *np.linspace(1, 27, later), *np.linspace(29, 55, earlier)][1:]
    x_m = [300.0] * (later + earlier)
    # One of long ago elsewhere: the records begin before the weeks that are compared.
    made = incidents([*x_m, 700.0], [*days, 90.0])
    assert ground is not None
    return explain_place(question, made, ground, MIDDLE).change


def test_numbers_of_a_place(ground: Ground):
    place = explain_place(WHOLE, TEN, ground, MIDDLE)
    assert (place.n, place.residents) == (4, 300)
    assert place.area_km2 == pytest.approx(0.12)
    assert place.per_km2 == pytest.approx(4 / 0.12 * 30 / 60)
    assert place.per_1000 == pytest.approx(13.3333, abs=1e-4)
    # 300 of 1,000 residents have 3 of the 10 incidents on the average; 4 may be 1.090 to 10.242.
    assert place.expected == pytest.approx(3.0)
    assert place.times_mean == pytest.approx((4 / 3, 1.0899 / 3, 10.2416 / 3), abs=1e-4)
    assert place.found_share == 0.25


def test_what_is_beyond_reach_counts_on_neither_side(ground: Ground):
    mine = replace(WHOLE, within=("210211001",))
    place = explain_place(mine, TEN, ground, MIDDLE)
    assert (place.n, place.residents) == (4, 300)
    assert place.area_km2 == pytest.approx(0.08)
    assert place.expected == pytest.approx(300 * 5 / 400)
    other = explain_place(replace(WHOLE, within=("210211002",)), TEN, ground, MIDDLE)
    assert (other.n, other.residents) == (0, 0)
    assert other.area_km2 == pytest.approx(0.04)
    assert (other.per_1000, other.times_mean, other.found_share) == (None, None, None)


def test_a_place_beyond_the_district_has_no_area(ground: Ground):
    place = explain_place(WHOLE, TEN, ground, block(2000, 2000, 2400, 2400))
    assert (place.n, place.area_km2, place.residents) == (0, 0.0, 0.0)
    assert place.per_km2 is None
    cells = cells_of_place(ground, place)
    assert [len(line) for line in cells] == [0, 0]


def test_weights_count_in_the_density_only(ground: Ground):
    weighed = replace(WHOLE, weight=Weight(urgent=3.0))
    place = explain_place(weighed, TEN, ground, MIDDLE)
    assert place.n == 4
    assert place.per_km2 == pytest.approx((3 + 3) / 0.12 / 2)
    assert place.expected == pytest.approx(3.0)


def test_the_question_chooses_the_incidents(ground: Ground):
    hazards = replace(WHOLE, kind=Kind(types=("H01", "H02")))
    place = explain_place(hazards, TEN, ground, MIDDLE)
    assert (place.n, place.expected) == (2, pytest.approx(0.6))
    a_class = replace(WHOLE, kind=Kind(types=("H0",)))
    assert explain_place(a_class, classed(TEN, {b"H01": b"HC01"}), ground, MIDDLE).n == 0
    a_class = replace(WHOLE, kind=Kind(types=("HC01",)))
    assert explain_place(a_class, classed(TEN, {b"H01": b"HC01"}), ground, MIDDLE).n == 1
    last_week = replace(WHOLE, period=Period(UNTIL - timedelta(days=7), UNTIL))
    assert explain_place(last_week, TEN, ground, MIDDLE).n == 3


def test_types_days_hours_and_the_newest(ground: Ground):
    place = explain_place(WHOLE, TEN, ground, block(0, 0, 800, 400))
    told, rest = place.by_type(2)
    assert [tuple(one) for one in told] == [("P01", 5), ("D0201", 3)]
    assert rest == 2
    # Whole days before a Sunday's first moment: one day is Saturday, 2 Friday, 3 Thursday,
    # 40 Tuesday, 58 Friday; all at midnight.
    assert place.by_weekday == [0, 1, 0, 1, 2, 6, 0]
    assert place.by_hour == [10, *[0] * 23]
    assert place.newest(3) == [9, 8, 7]
    assert place.newest(99)[-2:] == [4, 10]


@pytest.mark.parametrize(
    ("later", "earlier", "trend"),
    [
        (9, 1, Trend.RISING),  # 2 (1 + 10) / 1024 = 0.021
        (8, 2, Trend.STEADY),  # 2 (1 + 10 + 45) / 1024 = 0.109
        (1, 9, Trend.FALLING),
        (5, 5, Trend.STEADY),
        (5, 0, Trend.STEADY),  # 2 / 32
        (6, 0, Trend.RISING),  # 2 / 64
        (0, 0, Trend.STEADY),
    ],
)
def test_a_trend_is_told_where_chance_does_not_explain_it(
    ground: Ground, later: int, earlier: int, trend: Trend
):
    change = change_of(later, earlier, ground=ground)
    assert (change.trend, change.days, change.later, change.earlier) == (trend, 28, later, earlier)


def test_a_short_period_is_compared_with_the_one_before(ground: Ground):
    week = replace(WHOLE, period=Period(UNTIL - timedelta(days=7), UNTIL))
    made = incidents([300.0] * 4 + [700.0], [1, 2, 8, 15, 90])
    change = explain_place(week, made, ground, MIDDLE).change
    assert (change.days, change.later, change.earlier) == (7, 2, 1)


def test_days_to_come_are_no_quiet_days(ground: Ground):
    ahead = replace(WHOLE, period=Period(DAYS_60.since, UNTIL + timedelta(days=20)))
    change = change_of(9, 1, ahead, ground)
    assert (change.later, change.earlier, change.trend) == (9, 1, Trend.RISING)
    later = replace(WHOLE, period=Period(UNTIL, UNTIL + timedelta(days=20)))
    assert change_of(9, 1, later, ground).trend is Trend.UNKNOWN


def test_nothing_is_told_where_one_side_could_not_be(ground: Ground):
    young = incidents([300.0] * 9, np.linspace(1, 27, 9).tolist())
    change = explain_place(WHOLE, young, ground, MIDDLE).change
    assert (change.trend, change.later, change.earlier, change.p) == (Trend.UNKNOWN, 9, 0, None)
    none = incidents([], [])
    assert explain_place(WHOLE, none, ground, MIDDLE).change.trend is Trend.UNKNOWN
    # The 28 days before February lie in January altogether.
    february = replace(WHOLE, kind=Kind(months=(2,)))
    change = change_of(9, 9, february, ground)
    assert (change.trend, change.later, change.earlier) == (Trend.UNKNOWN, 9, 0)


def test_months_left_out_weigh_the_comparison(ground: Ground):
    # Up to 8 March: of the last 28 days 20 lie in February, of those before 8.
    until = UNTIL + timedelta(days=8)
    shifted = Question(Period(until - timedelta(days=60), until), ("210211",), Kind(months=(2,)))
    days = [*np.linspace(1, 19, 10), *np.linspace(21, 27, 4)]
    made = replace(incidents([300.0] * 14 + [700.0], [*days, 90.0]), read_at=until)
    change = explain_place(shifted, made, ground, MIDDLE).change
    assert (change.later, change.earlier) == (10, 4)
    assert change.p == pytest.approx(compare_counts(10, 4, 20 / 28))
    assert change.trend is Trend.STEADY


def test_exact_intervals_of_counts():
    """Garwood's table."""
    for count, low, high in ((0, 0, 3.6889), (1, 0.0253, 5.5716), (20, 12.2165, 30.8884)):
        assert count_interval(count) == pytest.approx((low, high), abs=1e-4)


def test_two_counts_by_the_binomial():
    assert compare_counts(9, 1) == compare_counts(1, 9) == pytest.approx(22 / 1024)
    assert compare_counts(6, 0) == pytest.approx(2 / 64)
    assert compare_counts(0, 0) == compare_counts(7, 7) == 1.0
    assert compare_counts(0, 4, 0.75) == pytest.approx(2 * 0.25**4)


def test_the_share_of_a_place_that_nothing_covers(ground: Ground):
    corner = explain_place(WHOLE, TEN, ground, block(0, 0, 100, 50))
    x_m, y_m = cells_of_place(ground, corner)
    assert len(x_m) == 8
    device = np.array([[WEST_M + 12.5, SOUTH_M + 12.5]])
    # In both rows 0, 25, 50, 75 m to the east: two of four are farther than 25, none than 100;
    # the upper row is 25 m off: 35 m to the second cell, so three of its four.
    assert share_beyond((x_m, y_m), device, 25.0) == 5 / 8
    assert share_beyond((x_m, y_m), device, 100.0) == 0.0
    assert share_beyond((x_m, y_m), np.empty((0, 2)), 100.0) == 1.0
    assert share_beyond((x_m[:0], y_m[:0]), device, 100.0) is None


def test_cells_of_a_place_are_those_within_reach(ground: Ground):
    mine = replace(WHOLE, within=("210211001",))
    x_m, _ = cells_of_place(ground, explain_place(mine, TEN, ground, MIDDLE))
    assert len(x_m) == 8 * 16
    assert x_m.max() < WEST_M + 400


@pytest.mark.parametrize(
    ("area_km2", "cell_m"),
    [(0.12, 25), (25, 25), (25.1, 50), (100, 50), (101, 100), (400, 100), (401, 200), (9e9, 200)],
)
def test_cells_of_a_larger_place_are_coarser(ground: Ground, area_km2: float, cell_m: float):
    place = replace(explain_place(WHOLE, TEN, ground, block(0, 0, 800, 400)), area_km2=area_km2)
    x_m, y_m = cells_of_place(ground, place)
    assert len(x_m) == 800 * 400 / cell_m**2
    assert np.ptp(x_m) == 800 - cell_m
    assert np.ptp(y_m) == 400 - cell_m


def test_a_ring_round_everything_has_the_cells_of_what_is_within_reach(ground: Ground):
    place = explain_place(WHOLE, TEN, ground, block(-50_000, -50_000, 50_000, 50_000))
    assert len(cells_of_place(ground, place)[0]) == 800 * 400 / 25**2


def test_a_circle_has_its_area():
    circle = outline_circle(121.5, 38.95, 300.0)
    assert circle.area == pytest.approx(np.pi * 300**2, rel=2e-4)


def test_a_unit_is_found_by_its_code(ground: Ground):
    assert outline_unit(ground, Unit.GRID, RIGHT).equals(block(400, 0, 800, 400))
    for code in ("210211009001001", "x", LEFT[:12]):
        with pytest.raises(NotFound) as caught:
            outline_unit(ground, Unit.GRID, code)
        assert caught.value.field == "code"


def test_a_ring_may_be_closed_or_not():
    x_m, y_m = np.array(MIDDLE.exterior.coords)[:-1].T
    lon, lat = from_metric(x_m, y_m)
    open_ring = outline_ring(lon, lat)
    assert open_ring.area == pytest.approx(120_000, rel=1e-6)
    assert outline_ring(np.append(lon, lon[0]), np.append(lat, lat[0])).equals(open_ring)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ([121.5, 121.6], [38.9, 38.9]),
        ([121.5, 121.6, 121.5], [38.9, 38.9, 38.9]),
        ([121.5, 121.6, 121.6, 121.5], [38.9, 39.0, 38.9, 39.0]),
        ([121.5, 121.5, 121.5], [38.9, 38.9, 38.9]),
        ([121.5, 121.6, 121.7], [38.9, 38.9, 38.9 + 60]),
        ([38.9, 38.9, 39.0], [121.5, 121.6, 121.6]),
        ([], []),
        ([float("nan")] * 3, [38.9] * 3),
        (np.linspace(121.4, 121.6, MOST_CORNERS + 1), np.linspace(38.9, 39, MOST_CORNERS + 1) ** 2),
    ],
    ids=["two", "closed flat", "crossing", "one point", "north pole", "swapped", "none", "nan",
         "many"],
)  # fmt: skip
def test_a_ring_that_is_none_is_refused_by_name(lon: Sequence[float], lat: Sequence[float]):
    with pytest.raises(InvalidInput) as caught:
        outline_ring(np.array(lon, float), np.array(lat, float))
    assert caught.value.field == "ring"
