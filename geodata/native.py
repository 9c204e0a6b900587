"""Loops over events that numba compiles at their first call, or finds compiled on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numba

P = ParamSpec("P")
R = TypeVar("R")


def native(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function compiled, free of the interpreter's lock, with the arithmetic as written.

    The machine code is kept beside the source, or in the user's cache where the source cannot be
    written. Where neither can (a service without a home), numba refuses to keep it, and it is
    compiled once per process.
    """
    options: dict[str, Any] = {"nogil": True, "fastmath": False}
    try:
        kept: Callable[P, R] = numba.njit(cache=True, **options)(function)
    except RuntimeError as problem:
        if "no locator available" not in str(problem):
            raise
        kept = numba.njit(**options)(function)
    return kept
