"""One sealed event as the stream keeps it: serialised once, redacted for those out of reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from geodata.db.scope import Row
from web.stream.frame import frame

_PERSON_KEY = "person_id"


class Entry:
    """A sealed event and its frames.

    Parameters
    ----------
    row
        ``seq, occurred_at, kind, case_id, person_id, area_code, actor, payload``.
    """

    __slots__ = ("_frames", "_row", "area_code", "case_id", "kind", "people", "seq")

    def __init__(self, row: Row) -> None:
        self.seq: int = row["seq"]
        self.kind: str = row["kind"]
        self.case_id: int | None = row["case_id"]
        self.area_code: str = row["area_code"]
        self._row = row
        self.people: frozenset[int] = frozenset(_people(row))
        self._frames: dict[frozenset[int], bytes] = {}

    def frame(self, hidden: frozenset[int]) -> bytes:
        """Return the frame without the people in ``hidden``; each form is made once."""
        made = self._frames.get(hidden)
        if made is None:
            made = self._frames[hidden] = frame(_public(self._row, hidden), seq=self.seq)
        return made

    def public(self, hidden: frozenset[int]) -> dict[str, Any]:
        """Return what is told of the event to those who may not see the people in ``hidden``."""
        return _public(self._row, hidden)


def _people(row: Row) -> Iterator[int]:
    if row["person_id"] is not None:
        yield row["person_id"]
    if row["actor"].startswith("p:"):
        yield int(row["actor"][2:])
    for key, value in row["payload"].items():
        if _names_person(key) and isinstance(value, int):
            yield value


def _names_person(key: str) -> bool:
    return key == _PERSON_KEY or key.endswith("_" + _PERSON_KEY)


def _public(row: Row, hidden: frozenset[int]) -> dict[str, Any]:
    actor = row["actor"]
    if actor.startswith("p:") and int(actor[2:]) in hidden:
        actor = None
    return {
        "seq": row["seq"],
        "kind": row["kind"],
        "at": row["occurred_at"].isoformat(),
        "case_id": row["case_id"],
        "person_id": None if row["person_id"] in hidden else row["person_id"],
        "area_code": row["area_code"],
        "actor": actor,
        "payload": _public_payload(row["payload"], hidden),
    }


def _public_payload(payload: Mapping[str, Any], hidden: frozenset[int]) -> dict[str, Any]:
    return {
        key: None if _names_person(key) and isinstance(value, int) and value in hidden else value
        for key, value in payload.items()
    }
