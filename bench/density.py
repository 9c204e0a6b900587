"""Density surfaces: ours in both fast modes against three peers, with the error of each.

The question: 1,000,000 points, 1000 x 800 cells of 25 m, a Gaussian of 500 m; events per km² at
the centre of each cell. Asked of:

- ours, modes fast and accurate (compiled beforehand; what that takes is told below the table);
- ``numpy.histogram2d`` and ``scipy.ndimage.gaussian_filter`` as they come (cut at 4 h);
- KDEpy's ``FFTKDE``, lengths in bandwidths, its grid made beforehand;
- scikit-learn's ``KernelDensity`` with ``rtol=1e-4`` at cells drawn by chance; its time for all
  cells is extrapolated.

The error is the largest difference from the definition (``layers/risk/density/direct.py``) at every
fourth column of every fourth row, over the peak; scikit-learn's is that of its own cells. All
points lie within the raster, which KDEpy insists on.

``python -m bench.density``.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter
from sklearn.neighbors import KernelDensity

from bench import density_peer
from bench.rounds import compiling, in_turns
from layers.risk.density.frame import FloatArray, Frame
from layers.risk.density.kernel import Kernel
from layers.risk.density.surface import Events, Mode, measure_surface, warm

SEED = 210211
POINTS = 1_000_000
CLUSTERS = 40
BANDWIDTH_M = 500.0
FRAME = Frame.over((0.0, 0.0, 25_000.0, 20_000.0), 25.0, 4549)
EVERY = 4
NEEDED = {Mode.FAST: (0.05, 2e-4), Mode.ACCURATE: (0.15, 1e-6)}
"""Seconds, and error over peak."""
HEAD = ("engine", "s, median", "s, min to max", "error / peak", "needed s", "needed error", "ratio")


def main() -> None:
    """Measure and print the rows of a markdown table."""
    args = _arguments()
    events = draw()
    exact = measure_surface(_sparse(), events, Kernel.GAUSSIAN, BANDWIDTH_M, Mode.EXACT)
    print(f"| {' | '.join(HEAD)} |\n" + "|---" * len(HEAD) + "|")
    warm()
    mine = [lambda mode=mode: ours(events, mode) for mode in NEEDED]
    *times, blurred = in_turns([*mine, lambda: blur(events)], args.rounds)
    base = float(np.median(times[0]))
    for mode, work, taken in zip(NEEDED, mine, times, strict=True):
        print(row(f"ours, {mode}", taken, error(work(), exact), base, NEEDED[mode]))
    print(row("histogram2d + gaussian_filter", blurred, error(blur(events), exact), base))
    with tempfile.TemporaryDirectory(prefix="ganxin-bench-") as home:
        taken, surface = transform(Path(home), events, args.peer_rounds)
        print(row("KDEpy FFTKDE", taken, error(surface, exact), base), flush=True)
        print(tree(events, exact, args.cells, base))
        cold_s, kept_s = (compiling("layers.risk.density.surface", home) for _ in range(2))
    names = ("numpy", "scipy", "numba", "scikit-learn")
    packages = ", ".join(f"{name} {version(name)}" for name in names)
    print(
        f"\n{POINTS:,} points, {FRAME.columns} x {FRAME.rows} cells of {FRAME.cell_m:g} m, h ="
        f" {BANDWIDTH_M:g} m; {args.rounds} rounds in turns (KDEpy {args.peer_rounds},"
        f" scikit-learn 1); the ratio is to ours, fast. scikit-learn: {args.cells} cells,"
        f" extrapolated to all. warm() in a new process: {cold_s:.1f} s with nothing kept on disk,"
        f" {kept_s:.2f} s after that. {packages}, {', '.join(density_peer.PACKAGES)}."
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--peer-rounds", type=int, default=3)
    parser.add_argument("--cells", type=int, default=200, help="that scikit-learn is asked for")
    return parser.parse_args()


def draw() -> Events:
    """Return half the points in clusters of 150 to 1500 m and half anywhere, in no order."""
    rng = np.random.default_rng(SEED)
    far = np.array([FRAME.columns - 1, FRAME.rows - 1]) * FRAME.cell_m
    centre, spread = rng.uniform(0, far, (CLUSTERS, 2)), rng.uniform(150, 1500, CLUSTERS)
    which = rng.integers(0, CLUSTERS, POINTS)
    near = centre[which] + rng.normal(size=(POINTS, 2)) * spread[which, None]
    near = near[((near > 0) & (near < far)).all(axis=1)][: POINTS // 2]
    points = np.concatenate([near, rng.uniform(0, far, (POINTS - len(near), 2))])
    points = rng.permutation(points) + FRAME.cell_m / 2
    return Events.plain(points[:, 0].copy(), points[:, 1].copy())


def _sparse() -> Frame:
    """Return the raster whose centres are those of every fourth cell, from the second one on."""
    side, away = EVERY * FRAME.cell_m, (EVERY / 2 - 1.5) * FRAME.cell_m
    rows, columns = (length // EVERY for length in FRAME.shape)
    return Frame(FRAME.west_m - away, FRAME.north_m + away, side, columns, rows, FRAME.epsg)


def error(surface: FloatArray, exact: FloatArray) -> float:
    """Return the largest difference over the peak."""
    return float(np.abs(surface[1::EVERY, 1::EVERY] - exact).max() / exact.max())


def ours(events: Events, mode: Mode) -> FloatArray:
    """Return our surface."""
    return measure_surface(FRAME, events, Kernel.GAUSSIAN, BANDWIDTH_M, mode)


def blur(events: Events) -> FloatArray:
    """Return the surface of a histogram that is blurred: what is usually written."""
    rows, columns = FRAME.shape
    side = [[0, rows * FRAME.cell_m], [0, columns * FRAME.cell_m]]
    counted, _, _ = np.histogram2d(events.y_m, events.x_m, bins=FRAME.shape, range=side)
    smooth = gaussian_filter(counted[::-1], BANDWIDTH_M / FRAME.cell_m, mode="constant")
    return smooth / FRAME.cell_km2


def transform(home: Path, events: Events, rounds: int) -> tuple[list[float], FloatArray]:
    """Return KDEpy's seconds and surface."""
    points = _from_first_centre(events.x_m, events.y_m)
    step = FRAME.cell_m / BANDWIDTH_M
    taken, surface = density_peer.ask(home, points, FRAME.shape, step, rounds)
    return taken, surface[::-1] / (BANDWIDTH_M / 1000.0) ** 2


