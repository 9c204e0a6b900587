"""Answers that may be a moment old, kept per scope: nobody gets what another scope was told."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
MAX_KEYS = 1000


class ShortCache(Generic[T]):
    """Values by key, each for ``ttl_s`` seconds.

    Parameters
    ----------
    ttl_s
        How old an answer may be, seconds.
    monotonic
        Clock of that age.
    """

    def __init__(self, ttl_s: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._ttl_s = ttl_s
        self._monotonic = monotonic
        self._kept: dict[str, tuple[float, T]] = {}

    def get(self, key: str, make: Callable[[], T]) -> T:
        """Return the value kept for a key, made anew when it is too old."""
        found = self._kept.get(key)
        if found is not None and found[0] >= self._monotonic():
            return found[1]
        value = make()
        if len(self._kept) >= MAX_KEYS:
            self._kept.clear()
        self._kept[key] = (self._monotonic() + self._ttl_s, value)
        return value
