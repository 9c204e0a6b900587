"""``ganxin assign solve``: who takes which case so that the sum of costs is least, from JSON."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from dispatch.assign.flow.question import read_question
from dispatch.assign.flow.solver import solve, warm
from geodata.errors import InvalidInput
from geodata.settings import Settings


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


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Solve the problem and print the answer; ``seconds`` is the solver's time alone."""
    question = read_question(_read(options.problem))
    warm()
    started = time.perf_counter()
    solution = solve(question.problem)
    seconds = time.perf_counter() - started
    print(json.dumps({**question.answer(solution), "seconds": round(seconds, 6)}))
    return 0


def _read(name: str) -> str:
    try:
        found = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return found.decode("utf-8-sig")
    except OSError as problem:
        raise InvalidInput(f"{name} cannot be read: {problem.strerror}") from None
    except UnicodeDecodeError:
        raise InvalidInput(f"{name} is not UTF-8") from None
