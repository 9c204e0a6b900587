"""``ganxin loop``: draw the closed loop from its table, or check the table."""

from __future__ import annotations

import argparse

from dispatch.case.diagram import draw_loop
from dispatch.case.loop import the_loop
from dispatch.case.loop_check import check_loop
from geodata.settings import Settings
from web.identity.role import PERMISSIONS


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("draw", help="print docs/loop.md: diagrams and rows of every family")
    actions.add_parser("check", help="say what is wrong with the table; exit status 1")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Draw or check."""
    del settings
    loop = the_loop()
    check_loop(loop, PERMISSIONS)
    if options.action == "draw":
        print(draw_loop(loop), end="")
    else:
        print(f"{len(loop.rows)} rows for {len(loop.holder)} families: the loop holds.")
    return 0
