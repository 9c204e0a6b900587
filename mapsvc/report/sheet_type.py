"""How a printed sheet is written on: places in millimetres, one typeface, the colours of print."""

from __future__ import annotations

from typing import Literal

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text

from mapsvc.report.font import family
from mapsvc.style import style_tokens

PAGE_MM = (297.0, 210.0)
"""A4 across."""
INCH_MM = 25.4
POINT_MM = INCH_MM / 72
LEADING = 1.42
"""From line to line, in sizes of the letters."""
Align = Literal["left", "center", "right"]


class Ink:
    """Colours of the printed sheet: those of the day's map and of its text."""

    _day = style_tokens()["day"]
    PAPER = _day["road"]
    STRONG = _day["label_major"]
    SOFT = _day["label"]
    LINE = _day["grid"]
    SEA = _day["background"]
    LAND = _day["land"]
    COAST = _day["land_edge"]
    ROAD = _day["road_casing"]
    MAIN_ROAD = _day["arterial"]
    STREET = _day["street"]
    HALO = _day["label_halo"]


class Pen:
    """Writes on a figure; x from the left and y from the bottom, millimetres."""

    def __init__(self, figure: Figure) -> None:
        self.figure = figure
        self._renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call] # matplotlib's

    def write(
        self, x_mm: float, y_mm: float, text: str, *, size: float = 8, bold: bool = False,
        color: str = Ink.STRONG, align: Align = "left",
    ) -> float:  # fmt: skip
        """Write one line on its base line; return where it ends."""
        made = self._text(text, size, bold)
        made.set(
            position=(x_mm / PAGE_MM[0], y_mm / PAGE_MM[1]), color=color,
            horizontalalignment=align, verticalalignment="baseline",
        )  # fmt: skip
        self.figure.add_artist(made)
        made.set_transform(self.figure.transFigure)
        return x_mm + self.measure(text, size, bold=bold)

    def paragraph(
        self, x_mm: float, y_mm: float, width_mm: float, text: str, *, size: float = 8,
        bold: bool = False, color: str = Ink.STRONG, most_lines: int = 12,
    ) -> float:  # fmt: skip
        """Write text in lines from its top down; return where the next line's top is."""
        step = size * POINT_MM * LEADING
        for line in self.wrap(text, size, width_mm, bold=bold)[:most_lines]:
            self.write(x_mm, y_mm - size * POINT_MM, line, size=size, bold=bold, color=color)
            y_mm -= step
        return y_mm

    def wrap(self, text: str, size: float, width_mm: float, *, bold: bool = False) -> list[str]:
        """Break text into lines; Latin words stay whole, Han text breaks anywhere."""
        lines, line = [], ""
        for piece in _pieces(text):
            if line and self.measure(line + piece.rstrip(), size, bold=bold) > width_mm:
                lines.append(line.rstrip())
                line = ""
            line += piece
        return [*lines, line.rstrip()]

    def measure(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width of one line, millimetres."""
        made = self._text(text, size, bold)
        made.set_figure(self.figure)
        width: float = made.get_window_extent(self._renderer).width
        return width / self.figure.dpi * INCH_MM

    def rule(self, x_mm: float, y_mm: float, width_mm: float, *, color: str = Ink.LINE) -> None:
        """Draw a hair line across."""
        across = [x_mm / PAGE_MM[0], (x_mm + width_mm) / PAGE_MM[0]]
        height = y_mm / PAGE_MM[1]
        self.figure.add_artist(Line2D(across, [height, height], linewidth=0.5, color=color))

    def box(
        self, x_mm: float, y_mm: float, width_mm: float, height_mm: float, color: str,
        edge: str | None = None,
    ) -> None:  # fmt: skip
        """Fill a rectangle."""
        self.figure.add_artist(
            Rectangle(
                (x_mm / PAGE_MM[0], y_mm / PAGE_MM[1]),
                width_mm / PAGE_MM[0],
                height_mm / PAGE_MM[1],
                transform=self.figure.transFigure,
                facecolor=color,
                edgecolor=edge or "none",
                linewidth=0.5,
            )
        )

    def chip(self, x_mm: float, y_mm: float, text: str) -> None:
        """Write text in white on a dark pill."""
        size, inset = 9.0, 2.6
        width = self.measure(text, size, bold=True)
        pill = FancyBboxPatch(
            (x_mm / PAGE_MM[0], (y_mm - 1.5) / PAGE_MM[1]), (width + 2 * inset) / PAGE_MM[0],
            6.0 / PAGE_MM[1], boxstyle="square,pad=0", transform=self.figure.transFigure,
            facecolor=Ink.STRONG, edgecolor="none",
        )  # fmt: skip
        self.figure.add_artist(pill)
        self.write(x_mm + inset, y_mm + 0.3, text, size=size, bold=True, color=Ink.PAPER)

    def _text(self, text: str, size: float, bold: bool) -> Text:
        return Text(
            text=text, fontsize=size, fontfamily=family(), parse_math=False,
            fontweight="bold" if bold else "normal",
        )  # fmt: skip


def _pieces(text: str) -> list[str]:
    """Return what may not be broken: a Han character, or a word with the space behind it.

    >>> _pieces("共 12 件 of all")
    ['共 ', '12 ', '件 ', 'of ', 'all']
    """
    pieces: list[str] = []
    closed = True
    for char in text:
        if char in CLOSING and pieces:
            pieces[-1] += char
        elif char == " " and pieces:
            pieces[-1] += char
            closed = True
        elif _is_wide(char):
            pieces.append(char)
            closed = True
        elif closed:
            pieces.append(char)
            closed = False
        else:
            pieces[-1] += char
    return pieces


CLOSING = "，。、；：？！）》”%"
"""Never begin a line."""


def _is_wide(char: str) -> bool:
    return "\u2e80" <= char <= "\u9fff" or "\uff00" <= char <= "\uffef"
