"""The column beside the printed map: trust card, backtest curve, densest communities."""

from __future__ import annotations

from layers.risk.foresight.backtest import CURVE_TO
from layers.risk.question import Unit
from mapsvc.report.curve import highest_mark, rates_of
from mapsvc.report.proof import Proof
from mapsvc.report.sheet_map import Box
from mapsvc.report.sheet_type import PAGE_MM, Ink, Pen
from mapsvc.report.subject import Subject
from mapsvc.report.trust import list_lines, list_warnings
from mapsvc.report.unit_row import UnitRow, densest, list_units
from mapsvc.style import style_tokens

BODY_PT = 7.2
LINE_MM = 4.1
CURVE_MM = (18.0, 30.0)
"""Least and most height of the backtest's curve."""
AROUND_CURVE_MM = 10.5
"""Its heading and the words under it."""
TABLE_MM = 10.0 + 6 * LINE_MM
"""Heading, head and six rows: what the table needs at least."""
MOST_ROWS = 10


def draw_side(subject: Subject, pen: Pen, box: Box) -> None:
    """Fill the column from its top: card, warnings, curve; the table takes what is left."""
    left, bottom, width, height = box
    y = _card(subject, pen, left, bottom + height, width)
    y = _warnings(subject, pen, left, y, width)
    height_left = min(CURVE_MM[1], y - bottom - TABLE_MM - AROUND_CURVE_MM)
    if subject.proof is not None and height_left >= CURVE_MM[0]:
        y = _curve(subject, pen, (left, y, width, height_left), subject.proof)
    _table(subject, pen, left, y, width, bottom)


def _heading(pen: Pen, left: float, y: float, text: str) -> float:
    pen.write(left, y - 3.4, text, size=9.5, bold=True)
    return y - 5.6


def _card(subject: Subject, pen: Pen, left: float, y: float, width: float) -> float:
    y = _heading(pen, left, y, subject.words("trust"))
    lines = list_lines(subject)
    inset = max(pen.measure(line.label, BODY_PT) for line in lines) + 3
    for line in lines:
        pen.rule(left, y, width)
        pen.write(left, y - 3.5, line.label, size=BODY_PT, color=Ink.SOFT)
        y = pen.paragraph(left + inset, y - 0.9, width - inset, line.value, size=BODY_PT) - 0.6
    return y - 1.6


def _warnings(subject: Subject, pen: Pen, left: float, y: float, width: float) -> float:
    told = list_warnings(subject)
    if not told:
        return y
    y = _heading(pen, left, y, subject.words("warnings"))
    top = y
    for text in told:
        y = pen.paragraph(left + 2.6, y, width - 2.6, text, size=BODY_PT) - 0.5
    pen.box(left, y + 0.6, 0.9, top - y - 0.6, Ink.STRONG)
    return y - 1.6


def _curve(subject: Subject, pen: Pen, place: Box, proof: Proof) -> float:
    """Draw the hit rate at every share of the area up to a fifth; the place is told by its top."""
    left, y, width, height = place
    words, dark = subject.words, style_tokens()["density"]["day"]
    y = _heading(pen, left, y, words("proof.title"))
    axes = pen.figure.add_axes(
        ((left + 8) / PAGE_MM[0], (y - height + 6) / PAGE_MM[1], (width - 9) / PAGE_MM[0],
         (height - 7) / PAGE_MM[1])
    )  # fmt: skip
    asked, counts = proof.asked.curve, proof.choice.counts.curve
    low, high = asked.interval()
    share, upper = rates_of(asked, high)
    axes.fill_between(share, rates_of(asked, low)[1], upper, color=dark[2], linewidth=0)
    axes.plot(*rates_of(asked, asked.hit_rate), color=dark[7], linewidth=1.6)
    axes.plot(*rates_of(counts, counts.hit_rate), color=Ink.SOFT, linewidth=1.0, linestyle=":")
    axes.plot([0, 1], [0, 1], color=Ink.SOFT, linewidth=0.8, linestyle="--")
    axes.plot([proof.plan.area_share], [proof.asked.hit_rate], "o", color=Ink.PAPER,
              markeredgecolor=dark[7], markersize=4)  # fmt: skip
    top = highest_mark(max(float(upper.max()), float(rates_of(counts, counts.hit_rate)[1].max())))
    axes.set(xlim=(0, CURVE_TO), ylim=(0, top), xticks=[], yticks=[])
    for name, spine in axes.spines.items():
        spine.set(visible=name in ("left", "bottom"), color=Ink.LINE, linewidth=0.6)
    _ticks(pen, (left + 8, y - height + 6, width - 9, height - 7), top)
    names = (
        (words("proof.asked", metres=f"{subject.question.bandwidth_m:g}"), "━"),
        (words("proof.counts"), "┈"), (words("proof.random"), "╌"),
    )  # fmt: skip
    said = "　".join(f"{sign} {name}" for name, sign in names)
    pen.write(left + 8, y - height - 0.6, said, size=6.5, color=Ink.SOFT)
    return y - height - 4.9


def _ticks(pen: Pen, box: Box, top: float) -> None:
    left, bottom, width, height = box
    for part in (0.0, 0.5, 1.0):
        pen.write(
            left + part * width, bottom - 3.2, f"{100 * part * CURVE_TO:g} %", size=6,
            color=Ink.SOFT, align="right" if part == 1 else "center",
        )  # fmt: skip
        pen.write(
            left - 1, bottom + part * height - (1.6 if part == 1 else 0.8),
            f"{100 * part * top:g} %", size=6, color=Ink.SOFT, align="right",
        )  # fmt: skip


def _table(subject: Subject, pen: Pen, left: float, y: float, width: float, bottom: float) -> None:
    words = subject.words
    y = _heading(pen, left, y, words("sheet.top"))
    room = int((y - bottom - LINE_MM) // LINE_MM)
    rows = densest(list_units(subject, Unit.COMMUNITY))[: min(MOST_ROWS, max(0, room))]
    columns = (
        (left, "left", "column.community"), (left + width - 34, "right", "column.density"),
        (left + width - 18, "right", "column.count"),
        (left + width, "right", "column.per_thousand"),
    )  # fmt: skip
    for x, align, name in columns:
        pen.write(x, y - 2.8, words(name), size=6.5, color=Ink.SOFT, align=align)  # type: ignore[arg-type] # of two words
    y -= LINE_MM
    for rank, row in enumerate(rows, 1):
        pen.rule(left, y, width)
        _row(subject, pen, left, y - 2.9, width, rank, row)
        y -= LINE_MM


def _row(
    subject: Subject, pen: Pen, left: float, y: float, width: float, rank: int, row: UnitRow
) -> None:
    words = subject.words
    pen.write(left, y, f"{rank}", size=BODY_PT, color=Ink.SOFT)
    name = pen.wrap(row.name, BODY_PT, width - 50)[0]
    pen.write(left + 4.5, y, name, size=BODY_PT)
    for x, text, bold in (
        (width - 34, words.figures(row.density), True),
        (width - 18, words.number(row.count), False),
        (width, words.figures(row.per_thousand), False),
    ):
        pen.write(left + x, y, text, size=BODY_PT, bold=bold, align="right")
