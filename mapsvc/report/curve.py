"""The curve of hit rates as the points of an SVG picture."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from layers.risk.density.frame import FloatArray
from layers.risk.foresight.backtest import CURVE_TO, Curve
from mapsvc.report.proof import Proof

WIDTH, HEIGHT = 320, 200
LEFT, RIGHT, TOP, BOTTOM = 40, 8, 22, 34
STEPS = 5


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where it is and what it says."""

    at: float
    text: str


@dataclass(frozen=True)
class Picture:
    """Points of an SVG of ``WIDTH`` by ``HEIGHT``, as its attributes want them."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    asked: str
    band: str
    counts: str
    chance: str
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    mark_x: float
    mark_y: float


def draw_curve(proof: Proof) -> Picture:
    """Return the picture of a backtest up to a fifth of the area."""
    asked, counts = proof.asked.curve, proof.choice.counts.curve
    low, high = asked.interval()
    highest = max(float(rates_of(asked, rate)[1].max()) for rate in (high, counts.hit_rate))
    top = highest_mark(highest)

    def line(curve: Curve, rate: FloatArray, *, back: bool = False) -> str:
        share, rate = rates_of(curve, rate)
        pairs = list(zip(share.tolist(), rate.tolist(), strict=True))
        return _points(pairs[::-1] if back else pairs, top)

    steps = np.linspace(0.0, 1.0, STEPS)
    return Picture(
        WIDTH, HEIGHT, LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM,
        asked=line(asked, asked.hit_rate),
        band=f"{line(asked, low)} {line(asked, high, back=True)}",
        counts=line(counts, counts.hit_rate),
        chance=_points([(0.0, 0.0), (CURVE_TO, CURVE_TO)], top),
        across=tuple(Tick(_x(s * CURVE_TO), f"{100 * s * CURVE_TO:g} %") for s in steps),
        up=tuple(Tick(_y(s * top, top), f"{100 * s * top:g} %") for s in steps),
        mark_x=_x(proof.plan.area_share), mark_y=_y(proof.asked.hit_rate, top),
    )  # fmt: skip


def highest_mark(rate: float) -> float:
    """Return the top of the axis: a fifth, two, … over the highest rate.

    >>> highest_mark(0.43), highest_mark(0.05), highest_mark(0.97)
    (0.6, 0.2, 1.0)
    """
    return round(math.ceil(max(rate, CURVE_TO) / 0.2 - 1e-9) * 0.2, 1)


def rates_of(curve: Curve, rate: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return shares of the area from nothing to a fifth, and the rates there.

    Parameters
    ----------
    rate
        At every share of the curve: its hit rate or a bound of it.
    """
    share = np.concatenate([[0.0], curve.area_share])
    until = np.append(share[share < CURVE_TO], CURVE_TO)
    return until, np.interp(until, share, np.concatenate([[0.0], rate]))


def _points(pairs: list[tuple[float, float]], top: float) -> str:
    return " ".join(f"{_x(share):.1f},{_y(rate, top):.1f}" for share, rate in pairs)


def _x(share: float) -> float:
    return LEFT + share / CURVE_TO * (WIDTH - LEFT - RIGHT)


def _y(rate: float, top: float) -> float:
    return HEIGHT - BOTTOM - rate / top * (HEIGHT - TOP - BOTTOM)