def _from_first_centre(x_m: FloatArray, y_m: FloatArray) -> FloatArray:
    """Return places in bandwidths from the centre of the south-western cell, shape (n, 2)."""
    south_m = FRAME.north_m - FRAME.rows * FRAME.cell_m
    away = np.column_stack([x_m - FRAME.west_m, y_m - south_m]) - FRAME.cell_m / 2
    return away / BANDWIDTH_M


def tree(events: Events, exact: FloatArray, count: int, base: float) -> str:
    """Return the row of scikit-learn."""
    column, row_number = _chance(exact.shape, count)
    x_m, y_m = _sparse().centres(column, row_number)
    points, asked = _from_first_centre(events.x_m, events.y_m), _from_first_centre(x_m, y_m)
    start = time.perf_counter()
    fitted = KernelDensity(bandwidth=1.0, rtol=1e-4).fit(points)
    built = time.perf_counter()
    found = np.exp(fitted.score_samples(asked))
    share = FRAME.columns * FRAME.rows / count
    whole_s = built - start + (time.perf_counter() - built) * share
    surface = found * len(points) / (BANDWIDTH_M / 1000.0) ** 2
    worst = float(np.abs(surface - exact[row_number, column]).max() / exact.max())
    return row("scikit-learn KernelDensity (extrapolated)", [whole_s], worst, base)


def _chance(shape: tuple[int, int], count: int) -> tuple[np.ndarray, np.ndarray]:
    chosen = np.random.default_rng(SEED).choice(shape[0] * shape[1], count, replace=False)
    row_number, column = np.unravel_index(chosen, shape)
    return column, row_number


def row(
    name: str,
    taken: Sequence[float],
    worst: float,
    base: float,
    needed: tuple[float, float] | None = None,
) -> str:
    """Return one row of the table."""
    median = float(np.median(taken))
    many = len(taken) > 1
    cells = [
        name,
        _seconds(median),
        f"{_seconds(min(taken))} to {_seconds(max(taken))}" if many else "one round",
        f"{worst:.1e}",
        "" if needed is None else f"{needed[0]:g}",
        "" if needed is None else f"{needed[1]:.0e}",
        f"{median / base:.1f}×" if median < 100 * base else f"{median / base:,.0f}×",
    ]
    return f"| {' | '.join(cells)} |"


def _seconds(value: float) -> str:
    return f"{value:.4f}" if value < 1 else f"{value:,.2f}"


if __name__ == "__main__":
    main()
