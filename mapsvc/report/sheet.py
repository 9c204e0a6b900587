"""One sheet for print, A4 landscape, as PNG or PDF: map, legend, trust card, top of the tables."""

from __future__ import annotations

import io
from typing import Literal

from matplotlib.figure import Figure

from mapsvc.report.sheet_map import draw_map
from mapsvc.report.sheet_side import draw_side
from mapsvc.report.sheet_type import INCH_MM, PAGE_MM, Ink, Pen
from mapsvc.report.subject import Subject
from mapsvc.report.trust import tell_filter, tell_period

DPI = 200
"""Of the PNG: 2339 by 1654 pixels, what an office printer resolves."""
MARGIN_MM = 10.0
BAR_MM = 16.0
FOOT_MM = 7.0
SIDE_MM = 84.0
GAP_MM = 5.0


def make_png(subject: Subject) -> bytes:
    """Return the sheet as a picture."""
    return _make(subject, "png")


def make_pdf(subject: Subject) -> bytes:
    """Return the sheet as a document, with the glyphs it uses inside."""
    return _make(subject, "pdf")


def _make(subject: Subject, kind: Literal["png", "pdf"]) -> bytes:
    figure = draw_sheet(subject)
    out = io.BytesIO()
    words, base = subject.words, subject.base
    title = f"{words('title')} · {words.name(base.name, base.name_en)}"
    about = {"Title": title}
    if kind == "pdf":
        about |= {"Subject": tell_period(words, subject.question), "Creator": "ganxin"}
    figure.savefig(out, format=kind, dpi=DPI, metadata=about)
    return out.getvalue()


def draw_sheet(subject: Subject) -> Figure:
    """Return the sheet as a figure."""
    width, height = PAGE_MM
    figure = Figure(figsize=(width / INCH_MM, height / INCH_MM), facecolor=Ink.PAPER)
    pen = Pen(figure)
    _head(subject, pen)
    top, bottom = height - MARGIN_MM - BAR_MM, MARGIN_MM + FOOT_MM
    right = width - MARGIN_MM - SIDE_MM
    draw_map(subject, pen, (MARGIN_MM, bottom, right - GAP_MM - MARGIN_MM, top - bottom))
    draw_side(subject, pen, (right, bottom, SIDE_MM, top - bottom))
    _foot(subject, pen)
    return figure


def _head(subject: Subject, pen: Pen) -> None:
    words, base = subject.words, subject.base
    top = PAGE_MM[1] - MARGIN_MM
    title = f"{words('title')} · {words.name(base.name, base.name_en)}"
    end = pen.write(MARGIN_MM, top - 5.5, title, size=17, bold=True)
    if base.synthetic:
        pen.chip(end + 5, top - 5.5, words("synthetic"))
    told = f"{tell_period(words, subject.question)}　{tell_filter(subject)}"
    pen.write(MARGIN_MM, top - 11.8, told, size=9, color=Ink.SOFT)
    made = words("made", at=words.moment(subject.made_at))
    pen.write(PAGE_MM[0] - MARGIN_MM, top - 5.5, made, size=8, color=Ink.SOFT, align="right")


def _foot(subject: Subject, pen: Pen) -> None:
    words = subject.words
    told = words("warning.place")
    if subject.base.synthetic:
        told = f"{words('synthetic')}：{words('synthetic.why')}" if words.locale == "zh" else (
            f"{words('synthetic')}: {words('synthetic.why')}"
        )  # fmt: skip
    pen.write(MARGIN_MM, MARGIN_MM, told, size=7.5, color=Ink.SOFT)
    pen.write(
        PAGE_MM[0] - MARGIN_MM, MARGIN_MM, "EPSG:4549 · ganxin", size=7.5, color=Ink.SOFT,
        align="right",
    )  # fmt: skip
