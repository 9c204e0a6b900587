"""What a report is about: one question, asked of every unit and in every measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from layers.risk.answer import answer
from layers.risk.finding import Finding
from layers.risk.foresight.trial import Verdict
from layers.risk.ground import Ground
from layers.risk.incident import Incidents
from layers.risk.question import Measure, Question, Unit
from mapsvc.legend import Legend, make_legend
from mapsvc.report.base import Base
from mapsvc.report.proof import Proof, prove
from mapsvc.report.words import Words

Step = Callable[[str, int, int], None]
"""Told the name of a stage, and how much of how much of it is done."""
Layer = tuple[Measure, Unit]
LAYERS: tuple[Layer, ...] = (
    (Measure.DENSITY, Unit.RASTER),
    (Measure.DENSITY, Unit.HEXAGON),
    (Measure.DENSITY, Unit.GRID),
    (Measure.DENSITY, Unit.COMMUNITY),
    (Measure.RELATIVE, Unit.COMMUNITY),
    (Measure.RELATIVE, Unit.GRID),
    (Measure.SIGNIFICANCE, Unit.COMMUNITY),
    (Measure.SIGNIFICANCE, Unit.GRID),
    (Measure.OUTLIER, Unit.COMMUNITY),
    (Measure.OUTLIER, Unit.GRID),
)
"""Layers of the page, in the order of its control."""


def untold(stage: str, done: int, total: int) -> None:
    """Tell nobody."""
    del stage, done, total


@dataclass(frozen=True, eq=False)
class Subject:
    """One report before it is drawn; what is measured is measured when it is first asked for.

    Parameters
    ----------
    question
        Its measure and unit say which layer is seen first.
    incidents
        All within the scope of who asks.
    verdict
        Of the backtest (:func:`mapsvc.report.proof.trial_of`); None if there is none.
    limits
        Of the classes of the surface; drawn from it when empty.
    """

    question: Question
    incidents: Incidents
    ground: Ground
    base: Base
    words: Words
    made_at: datetime
    verdict: Verdict | None = None
    limits: tuple[float, ...] = ()
    step: Step = untold
    _kept: dict[Layer, Finding] = field(default_factory=dict)

    @property
    def first(self) -> Layer:
        """The layer that is seen first: as asked for, else another unit of the same measure."""
        measure, unit = self.question.measure, self.question.unit
        alike = [layer for layer in LAYERS if layer[0] is measure]
        return (measure, unit) if (measure, unit) in alike else alike[0]

    def finding(self, measure: Measure, unit: Unit) -> Finding:
        """Return what is found in one measure and unit."""
        layer = measure, unit
        if layer not in self._kept:
            question = replace(self.question, measure=measure, unit=unit)
            stage = self.words(f"layer.{measure}.{unit}")
            self.step(stage, 0, 1)
            self._kept[layer] = answer(question, self.incidents, self.ground)
            self.step(stage, 1, 1)
        return self._kept[layer]

    def legend(self, measure: Measure, unit: Unit) -> Legend:
        """Return the legend of one layer."""
        limits = self.limits if (measure, unit) == LAYERS[0] else ()
        return make_legend(self.finding(measure, unit), limits)

    @property
    def surface(self) -> Finding:
        """Density on the raster."""
        return self.finding(Measure.DENSITY, Unit.RASTER)

    @cached_property
    def proof(self) -> Proof | None:
        """The backtest, None where there is no verdict."""
        if self.verdict is None:
            return None
        return prove(self.question, self.incidents, self.ground, self.verdict)
