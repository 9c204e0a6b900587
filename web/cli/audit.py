"""``ganxin audit verify``: walk the chain of events and name the first bad row."""

from __future__ import annotations

import argparse

import psycopg
from psycopg.rows import dict_row

from geodata.db.cluster import running
from geodata.db.event import last_seq, verify
from geodata.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    actions.add_parser("verify", help="recompute every hash; exit status 1 names the first fault")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Verify the chain; 0 when every row is as it was sealed."""
    del options  # verify is the one action
    with running(settings, "audit verify") as dsn, psycopg.connect(dsn, row_factory=dict_row) as db:
        db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        fault = verify(db)
        count = last_seq(db)
    if fault is None:
        print(f"{count} events, every one as it was sealed.")
        return 0
    print(f"Event {fault.seq}: {fault.problem}")
    return 1
