"""What the risk map is made from, kept in the process: the ground, incidents by scope, findings.

A map is told with the moment its incidents were read. Nobody gets what another scope was told: the
scope is part of every key.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from geodata.clock import Clock
from geodata.db.scope import Pool, Scope, scoped, unscoped
from geodata.errors import Unavailable
from layers.risk.answer import answer
from layers.risk.finding import Finding
from layers.risk.foresight.trial import TooShort, Trial, Verdict, judge
from layers.risk.ground import Ground, read_ground
from layers.risk.incident import Incidents, read_incidents
from layers.risk.question import Measure, Question, Unit
from mapsvc.risk_shape import make_shapes
from web.off_loop import off_loop
from web.shared_cache import SharedCache

T = TypeVar("T")
GROUND_TTL_S = 900.0
INCIDENTS_TTL_S = 60.0
MOST_SCOPES = 16
"""Scopes whose incidents are kept: some 10 MB for 100,000 cases."""
MOST_FINDINGS = 6
"""A surface of 25 m takes 20 MB."""
MOST_VERDICTS = 64
MOST_WAITING = 8
"""Long works of one process that may wait for its one thread; who comes later comes again."""


class RiskSource:
    """Answers questions of the risk map in one web process."""

    def __init__(
        self, pool: Pool, clock: Clock, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._ground: SharedCache[Ground] = SharedCache(1, GROUND_TTL_S, monotonic)
        self._shapes: SharedCache[dict[str, Any]] = SharedCache(3, GROUND_TTL_S, monotonic)
        self._incidents: SharedCache[Incidents] = SharedCache(
            MOST_SCOPES, INCIDENTS_TTL_S, monotonic
        )
        self._findings: SharedCache[Finding] = SharedCache(MOST_FINDINGS)
        self._verdicts: SharedCache[Verdict | TooShort] = SharedCache(MOST_VERDICTS)
        self._waiting = 0

    def ground(self) -> Ground:
        """Return the district as it stands, a quarter of an hour ago at most."""

        def read() -> Ground:
            with unscoped(self._pool) as conn:
                return read_ground(conn, self._clock.now())

        return self._ground.get("", read)

    def shapes(self, unit: Unit) -> dict[str, Any]:
        """Return the outlines of a unit's areas as GeoJSON."""
        ground = self.ground()
        return self._shapes.get(unit, lambda: off_loop(lambda: make_shapes(ground.areas_of(unit))))

    def incidents(self, scope: Scope) -> Incidents:
        """Return what happened within a scope, at most a minute ago."""

        def read() -> Incidents:
            with scoped(self._pool, scope) as conn:
                return read_incidents(conn, self._clock.now())

        return self._incidents.get(scope.key, read)

    def answer(self, scope: Scope, question: Question) -> Finding:
        """Return the finding of a question; equal questions of a minute share one.

        Raises
        ------
        Unavailable
            Too many long works wait already.
        """
        incidents, ground = self.incidents(scope), self.ground()
        key = (scope.key, incidents.read_at, question)
        do = off_loop if question.measure is Measure.DENSITY else self.work_long
        return self._findings.get(key, lambda: do(lambda: answer(question, incidents, ground)))

    def judge(self, scope: Scope, trial: Trial) -> Verdict | TooShort:
        """Return the backtest of a layer; what it says up to a day is kept for the day.

        Raises
        ------
        Unavailable
            Too many long works wait already.
        """
        incidents, ground = self.incidents(scope), self.ground()
        return self._verdicts.get(
            (scope.key, trial), lambda: self.work_long(lambda: judge(trial, incidents, ground))
        )

    def work_long(self, work: Callable[[], T]) -> T:
        """Return what a work of seconds returns; they wait for each other, but not too many.

        Raises
        ------
        Unavailable
        """
        if self._waiting >= MOST_WAITING:
            raise Unavailable("The risk map has much to do: try again in half a minute")
        self._waiting += 1
        try:
            return off_loop(work, "long")
        finally:
            self._waiting -= 1
