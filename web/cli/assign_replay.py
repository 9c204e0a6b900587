"""What ``ganxin assign replay`` does: read the month, play it under each policy, print it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console

from dispatch.replay.comparison import HEAD, Compared, cells, compare, policies
from dispatch.replay.store import Month, last_month, read_town
from dispatch.replay.town import Town
from geodata.clock import midnight
from geodata.db.cluster import running
from geodata.db.pool import make_pool
from geodata.db.scope import unscoped
from geodata.road.snap import Snapper
from geodata.road.store import load_graph
from geodata.settings import Settings
from web.cli.progress import Bars

READING_S = 120


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Replay the month; the table, or JSON, is on standard output, progress on standard error."""
    with Bars(Console(stderr=True)) as bars:
        with running(settings, "assign replay") as dsn:
            month, town = _read(dsn, options, bars)
        named = policies(tuple(options.every))
        found = list(compare(town, named, options.load, seed=options.seed, progress=bars))
    if options.json:
        print(json.dumps(_told(month, found), ensure_ascii=False, indent=1))
    else:
        print(f"{month.since.isoformat()} to {month.until.isoformat()}\n")
        rows = [
            cells(one, options.role, family)
            for one in found
            for family in (None, *(one.of_family if options.families else ()))
        ]
        print(_table([(*HEAD, *(f"Gini, {role}" for role in options.role)), *rows]))
    return 0


def _read(dsn: str, options: argparse.Namespace, bars: Bars) -> tuple[Month, Town]:
    """Read all cases and people, as the system sees them."""
    with (
        make_pool(
            dsn, "ganxin_system", name="replay", max_size=1, statement_timeout_s=READING_S
        ) as pool,
        unscoped(pool) as conn,
    ):
        month = last_month(conn, options.days)
        if options.until is not None:
            month = month.ending(midnight(options.until))
        return month, read_town(conn, Snapper(load_graph(conn)), month, options.seed, bars)


def _told(month: Month, found: Sequence[Compared]) -> dict[str, object]:
    return {
        "since": month.since.isoformat(),
        "until": month.until.isoformat(),
        "policies": [
            {"load": one.load, "policy": one.policy, "of": family or "all"} | asdict(figures)
            for one in found
            for family, figures in ((None, one.figures), *one.of_family.items())
        ],
    }


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns as wide as they need, the words to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if place in (1, 2) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return "\n".join(lines)
