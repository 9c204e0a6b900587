"""``ganxin risk report``: the report of a district's risk map as files, from its database."""

from __future__ import annotations

import argparse
from datetime import date
from importlib import import_module
from pathlib import Path

from geodata.settings import Settings
from layers.risk.question import FAMILIES, Source
from mapsvc.report.form import Format
from mapsvc.report.words import LOCALES

DAYS = 180
"""Length of the period where nobody says when it begins."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the report."""
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--since", type=date.fromisoformat, metavar="DATE",
                        help=f"first day; by default {DAYS} days up to the last one")  # fmt: skip
    parser.add_argument("--until", type=date.fromisoformat, metavar="DATE",
                        help="last day; by default today")  # fmt: skip
    parser.add_argument("--family", action="append", choices=FAMILIES, help="may be repeated")
    parser.add_argument("--type", action="append", metavar="CODE", help="may be repeated")
    parser.add_argument("--source", type=Source, choices=list(Source), default=Source.ALL)
    parser.add_argument("--area", metavar="CODE", help="a street, community or grid")
    parser.add_argument("--bandwidth-m", type=float, metavar="H",
                        help="chosen by a backtest where none is named")  # fmt: skip
    parser.add_argument("--cell-m", type=float, default=25.0, metavar="C")
    parser.add_argument("--urgent-weight", type=float, default=1.0, metavar="W")
    parser.add_argument("--half-life-days", type=float, metavar="D")
    parser.add_argument("--locale", choices=LOCALES, default="zh")
    parser.add_argument("--formats", type=_formats, default=tuple(Format), metavar="LIST",
                        help=f"some of {','.join(Format)}; all of them by default")  # fmt: skip
    parser.set_defaults(days=DAYS)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Read the district, write the files; their names are JSON on standard output."""
    work = import_module("web.cli.risk_report_file")  # seconds to load: only when it is called for
    status: int = work.run(options, settings)
    return status


def _formats(text: str) -> tuple[Format, ...]:
    try:
        return tuple(dict.fromkeys(Format(name.strip()) for name in text.split(",")))
    except ValueError:
        raise argparse.ArgumentTypeError(f"some of {','.join(Format)}") from None
