"""Moving people: what was received in the last second, one compact frame per scope."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from geodata.code import DIGITS
from geodata.db.scope import Conn, Row, Scope
from web.stream.frame import compact, frame
from web.stream.roster import Roster
from web.stream.store import newest_position, read_positions

INTERVAL_S = 1
OVERLAP = timedelta(seconds=2)
"""Rows are stamped when they arrive and seen when they are committed; this is the most between."""
_FORGET_AFTER = timedelta(minutes=10)
_PREFIXES = tuple(sorted(DIGITS.values()))


class PositionFeed:
    """Reads new positions; remembers what it has already given out."""

    def __init__(self) -> None:
        self._newest: datetime | None = None
        self._given: dict[int, tuple[datetime, datetime]] = {}

    def look(self, conn: Conn) -> list[Row]:
        """Return the positions received since the last look, each once."""
        if self._newest is None:
            self._newest = newest_position(conn) or datetime(1970, 1, 1, tzinfo=UTC)
            return []
        fresh = [
            row
            for row in read_positions(conn, self._newest - OVERLAP)
            if self._given.get(row["person_id"], (None,))[0] != row["measured_at"]
        ]
        for row in fresh:
            self._given[row["person_id"]] = (row["measured_at"], row["received_at"])
            self._newest = max(self._newest, row["received_at"])
        self._forget()
        return fresh

    def _forget(self) -> None:
        """Let go of people who have not moved for long, once they outnumber a district's staff."""
        if self._newest is None or len(self._given) < 50_000:
            return
        oldest = self._newest - _FORGET_AFTER
        self._given = {who: at for who, at in self._given.items() if at[1] > oldest}


class PositionFrames:
    """The positions of one look, sorted by area so that a scope costs only what it contains.

    Parameters
    ----------
    rows
        As of :func:`web.stream.store.read_positions`.
    roster
        By which areas each person is in scope.
    server_time
        ISO 8601, shown as the age's origin.
    """

    def __init__(self, rows: Iterable[Row], roster: Roster, server_time: str) -> None:
        self._head = '{"t":' + compact(server_time) + ',"p":['
        self._people: dict[int, str] = {}
        self._by_area: dict[str, list[int]] = defaultdict(list)
        self._made: dict[tuple[str, ...], bytes] = {}
        for row in rows:
            self._add(row, roster)

    def of(self, scope: Scope) -> bytes:
        """Return the frame a scope may see, empty when nobody of it moved."""
        own = tuple(
            subject
            for subject in scope.subjects
            if subject.startswith("p:") and int(subject[2:]) in self._people
        )
        key = (*sorted(scope.areas), *own)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._make(scope.areas, [int(who[2:]) for who in own])
        return made

    def _add(self, row: Row, roster: Roster) -> None:
        person_id = row["person_id"]
        self._people[person_id] = compact(
            [
                person_id,
                round(row["lon"], 6),
                round(row["lat"], 6),
                _rounded(row["heading_deg"], 0),
                _rounded(row["speed_mps"], 1),
                row["age_s"],
            ]
        )
        prefixes = {
            code[:n] for code in roster.codes(person_id) for n in _PREFIXES if n <= len(code)
        }
        for prefix in prefixes:
            self._by_area[prefix].append(person_id)

    def _make(self, areas: Iterable[str], own: Iterable[int]) -> bytes:
        people = dict.fromkeys(own)
        for area in areas:
            people.update(dict.fromkeys(self._by_area.get(area, ())))
        if not people:
            return b""
        listed = ",".join(self._people[person] for person in people)
        return frame(self._head + listed + "]}", event="positions")


def _rounded(value: float | None, digits: int) -> float | None:
    if value is None:
        return None
    return round(value, digits) if digits else round(value)


NOBODY = PositionFrames((), Roster(), "")
"""A look in which nobody moved."""
