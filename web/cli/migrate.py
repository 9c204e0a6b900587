"""``ganxin migrate``: bring the database's schema up to date."""

from __future__ import annotations

import argparse

from geodata.db.cluster import running
from geodata.db.migrate import pending
from geodata.settings import Settings
from web.upgrade import upgrade


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--dry-run", action="store_true", help="only say what would be applied")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Apply what is missing, or name it."""
    with running(settings, "migrate") as dsn:
        names = pending(dsn) if options.dry_run else upgrade(dsn)
    verb = "would apply" if options.dry_run else "applied"
    for name in names:
        print(f"{verb} {name}")
    if not names:
        print("The schema is up to date.")
    return 0
