"""Density surfaces against the definition, written out event by event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import InvalidInput
from geodata.native import native
from layers.risk.density.frame import Frame
from layers.risk.density.kernel import Kernel
from layers.risk.density.spline import MOST_DEGREE, adder, fill_shares, reader
from layers.risk.density.stamp import Stamp
from layers.risk.density.surface import (
    NARROWEST,
    Edge,
    Events,
    Mode,
    cover,
    measure_surface,
    warm,
    within,
)
from layers.risk.foresight.bandwidth import CANDIDATES_M
from layers.risk.foresight.trial import CELL_M
from layers.risk.question import Measure, Period, Question, Unit

FRAME = Frame.over((0.0, 0.0, 3000.0, 2000.0), 25.0, 4549)
PROMISED = {Mode.FAST: 2e-4, Mode.ACCURATE: 1e-7, Mode.EXACT: 1e-11}
RNG = np.random.default_rng(210211)


def clustered(count: int) -> Events:
    """Return events in clusters and beyond the frame, with weights."""
    x = np.concatenate([RNG.uniform(-900, 3900, count // 2), RNG.normal(1200, 90, count // 2)])
    y = np.concatenate([RNG.uniform(-900, 2900, count // 2), RNG.normal(700, 60, count // 2)])
    return Events(x, y, RNG.uniform(0.2, 2.0, len(x)))


def defined(events: Events, kernel: Kernel, h: float) -> np.ndarray:
    """Return the definition: the sum over events of weight times kernel, per km²."""
    x = FRAME.west_m + (np.arange(FRAME.columns) + 0.5) * FRAME.cell_m
    y = FRAME.north_m - (np.arange(FRAME.rows) + 0.5) * FRAME.cell_m
    total = np.zeros(FRAME.shape)
    for px, py, w in zip(events.x_m, events.y_m, events.weight, strict=True):
        square = ((x[None, :] - px) ** 2 + (y[:, None] - py) ** 2) / h**2
        if kernel is Kernel.GAUSSIAN:
            total += w * np.exp(-square / 2) / (2 * np.pi * h**2)
        else:
            total += w * np.where(square < 1, 2 * (1 - square), 0) / (np.pi * h**2)
    return total * 1e6


@pytest.mark.parametrize("h", [75.0, 200.0, 500.0])
@pytest.mark.parametrize("kernel", list(Kernel))
@pytest.mark.parametrize("count", [2, 600])
def test_every_mode_keeps_its_promise(kernel: Kernel, h: float, count: int) -> None:
    events = clustered(count)
    expected = defined(events, kernel, h)
    for mode, promised in PROMISED.items():
        found = measure_surface(FRAME, events, kernel, h, mode)
        assert np.abs(found - expected).max() <= promised * expected.max(), mode


@pytest.mark.parametrize("mode", list(Mode))
def test_one_event_at_the_worst_place_keeps_the_promise(mode: Mode) -> None:
    """On a cell's centre and on its corner no error averages out."""
    for away in (0.0, 12.5):
        one = Events.plain(np.array([1512.5 + away]), np.array([987.5 + away]))
        for h in (80.0, 500.0):
            expected = defined(one, Kernel.GAUSSIAN, h)
            found = measure_surface(FRAME, one, Kernel.GAUSSIAN, h, mode)
            assert np.abs(found - expected).max() <= PROMISED[mode] * expected.max()


def test_a_bandwidth_below_three_cells_is_drawn_exactly() -> None:
    events = clustered(50)
    found = measure_surface(FRAME, events, Kernel.GAUSSIAN, 20.0, Mode.FAST)
    assert np.abs(found - defined(events, Kernel.GAUSSIAN, 20.0)).max() <= 1e-11 * found.max()


def test_a_narrow_kernel_reads_as_it_stamps() -> None:
    rng = np.random.default_rng(3)
    frame = Frame.over((0.0, 0.0, 300.0, 200.0), 10.0, 4549)
    stamp = Stamp(frame, rng.uniform(-9, 39, 200), rng.uniform(-9, 29, 200), 1.3)
    weight, cells = rng.uniform(size=200), rng.uniform(size=frame.shape)
    once, twice = (cells * stamp.spread(weight)).sum(), (weight * stamp.gather(cells)).sum()
    assert once == pytest.approx(twice, rel=1e-13)


