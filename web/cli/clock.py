"""``ganxin clock due``: when a limit is used up, on the district's calendar or the shipped one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial

import psycopg
from psycopg.rows import dict_row

from dispatch.clock.calendar import FIRST_YEAR, LAST_YEAR, WorkCalendar
from dispatch.clock.due import Suspension, due_at
from dispatch.clock.limit import Limit, Unit
from dispatch.clock.store import read_calendar, shipped_calendar
from geodata.clock import LOCAL_ZONE
from geodata.db.cluster import Cluster
from geodata.errors import InvalidInput, Unavailable
from geodata.settings import Settings

CONNECT_TIMEOUT_S = 3
COUNTED = {
    Unit.WORKING_DAYS: "the same clock time on the Nth next working day",
    Unit.WORKING_HOURS: "N hours inside office hours",
    Unit.DAYS: "the same clock time N days later",
    Unit.HOURS: "N hours later",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    about = "print when a limit is used up, and whether that is final"
    due = actions.add_parser("due", help=about, description=about.capitalize() + ".")
    due.add_argument("start", metavar="START", type=_moment,
                     help="ISO 8601; local (Asia/Shanghai) without an offset")  # fmt: skip
    limits = due.add_mutually_exclusive_group(required=True)
    for unit, counted in COUNTED.items():
        limits.add_argument(f"--{unit.replace('_', '-')}", dest="limit", type=_limit(unit),
                            metavar="N", help=counted)  # fmt: skip
    due.add_argument("--suspend", action="extend", nargs="+", type=_suspension, default=[],
                     metavar="FROM,TO", help="the clock stands still; may be repeated")  # fmt: skip


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Print the due time, ISO 8601 with its offset, and ``final`` or ``provisional``."""
    calendar, whose = find_calendar(settings)
    print(f"Work calendar: {whose}.", file=sys.stderr)
    due = due_at(calendar, options.start, options.limit, options.suspend)
    certainty = "provisional" if due.provisional else "final"
    print(due.at.astimezone(LOCAL_ZONE).isoformat(), certainty)
    return 0


def find_calendar(settings: Settings) -> tuple[WorkCalendar, str]:
    """Return the district's calendar if its database answers, else the shipped one; say which.

    Nothing is started, and nothing made: the command works on a machine without PostgreSQL.
    """
    dsn = settings.database_url or _embedded(settings)
    if dsn is None:
        return shipped_calendar(), "as shipped, no database is running"
    try:
        with psycopg.connect(dsn, connect_timeout=CONNECT_TIMEOUT_S, row_factory=dict_row) as conn:
            found = read_calendar(conn)
    except psycopg.errors.UndefinedTable:
        return shipped_calendar(), "as shipped, the database has none yet: run `ganxin migrate`"
    except psycopg.errors.InsufficientPrivilege:
        return shipped_calendar(), "as shipped, the database's user may not read the district's"
    except psycopg.OperationalError:
        return shipped_calendar(), "as shipped, the database does not answer"
    if not found.published:
        return shipped_calendar(), "as shipped, the database has none yet: run `ganxin migrate`"
    return found, "the district's"


def _embedded(settings: Settings) -> str | None:
    """Return the connection string of the embedded cluster if it seems to run."""
    try:
        cluster = Cluster(settings)
        running = any(cluster.place.sockets.glob(".s.PGSQL.*"))
    except (Unavailable, PermissionError):
        return None
    return cluster.dsn() if running else None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        problem = f"{text!r} is not a moment such as 2025-10-09T08:30 or 2025-10-09T00:30Z"
        raise argparse.ArgumentTypeError(problem) from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"{text!r} is not from {FIRST_YEAR} to {LAST_YEAR}")
    return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL_ZONE)


def _limit(unit: Unit) -> Callable[[str], Limit]:
    return partial(_read_limit, unit)


def _read_limit(unit: Unit, text: str) -> Limit:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    try:
        return Limit(int(text[:9]), unit)
    except InvalidInput as error:
        raise argparse.ArgumentTypeError(error.public_message) from None


def _suspension(text: str) -> Suspension:
    since, comma, until = text.partition(",")
    if not comma:
        raise argparse.ArgumentTypeError(f"{text!r} is not FROM,TO")
    found = _moment(since), _moment(until)
    if found[0] >= found[1]:
        raise argparse.ArgumentTypeError(f"{text!r} ends before it begins")
    return found
