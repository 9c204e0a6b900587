"""The office: the time and the district's rules, which every step of a case needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from dispatch.assign.card import Card
from dispatch.assign.card_store import read_cards
from dispatch.case.facts import Facts
from dispatch.case.loop import Loop, the_loop
from dispatch.clock.calendar import WorkCalendar
from dispatch.clock.limit import Limit
from dispatch.clock.limit_table import LimitTable, Step, read_limits
from dispatch.clock.store import calendar_version, read_calendar
from dispatch.rule import rules_version
from geodata.clock import Clock
from geodata.code import level_of
from geodata.db.scope import Conn

FRESH_S = 1.0
"""How long rules are believed without asking whether they changed: a step may be a second behind
an administrator's change, and a burst of dispatches asks once."""


@dataclass(frozen=True)
class Rules:
    """The loop, the work calendar, the limits and the run cards as they stand."""

    loop: Loop
    calendar: WorkCalendar
    limits: LimitTable
    cards: tuple[Card, ...] = ()

    def limit_of(
        self, family: str, type_code: str, parent_code: str | None, holder: str, urgent: bool
    ) -> Callable[[str], Limit | None]:
        """Return the limit of each step for a case of a type that a level holds."""

        def find(step: str) -> Limit | None:
            return self.limits.find(
                type_code, parent_code, family, level_of(holder), Step(step), urgent
            )

        return find


@dataclass
class RuleBook:
    """Rules kept by version, so that they are read again only when somebody changed them."""

    _known: tuple[tuple[int, int], Rules] | None = field(default=None, repr=False)
    _asked: float = float("-inf")

    def read(self, conn: Conn) -> Rules:
        """Return the rules of the database."""
        known = self._known
        if known is not None and monotonic() - self._asked < FRESH_S:
            return known[1]
        asked = monotonic()
        version = calendar_version(conn), rules_version(conn)
        if known is None or known[0] != version:
            cards = tuple(read_cards(conn))
            known = version, Rules(the_loop(), read_calendar(conn), read_limits(conn), cards)
        self._known, self._asked = known, asked
        return known[1]


@dataclass(frozen=True)
class Office:
    """What a step of a case needs beside its connection."""

    clock: Clock
    book: RuleBook = field(default_factory=RuleBook)

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        return self.clock.now()

    def rules(self, conn: Conn) -> Rules:
        """Return the district's rules as they stand."""
        return self.book.read(conn)


def limits_for(rules: Rules, facts: Facts, holder: str) -> Callable[[str], Limit | None]:
    """Return the limit of each step for a case, were it held by an area."""
    return rules.limit_of(facts.family, facts.type_code, facts.parent_code, holder, facts.urgent)
