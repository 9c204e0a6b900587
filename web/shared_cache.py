"""Values that cost much to make: made once however many ask, kept a while, the least used go."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from gevent.event import AsyncResult

T = TypeVar("T")


class SharedCache(Generic[T]):
    """Values by key; who asks for one that is being made waits for it.

    Parameters
    ----------
    most
        Values kept; making room, what is too old goes, then the one not asked for longest.
    ttl_s
        How old a value may be, seconds; None for any age.
    monotonic
        Clock of that age.
    """

    def __init__(
        self,
        most: int,
        ttl_s: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._ttl_s = ttl_s
        self._monotonic = monotonic
        self._kept: dict[Hashable, tuple[float, T]] = {}
        self._making: dict[Hashable, AsyncResult] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return the value of a key; what ``make`` raises reaches all who wait for it."""
        found = self._kept.pop(key, None)
        if found is not None and not self._is_old(found[0]):
            self._kept[key] = found  # asked for last: goes last
            return found[1]
        waiting = self._making.get(key)
        if waiting is not None:
            value: T = waiting.get()
            return value
        return self._make(key, make)

    def _is_old(self, made_at: float) -> bool:
        return self._ttl_s is not None and made_at + self._ttl_s < self._monotonic()

    def _make(self, key: Hashable, make: Callable[[], T]) -> T:
        self._making[key] = promise = AsyncResult()
        try:
            value = make()
        except BaseException as exc:
            promise.set_exception(exc)
            raise
        finally:
            del self._making[key]
        promise.set(value)
        self._kept = {one: kept for one, kept in self._kept.items() if not self._is_old(kept[0])}
        while len(self._kept) >= self._most:
            self._kept.pop(next(iter(self._kept)))
        self._kept[key] = (self._monotonic(), value)
        return value
