"""The trial of a layer: what record is long enough, and what the grid's place does to figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta

import numpy as np
import pytest
import shapely

from layers.risk.density.frame import Frame
from layers.risk.foresight.backtest import Plan, Record, counts, nothing, run_backtest
from layers.risk.foresight.comparison import OFFSETS, measure_range, shift
from layers.risk.foresight.trial import CELL_M, TooShort, Trial, Verdict, judge
from layers.risk.ground import Ground
from layers.risk.incident import DAY_S, Incidents
from layers.risk.question import Kind, Question
from mapsvc.report.proof import prove, trial_of, try_judging
from tests.report_subject import (
    DISTRICT,
    UNTIL,
    grid_code,
    make_ground,
    make_incidents,
    make_subject,
)
from web.api.risk_backtest import VerdictOut, _show

GROUND = make_ground({})
ALL = make_incidents()
BLOCK = grid_code(7, 7)[:12]
"""A community of four grids in the north-east."""
TRIAL = Trial(Kind(), UNTIL.date(), (DISTRICT,))


def put(days_ago: Sequence[int]) -> Incidents:
    """Return the town's incidents, but in the community these alone, all in its middle."""
    far = ALL.take(~np.char.startswith(ALL.grid_code, BLOCK.encode()))
    like = ALL.take(np.zeros(len(days_ago), int))
    middle = shapely.centroid(
        GROUND.communities.shapes[GROUND.communities.codes.tolist().index(BLOCK)]
    )
    back_s = np.array(days_ago, float) * DAY_S + 3600.0
    put = replace(
        like,
        x_m=np.full(len(like), middle.x),
        y_m=np.full(len(like), middle.y),
        at_s=UNTIL.timestamp() - back_s,
        local_s=UNTIL.timestamp() - back_s + 8 * 3600,
    )
    return Incidents(
        **{
            one.name: np.concatenate([getattr(far, one.name), getattr(put, one.name)])
            for one in fields(Incidents)
            if one.name != "read_at"
        },
        read_at=UNTIL,
    )


def judged(incidents: Incidents, trial: Trial = TRIAL, ground: Ground = GROUND) -> Verdict:
    found = judge(trial, incidents, ground)
    assert isinstance(found, Verdict)
    return found


def test_figures_come_with_their_range_over_four_grids():
    found = judged(ALL)
    tried = {
        "chosen": found.choice.chosen.figures,
        "counts": found.choice.counts,
        "random": found.choice.random,
    }
    for name, figures in tried.items():
        low, high = found.pai_grid_range[name]
        assert low <= figures.pai <= high
    low, high = found.pai_grid_range["chosen"]
    assert low < high
    assert found.pai_grid_range["random"] == pytest.approx((1.0, 1.0))


def test_the_api_and_so_a_saved_map_tells_the_range():
    found = judged(ALL)
    told = VerdictOut.model_validate(_show(found)).models
    for name in ("chosen", "counts", "random"):
        low, high = getattr(told, name).pai_grid_range
        assert (low, high) == pytest.approx(found.pai_grid_range[name], abs=5e-4)


def test_the_range_is_that_of_four_backtests():
    """Masks of shifted grids hold the same ground, but for the cells at its rim."""
    found = judged(ALL)
    pais = []
    for right, down in OFFSETS:
        west, south, east, north = GROUND.bounds_m
        corner = west - right * CELL_M, south, east, north + down * CELL_M
        frame = Frame.over(corner, CELL_M, 4549)
        mask = GROUND.mask_of(frame, (DISTRICT,))
        record = TRIAL.record(ALL)
        pais.append(run_backtest(record, frame, mask, found.plan, {"it": counts})["it"].pai)
    assert found.pai_grid_range["counts"] == pytest.approx((min(pais), max(pais)))


def test_shifted_frames_cover_the_ground_half_a_cell_off():
    frame = Frame(1000.0, 5000.0, 100.0, 12, 9, 4549)
    first, east, south, both = shift(frame)
    assert first == frame
    assert (east.west_m, east.north_m, east.shape) == (950.0, 5000.0, (9, 13))
    assert (south.west_m, south.north_m, south.shape) == (1000.0, 5050.0, (10, 12))
    assert (both.west_m, both.north_m, both.shape) == (950.0, 5050.0, (10, 13))


def test_a_grid_without_events_does_not_count():
    """One event at the rim: in a cell of the first mask, beyond that of the second."""
    record = Record(np.array([50.0, 5.0]), np.array([50.0, 50.0]), np.array([0, 40]))
    frame = Frame(0.0, 100.0, 100.0, 1, 1, 4549)
    grids = [(frame, np.ones((1, 1), bool)), (frame, np.zeros((1, 1), bool))]
    found = measure_range(record, grids, Plan(7, 2, 0.5), {"random": nothing})
    assert found == {"random": (1.0, 1.0)}


def test_an_area_without_a_record_is_told_so_whatever_lies_round_it():
    there = replace(TRIAL, within=(BLOCK,))
    for days, put_days in ((0, []), (1, [100]), (101, [0, 100])):
        incidents = put(put_days)
        assert judge(there, incidents, GROUND) == TooShort(days, 236)
        assert try_judging(there, lambda trial: judge(trial, incidents, GROUND)) is None  # noqa: B023
    judged(put([]))


def test_a_kind_without_a_record_is_told_so():
    assert judge(replace(TRIAL, kind=Kind(types=("X99",))), ALL, GROUND) == TooShort(0)
    before = replace(TRIAL, until=UNTIL.date() - timedelta(days=5000))
    assert judge(before, ALL, GROUND) == TooShort(0)


@pytest.mark.parametrize(
    ("put_days", "days"),
    [
        ([360, 1000], 1),  # what lies over a year back is not looked at
        ([200, 361], 162),  # quiet for longer than all windows
        ([126, 360], 235),
        ([126, 362, 700], 1),
    ],
)
def test_an_area_quiet_for_long_is_told_its_days(put_days: list[int], days: int):
    assert judge(replace(TRIAL, within=(BLOCK,)), put(put_days), GROUND) == TooShort(days)


@pytest.mark.parametrize(
    ("put_days", "windows"), [([126, 361], 26), ([0, 235], 8), ([5, 241], 8), ([0, 300], 17)]
)
def test_windows_are_those_of_the_areas_own_record(put_days: list[int], windows: int):
    """From its first event to the end of the whole record; one event at least lies in them."""
    found = judged(put(put_days), replace(TRIAL, within=(BLOCK,)))
    assert found.plan.windows == windows
    assert found.choice.counts.curve.events.sum() == 1


def test_a_report_tells_a_bandwidth_below_half_a_cell():
    """25 m on cells of 150 m: its mean over each cell, which is nearly their counts."""
    subject = make_subject(bandwidth_m=25.0)
    assert subject.proof is not None
    asked, choice = subject.proof.asked, subject.proof.choice
    assert choice.counts.pai / 1.5 < asked.pai < choice.counts.pai * 1.5


def test_a_mean_over_cells_is_the_surface_where_the_kernel_is_wide():
    subject = make_subject(bandwidth_m=200.0)
    question: Question = subject.question
    verdict = judged(ALL, trial_of(question))
    proof = prove(question, ALL, GROUND, verdict)
    near = [one.figures.pai for one in verdict.choice.candidates if one.bandwidth_m in (160, 230)]
    assert min(near) * 0.9 < proof.asked.pai < max(near) * 1.1
