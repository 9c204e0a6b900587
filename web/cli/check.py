"""``ganxin check``: look at everything and print the repair of what is wrong."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import chain

from geodata.db.cluster import Cluster, running
from geodata.errors import GanxinError
from geodata.settings import Settings
from web.check import Fault, Finding, check_database, check_machine


def configure(parser: argparse.ArgumentParser) -> None:
    """Add no option: a check that can be left out is one that is left out."""
    del parser


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Print one line per check, and the repair below what failed."""
    del options
    faults = 0
    for finding in chain(check_machine(settings), _database(settings)):
        if finding.fault is None:
            print(f"ok    {finding.name}")
            continue
        faults += 1
        print(f"FAIL  {finding.name}: {finding.fault.problem}")
        print(f"      repair: {finding.fault.repair}")
    print("All is well." if faults == 0 else f"{faults} to repair.")
    return 1 if faults else 0


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        if settings.database_url is None and not Cluster(settings).exists():
            repair = "Run `ganxin demo` or `ganxin serve`: both make it."
            yield Finding("database", Fault("the embedded cluster is not made yet", repair))
            return
        with running(settings, "check") as dsn:
            yield from check_database(dsn)
    except GanxinError as error:
        yield Finding("database", Fault(error.public_message, "Run bin/setup."))