@pytest.mark.parametrize("h", [20.0, 100.0])
def test_an_event_however_far_away_leaves_no_mark(h: float) -> None:
    one = Events.plain(np.array([1500.0]), np.array([1000.0]))
    far = [(x, y) for x in (-1e300, 1500.0, 1e300) for y in (-1e300, 1000.0, 1e300)]
    x, y = np.array([place for place in far if place != (1500.0, 1000.0)] + [(1500.0, 1000.0)]).T
    found = measure_surface(FRAME, Events.plain(x, y), Kernel.GAUSSIAN, h)
    assert (found == measure_surface(FRAME, one, Kernel.GAUSSIAN, h)).all()


def test_a_loop_that_cannot_be_kept_on_disk_is_compiled_all_the_same() -> None:
    """A service without a home, in a checkout it cannot write: numba finds no place."""
    room: dict[str, Callable[[float], float]] = {}
    exec(compile("def double(x): return 2.0 * x", "<nowhere>", "exec"), room)  # noqa: S102
    with pytest.raises(RuntimeError, match="no locator"):
        numba.njit(cache=True)(room["double"])
    assert native(room["double"])(21.0) == 42.0


def test_all_is_compiled_beforehand_and_once() -> None:
    warm()
    loops = [made(degree) for made in (adder, reader) for degree in range(1, MOST_DEGREE + 1)]
    before = [len(loop.signatures) for loop in loops]
    assert all(before)
    for h in (75.0, 100.0, 200.0, 500.0):
        for mode in (Mode.FAST, Mode.ACCURATE):
            measure_surface(
                FRAME, clustered(20), Kernel.GAUSSIAN, h, mode,
                edge=Edge.DIGGLE, mask=np.ones(FRAME.shape, bool),
            )  # fmt: skip
    assert [len(loop.signatures) for loop in loops] == before


@pytest.mark.parametrize("kernel", list(Kernel))
def test_the_peak_is_what_the_formula_says(kernel: Kernel) -> None:
    """One event, h = 500 m: 1 / (2 pi 0.25) = 0.6366 and 2 / (pi 0.25) = 2.5465 per km²."""
    one = Events.plain(np.array([1512.5]), np.array([987.5]))
    peak = measure_surface(FRAME, one, kernel, 500.0, Mode.EXACT).max()
    assert peak == pytest.approx({"gaussian": 0.63662, "epanechnikov": 2.54648}[kernel], abs=1e-5)


MASKS = st.tuples(st.integers(1, 10_000), st.floats(0.2, 0.9))


@settings(deadline=None)  # the first example compiles
@given(MASKS, st.sampled_from([NARROWEST, dict.fromkeys(Kernel, 3.25)]))
def test_diggles_correction_sums_to_the_events_on_any_mask(
    drawn: tuple[int, float], cells: dict[Kernel, float]
) -> None:
    """At the narrowest kernels too, where a single cell may hold all that an event has left."""
    seed, share = drawn
    rng = np.random.default_rng(seed)
    frame = Frame.over((0.0, 0.0, 1000.0, 800.0), 40.0, 4549)
    mask = rng.uniform(size=frame.shape) < share
    events = Events.plain(rng.uniform(-100, 1100, 80), rng.uniform(-100, 900, 80))
    events.x_m[:20] = np.round(events.x_m[:20] / 40.0) * 40.0  # on the lines and corners of cells
    events.y_m[:10] = np.round(events.y_m[:10] / 40.0) * 40.0
    inside = int(within(frame, events, mask).sum())
    for kernel in Kernel:
        for mode in Mode:
            h = cells[kernel] * frame.cell_m
            found = measure_surface(frame, events, kernel, h, mode, edge=Edge.DIGGLE, mask=mask)
            assert found.sum() * frame.cell_km2 == pytest.approx(inside, abs=1e-6)
            assert (found[~mask] == 0).all()


