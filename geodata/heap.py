"""A binary heap over two arrays, for compiled searches: the least key comes first.

Whoever calls keeps the size and makes the arrays long enough. numba looks only at the caller's own
file for changes: after a change here, remove the callers' caches.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from geodata.native import native

Keys = NDArray[Any]
Items = NDArray[Any]


@native
def push(keys: Keys, items: Items, size: int, key: float, item: int) -> int:
    """Add an item; return the new size."""
    at = size
    while at > 0:
        above = (at - 1) >> 1
        if keys[above] <= key:
            break
        keys[at], items[at] = keys[above], items[above]
        at = above
    keys[at], items[at] = key, item
    return size + 1


@native
def drop(keys: Keys, items: Items, size: int) -> int:
    """Take the first item, at place 0, away; return the new size."""
    size -= 1
    key, item = keys[size], items[size]
    # Down to a leaf by the lesser child, then up again: what comes from the end belongs low.
    at, below = 0, 1
    while below + 1 < size:
        below += 1 if keys[below + 1] < keys[below] else 0
        keys[at], items[at] = keys[below], items[below]
        at, below = below, 2 * below + 1
    if below < size:
        keys[at], items[at] = keys[below], items[below]
        at = below
    push(keys, items, at, key, item)
    return size
