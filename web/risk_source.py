"""What the risk map is made from, kept in the process: the ground, incidents by scope, findings.

A map is told with the moment its incidents were read. Nobody gets what another scope was told: the
scope is part of every key.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from geodata.clock import Clock
from geodata.db.scope import Pool, Scope, scoped, unscoped
from layers.risk.answer import answer
from layers.risk.finding import Finding
from layers.risk.ground import Ground, read_ground
from layers.risk.incident import Incidents, read_incidents
from layers.risk.question import Measure, Question
from layers.risk.trial import TooShort, Trial, Verdict, judge
from web.off_loop import off_loop
from web.short_cache import ShortCache

K = TypeVar("K")
T = TypeVar("T")
GROUND_TTL_S = 900.0
INCIDENTS_TTL_S = 60.0
MOST_VERDICTS = 64
MOST_FINDINGS = 6
"""A surface of 25 m takes 20 MB."""


class RiskSource:
    """Answers questions of the risk map in one web process."""

    def __init__(
        self, pool: Pool, clock: Clock, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._ground: ShortCache[Ground] = ShortCache(GROUND_TTL_S, monotonic)
        self._incidents: ShortCache[Incidents] = ShortCache(INCIDENTS_TTL_S, monotonic)
        self._findings: dict[tuple[object, ...], Finding] = {}
        self._verdicts: dict[tuple[str, Trial], Verdict | TooShort] = {}

    def ground(self) -> Ground:
        """Return the district as it stands."""

        def read() -> Ground:
            with unscoped(self._pool) as conn:
                return read_ground(conn, self._clock.now())

        return self._ground.get("", read)

    def incidents(self, scope: Scope) -> Incidents:
        """Return what happened within a scope, at most a minute old."""

        def read() -> Incidents:
            with scoped(self._pool, scope) as conn:
                return read_incidents(conn, self._clock.now())

        return self._incidents.get(scope.key, read)

    def answer(self, scope: Scope, question: Question) -> Finding:
        """Return the finding of a question; equal questions of a minute share one."""
        incidents, ground = self.incidents(scope), self.ground()
        key = (scope.key, incidents.read_at, question)
        found = self._findings.get(key)
        if found is None:
            room = "quick" if question.measure is Measure.DENSITY else "long"
            found = off_loop(lambda: answer(question, incidents, ground), room)
            _keep(self._findings, key, found, MOST_FINDINGS)
        return found

    def judge(self, scope: Scope, trial: Trial) -> Verdict | TooShort:
        """Return the backtest of a layer; what it says up to a day is kept for the day."""
        key = (scope.key, trial)
        found = self._verdicts.get(key)
        if found is None:
            incidents, ground = self.incidents(scope), self.ground()
            found = off_loop(lambda: judge(trial, incidents, ground), "long")
            _keep(self._verdicts, key, found, MOST_VERDICTS)
        return found


def _keep(kept: dict[K, T], key: K, value: T, most: int) -> None:
    """Keep a value, and let the oldest go."""
    while len(kept) >= most:
        kept.pop(next(iter(kept)))
    kept[key] = value
