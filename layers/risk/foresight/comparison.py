"""One backtest on four grids: where the lines of a grid fall is chance, so figures have a range."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.errors import InvalidInput
from layers.risk.density.frame import Frame
from layers.risk.density.surface import Events, within
from layers.risk.foresight.backtest import (
    MODELS,
    Outcome,
    Plan,
    Progress,
    Record,
    Score,
    run_backtest,
)

OFFSETS = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))
"""Shifts of the grid in cells."""
Grid = tuple[Frame, NDArray[np.bool_]]
"""A frame with the mask of the study area in it."""
Range = tuple[float, float]
"""Lowest and highest."""


def shift(frame: Frame, offsets: Sequence[tuple[float, float]] = OFFSETS) -> list[Frame]:
    """Return frames over the same ground, one for each of the offsets in cells."""
    cell_m = frame.cell_m
    return [
        replace(
            frame,
            west_m=frame.west_m - right * cell_m,
            north_m=frame.north_m + down * cell_m,
            columns=frame.columns + (right > 0),
            rows=frame.rows + (down > 0),
        )
        for right, down in offsets
    ]


def measure_range(
    record: Record, grids: Iterable[Grid], plan: Plan, models: Mapping[str, Score]
) -> dict[str, Range]:
    """Return the lowest and highest PAI of each model over grids.

    A grid counts if an event of the windows lies in its mask: on the rim of a small area one may
    lie in a cell of the first grid and in none of another.

    Raises
    ------
    InvalidInput
        ``date``: no event on any grid.
    """
    late = record.day >= plan.starts(record.day)[0]
    events = Events.plain(record.x_m[late], record.y_m[late])
    runs = [
        run_backtest(record, frame, mask, plan, models)
        for frame, mask in grids
        if within(frame, events, mask).any()
    ]
    if not runs:
        raise InvalidInput("no event falls into the windows and the study area", field="date")
    return {name: _range([run[name].pai for run in runs]) for name in models}


def compare_grids(
    record: Record,
    outline: shapely.Geometry,
    cell_m: float,
    epsg: int,
    plan: Plan,
    progress: Progress,
    models: Mapping[str, Score] = MODELS,
) -> dict[str, dict[str, object]]:
    """Run a backtest on four grids; return the figures of the first with the range over all.

    Parameters
    ----------
    outline
        Study area in the plane of the record.
    progress
        Told how many grids of how many are done.

    Returns
    -------
    dict
        By model ``pai``, ``pai_95`` (bootstrap over weeks), ``pai_grid_range``, ``pei``,
        ``hit_rate``, ``hits``, ``events`` and ``area_share`` as covered by whole cells; ``curve``,
        a list of area share, hit rate, and the bounds of its 95 % interval; ``mean_hit_rate_20``,
        the mean of the curve up to 20 % of the area.
    """
    west, south, east, north = shapely.bounds(outline).tolist()
    runs = []
    for done, frame in enumerate(shift(Frame.over((west, south, east, north), cell_m, epsg))):
        progress(done, len(OFFSETS))
        runs.append(run_backtest(record, frame, frame.cells_within(outline), plan, models))
    progress(len(OFFSETS), len(OFFSETS))
    return {name: _figures(one, [run[name].pai for run in runs]) for name, one in runs[0].items()}


def _range(pais: Sequence[float]) -> Range:
    return min(pais), max(pais)


def _figures(one: Outcome, pais: Sequence[float]) -> dict[str, object]:
    return {
        "pai": round(one.pai, 3),
        "pai_95": [round(bound, 3) for bound in one.interval()],
        "pai_grid_range": [round(bound, 3) for bound in _range(pais)],
        "pei": round(one.pei, 5),
        "hit_rate": round(one.hit_rate, 5),
        "hits": round(float(one.hits.sum()), 2),
        "events": int(one.events.sum()),
        "area_share": round(one.covered, 6),
        "mean_hit_rate_20": round(one.curve.mean_to(), 5),
        "curve": one.curve.rows(),
    }
