"""Everyone who is connected: admission, seating, and what goes to all of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from geodata.code import DIGITS
from geodata.db.scope import Scope
from web.stream.audience import Audience
from web.stream.entry import Entry
from web.stream.facts import StreamFacts
from web.stream.roster import Roster
from web.stream.screen import Screen
from web.stream.store import Participants


@dataclass(frozen=True)
class Refusal:
    """Why a connection is not taken: the status and sentence the web process answers with."""

    status: int
    message: str


class Hall:
    """The register of screens and of seats promised to connections on their way.

    Parameters
    ----------
    per_user
        Most streams of one user at once: a browser needs one, tabs share it.
    total
        Most streams of this process.
    """

    def __init__(self, roster: Roster, *, per_user: int, total: int) -> None:
        self._roster = roster
        self._per_user = per_user
        self._total = total
        self._screens: dict[Screen, None] = {}
        self._audiences: dict[str, Audience] = {}
        self._members: dict[Audience, dict[Screen, None]] = {}
        self._joined: Counter[str] = Counter()
        self._by_area: dict[str, dict[Audience, None]] = defaultdict(dict)
        self._by_subject: dict[str, dict[Audience, None]] = defaultdict(dict)
        self._promised: Counter[int] = Counter()
        self.endings: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._screens)

    def __iter__(self) -> Iterator[Screen]:
        return iter(tuple(self._screens))

    @property
    def audiences(self) -> tuple[Audience, ...]:
        """Every scope that somebody is watching with."""
        return tuple(self._audiences.values())

    def promise(self, facts: StreamFacts) -> Refusal | None:
        """Keep a seat for a connection, or say why there is none."""
        if self._promised.total() >= self._total:
            return Refusal(503, "All streams are in use; the connection will be tried again.")
        if self._promised[facts.user_id] >= self._per_user:
            return Refusal(
                429, f"This account already has {self._per_user} streams open; close one first."
            )
        self._promised[facts.user_id] += 1
        return None

    def release(self, facts: StreamFacts) -> None:
        """Give a promised seat back."""
        self._promised[facts.user_id] -= 1
        if self._promised[facts.user_id] <= 0:
            del self._promised[facts.user_id]

    def join(self, scope: Scope, head: int) -> Audience:
        """Return the audience of a scope, made when the first of it comes.

        Parameters
        ----------
        head
            Newest seq: a newcomer may ask for anything up to here.
        """
        self._joined[scope.key] += 1
        audience = self._audiences.get(scope.key)
        if audience is None:
            audience = self._audiences[scope.key] = Audience(scope, self._roster)
            self._members[audience] = {}
            for index, keys in self._indexes(scope):
                for key in keys:
                    index[key][audience] = None
        audience.due = max(audience.due, head)
        return audience

    def concerned(self, entries: Iterable[Entry], participants: Participants) -> list[Screen]:
        """Return the screens that may see any of these new events, and note it.

        Nobody else is looked at: with 5,000 workers connected an event concerns a handful.
        """
        found: dict[Audience, None] = {}
        for entry in entries:
            for audience in self._reached(entry, participants):
                audience.due = max(audience.due, entry.seq)
                found[audience] = None
        return [screen for audience in found for screen in self._members[audience]]

    def seat(self, screen: Screen) -> None:
        """Put a screen on the register."""
        self._screens[screen] = None
        self._members[screen.audience][screen] = None

    def leave(self, screen: Screen, reason: str) -> None:
        """Take a screen off the register and free its seat."""
        del self._screens[screen]
        del self._members[screen.audience][screen]
        self.endings[reason] += 1
        self.release(screen.facts)
        self.part(screen.audience.scope)

    def part(self, scope: Scope) -> None:
        """Undo :meth:`join`; the last one out takes the audience along."""
        self._joined[scope.key] -= 1
        if self._joined[scope.key] > 0:
            return
        del self._joined[scope.key]
        audience = self._audiences.pop(scope.key)
        del self._members[audience]
        for index, keys in self._indexes(scope):
            for key in keys:
                del index[key][audience]
                if not index[key]:
                    del index[key]

    def send(self, data: bytes, to: Callable[[Screen], bool] = lambda _: True) -> None:
        """Send one frame to everybody, or to those chosen."""
        for screen in self:
            if to(screen):
                screen.send(data)

    def holding(self, credentials: Iterable[str]) -> list[Screen]:
        """Return the screens let in by any of these credentials."""
        wanted = frozenset(credentials)
        return [screen for screen in self if screen.facts.credential in wanted]

    def _indexes(
        self, scope: Scope
    ) -> tuple[tuple[dict[str, dict[Audience, None]], frozenset[str]], ...]:
        return (
            (self._by_area, frozenset(scope.areas)),
            (self._by_subject, frozenset(scope.subjects)),
        )

    def _reached(self, entry: Entry, participants: Participants) -> Iterator[Audience]:
        code = entry.area_code
        for digits in DIGITS.values():
            if digits <= len(code):
                yield from self._by_area.get(code[:digits], ())
        if entry.case_id is not None:
            for subject in participants.get(entry.case_id, ()):
                yield from self._by_subject.get(subject, ())
