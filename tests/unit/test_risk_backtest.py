"""The backtest by hand-worked numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from geodata.errors import InvalidInput
from layers.risk.density.frame import Frame
from layers.risk.density.surface import Events
from layers.risk.foresight.backtest import (
    Curve,
    Outcome,
    Plan,
    Record,
    caught,
    caught_by,
    count_cells,
    counts,
    mixed,
    nothing,
    run_backtest,
    smoothed,
)
from web.cli import main

FRAME = Frame.over((0.0, 0.0, 100.0, 10.0), 10.0, 4549)
EVERYWHERE = np.ones(FRAME.shape, bool)


def record(*places: tuple[float, int]) -> Record:
    x, day = zip(*places, strict=True)
    return Record(np.array(x, float), np.full(len(x), 5.0), np.array(day, np.int64))


def test_ties_are_broken_by_the_mean_of_all_ways():
    truth = np.array([5.0, 2.0, 0.0, 1.0])
    assert caught(np.array([3.0, 1.0, 1.0, 0.0]), truth, 2) == 6.0
    assert caught(np.zeros(4), truth, 1) == 2.0
    assert caught(np.array([0.0, 1.0, 2.0, 3.0]), truth, 4) == 8.0


def test_a_cell_where_it_always_happens_is_found():
    """Three weeks: five events in the first cell, one in another; one cell of ten is covered."""
    week = [(5.0, 0)] * 5 + [(95.0, 1)]
    places = [(x, day + 7 * number) for number in range(3) for x, day in week]
    places.append((5.0, 20))  # the record ends on a Sunday
    found = run_backtest(
        record(*places), FRAME, EVERYWHERE, Plan(7, 2, 0.1), {"counts": counts, "random": nothing}
    )
    one = found["counts"]
    assert one.hits.tolist() == [5.0, 6.0]
    assert one.events.tolist() == [6.0, 7.0]
    assert one.best.tolist() == [5.0, 6.0]
    assert one.hit_rate == pytest.approx(11 / 13)
    assert one.pai == pytest.approx(11 / 13 / 0.1)
    assert one.pei == 1.0
    assert found["random"].pai == pytest.approx(1.0)


def test_a_mixed_score_is_the_faded_count_and_its_neighbourhood_by_their_parts():
    """One event of 45 days, one cell of 10 m: half of 10,000 per km², and half of the kernel."""
    one, age = Events.plain(np.array([35.0]), np.array([5.0])), np.array([45.0])
    kernel = smoothed(200.0)(FRAME, one, age)
    assert mixed(own=0.0)(FRAME, one, age) == pytest.approx(kernel / 2)
    alone = mixed(own=1.0)(FRAME, one, age)
    assert alone[0, 3] == pytest.approx(5000.0)
    assert alone.sum() == alone[0, 3]
    both = mixed()(FRAME, one, age)
    assert both[0, 3] == pytest.approx(0.2 * 5000 + 0.8 * kernel[0, 3] / 2)
    assert both[0, 4] == pytest.approx(0.8 * kernel[0, 4] / 2)


def test_progress_is_told_by_window():
    told: list[tuple[int, int]] = []
    places = [(5.0, day) for day in range(21)]
    run_backtest(
        record(*places), FRAME, EVERYWHERE, Plan(7, 2, 0.1), {"counts": counts},
        lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert told == [(1, 2), (2, 2)]


def test_a_model_sees_nothing_of_the_week_it_is_asked_about():
    def peeping(frame: Frame, events: Events, age: np.ndarray) -> np.ndarray:
        assert (age >= 1).all()
        assert (age <= 7).all()
        return count_cells(frame, events)

    places = [(5.0, day) for day in range(21)]
    run_backtest(record(*places), FRAME, EVERYWHERE, Plan(7, 2, 0.1), {"peeping": peeping})


def outcome(hits: np.ndarray, events: float, best: float) -> Outcome:
    weeks = np.full(len(hits), events)
    curve = Curve(np.array([0.01, 1.0]), np.column_stack([hits, weeks]), weeks)
    return Outcome(hits, weeks, np.full(len(hits), best), 0.01, curve)


def test_the_interval_is_drawn_from_the_weeks_and_always_alike():
    even = outcome(np.full(8, 2.0), 10.0, 5.0)
    assert even.interval() == (pytest.approx(20.0), pytest.approx(20.0))
    assert even.error == pytest.approx(0.0, abs=1e-12)
    uneven = outcome(np.arange(8.0), 10.0, 8.0)
    low, high = uneven.interval()
    assert low < uneven.pai < high
    assert uneven.interval() == (low, high)
    assert (high - low) / 6 < uneven.error < (high - low) / 2
    curve_low, curve_high = uneven.curve.interval()
    assert curve_low == pytest.approx([low * 0.01, 1.0])
    assert curve_high == pytest.approx([high * 0.01, 1.0])


def test_many_numbers_of_cells_at_once_catch_what_each_alone_does():
    """Ties run across the numbers asked for; some ask for every cell."""
    rng = np.random.default_rng(5)
    for levels in (1, 3, 50):
        score = rng.integers(0, levels, 60).astype(float)
        truth = rng.poisson(1.0, 60).astype(float)
        chosen = np.array([1, 2, 7, 30, 59, 60])
        alone = []
        for count in chosen:
            ways = rng.permuted(np.tile(np.arange(60), (4000, 1)), axis=1)
            order = np.take_along_axis(ways, np.argsort(-score[ways], kind="stable"), axis=1)
            alone.append(truth[order[:, :count]].sum(axis=1).mean())
        assert caught_by(score, truth, chosen) == pytest.approx(alone, rel=0.08)
        for count in chosen:
            once = caught(score, truth, count)
            assert caught_by(score, truth, chosen)[chosen == count] == pytest.approx(once)


def test_the_area_under_a_curve_by_hand():
    """To a fifth: a triangle to (0.1, 0.4), then half of the way to (0.3, 0.8)."""
    curve = Curve(np.array([0.1, 0.3, 1.0]), np.array([[4.0, 8.0, 10.0]]), np.array([10.0]))
    assert curve.mean_to(0.2) == pytest.approx((0.1 * 0.4 / 2 + 0.1 * (0.4 + 0.6) / 2) / 0.2)
    chance = Curve(np.array([0.05, 1.0]), np.array([[0.5, 10.0]]), np.array([10.0]))
    assert chance.mean_to(0.2) == pytest.approx(0.1)


def test_the_curve_rises_to_one_and_meets_the_hit_rate():
    rng = np.random.default_rng(9)
    frame = Frame.over((0.0, 0.0, 2000.0, 1000.0), 25.0, 4549)
    mask = np.ones(frame.shape, bool)
    mask[:, :13] = False
    told = Record(
        np.append(rng.normal(900, 150, 700), rng.uniform(0, 2000, 300)),
        rng.uniform(0, 1000, 1000),
        np.append(rng.integers(0, 69, 999), 69),
    )
    models = {"counts": counts, "random": nothing, "kde": smoothed(60.0)}
    for share in (0.01, 0.0234, 0.5):
        for name, one in run_backtest(told, frame, mask, Plan(30, 5, share), models).items():
            rate, area = one.curve.hit_rate, one.curve.area_share
            assert (np.diff(area) > 0).all()
            assert (np.diff(rate) >= -1e-12).all()
            assert (area[-1], rate[-1]) == (1.0, pytest.approx(1.0))
            assert rate[np.flatnonzero(area == one.covered)] == pytest.approx([one.hit_rate])
            low, high = one.curve.interval()
            assert (low <= rate).all()
            assert (rate <= high).all()
            if name == "random":
                assert rate == pytest.approx(area)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"train_days": 0}, "train_days"),
        ({"windows": 1}, "windows"),
        ({"area_share": 0.0}, "area_share"),
        ({"area_share": float("nan")}, "area_share"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(change: dict[str, float], field: str):
    with pytest.raises(InvalidInput) as caught_error:
        Plan(**{"train_days": 7, "windows": 2, "area_share": 0.1} | change)
    assert caught_error.value.field == field


def test_a_record_that_is_too_short_says_how_long_it_must_be():
    with pytest.raises(InvalidInput, match="need 194 days; there are 21"):
        Plan(180, 2, 0.1).starts(np.arange(21))


def test_the_command_tells_every_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    rng = np.random.default_rng(1)
    path = tmp_path / "points.csv"
    dates = [f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}" for day in range(140)]
    rows = [f"{rng.normal(500, 80):.1f},{rng.uniform(0, 1000):.1f},{date}" for date in dates]
    path.write_text("x,y,date\n" + "\n".join([*rows, "1,2,NA"]) + "\n", "utf-8")
    columns = ["--x", "x", "--y", "y", "--date", "date"]
    plan = ["--cell-m", "50", "--train-days", "60", "--windows", "4", "--area-share", "0.05"]
    arguments = ["risk", "backtest", str(path), *columns, *plan]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    told = json.loads(text)
    assert json.dumps(told["models"]["counts"]["curve"][3]) in text  # a line for each share
    assert (told["events"], told["rows_left_out"]) == (140, 1)
    assert set(told["models"]) == {
        "mixed", "kde_100m", "kde_200m", "kde_200m_half_life_60d", "kde_500m", "counts", "random",
    }  # fmt: skip
    for figures in told["models"].values():
        low, high = figures["pai_grid_range"]
        assert low <= figures["pai"] <= high
        assert 0 <= figures["hit_rate"] <= figures["pei"] <= 1
        share, rate, low, high = figures["curve"][-1]
        assert (share, rate, low, high) == (1, 1, 1, 1)
        assert 0 <= figures["mean_hit_rate_20"] <= 1
    path.write_text("x,y,date\n1,2,2026-01-01\n3,4,gestern\n", "utf-8")
    assert main(arguments) == 2
    assert "date in line 3 is 'gestern'" in capsys.readouterr().err
