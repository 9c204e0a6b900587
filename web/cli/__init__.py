"""The ``ganxin`` command. Each subcommand is a module, imported when it is called for."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Protocol, cast

import psycopg

from geodata.errors import GanxinError, InvalidInput
from geodata.settings import Settings

COMMANDS = {
    "serve": "run ganxin on its own or your database",
    "demo": "run the synthetic demo district",
    "migrate": "bring the database's schema up to date",
    "draw": "make the map anew after roads, areas or assets were loaded",
    "convert": "convert lon,lat lines between datums",
    "loop": "draw or check the closed loop of cases",
    "risk": "measure risk from files of points",
    "assign": "solve who takes which case, the whole queue at once",
    "clock": "work out when a limit is used up, on the work calendar",
    "audit": "verify the chain of events",
    "check": "look for what is wrong and say how to repair it",
}


class Command(Protocol):
    """What a module under ``web.cli`` offers."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's options."""
        ...

    def run(self, options: argparse.Namespace, settings: Settings) -> int:
        """Do the work and return the exit status."""
        ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    chosen = next((word for word in words if word in COMMANDS), None)
    command = None if chosen is None else cast("Command", import_module(f"web.cli.{chosen}"))
    options = _parser(chosen, command).parse_args(words)
    if command is None:
        return 2
    try:
        return command.run(options, Settings.from_environ(os.environ))
    except InvalidInput as error:
        print(f"ganxin: {error.public_message}", file=sys.stderr)
        return 2
    except GanxinError as error:
        print(f"ganxin: {error.public_message}", file=sys.stderr)
        return 1
    except psycopg.OperationalError as error:
        print(f"ganxin: the database does not answer: {error}", file=sys.stderr)
        print("Check GANXIN_DATABASE_URL, or run `ganxin check`.", file=sys.stderr)
        return 1
    except psycopg.errors.InsufficientPrivilege as error:
        print(f"ganxin: the database's user may not do this: {error}", file=sys.stderr)
        print("`ganxin check` names what a superuser has to run first.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser(chosen: str | None, command: Command | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ganxin", description="Risk map and dispatch for grid governance."
    )
    parser.add_argument("--version", action="version", version=f"ganxin {version('ganxin')}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        child = commands.add_parser(name, help=summary, description=summary.capitalize() + ".")
        if name == chosen and command is not None:
            command.configure(child)
    return parser
