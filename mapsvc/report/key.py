"""The legend in words: each class with its colour, and what edges and pale colours mean."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from layers.risk.finding import Finding
from layers.risk.question import Measure
from mapsvc.legend import Legend
from mapsvc.report.subject import Layer, Subject
from mapsvc.report.unit_row import QUADRANTS
from mapsvc.report.words import Words
from mapsvc.style import style_tokens


@dataclass(frozen=True)
class Swatch:
    """One class: its colour (#rrggbb) and its words."""

    color: str
    text: str


@dataclass(frozen=True)
class Key:
    """The legend of one layer.

    Parameters
    ----------
    notes
        What else is drawn, in words, by the name of its sign: raised, lowered, unsure, untold.
    """

    title: str
    unit: str
    swatches: tuple[Swatch, ...]
    notes: tuple[tuple[str, str], ...]


def make_key(subject: Subject, layer: Layer) -> Key:
    """Return the legend of a layer."""
    words, (measure, unit) = subject.words, layer
    legend = subject.legend(measure, unit)
    kind = str(measure)
    if measure is Measure.DENSITY and subject.surface.weighted:
        kind += ".weighted"
    return Key(
        title=words(f"layer.{measure}.{unit}"),
        unit=words(f"legend.{kind}"),
        swatches=list_swatches(words, legend),
        notes=_notes(words, subject.finding(measure, unit), legend),
    )


def list_swatches(words: Words, legend: Legend) -> tuple[Swatch, ...]:
    """Return the classes from the highest to the lowest."""
    pairs = zip(legend.colors, _texts(words, legend), strict=True)
    return tuple(Swatch(color, text) for color, text in pairs)[::-1]


def _texts(words: Words, legend: Legend) -> list[str]:
    """Return the classes in words, from the lowest."""
    if legend.measure is Measure.OUTLIER:
        return [words(f"quadrant.{quadrant}") for quadrant in QUADRANTS]
    signed = legend.measure is Measure.SIGNIFICANCE
    limits = [
        f"{limit:.2f}".replace("-", "−") if signed else f"{limit:g}" for limit in legend.limits
    ]
    between = "legend.from_to" if signed else "legend.between"
    texts = [words(between, low=low, high=high) for low, high in pairwise(limits)]
    if limits:
        texts.append(words("legend.over", limit=limits[-1]))
    if legend.measure is not Measure.DENSITY:
        texts.insert(0, words("legend.under", limit=limits[0]))
    return texts


def untold_color() -> str:
    """Return the colour of units that are not judged."""
    color: str = style_tokens()["untold"]["day"]
    return color


def _notes(words: Words, finding: Finding, legend: Legend) -> tuple[tuple[str, str], ...]:
    measure = legend.measure
    if measure is Measure.DENSITY:
        if not legend.limits:
            return (("empty", words("legend.empty")),)
        return (("nothing", words("legend.nothing", limit=f"{legend.limits[0]:g}")),)
    kind = "legend.outlier" if measure is Measure.OUTLIER else "legend"
    notes = [(sign, words(f"{kind}.{sign}")) for sign in ("raised", "lowered")]
    notes.append(("unsure", words("legend.unsure")))
    if measure is Measure.RELATIVE or np.isnan(finding.value[finding.inside]).any():
        notes.append(("untold", words("legend.untold")))
    return tuple(notes)
