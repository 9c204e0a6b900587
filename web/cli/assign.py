"""``ganxin assign``: a queue in JSON solved at once; a month replayed under each policy."""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path

from dispatch.assign.flow.question import read_question
from dispatch.assign.flow.solver import solve, warm
from geodata.errors import InvalidInput
from geodata.settings import Settings

MOST, LEAST_MIN = 100_000, 0.1


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    about = "print who takes which case so that the sum of costs is least, as JSON"
    solving = actions.add_parser("solve", help=about, description=about.capitalize() + ".")
    solving.add_argument(
        "problem",
        metavar="PROBLEM.json",
        help='{"arcs": [[case, person, cost], ...], "capacity": {person: n, ...},'
        ' "unassigned": {case: cost, ...}}; - reads standard input',
    )
    solving.set_defaults(work=_solve)
    about = "replay the district's last days under each way of deciding who goes"
    replaying = actions.add_parser("replay", help=about, description=about.capitalize() + ".")
    _add_month(replaying)
    replaying.set_defaults(work=_replay)


def _add_month(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--days", type=_count, default=30, metavar="N")
    parser.add_argument("--until", type=date.fromisoformat, metavar="DATE",
                        help="before this day; by default up to the newest case")  # fmt: skip
    parser.add_argument("--load", type=_count, nargs="+", default=[1, 5, 20], metavar="N",
                        help="times as many cases: each again on other days")  # fmt: skip
    parser.add_argument("--every", type=_minutes, nargs="+", default=[1.0, 5.0], metavar="MIN",
                        help="minutes between two solutions of the whole queue")  # fmt: skip
    parser.add_argument("--role", nargs="*", default=["mediator", "grid_worker"],
                        help="roles whose own Gini coefficient is shown")  # fmt: skip
    parser.add_argument("--seed", type=_count, default=1, metavar="N",
                        help="for what is drawn: other days, durations not known")  # fmt: skip
    parser.add_argument("--families", action="store_true", help="a row for each family, too")
    parser.add_argument("--json", action="store_true", help="all figures, as JSON")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Do what is asked."""
    work: Callable[[argparse.Namespace, Settings], int] = options.work
    return work(options, settings)


def _replay(options: argparse.Namespace, settings: Settings) -> int:
    work = import_module("web.cli.assign_replay")  # reads a district: only when it is called for
    status: int = work.run(options, settings)
    return status


def _solve(options: argparse.Namespace, settings: Settings) -> int:
    """Solve the problem and print the answer; ``seconds`` is the solver's time alone."""
    del settings
    question = read_question(_read(options.problem))
    warm()
    started = time.perf_counter()
    solution = solve(question.problem)
    seconds = time.perf_counter() - started
    print(json.dumps({**question.answer(solution), "seconds": round(seconds, 6)}))
    return 0


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {MOST}")
    return int(text)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = math.nan
    if not LEAST_MIN <= minutes <= MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not from {LEAST_MIN} to {MOST} minutes")
    return minutes


def _read(name: str) -> str:
    try:
        found = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return found.decode("utf-8-sig")
    except OSError as problem:
        raise InvalidInput(f"{name} cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{name} is not UTF-8") from None
