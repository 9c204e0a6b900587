"""People's own words: what a reason, a note or a description may be."""

from __future__ import annotations

from geodata.errors import InvalidInput

MAX_TEXT = 2000


def check_text(text: str | None, field: str) -> str:
    """Return a text of people's own words, or say what is wrong with it.

    Raises
    ------
    InvalidInput
        Names ``field``: empty, too long, or no text.
    """
    if text is None or not text.strip():
        raise InvalidInput(f"A {field} is needed", field=field)
    if len(text) > MAX_TEXT:
        raise InvalidInput(f"The {field} is longer than {MAX_TEXT} characters", field=field)
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise InvalidInput(f"The {field} holds a character that is no text", field=field)
    return text
