"""One backtest on four grids: where the lines of a grid fall is chance, so figures have a range."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import shapely

from layers.risk.backtest import (
    MODELS,
    Outcome,
    Plan,
    Progress,
    Record,
    Score,
    run_backtest,
)
from layers.risk.frame import Frame

OFFSETS = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))
"""Shifts of the grid in cells."""


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
    for done, (right, down) in enumerate(OFFSETS):
        progress(done, len(OFFSETS))
        corner = west - right * cell_m, south, east, north + down * cell_m
        frame = Frame.over(corner, cell_m, epsg)
        runs.append(run_backtest(record, frame, frame.cells_within(outline), plan, models))
    progress(len(OFFSETS), len(OFFSETS))
    return {name: _figures(one, [run[name].pai for run in runs]) for name, one in runs[0].items()}


def _figures(one: Outcome, pais: Sequence[float]) -> dict[str, object]:
    return {
        "pai": round(one.pai, 3),
        "pai_95": [round(bound, 3) for bound in one.interval()],
        "pai_grid_range": [round(min(pais), 3), round(max(pais), 3)],
        "pei": round(one.pei, 5),
        "hit_rate": round(one.hit_rate, 5),
        "hits": round(float(one.hits.sum()), 2),
        "events": int(one.events.sum()),
        "area_share": round(one.covered, 6),
        "mean_hit_rate_20": round(one.curve.mean_to(), 5),
        "curve": one.curve.rows(),
    }
