"""Timing what is compared: works in turns, so that what else the machine does meets all of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

COMPILE = (
    "import time; from {module} import warm;"
    " start = time.perf_counter(); warm(); print(time.perf_counter() - start)"
)


def in_turns(works: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Return the seconds of each round of each work; one round before them is not counted."""
    taken: list[list[float]] = [[] for _ in works]
    for number in range(rounds + 1):
        for work, times in zip(works, taken, strict=True):
            start = time.perf_counter()
            work()
            if number:
                times.append(time.perf_counter() - start)
    return taken


def compiling(module: str, home: str) -> float:
    """Return the seconds of a module's ``warm`` in a new process that keeps code in ``home``."""
    environ = os.environ | {"NUMBA_CACHE_DIR": str(Path(home) / "numba")}
    command = [sys.executable, "-c", COMPILE.format(module=module)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    return float(done.stdout)
