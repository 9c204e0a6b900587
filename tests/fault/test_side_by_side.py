"""Two processes side by side: neither's failure is lost, and Ctrl-C ends both in order."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from geodata.process import wait_gone
from tests.side_by_side import ROOT

PATIENCE_S = 60.0
RUNNER = "import sys; from tests.side_by_side import run; sys.exit(run({shown!r}, {kept!r}))"
LINES = 20_000
TELLS = f"print(*range({LINES}), sep=chr(10)); raise SystemExit({{code}})"
WAITS = """
import os, signal
signal.signal(signal.SIGINT, lambda *_: None)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
with open({told!r}, "w") as told:
    print(os.getpid(), os.getpgrp(), file=told)
signal.sigwait([signal.SIGINT])
print("cleared up {name}")
"""


def runner(shown: str, kept: str) -> subprocess.Popen[str]:
    """Run two Python programs side by side, in a process group as a shell would make it."""
    command = RUNNER.format(shown=[sys.executable, "-c", shown], kept=[sys.executable, "-c", kept])
    return subprocess.Popen(
        [sys.executable, "-c", command],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, process_group=0,
    )  # fmt: skip


@pytest.mark.parametrize(("shown", "kept"), [(0, 0), (1, 0), (0, 1), (5, 2)])
def test_it_succeeds_only_if_both_do_and_shows_everything(shown: int, kept: int) -> None:
    with runner(TELLS.format(code=shown), TELLS.format(code=kept)) as process:
        said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == int(shown > 0 or kept > 0)
    first, _, second = said.partition("beside it")
    assert first.count("\n") > LINES, "the whole of the one that is shown"
    assert f"\n{LINES - 1}\n" in first
    assert second.count("\n") > LINES, "the whole of the one that was kept"
    ends = [line.split() for line in second.splitlines()[-3:-1]]
    assert [(line[0], int(line[-1])) for line in ends] == [
        ("FAIL" if code else "ok", code) for code in (shown, kept)
    ]


class Told:
    """A FIFO that a program tells its process and group by."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._end = os.open(path, os.O_RDWR)

    def hear(self) -> tuple[int, int]:
        ready, _, _ = select.select([self._end], [], [], PATIENCE_S)
        assert ready, f"{self.path.name} did not start"
        pid, group = os.read(self._end, 100).split()
        os.close(self._end)
        return int(pid), int(group)


@contextmanager
def waiting(folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[tuple[int, int]]]]:
    """Run two programs that wait for SIGINT; yield the runner and their processes and groups."""
    told = [Told(folder / name) for name in ("shown", "kept")]
    programs = (WAITS.format(told=str(one.path), name=one.path.name) for one in told)
    with runner(*programs) as process:
        yield process, [one.hear() for one in told]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_comes_to_each_once_and_both_clear_up(tmp_path: Path, number: int) -> None:
    with waiting(tmp_path) as (process, told):
        assert [pid for pid, _ in told] == [group for _, group in told], "not in the shell's group"
        os.killpg(process.pid, number)
        said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert "cleared up shown" in said
    assert "cleared up kept" in said
    assert all(wait_gone(pid, 0) for pid, _ in told)


def test_neither_outlives_a_killed_runner(tmp_path: Path) -> None:
    with waiting(tmp_path) as (process, told):
        process.kill()
    assert all(wait_gone(pid, PATIENCE_S) for pid, _ in told)
