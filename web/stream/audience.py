"""Everyone of one scope: what they may see of the events, worked out once for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from geodata.db.scope import Scope
from web.stream.entry import Entry
from web.stream.ring import Ring
from web.stream.roster import Roster
from web.stream.store import Participants

CHUNK = 500
"""Events looked at in one go: about 150 kB on the wire if all are visible."""


class Audience:
    """Screens whose scope is equal.

    Parameters
    ----------
    scope
        Reach of each of its members.
    roster
        Who is in scope by which areas.
    """

    def __init__(self, scope: Scope, roster: Roster) -> None:
        self.scope = scope
        self.due = 0
        """No event after this one concerns it: members at or past it have all there is."""
        self._roster = roster
        self._version = -1
        self._made: dict[int, tuple[bytes, int]] = {}

    def sees(self, entry: Entry, participants: Participants) -> bool:
        """Tell whether an event is in scope: by its area, or by taking part in its case."""
        if self.scope.covers(entry.area_code):
            return True
        if entry.case_id is None:
            return False
        return not participants.get(entry.case_id, frozenset()).isdisjoint(self.scope.subjects)

    def render(self, entries: Sequence[Entry], participants: Participants) -> bytes:
        """Return the frames of the visible ones, without people out of reach."""
        return b"".join(
            entry.frame(self._hidden(entry)) for entry in entries if self.sees(entry, participants)
        )

    def following(self, cursor: int, ring: Ring, participants: Participants) -> tuple[bytes, int]:
        """Return the frames after ``cursor`` and the cursor behind them.

        Members that are up to date ask for the same frames, so they are kept until the
        ring changes.
        """
        if self._version != ring.version:
            self._version = ring.version
            self._made.clear()
        made = self._made.get(cursor)
        if made is None:
            entries = ring.after(cursor, CHUNK)
            upto = entries[-1].seq if entries else cursor
            made = self._made[cursor] = (self.render(entries, participants), upto)
        return made

    def _hidden(self, entry: Entry) -> frozenset[int]:
        if not entry.people:
            return entry.people
        return frozenset(
            person for person in entry.people if not self._roster.covers(self.scope, person)
        )
