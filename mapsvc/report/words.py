"""The words of a report in one language: every text is a message id of text_zh.json, text_en.json.

Pages have their own messages under ``web``, which nothing below it may read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Literal

from geodata.clock import LOCAL_ZONE

Locale = Literal["zh", "en"]
LOCALES: tuple[Locale, ...] = ("zh", "en")
NONE = "—"
"""Stands where nothing is told."""


class Words:
    """Texts, numbers and times of one language."""

    def __init__(self, locale: Locale) -> None:
        self.locale = locale
        self._texts = texts(locale)

    def __call__(self, message_id: str, **values: object) -> str:
        """Return a text with its ``{names}`` filled in."""
        found = self._texts[message_id]
        for name, value in values.items():
            found = found.replace("{" + name + "}", str(value))
        return found

    def group(self, prefix: str) -> dict[str, str]:
        """Return the texts whose ids begin with a prefix and a dot, by the rest of the id."""
        begin = len(prefix) + 1
        return {
            key[begin:]: text for key, text in self._texts.items() if key.startswith(prefix + ".")
        }

    def name(self, chinese: str, english: str) -> str:
        """Return the name in this language."""
        return chinese if self.locale == "zh" else english

    def join(self, parts: Iterable[str]) -> str:
        """Return a list of words as one."""
        return self("join").join(parts)

    def number(self, value: float | None, digits: int = 0) -> str:
        """Return a number with separators of thousands; a dash for None."""
        return NONE if value is None else f"{value:,.{digits}f}"

    def figures(self, value: float | None) -> str:
        """Return a number of two or three figures, whatever its size."""
        if value is None:
            return NONE
        size = abs(value)
        return self.number(value, 0 if size >= 100 else 1 if size >= 10 else 2)

    def share(self, value: float | None) -> str:
        """Return a part of one as per cent."""
        return NONE if value is None else f"{100 * value:.0f} %"

    def moment(self, at: datetime) -> str:
        """Return a moment of the local clock (Asia/Shanghai), to the minute."""
        return f"{at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}"

    def day(self, at: datetime) -> str:
        """Return a day of the local calendar."""
        return f"{at.astimezone(LOCAL_ZONE):%Y-%m-%d}"


@cache
def texts(locale: Locale) -> dict[str, str]:
    """Return all texts of a language."""
    found: dict[str, str] = json.loads(
        (files("mapsvc.report") / f"text_{locale}.json").read_text("utf-8")
    )
    return found
