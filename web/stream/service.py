"""The stream process: the feed, the hall, the door and their rhythms joined together."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import gevent
import psycopg
import structlog
from gevent.event import Event as Signal
from gevent.lock import BoundedSemaphore
from psycopg_pool import PoolTimeout

from geodata.clock import Clock
from geodata.db.scope import Pool, unscoped
from web.stream.door import Door
from web.stream.entry import Entry
from web.stream.facts import StreamFacts
from web.stream.feed import Feed
from web.stream.frame import HEAD, frame
from web.stream.guard import Guard
from web.stream.hall import Hall, Refusal
from web.stream.position import INTERVAL_S, NOBODY, PositionFeed, PositionFrames
from web.stream.ring import Ring
from web.stream.roster import Roster
from web.stream.screen import Patience, Screen
from web.stream.store import read_entries, read_participants, read_roster

ROSTER_S = 60.0
HISTORY_READERS = 2
HISTORY_PAGE = 1000
PERSON_EVENTS = "person."
"""Kinds of events after which a person may be in reach of others than before."""
RECENT_LOOKS = 3
"""Looks at positions that a new screen gets at once: what moved between its snapshot and now."""
YIELD_EVERY = 100
"""Screens served before others get their turn."""


@dataclass(frozen=True)
class Limits:
    """How much one stream process holds. Every bound is a figure, so that tests can lower it."""

    ring: int = 20_000
    """Events in memory."""
    most_behind: int = 100_000
    """A client further behind is told to load its state anew (``resync``)."""
    per_user: int = 20
    total: int = 10_000
    tick_s: float = 5.0
    sweep_s: float = 10.0
    """How often every credential is checked, for those that expire."""
    patience: Patience = field(default_factory=Patience)


class Service:
    """Everything of one stream process.

    Parameters
    ----------
    dsn
        Connection string, for the listening connection.
    pool
        Connections of the system role for roster, positions, credentials and history.
    socket_path
        Where the web process hands connections over.
    """

    def __init__(
        self, dsn: str, pool: Pool, socket_path: Path, clock: Clock, limits: Limits | None = None
    ) -> None:
        self._limits = limits or Limits()
        self._pool = pool
        self._clock = clock
        self._stop = Signal()
        self._failure: BaseException | None = None
        self._ring = Ring(self._limits.ring)
        self._roster = Roster()
        self._hall = Hall(self._roster, per_user=self._limits.per_user, total=self._limits.total)
        self._guard = Guard(pool, self._hall)
        self._guard_wake = Signal()
        self._positions = PositionFeed()
        self._recent = deque((NOBODY,), maxlen=RECENT_LOOKS)
        self._history = BoundedSemaphore(HISTORY_READERS)
        self._feed = Feed(dsn, self._ring, self, capacity=self._limits.ring, wait=self._stop.wait)
        self._stale: str | None = "starting"
        self._live_at = monotonic()
        self._concerned: dict[Screen, None] = {}
        self._changed_people: set[int] = set()
        self._pump_wake = Signal()
        self._log = structlog.get_logger("stream")
        self._door = Door(
            socket_path,
            promise=self._promise,
            seat=self._seat,
            release=self._hall.release,
            status=self.status,
        )

    def run(self) -> None:
        """Serve until :meth:`stop`."""
        tasks = [
            gevent.spawn(task)
            for task in (
                self._feed.run,
                self._door.run,
                self._pump_all,
                self._watch_credentials,
                self._every(INTERVAL_S, self._send_positions),
                self._every(self._limits.tick_s, self._tick),
                self._every(ROSTER_S, self._reload_roster),
            )
        ]
        for task in tasks:
            task.link_exception(self._fail)
        self._stop.wait()
        self._door.close()
        for screen in self._hall:
            screen.end("stopped")
        gevent.killall(tasks)
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End :meth:`run`; safe to call from a signal handler."""
        self._stop.set()

    def _fail(self, task: gevent.Greenlet) -> None:
        """End the process: a rhythm that breaks off is a defect, and limping on hides it."""
        self._failure = task.exception
        self.stop()

    def status(self) -> dict[str, Any]:
        """Return what a health check wants to know."""
        return {
            "screens": len(self._hall),
            "scopes": len(self._hall.audiences),
            "seq": self._ring.head,
            "stale": self._stale,
            "endings": dict(self._hall.endings),
        }

    # --- what the feed tells

    def on_roster(self, codes: dict[int, tuple[str, ...]]) -> None:
        """Take the roster the feed has read with its own connection."""
        self._roster.replace(codes)

    def on_events(self, entries: list[Entry]) -> None:
        """Note whom they concern (in the same breath as the ring grew), and wake the pump."""
        concerned = self._hall.concerned(entries, self._feed.participants)
        self._concerned.update(dict.fromkeys(concerned))
        if any(entry.kind.startswith(PERSON_EVENTS) for entry in entries):
            self._changed_people.update(*(entry.people for entry in entries))
        self._pump_wake.set()

    def on_credential(self, credential: str) -> None:
        """Check whoever it concerns, now."""
        self._guard.suspect_credential(credential)
        self._guard_wake.set()

    def on_history_changed(self) -> None:
        """Everybody loads their state anew and goes on at the new head."""
        head = self._ring.head
        told = frame({"seq": head, "reason": "history"}, event="resync", seq=head)
        for audience in self._hall.audiences:
            audience.due = head
        for screen in self._hall:
            screen.cursor = head
            screen.send(told)

    def on_stale(self, reason: str) -> None:
        """Tell every screen that what it shows is getting old."""
        if self._stale is None:
            self._stale = reason
            self._hall.send(frame({"since": self._now(), "reason": reason}, event="stale"))

    def on_live(self) -> None:
        """Tell every screen that all is well again, once what was missed is on its way."""
        was, self._stale = self._stale, None
        self._guard.suspect_all()
        self._guard_wake.set()
        if was not in (None, "starting"):
            self._hall.send(frame({"at": self._now(), "seq": self._ring.head}, event="live"))

    # --- connections

    def _promise(self, facts: StreamFacts) -> Refusal | None:
        if not self._feed.loaded:
            return Refusal(503, "The event stream is starting; the connection will be tried again.")
        return self._hall.promise(facts)

    def _seat(self, fd: int, facts: StreamFacts) -> None:
        audience = self._hall.join(facts.scope, self._ring.head)
        try:
            screen = Screen(
                fd,
                facts,
                audience,
                loop=gevent.get_hub().loop,
                clock=monotonic,
                patience=self._limits.patience,
                on_room=self._pump,
                on_end=self._hall.leave,
            )
        except OSError:
            self._hall.part(facts.scope)
            os.close(fd)
            raise
        self._hall.seat(screen)
        self._welcome(screen)
        self._guard.suspect(screen)
        self._guard_wake.set()

    def _welcome(self, screen: Screen) -> None:
        head = self._ring.head
        facts = screen.facts
        since = facts.since
        known = since is not None and head - self._limits.most_behind <= since <= head
        screen.cursor = since if known and since is not None else head
        greeting = {
            "seq": screen.cursor,
            "head": head,
            "server_time": self._now(),
            "interval_s": INTERVAL_S,
            "tick_s": self._limits.tick_s,
            "stale": self._stale,
        }
        screen.send(HEAD + frame(greeting, event="hello", seq=screen.cursor))
        if since is not None and not known:
            reason = "too_old" if since < head else "unknown_cursor"
            screen.send(frame({"seq": head, "reason": reason}, event="resync", seq=head))
        for frames in self._recent:
            screen.send(frames.of(facts.scope))
        self._pump(screen)

    def _pump(self, screen: Screen) -> None:
        """Give a screen what follows its cursor while it has room."""
        if screen.reading_history or not self._feed.loaded or self._settle(screen):
            return
        if screen.cursor < self._ring.floor:
            screen.reading_history = True
            gevent.spawn(self._read_history, screen)
            return
        while screen.has_room and not self._settle(screen):
            data, screen.cursor = screen.audience.following(
                screen.cursor, self._ring, self._feed.participants
            )
            screen.send(data)

    def _settle(self, screen: Screen) -> bool:
        """Move the cursor of one that has all there is for it to the head; tell whether it has."""
        if screen.cursor < screen.audience.due:
            return False
        screen.cursor = self._ring.head
        return True

    def _read_history(self, screen: Screen) -> None:
        """Bring a screen from further back up to the ring, page by page, a few at a time."""
        try:
            with self._history:
                if screen.has_room and screen.cursor < self._ring.floor:
                    with unscoped(self._pool) as conn:
                        entries = read_entries(conn, screen.cursor, HISTORY_PAGE)
                        participants = read_participants(conn, entries)
                    screen.send(screen.audience.render(entries, participants))
                    screen.cursor = entries[-1].seq if entries else self._ring.floor
        except (psycopg.Error, PoolTimeout):
            screen.end("no_history")
        finally:
            screen.reading_history = False
        if screen.has_room:
            self._pump(screen)

    # --- rhythms

    def _every(self, interval_s: float, act: Callable[[], None]) -> Callable[[], None]:
        def beat() -> None:
            due = monotonic()
            while not self._stop.wait(max(0.0, due - monotonic())):
                due = max(due + interval_s, monotonic())
                act()

        return beat

    def _pump_all(self) -> None:
        """Hand new events to those they concern; what comes meanwhile goes with the next round."""
        while True:
            self._pump_wake.wait()
            self._pump_wake.clear()
            if self._changed_people:
                self._reload_people()
            concerned, self._concerned = self._concerned, {}
            for count, screen in enumerate(concerned, 1):
                self._pump(screen)
                if count % YIELD_EVERY == 0:
                    gevent.sleep(0)

    def _watch_credentials(self) -> None:
        while True:
            if not self._guard_wake.wait(self._limits.sweep_s):
                self._guard.suspect_all()
            self._guard_wake.clear()
            if self._guard.busy:
                self._guard.look()

    def _send_positions(self) -> None:
        if self._stale not in (None, "sequencer"):
            return
        try:
            with unscoped(self._pool) as conn:
                rows = self._positions.look(conn)
        except (psycopg.Error, PoolTimeout) as exc:
            self._log.warning("positions not read", error=type(exc).__name__)
            return
        if not rows:
            self._recent.append(NOBODY)
            return
        frames = PositionFrames(rows, self._roster, self._now())
        self._recent.append(frames)
        for count, screen in enumerate(self._hall, 1):
            screen.send(frames.of(screen.audience.scope))
            if count % YIELD_EVERY == 0:
                gevent.sleep(0)

    def _tick(self) -> None:
        """Tell the time and how old the data are; cut whoever takes nothing; check who we are."""
        if self._stale is None:
            self._live_at = monotonic()
        now = monotonic()
        facts = {"t": self._now(), "age_s": round(now - self._live_at), "stale": self._stale}
        made: dict[int, bytes] = {}
        for screen in self._hall:
            if screen.is_stalled(now):
                screen.end("stalled")
                continue
            if not screen.reading_history:
                self._settle(screen)
            at = screen.cursor
            if at not in made:
                made[at] = frame({**facts, "seq": at}, event="tick", seq=at)
            screen.send(made[at])
        if not self._door.is_ours():
            self._log.warning("another stream process has taken over")
            self.stop()

    def _reload_roster(self) -> None:
        try:
            with unscoped(self._pool) as conn:
                self._roster.replace(read_roster(conn))
        except (psycopg.Error, PoolTimeout) as exc:
            self._log.warning("roster not read", error=type(exc).__name__)

    def _reload_people(self) -> None:
        """Read the reach of people anew whom an event says to have changed."""
        changed, self._changed_people = self._changed_people, set()
        try:
            with unscoped(self._pool) as conn:
                self._roster.update(read_roster(conn, sorted(changed)))
        except (psycopg.Error, PoolTimeout) as exc:
            self._log.warning("people not read", error=type(exc).__name__)
            self._changed_people |= changed

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds")
