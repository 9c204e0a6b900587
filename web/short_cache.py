"""Answers that may be a moment old, kept per scope: nobody gets what another scope was told."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
MOST = 1000


class ShortCache(Generic[T]):
    """Values by key, each for ``ttl_s`` seconds.

    Parameters
    ----------
    ttl_s
        How old an answer may be, seconds.
    monotonic
        Clock of that age.
    most
        How many are kept; the one made first goes for one more.
    """

    def __init__(
        self, ttl_s: float, monotonic: Callable[[], float] = time.monotonic, most: int = MOST
    ) -> None:
        self._ttl_s = ttl_s
        self._most = most
        self._monotonic = monotonic
        self._kept: dict[str, tuple[float, T]] = {}

    def get(self, key: str, make: Callable[[], T]) -> T:
        """Return the value kept for a key, made anew when it is too old."""
        found = self._kept.get(key)
        if found is not None and found[0] >= self._monotonic():
            return found[1]
        value = make()
        self._keep(key, value)
        return value

    def _keep(self, key: str, value: T) -> None:
        """Keep a value in the place of what is too old: they lie in the order they were made."""
        now = self._monotonic()
        self._kept.pop(key, None)
        while self._kept:
            oldest = next(iter(self._kept))
            if len(self._kept) < self._most and self._kept[oldest][0] >= now:
                break
            del self._kept[oldest]
        self._kept[key] = (now + self._ttl_s, value)
