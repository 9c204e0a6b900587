"""Personal data in people's own words, masked: whoever needs the whole opens the case."""

from __future__ import annotations

import re
from dataclasses import replace

from dispatch.case.store import Case

# Longest first: an identity number holds eleven digits that look like a phone's.
_NUMBERS = (
    # GB 11643: 17 digits and a check character. The region stays, birthday and rest go.
    (re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)", re.ASCII), r"\1********\2"),
    (re.compile(r"(?<!\d)(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)", re.ASCII), r"\1****\2"),
    (re.compile(r"(?<!\d)(0\d{2,3}[ -]?)\d{4,5}(\d{3})(?!\d)", re.ASCII), r"\1****\2"),
)
_DOOR = re.compile(r"(?<=号)(.*)", re.DOTALL)
_DIGIT = re.compile(r"[0-9０-９一二三四五六七八九十A-Za-z]")


def mask_numbers(text: str) -> str:
    """Return a text whose phone and identity numbers are told by their ends only."""
    for pattern, masked in _NUMBERS:
        text = pattern.sub(masked, text)
    return text


def mask_door(address: str) -> str:
    """Return an address down to its plate: what stands behind 号 leads to a flat and its people."""
    return _DOOR.sub(lambda rest: _DIGIT.sub("*", rest[1]), mask_numbers(address))


def mask_case(case: Case) -> Case:
    """Return a case as lists and files tell it: its words and its address masked."""
    return replace(
        case,
        description=mask_numbers(case.description),
        address=case.address and mask_door(case.address),
        closing_note=case.closing_note and mask_numbers(case.closing_note),
    )
