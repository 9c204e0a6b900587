"""Everyone who is connected: admission, seating, and what goes to all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from geodata.db.scope import Scope
from web.stream.audience import Audience
from web.stream.facts import StreamFacts
from web.stream.roster import Roster
from web.stream.screen import Screen


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
        self._members: Counter[str] = Counter()
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

    def join(self, scope: Scope) -> Audience:
        """Return the audience of a scope, made when the first of it comes."""
        self._members[scope.key] += 1
        if scope.key not in self._audiences:
            self._audiences[scope.key] = Audience(scope, self._roster)
        return self._audiences[scope.key]

    def seat(self, screen: Screen) -> None:
        """Put a screen on the register."""
        self._screens[screen] = None

    def leave(self, screen: Screen, reason: str) -> None:
        """Take a screen off the register and free its seat."""
        del self._screens[screen]
        self.endings[reason] += 1
        self.release(screen.facts)
        self.part(screen.audience.scope)

    def part(self, scope: Scope) -> None:
        """Undo :meth:`join`; the last one out takes the audience along."""
        key = scope.key
        self._members[key] -= 1
        if self._members[key] <= 0:
            del self._members[key]
            del self._audiences[key]

    def send(self, data: bytes, to: Callable[[Screen], bool] = lambda _: True) -> None:
        """Send one frame to everybody, or to those chosen."""
        for screen in self:
            if to(screen):
                screen.send(data)

    def holding(self, credentials: Iterable[str]) -> list[Screen]:
        """Return the screens let in by any of these credentials."""
        wanted = frozenset(credentials)
        return [screen for screen in self if screen.facts.credential in wanted]
