"""The line to the database: one connection that listens, reads on, and heals by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import psycopg
import structlog
from psycopg import sql

from geodata.db.event import CHANNEL
from geodata.db.link import open_link
from geodata.db.scope import Conn
from web.stream.entry import Entry
from web.stream.ring import Ring
from web.stream.store import (
    Participants,
    chain_end,
    hash_of,
    oldest_pending,
    read_entries,
    read_participants,
    read_roster,
)

CREDENTIAL_CHANNEL = "ganxin_credentials"
POLL_S = 5.0
"""Catches a lost wake-up; also how often the sequencer's progress is looked at."""
PAGE = 2000
CASES_KEPT = 100_000
BACKOFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)


class Listener(Protocol):
    """Whoever wants to know what comes over the line."""

    def on_roster(self, codes: dict[int, tuple[str, ...]]) -> None:
        """Take everybody's reach: the line stands."""

    def on_events(self, entries: list[Entry]) -> None:
        """Hand events out that were added to the ring."""

    def on_credential(self, credential: str) -> None:
        """Check a session, token or user that changed (``sessions:12``)."""

    def on_history_changed(self) -> None:
        """Give cursors up: the database was restored and the ring made anew."""

    def on_stale(self, reason: str) -> None:
        """Say that nothing new can be learned for now."""

    def on_live(self) -> None:
        """Say that everything there is has been read again."""


class Feed:
    """Fills the ring from ``geodata.events``.

    The same connection listens and reads: a notification that arrives while it reads is kept by
    psycopg and handed out next, and the read after it always asks for everything after the head.

    Parameters
    ----------
    dsn
        Connection string of the database.
    capacity
        Number of events the ring starts with.
    wait
        Waits some seconds or until the process is told to stop; returns True in that case.
    """

    def __init__(
        self,
        dsn: str,
        ring: Ring,
        listener: Listener,
        *,
        capacity: int,
        wait: Callable[[float], bool],
    ) -> None:
        self._dsn = dsn
        self._ring = ring
        self._listener = listener
        self._capacity = capacity
        self._wait = wait
        self._mark: tuple[int, bytes] | None = None
        self._restored = False
        self._stuck_at: int | None = None
        self._failures = 0
        self.participants: Participants = {}
        self.loaded = False
        """Set once the ring holds what there is; nobody is let in before."""
        self._log = structlog.get_logger("stream.feed")

    def run(self) -> None:
        """Listen until told to stop; every loss of the database is waited out."""
        while True:
            try:
                self._listen()
            except psycopg.Error as exc:
                self._log.warning("database lost", error=type(exc).__name__)
                self._listener.on_stale("database")
            self._failures += 1
            if self._wait(BACKOFF_S[min(self._failures, len(BACKOFF_S)) - 1]):
                return

    def _listen(self) -> None:
        with open_link(self._dsn, "stream") as conn:
            for channel in (CHANNEL, CREDENTIAL_CHANNEL):
                conn.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            self.begin(conn)
            self._failures = 0
            self._listener.on_live()
            while True:
                quiet = True
                for note in conn.notifies(timeout=POLL_S, stop_after=1):
                    quiet = False
                    if note.channel == CREDENTIAL_CHANNEL:
                        self._listener.on_credential(note.payload)
                if self._read_on(conn):
                    self._moving()
                elif quiet:
                    self._look_at_sequencer(conn)

    def begin(self, conn: Conn) -> None:
        """Go on where the ring ends, or begin with the newest events there are."""
        self._listener.on_roster(read_roster(conn))
        head, _ = chain_end(conn)
        if self.loaded and not self._same_history(conn, head):
            self._restored = True
        if self._restored or not self.loaded:
            self.loaded = False
            self._mark = None
            self._ring.restart(max(0, head - self._capacity))
        self._read_on(conn)
        if self._restored:
            self._listener.on_history_changed()
            self._restored = False
        self.loaded = True

    def _same_history(self, conn: Conn, head: int) -> bool:
        if head < self._ring.head:
            return False
        if self._mark is None:
            return True
        seq, its_hash = self._mark
        return hash_of(conn, seq) == its_hash

    def _read_on(self, conn: Conn) -> bool:
        grew, more = False, True
        while more and (entries := read_entries(conn, self._ring.head, PAGE)):
            found = read_participants(conn, entries)
            self._keep(found)
            self._ring.extend(entries)
            self._listener.on_events(entries)
            grew, more = True, len(entries) == PAGE
        if grew:
            self._remember(conn)
        return grew

    def _remember(self, conn: Conn) -> None:
        """Note a hash with its seq: the connection may be lost before the next one is known."""
        seq = self._ring.head
        its_hash = hash_of(conn, seq)
        self._mark = None if its_hash is None else (seq, its_hash)

    def _keep(self, found: Participants) -> None:
        """Keep participants newest last, so that what is let go is long out of the ring."""
        for case_id, subjects in found.items():
            self.participants.pop(case_id, None)
            self.participants[case_id] = subjects
        while len(self.participants) > CASES_KEPT:
            del self.participants[next(iter(self.participants))]

    def _look_at_sequencer(self, conn: Conn) -> None:
        """Say so when the same event has been waiting to be sealed for two looks."""
        oldest = oldest_pending(conn)
        if oldest is None:
            self._moving()
        elif oldest == self._stuck_at:
            self._listener.on_stale("sequencer")
        self._stuck_at = oldest

    def _moving(self) -> None:
        if self._stuck_at is not None:
            self._stuck_at = None
            self._listener.on_live()