@pytest.mark.parametrize(
    ("kernel", "low", "high"), [(Kernel.GAUSSIAN, 0.97, 1.03), (Kernel.EPANECHNIKOV, 0.63, 1.28)]
)
def test_the_narrowest_kernels_keep_most_of_their_mass_wherever_the_event_lies(
    kernel: Kernel, low: float, high: float
) -> None:
    h = NARROWEST[kernel] * FRAME.cell_m
    for across in np.linspace(0, 0.5, 6):
        for down in np.linspace(0, 0.5, 6):
            x, y = 1512.5 + across * FRAME.cell_m, 987.5 + down * FRAME.cell_m
            one = Events.plain(np.array([x]), np.array([y]))
            mass = measure_surface(FRAME, one, kernel, h).sum() * FRAME.cell_km2
            assert low < mass < high


@pytest.mark.parametrize("edge", list(Edge))
@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(("kernel", "h"), [(Kernel.GAUSSIAN, 12.4), (Kernel.EPANECHNIKOV, 24.9)])
def test_a_kernel_that_the_cells_miss_is_refused(
    kernel: Kernel, h: float, mode: Mode, edge: Edge
) -> None:
    one = Events.plain(np.array([1500.0]), np.array([1000.0]))
    mask = np.ones(FRAME.shape, bool)
    with pytest.raises(InvalidInput, match="on cells of 25 m") as caught:
        measure_surface(FRAME, one, kernel, h, mode, edge=edge, mask=mask)
    assert caught.value.field == "bandwidth_m"


def test_a_question_names_a_bandwidth_that_its_cells_miss() -> None:
    """Only where a surface is drawn: areas and the other measures have no such cells."""
    period = Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    raster = Question(period, ("210211",), bandwidth_m=100.0, cell_m=200.0)
    with pytest.raises(InvalidInput, match="at least 100 on cells of 200 m") as caught:
        replace(raster, bandwidth_m=99.0)
    assert caught.value.field == "bandwidth_m"
    assert replace(raster, bandwidth_m=25.0, cell_m=50.0).bandwidth_m == 25.0
    assert replace(raster, bandwidth_m=25.0, unit=Unit.GRID).bandwidth_m == 25.0
    assert replace(raster, bandwidth_m=25.0, measure=Measure.RELATIVE).bandwidth_m == 25.0


def test_the_candidates_of_the_backtest_fit_its_cells() -> None:
    assert min(CANDIDATES_M) == NARROWEST[Kernel.GAUSSIAN] * CELL_M
    frame = Frame.over((0.0, 0.0, 3000.0, 3000.0), CELL_M, 4549)
    one = Events.plain(np.array([1500.0]), np.array([1500.0]))
    assert measure_surface(frame, one, Kernel.GAUSSIAN, min(CANDIDATES_M)).max() > 0


def test_the_uniform_correction_is_unbiased_on_a_uniform_pattern() -> None:
    """Many uniform patterns on a half disc: the mean is the density, at the rim too."""
    row, column = np.mgrid[: FRAME.rows, : FRAME.columns]
    mask = (column - 60) ** 2 + (row - 10) ** 2 < 50**2
    mask[row < 10] = False
    area_km2 = mask.sum() * FRAME.cell_km2
    rng = np.random.default_rng(7)
    total, rounds = np.zeros(FRAME.shape), 60
    cells = np.argwhere(mask)
    for _ in range(rounds):
        chosen = cells[rng.integers(len(cells), size=4000)] + rng.uniform(-0.5, 0.5, (4000, 2))
        events = Events.plain(
            FRAME.west_m + (chosen[:, 1] + 0.5) * FRAME.cell_m,
            FRAME.north_m - (chosen[:, 0] + 0.5) * FRAME.cell_m,
        )
        total += measure_surface(
            FRAME, events, Kernel.GAUSSIAN, 150.0, edge=Edge.UNIFORM, mask=mask
        )
    mean = total[mask] / rounds / (4000 / area_km2)
    rim = cover(FRAME, Kernel.GAUSSIAN, 150.0, mask, Mode.FAST)[mask] < 0.6
    assert mean.mean() == pytest.approx(1.0, abs=0.005)
    assert mean[rim].mean() == pytest.approx(1.0, abs=0.01)


