"""Who goes: the nearest, the responsible first (the default), the whole queue; on the same month.

The demo's last 30 days, a week before them played and not counted, under each policy
(dispatch/replay/), at once, five and twenty times the load. What the figures mean, what the default
costs and what a replay does not consider: docs/algorithms/policy.md. Nothing is timed but the
replay itself; the same seed prints the same figures.

``python -m bench.policy``; of a district of one's own: ``ganxin assign replay``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from rich.console import Console

from bench import stage
from dispatch.replay.comparison import HEAD, LOADS, cells, compare, policies
from dispatch.replay.store import last_month, read_town
from dispatch.replay.town import Town
from geodata.clock import LOCAL_ZONE
from geodata.db.cluster import temporary_cluster
from geodata.db.migrate import migrate
from geodata.db.pool import make_pool
from geodata.db.scope import Conn, unscoped
from geodata.demo.progress import Progress
from geodata.road.snap import Snapper
from geodata.road.store import load_graph
from web.cli.progress import Bars
from web.demo import prepare, seed_district

ROLES = ("mediator", "police_officer", "grid_worker")
"""Roles whose own Gini coefficient is told: where people are few, and the front line."""


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--load", type=int, nargs="+", default=LOADS, metavar="N")
    loads = options.parse_args().load
    with Bars(Console(stderr=True)) as bars:
        with demo(bars) as conn:
            town = read_town(
                conn, Snapper(load_graph(conn)), last_month(conn), stage.SEED, bars
            )  # fmt: skip
        started = time.perf_counter()
        found = list(compare(town, policies(), loads, seed=stage.SEED, progress=bars))
    taken_s = time.perf_counter() - started
    print(stage.table((*HEAD, *GINI), [cells(one, ROLES) for one in found]))
    least = [one for one in found if one.load == min(loads)]
    rows = [cells(one, ROLES, family) for family in least[0].of_family for one in least]
    print("\n" + stage.table((*HEAD, *GINI), rows))
    print(f"\n{_about(town)} All replays: {taken_s:.0f} s.")


GINI = tuple(f"Gini, {role}" for role in ROLES)


@contextmanager
def demo(progress: Progress) -> Iterator[Conn]:
    """Lend a connection to a demo district of the benches' seed, made for it."""
    as_of = datetime.fromisoformat(stage.AS_OF).replace(tzinfo=LOCAL_ZONE)
    with (
        tempfile.TemporaryDirectory(prefix="ganxin-bench-") as home,
        temporary_cluster(Path(home)) as cluster,
    ):
        cluster.create_database()
        dsn = cluster.dsn()
        migrate(dsn)
        prepare(dsn)
        seed_district(dsn, seed=stage.SEED, as_of=as_of, progress=progress)
        with (
            make_pool(dsn, "ganxin_system", name="bench", max_size=1) as pool,
            unscoped(pool) as conn,
        ):
            yield conn


def _about(town: Town) -> str:
    leads = int(town.people.leads.sum())
    return (
        f"Seed {stage.SEED}, as of {stage.AS_OF}, {leads:,} people who may lead. Road and waiting"
        " minutes, shares of cases; the Gini coefficient of cases given per person."
    )


if __name__ == "__main__":
    sys.exit(main())
