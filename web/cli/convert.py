"""``ganxin convert``: lon,lat lines from one datum to another, standard input to output."""

from __future__ import annotations

import argparse
import io
import sys

from geodata.crs import parse_datum
from geodata.crs_lines import convert_lines
from geodata.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    names = "WGS-84, CGCS2000, GCJ-02 or BD-09"
    parser.add_argument("--from", dest="source", required=True, metavar="DATUM", help=names)
    parser.add_argument("--to", dest="target", required=True, metavar="DATUM", help=names)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Convert until the input ends."""
    del settings
    source = parse_datum(options.source, field="--from")
    target = parse_datum(options.target, field="--to")
    lines = io.TextIOWrapper(sys.stdin.buffer, "utf-8", errors="replace")
    for line in convert_lines(lines, source, target):
        print(line)
    return 0
