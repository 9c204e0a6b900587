"""``ganxin demo``: a living synthetic district, from nothing or as it was left."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from importlib import import_module

import psycopg
from psycopg.rows import dict_row
from rich.console import Console

from geodata.clock import LOCAL_ZONE
from geodata.db.cluster import Cluster
from geodata.errors import Conflict
from geodata.settings import Settings
from web import program
from web.cli import serve
from web.cli.progress import Bars
from web.demo_state import Plan, empty, load_accounts, plan_of
from web.upgrade import upgrade

DEFAULT_SEED = 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    serve.configure(parser)
    parser.add_argument(
        "--reset", action="store_true", help="throw the district away, make it anew"
    )
    parser.add_argument("--seed", type=int, help=f"seed of the district ({DEFAULT_SEED})")
    parser.add_argument(
        "--as-of",
        type=_moment,
        metavar="DATE",
        help="local day or moment at which the history ends, YYYY-MM-DD[THH:MM] (now)",
    )
    parser.add_argument("--still", action="store_true", help="without the live process")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Make the district if there is none, say who may sign in, and keep it running."""
    settings = serve.with_options(settings, options)
    console = Console(highlight=False)
    with serve.opened(settings, "demo") as (listener, cluster, dsn):
        if options.reset:
            reset(dsn, cluster)
        upgrade(dsn)
        fill(settings, dsn, options, console)
        programs = serve.base_programs(settings, listener)
        if not options.still:
            programs.append(program.module("demo-live", "web.demo_live", niceness=10))
        show(settings, dsn, console)
        serve.keep(settings, programs, cluster)
    return 0


def reset(dsn: str, cluster: Cluster | None) -> None:
    """Empty the database: our own altogether, another's only if a demo is what it holds.

    Raises
    ------
    Conflict
        The database holds a district that is not synthetic.
    """
    if cluster is not None:
        cluster.drop_database()
        cluster.create_database()
        return
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        empty(conn)


def fill(settings: Settings, dsn: str, options: argparse.Namespace, console: Console) -> None:
    """Load the district if there is none, in one transaction: all of it or nothing.

    Raises
    ------
    Conflict
        There is one, of another seed or day than asked for.
    """
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        found = plan_of(conn)
        if found is not None:
            check_same(found, options)
            console.print(f"District of seed {found.seed} as of {local(found.as_of)} is there.")
            return
        plan = Plan(
            DEFAULT_SEED if options.seed is None else options.seed,
            options.as_of or datetime.now(UTC).replace(second=0, microsecond=0),
        )
        console.print(f"Making the district of seed {plan.seed} as of {local(plan.as_of)} …")
        make = import_module("web.demo")  # a second is spent on what only the making needs
        with Bars(console) as bars:
            make.seed_demo(settings, conn, bars, plan)


def check_same(found: Plan, options: argparse.Namespace) -> None:
    """Refuse to show one district to somebody who asked for another."""
    if options.seed not in (None, found.seed) or options.as_of not in (None, found.as_of):
        raise Conflict(
            f"The district here is of seed {found.seed} as of {local(found.as_of)}. "
            "Add --reset to make it anew."
        )


def local(moment: datetime) -> str:
    """Return a moment as people of the district write it."""
    return f"{moment.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}"


def show(settings: Settings, dsn: str, console: Console) -> None:
    """Print the address and who may sign in."""
    with psycopg.connect(dsn, row_factory=dict_row) as conn:
        accounts = load_accounts(settings, conn)
    console.print(f"\n{program.address(settings)}   accounts of this demo:")
    for account in accounts:
        console.print("  {username:<18} {password:<16} {role:<14} {area_code}".format(**account))
    console.print("Everything in it is synthetic data.\n")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        problem = f"{text!r} is not a day such as 2023-02-15 or a moment such as 2023-02-15T16:30"
        raise argparse.ArgumentTypeError(problem) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL_ZONE)).astimezone(UTC)
