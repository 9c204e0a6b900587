"""What to list of the cases: checked, and bound to dispatch.find_cases (migration 0072)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dispatch.case.loop import the_loop
from dispatch.case.type import Family
from dispatch.case.wish import Colour
from dispatch.page import decode_cursor, decode_moment
from geodata.code import Level, parse_code
from geodata.errors import InvalidInput

MAX_SEARCH = 100
LIGHTS = ("green", "yellow", "red")


@dataclass(frozen=True)
class Filter:
    """What to list. Empty or None means all.

    Parameters
    ----------
    states
        States; ``("open",)`` stands for all in which a case lives.
    area_code
        Prefix of the grid code.
    text
        Part of the number, the description or the address; a phone number or its last four
        digits.
    mine
        Subjects: with a ``p:`` subject the cases this person has live assignments of, else the
        cases these subjects took part in.
    """

    states: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    type_codes: tuple[str, ...] = ()
    urgent: bool | None = None
    area_code: str | None = None
    text: str | None = None
    mine: tuple[str, ...] = ()
    reported_from: datetime | None = None
    reported_to: datetime | None = None
    holders: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    lights: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    returned: bool | None = None
    stuck_h: float | None = None
    lead: int | None = None
    now: datetime | None = None


def check_filter(wanted: Filter) -> Filter:
    """Return the filter with ``open`` spelt out and the area code truncated.

    Raises
    ------
    InvalidInput
        A state or family that there is none of, no area code, or no text to search for.
    """
    if "open" in wanted.states:
        rest = tuple(state for state in wanted.states if state != "open")
        wanted = replace(wanted, states=tuple(dict.fromkeys(the_loop().open_states + rest)))
    _known(wanted.states, tuple(the_loop().states), "state")
    _known(wanted.families, tuple(Family), "family")
    _known(wanted.levels, tuple(Level), "level")
    _known(wanted.lights, LIGHTS, "light")
    _known(wanted.cards, tuple(Colour), "card")
    if wanted.now is None and (wanted.lights or wanted.stuck_h is not None):
        raise ValueError("lights and stuck_h are measured at now")
    wanted = replace(wanted, holders=tuple(parse_code(h, field="holder") for h in wanted.holders))
    if wanted.area_code is not None:
        wanted = replace(wanted, area_code=parse_code(wanted.area_code, field="area_code"))
    if wanted.text is not None:
        wanted = replace(wanted, text=_part(wanted.text))
    return wanted


def is_plain(wanted: Filter) -> bool:
    """Tell whether dispatch.find_cases knows all that is asked; a desk asks more, of open cases."""
    desk = (
        wanted.holders or wanted.levels or wanted.lights or wanted.cards
        or wanted.returned is not None or wanted.stuck_h is not None or wanted.lead is not None
    )  # fmt: skip
    return not desk


def phone_of(wanted: Filter) -> str | None:
    """Return the digits of a search that may be for a phone number, or its last four."""
    digits = (wanted.text or "").strip()
    whole = digits.isascii() and digits.isdigit() and (len(digits) == 4 or len(digits) >= 7)
    return digits if whole else None


def find_values(wanted: Filter, amount: int, cursor: str | None = None) -> dict[str, Any]:
    """Return the parameters of ``find_cases.sql`` for so many rows after a cursor.

    Raises
    ------
    InvalidInput
        As :func:`check_filter`, or the cursor is none of this list.
    """
    wanted = check_filter(wanted)
    after_at, after_id = None, None
    if cursor is not None:
        at, after_id = decode_cursor(cursor, str, int)
        after_at = decode_moment(at)
    takers = [int(subject[2:]) for subject in wanted.mine if subject.startswith("p:")]
    return {
        "states": list(wanted.states) or None,
        "families": list(wanted.families) or None,
        "type_codes": list(wanted.type_codes) or None,
        "urgent": wanted.urgent,
        "area": wanted.area_code,
        "part": wanted.text,
        "pattern": None if wanted.text is None else like_pattern(wanted.text),
        "mine": list(wanted.mine) if wanted.mine and not takers else None,
        "takers": takers or None,
        "since": wanted.reported_from,
        "until": wanted.reported_to,
        "after_at": after_at,
        "after_id": after_id,
        "amount": amount,
    }


def like_pattern(text: str) -> str:
    """Return the LIKE pattern of a part of a text, in which % and _ are only characters."""
    escaped = text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def _part(text: str) -> str | None:
    """Return what to search for without the blanks around it, None if nothing is left."""
    if len(text) > MAX_SEARCH or "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise InvalidInput(f"A search has at most {MAX_SEARCH} characters of text", field="text")
    return text.strip() or None


def _known(given: Sequence[str], known: Sequence[str], field: str) -> None:
    for value in given:
        if value not in known:
            raise InvalidInput(f"{field} must be one of " + ", ".join(known), field=field)
