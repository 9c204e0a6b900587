"""The backtest behind a map: which bandwidth, why, and how well it would have foretold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from geodata.clock import last_day
from geodata.db.scope import Scope
from layers.risk.foresight.bandwidth import Figures
from layers.risk.foresight.comparison import Range
from layers.risk.foresight.trial import AREA_SHARE, TooShort, Trial, Verdict
from web.api.risk import check_kind
from web.api.risk_model import KindQuery
from web.api.schema import Answer, Moment, problems
from web.identity.guard import require
from web.identity.role import Permission
from web.services import services

api = APIBlueprint("risk_backtest", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="risk")])


class BacktestQuery(KindQuery):
    """Of which layer: the last half year is gone back over, whatever period a map shows."""

    until: Moment | None = Field(None, description="end of the record; now if left out")
    half_life_days: float | None = Field(None, gt=0, le=3660)
    area_share: float = Field(AREA_SHARE, gt=0, le=0.2, description="what the crews can cover")

    def trial(self, scope: Scope, now: datetime) -> Trial:
        """Return what is tried."""
        last = last_day(min(self.until or now, now))
        return Trial(self.kind, last, self.within(scope), self.half_life_days, self.area_share)


class ModelOut(Answer):
    """What one model would have caught; ``curve``: area share, hit rate, low, high (95 %)."""

    pai: float
    pai_95: list[float]
    pai_grid_range: list[float] = Field(
        description="lowest and highest over four grids, shifted by half a cell"
    )
    pei: float
    hit_rate: float
    curve: list[list[float]]


class ModelsOut(Answer):
    """The density chosen, and what it must be held against."""

    chosen: ModelOut
    counts: ModelOut
    random: ModelOut


class CandidateOut(Answer):
    """One bandwidth that was tried."""

    bandwidth_m: float
    pai: float
    pai_95: list[float]
    log_likelihood: float | None


class VerdictOut(Answer):
    """How the bandwidth was chosen: docs/algorithms/bandwidth.md."""

    chosen_m: float
    best_m: float
    likelihood_m: float | None
    beats_counts: bool
    windows: int
    train_days: int
    cell_m: float
    area_share: float
    models: ModelsOut
    candidates: list[CandidateOut]


class BacktestOut(Answer):
    """The backtest; null where the record has fewer days than are ``needed_days``."""

    backtest: VerdictOut | None
    days: int | None = Field(
        description="from the first incident in the areas to the last, in the record's last year"
    )
    needed_days: int | None


@api.get("/risk/backtest", responses={200: BacktestOut, **problems(403, 404, 422)})
def show_backtest(query: BacktestQuery) -> Response:
    """Go back week by week: takes seconds the first time, then it is kept for the day."""
    principal = require(Permission.PAGE_RISK)
    check_kind(query)
    return jsonify(try_layer(principal.scope, query))


def try_layer(scope: Scope, query: BacktestQuery) -> dict[str, Any]:
    """Return the backtest of a layer within a scope, as :class:`BacktestOut`."""
    deps = services()
    verdict = deps.risk.judge(scope, query.trial(scope, deps.clock.now()))
    if isinstance(verdict, TooShort):
        return {"backtest": None, "days": verdict.days, "needed_days": verdict.needed}
    return {"backtest": _show(verdict), "days": None, "needed_days": None}


def _show(verdict: Verdict) -> dict[str, Any]:
    choice, plan = verdict.choice, verdict.plan
    models = {"chosen": choice.chosen.figures, "counts": choice.counts, "random": choice.random}
    return {
        "chosen_m": choice.chosen_m,
        "best_m": choice.best_m,
        "likelihood_m": choice.likelihood_m,
        "beats_counts": choice.beats_counts,
        "windows": plan.windows,
        "train_days": plan.train_days,
        "cell_m": verdict.cell_m,
        "area_share": plan.area_share,
        "models": {
            name: _model(figures, verdict.pai_grid_range[name]) for name, figures in models.items()
        },
        "candidates": [
            {
                "bandwidth_m": one.bandwidth_m,
                "pai": round(one.figures.pai, 3),
                "pai_95": _interval(one.figures),
                "log_likelihood": one.log_likelihood,
            }
            for one in choice.candidates
        ],
    }


def _model(figures: Figures, grid_range: Range) -> dict[str, Any]:
    return {
        "pai": round(figures.pai, 3),
        "pai_95": _interval(figures),
        "pai_grid_range": [round(bound, 3) for bound in grid_range],
        "pei": round(figures.pei, 4),
        "hit_rate": round(figures.hit_rate, 5),
        "curve": figures.curve.rows(),
    }


def _interval(figures: Figures) -> list[float]:
    return [round(figures.pai_low, 3), round(figures.pai_high, 3)]
