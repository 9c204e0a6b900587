"""The backtest by hand-worked numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from geodata.errors import InvalidInput
from layers.risk.backtest import (
    Outcome,
    Plan,
    Record,
    caught,
    count_cells,
    counts,
    nothing,
    run_backtest,
)
from layers.risk.frame import Frame
from layers.risk.surface import Events
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


def test_a_model_sees_nothing_of_the_week_it_is_asked_about():
    def peeping(frame: Frame, events: Events, age: np.ndarray) -> np.ndarray:
        assert (age >= 1).all()
        assert (age <= 7).all()
        return count_cells(frame, events)

    places = [(5.0, day) for day in range(21)]
    run_backtest(record(*places), FRAME, EVERYWHERE, Plan(7, 2, 0.1), {"peeping": peeping})


def test_the_interval_is_drawn_from_the_weeks_and_always_alike():
    even = Outcome(np.full(8, 2.0), np.full(8, 10.0), np.full(8, 5.0), 0.01)
    assert even.interval() == (pytest.approx(20.0), pytest.approx(20.0))
    uneven = Outcome(np.arange(8.0), np.full(8, 10.0), np.full(8, 8.0), 0.01)
    low, high = uneven.interval()
    assert low < uneven.pai < high
    assert uneven.interval() == (low, high)


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
    told = json.loads(capsys.readouterr().out)
    assert (told["events"], told["rows_left_out"]) == (140, 1)
    assert set(told["models"]) == {
        "kde_100m", "kde_200m", "kde_200m_half_life_60d", "kde_500m", "counts", "random",
    }  # fmt: skip
    for figures in told["models"].values():
        low, high = figures["pai_grid_range"]
        assert low <= figures["pai"] <= high
        assert 0 <= figures["hit_rate"] <= figures["pei"] <= 1
    path.write_text("x,y,date\n1,2,2026-01-01\n3,4,gestern\n", "utf-8")
    assert main(arguments) == 2
    assert "date in line 3 is 'gestern'" in capsys.readouterr().err
