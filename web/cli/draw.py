"""``ganxin draw``: make the tables that the map is drawn from, after roads or areas were loaded."""

from __future__ import annotations

import argparse

import psycopg
from psycopg.rows import dict_row
from rich.console import Console

from geodata.clock import SystemClock
from geodata.db.cluster import running
from geodata.settings import Settings
from mapsvc.generalise import generalise
from web.cli.progress import Bars


def configure(parser: argparse.ArgumentParser) -> None:
    """Add no option: it draws what stands now."""
    del parser


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Generalise the ground in one transaction: until it ends the old map is served."""
    del options
    with (
        running(settings, "draw") as dsn,
        psycopg.connect(dsn, row_factory=dict_row) as conn,
        Bars(Console()) as bars,
    ):
        generalise(conn, SystemClock().now(), bars)
    print("The map is drawn from the ground as it stands.")
    return 0
