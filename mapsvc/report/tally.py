"""Counts of a report's incidents by type and by the hour of the week."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapsvc.report.subject import Subject


@dataclass(frozen=True)
class TypeRow:
    """One case type: incidents of the period, and how many were urgent or found by staff."""

    code: str
    name: str
    family: str
    count: int
    share: float
    urgent: int
    found: int


def list_types(subject: Subject) -> list[TypeRow]:
    """Return the types that occur, the most frequent first."""
    incidents, words = subject.surface.incidents, subject.words
    known = {one.code: one for one in subject.base.types}
    codes, place = np.unique(incidents.type_code, return_inverse=True)
    columns = (np.ones(len(place)), incidents.urgent, incidents.found)
    counts, urgent, found = (np.bincount(place, one, len(codes)).astype(int) for one in columns)
    rows = [
        TypeRow(
            code=code,
            name=words.name(known[code].name, known[code].name_en),
            family=words(f"family.{known[code].family}"),
            count=int(counts[row]),
            share=float(counts[row] / len(place)),
            urgent=int(urgent[row]),
            found=int(found[row]),
        )
        for row, code in enumerate(raw.decode() for raw in codes.tolist())
    ]
    return sorted(rows, key=lambda one: (-one.count, one.code))


def count_week(subject: Subject) -> NDArray[np.int64]:
    """Return incidents by weekday (row 0 Monday) and hour of the local clock, shape (7, 24)."""
    incidents = subject.surface.incidents
    flat = np.bincount((incidents.weekday - 1) * 24 + incidents.hour, minlength=7 * 24)
    return flat.astype(np.int64).reshape(7, 24)
