"""The newest events in memory, in order, so that most clients resume without the database."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from web.stream.entry import Entry


class Ring:
    """At least the last ``capacity`` events, ascending by ``seq``.

    Parameters
    ----------
    capacity
        Number of events kept; up to a quarter more while it waits to be trimmed.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._seqs: list[int] = []
        self._entries: list[Entry] = []
        self.floor = 0
        """Cursors from here on can be served from memory."""
        self.head = 0
        """The newest seq there is."""
        self.version = 0
        """Raised with every change, for what is derived from the ring."""

    def restart(self, head: int) -> None:
        """Forget everything; go on after ``head``."""
        self._seqs.clear()
        self._entries.clear()
        self.floor = self.head = head
        self.version += 1

    def extend(self, entries: Sequence[Entry]) -> None:
        """Add events that follow the head, in order; one seen before is not added twice."""
        for entry in entries:
            if entry.seq > self.head:
                self._seqs.append(entry.seq)
                self._entries.append(entry)
                self.head = entry.seq
        self.version += 1
        if len(self._entries) > self._capacity * 1.25:
            self._trim()

    def after(self, seq: int, limit: int) -> list[Entry]:
        """Return up to ``limit`` events that follow ``seq``; ``seq`` must not lie below floor."""
        if seq < self.floor:
            raise ValueError(f"{seq} is before the ring's floor {self.floor}")
        start = bisect_right(self._seqs, seq)
        return self._entries[start : start + limit]

    def _trim(self) -> None:
        surplus = len(self._entries) - self._capacity
        self.floor = self._seqs[surplus - 1]
        del self._seqs[:surplus]
        del self._entries[:surplus]
