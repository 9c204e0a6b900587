"""The typeface of print: one that has the Han characters and is on this machine."""

from __future__ import annotations

from functools import cache

from matplotlib import font_manager

from geodata.errors import Unavailable

FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
)


@cache
def family() -> str:
    """Return the name of the first family that is installed.

    Raises
    ------
    Unavailable
        None is: Chinese text would turn to boxes.
    """
    installed = {font.name for font in font_manager.fontManager.ttflist}
    for name in FAMILIES:
        if name in installed:
            return name
    raise Unavailable(
        "No font with Chinese characters is installed; bin/setup installs fonts-noto-cjk"
    )
