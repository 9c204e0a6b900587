"""The peer of bench.density: KDEpy from PyPI in an environment of its own, made for the run.

This file is also what runs there, ``python density_peer.py POINTS OUT COLUMNS ROWS STEP ROUNDS``:
it imports nothing of ours. Lengths are in bandwidths (h = 1): in metres KDEpy cuts the kernel off
too early (its issue 202).
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np

PACKAGES = ("KDEpy==1.1.12",)


def install(folder: Path) -> Path:
    """Install the peer into a folder; return its interpreter."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    subprocess.run([str(folder / "bin" / "pip"), "install", "-q", *PACKAGES], check=True)
    return folder / "bin" / "python"


def ask(
    folder: Path, points: np.ndarray, shape: tuple[int, int], step: float, rounds: int
) -> tuple[list[float], np.ndarray]:
    """Return the seconds of each round, and the density per square bandwidth, row 0 south.

    Parameters
    ----------
    points
        In bandwidths from the centre of the south-western cell, shape (n, 2).
    step
        Side of a cell in bandwidths.
    """
    python = install(folder / "kdepy")
    given, taken = folder / "points.npy", folder / "surface.npy"
    np.save(given, points)
    rows, columns = shape
    arguments = [str(given), str(taken), str(columns), str(rows), repr(step), str(rounds)]
    done = subprocess.run(
        [str(python), __file__, *arguments], capture_output=True, text=True, check=True
    )
    return [float(line) for line in done.stdout.split()], np.load(taken)


def main() -> None:
    """Measure in the peer's own environment; print the seconds of each round."""
    from KDEpy import FFTKDE  # only there

    given, taken, *numbers = sys.argv[1:]
    columns, rows, rounds = int(numbers[0]), int(numbers[1]), int(numbers[3])
    points, step = np.load(given), float(numbers[2])
    x, y = np.meshgrid(np.arange(columns) * step, np.arange(rows) * step, indexing="ij")
    grid = np.column_stack([x.ravel(), y.ravel()])
    for _ in range(rounds):
        start = time.perf_counter()
        density = FFTKDE(kernel="gaussian", bw=1.0).fit(points).evaluate(grid)
        print(time.perf_counter() - start, flush=True)
    np.save(taken, density.reshape(columns, rows).T * len(points))


if __name__ == "__main__":
    main()