@settings(deadline=None)
@given(st.floats(0, 1, exclude_max=True), st.integers(1, MOST_DEGREE))
def test_a_splines_shares_sum_to_one_and_keep_the_place(part: float, degree: int) -> None:
    shares = np.zeros(degree + 1)
    fill_shares(part, degree, shares)
    assert shares.sum() == pytest.approx(1.0, abs=1e-12)
    assert (shares >= 0).all()
    kept = (shares * np.arange(degree + 1)).sum()
    assert kept == pytest.approx(part + (degree - 1) / 2, abs=1e-12)


def test_shares_by_hand() -> None:
    """The quadratic spline at 1/4: (3/4)^2 / 2, then 1/2 + 3/16, then (1/4)^2 / 2."""
    shares = np.zeros(3)
    fill_shares(0.25, 2, shares)
    assert shares == pytest.approx([9 / 32, 22 / 32, 1 / 32])


@pytest.mark.parametrize("degree", range(1, MOST_DEGREE + 1))
def test_reading_is_the_transpose_of_adding(degree: int) -> None:
    """<cells, add(w)> = <read(cells), w>; an event whose spline hangs over is in neither."""
    rng = np.random.default_rng(degree)
    column, row = rng.uniform(-12, 42, 300), rng.uniform(-12, 32, 300)
    weight, cells = rng.uniform(size=300), rng.uniform(size=(36, 46))
    added, values = np.zeros(cells.shape), np.empty(300)
    adder(degree)(column, row, weight, 8, added)
    reader(degree)(column, row, 8, cells, values)
    assert (cells * added).sum() == pytest.approx((values * weight).sum(), rel=1e-13)
    whole = (abs(column + 0.5 - 15) < 23 - degree / 2) & (abs(row + 0.5 - 10) < 18 - degree / 2)
    assert ((values > 0) == whole).all()
    assert added.sum() == pytest.approx(weight[whole].sum())


def test_two_threads_draw_what_one_draws() -> None:
    events = clustered(120_000)
    halves = [events.take(np.arange(len(events)) % 2 == k) for k in (0, 1)]
    half = [measure_surface(FRAME, part, Kernel.GAUSSIAN, 200.0) for part in halves]
    assert len(halves[0]) >= 50_000
    whole = measure_surface(FRAME, events, Kernel.GAUSSIAN, 200.0)
    assert np.abs(whole - half[0] - half[1]).max() <= 1e-12 * whole.max()


def test_the_effective_number_of_events() -> None:
    """(1 + 1 + 2)^2 / (1 + 1 + 4) = 16 / 6."""
    events = Events(np.zeros(3), np.zeros(3), np.array([1.0, 1.0, 2.0]))
    assert events.effective == pytest.approx(16 / 6)
    assert Events.plain(np.zeros(5), np.zeros(5)).effective == 5


@pytest.mark.parametrize("bbox", [(0, 0, 0, 10), (0, 10, 10, 0), (0, 0, float("nan"), 1)])
def test_a_frame_that_is_none_is_refused(bbox: tuple[float, float, float, float]) -> None:
    with pytest.raises(InvalidInput) as caught:
        Frame.over(bbox, 25.0, 4549)
    assert caught.value.field == "bbox"


@pytest.mark.parametrize("cell", [0.0, -1.0, float("inf"), 1e-3])
def test_a_cell_that_is_none_is_refused(cell: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        Frame.over((0, 0, 100_000, 100_000), cell, 4549)
    assert caught.value.field == "cell_m"


def test_bad_events_are_named_by_row_and_field() -> None:
    with pytest.raises(InvalidInput) as caught:
        Events.plain(np.array([0.0, 1.0]), np.array([0.0, np.nan]))
    assert (caught.value.field, caught.value.context["row"]) == ("y_m", 1)
    with pytest.raises(InvalidInput, match="negative"):
        Events(np.zeros(1), np.zeros(1), np.array([-1.0]))
