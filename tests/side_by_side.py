"""The whole suite as two pytest processes: ``python -m tests.side_by_side [pytest options]``.

What drives a browser or kills servers waits more than it computes, so it runs beside all the rest,
with a cluster and ports of its own; the unit tests follow it, so that both take about as long. The
rest is shown as it goes, the other when both have ended.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import IO

from geodata.process import die_with_parent

ROOT = Path(__file__).parents[1]
APART = ("tests/browser", "tests/fault", "tests/unit")
"""The rest is all but these folders, so no test is in neither or in both."""


def commands(options: list[str]) -> tuple[list[str], list[str]]:
    """Return the command for the rest and the one for the folders apart."""
    pytest = [sys.executable, "-m", "pytest", *options]
    rest = [*pytest, *(f"--ignore={folder}" for folder in APART)]
    return rest, [*pytest, "-o", "cache_dir=.pytest_cache/apart", *APART]


def run(shown: list[str], kept: list[str]) -> int:
    """Run both commands at once; show the first as it goes and what the second said at the end.

    Each has a process group of its own, so that Ctrl-C comes to us alone and is handed on once:
    a second one would cut short the clearing up that the first one began.

    Returns
    -------
    int
        0 if both ended with 0, else 1.
    """
    began = monotonic()
    both: list[subprocess.Popen[bytes]] = []

    def hand_on(*_: object) -> None:
        for one in both:
            one.send_signal(signal.SIGINT)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hand_on)
    with TemporaryFile() as said:
        both.append(_start(shown, None))
        both.append(_start(kept, said))
        codes = [process.wait() for process in both]
        said.seek(0)
        print(f"\n{'beside it':=^80}", flush=True)
        shutil.copyfileobj(said, sys.stdout.buffer)
    for name, code in zip(("pytest", "pytest beside"), codes, strict=True):
        print(f"  {'FAIL' if code else 'ok  '}  {name:<14} exit status {code}")
    print(f"  both in {monotonic() - began:.0f} s", flush=True)
    return int(any(codes))


def _start(command: list[str], output: IO[bytes] | None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        process_group=0,
        preexec_fn=die_with_parent(signal.SIGINT),
    )


def main(options: list[str]) -> int:
    """Run the suite; return 0 only if both processes did."""
    print(f"  {', '.join(APART)} run beside the rest; what they say follows at the end", flush=True)
    return run(*commands(options))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
