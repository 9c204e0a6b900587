"""One attribute of a kind of asset: its type, unit and limits, and the check of a value."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from geodata.errors import InvalidInput

AttributeType = Literal["text", "integer", "number", "boolean", "date", "choice"]
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Choice:
    """One value of a closed list, with its labels."""

    value: str
    zh: str
    en: str


@dataclass(frozen=True)
class Attribute:
    """What a kind of asset tells about each of its assets.

    Parameters
    ----------
    name
        Key in ``layers.assets.attributes``.
    type
        'text', 'integer', 'number', 'boolean', 'date' (ISO 8601) or 'choice'.
    zh, en
        Labels.
    unit
        Symbol of the unit of a number: 'm3', 'kg', 'm'; None for counts and everything else.
    required
        An asset without it is refused.
    least, most
        Inclusive limits of a number.
    pattern
        Regular expression that the whole of a text matches.
    choices
        The closed list of a 'choice'.
    secret
        Not for every signed-in user (:func:`layers.catalogue.public_attributes`).
    """

    name: str
    type: AttributeType
    zh: str
    en: str
    unit: str | None = None
    required: bool = True
    least: float = 0
    most: float = math.inf
    pattern: str | None = None
    choices: tuple[Choice, ...] = ()
    secret: bool = False

    def check(self, value: Any, *, field: str) -> Any:
        """Return the value if it fits the declaration.

        Raises
        ------
        InvalidInput
            It does not; ``field`` is carried on, the message says what was expected.
        """
        if self.type in ("integer", "number"):
            return self._check_number(value, field)
        if self.type == "boolean":
            return _demand(isinstance(value, bool), value, field, "true or false")
        return self._check_text(value, field)

    def _check_number(self, value: Any, field: str) -> Any:
        wanted = int if self.type == "integer" else (int, float)
        fits = isinstance(value, wanted) and not isinstance(value, bool)
        fits = fits and math.isfinite(value) and self.least <= value <= self.most
        kind = "a whole number" if self.type == "integer" else "a number"
        top = "" if self.most == math.inf else f" to {self.most:g}"
        unit = f" {self.unit}" if self.unit else ""
        return _demand(fits, value, field, f"{kind} from {self.least:g}{top}{unit}")

    def _check_text(self, value: Any, field: str) -> Any:
        fits = isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and "\x00" not in value
        _demand(fits, value, field, f"text of 1 to {LONGEST_TEXT} characters")
        if self.type == "choice":
            values = [choice.value for choice in self.choices]
            return _demand(value in values, value, field, "one of " + ", ".join(values))
        if self.type == "date":
            return _demand(_is_date(value), value, field, "a date such as 2026-02-15")
        matches = self.pattern is None or re.fullmatch(self.pattern, value, re.ASCII) is not None
        return _demand(matches, value, field, f"text of the form {self.pattern}")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _demand(fits: bool, value: Any, field: str, expected: str) -> Any:
    if not fits:
        raise InvalidInput(f"{field}: expected {expected}, found {value!r:.60}", field=field)
    return value
