"""Start of the demo: the second, with all data there, and what the first took on this stage.

``python -m bench.cold_start [--home DIR]``. From the start of ``ganxin demo --still`` until
``/health/ready`` says yes: PostgreSQL up, schema checked, web, stream and sequencer answering. The
first start here finds packages and Python environment in place and only makes the district; with
nothing installed it is ``bin/demo`` on a bare machine (docs/operations.md).
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from bench import stage
from geodata.db.cluster import Cluster

NEEDED_FIRST_S, NEEDED_NEXT_S = 300.0, 15.0
AGAIN = 3
HEAD = ("start", "s", "needed, s")


def rows(home: Path) -> list[stage.Row]:
    """Start and stop the demo some times in one home."""
    new = not (home / "demo-accounts.json").exists()
    taken = []
    for _ in range(AGAIN + new):
        here = stage.start(home)
        taken.append(here.start_s)
        stage.stop(here.process)
    found: list[stage.Row] = []
    if new:
        found.append(("first, making the district", f"{taken[0]:.1f}", f"{NEEDED_FIRST_S:.0f}"))
    worst = max(taken[new:])
    return [*found, (f"second (slowest of {AGAIN})", f"{worst:.1f}", f"{NEEDED_NEXT_S:.0f}")]


def main() -> None:
    """Print the table."""
    given = stage.home_given(__doc__)
    home = given or Path(tempfile.mkdtemp(prefix="ganxin-bench-"))
    print(stage.table(HEAD, rows(home)))
    if given is None:
        place = Cluster(stage.Settings(home=home)).place
        for gone in (place.data, place.sockets, home):
            shutil.rmtree(gone, ignore_errors=True)


if __name__ == "__main__":
    main()
