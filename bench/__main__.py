"""Every bench in one run: ``python -m bench [name …]`` rewrites docs/benchmarks.md.

One demo is made and used by all that ask through HTTP; the others make their own clusters. Each
bench is a process of its own and prints markdown tables; what DESIGN calls for is drawn from them
into one table (:mod:`bench.summary`). With names, only those are run anew and the rest of the
document stays as it was.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import stage, summary
from geodata.db.cluster import Cluster
from geodata.settings import Settings

DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
SHARED = ("cold_start", "recommend", "dispatch", "position", "tile")
"""Benches that use one demo, in this order; tile wants its database alone."""
ROUNDS = ("--rounds", "2")
OWN: Mapping[str, tuple[str, ...]] = {
    "travel": ROUNDS,
    "stream": ("--seconds", "12"),
    "risk_page": (),
    "case_list": (),
    "density": (),
    "assign_solve": (),
}


def main() -> int:
    """Run the benches and write the document; 1 if one of them failed."""
    names = _names()
    sections = read(DOCUMENT)
    failed = []
    home = Path(tempfile.mkdtemp(prefix="ganxin-bench-"))
    try:
        for name in names:
            text = run(name, home)
            if text is None:
                failed.append(name)
            else:
                sections[name] = text
            DOCUMENT.write_text(document(sections), "utf-8")
    finally:
        _remove(home)
    print(f"\n{DOCUMENT} is written." + (f" Failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def _names() -> list[str]:
    every = (*SHARED, *OWN)
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("names", nargs="*", help=f"of {', '.join(every)}; all if none is given")
    chosen = options.parse_args().names or list(every)
    if unknown := [name for name in chosen if name not in every]:
        options.error(f"no such bench: {', '.join(unknown)}")
    return [name for name in every if name in chosen]


def run(name: str, home: Path) -> str | None:
    """Run one bench; return its section, None if it failed."""
    started, load = time.monotonic(), os.getloadavg()[0]
    print(f"{name} …", flush=True)
    command = [sys.executable, "-m", f"bench.{name}"]
    if name == "tile":
        done = _with_database(command, home)
    else:
        options = ("--home", str(home)) if name in SHARED else OWN[name]
        done = _run([*command, *options])
    print(done.stdout, flush=True)
    if done.returncode != 0:
        print(done.stderr[-2000:], file=sys.stderr)
        return None
    taken_s = time.monotonic() - started
    note = (
        f"`python -m bench.{name}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {taken_s:.0f} s,"
        f" load of the machine before it {load:.1f}."
    )
    return f"{note}\n\n{done.stdout.strip()}\n"


def _with_database(command: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    """Run a bench that brings its own servers on the demo's database."""
    if not (home / "demo-accounts.json").exists():
        stage.stop(stage.start(home).process)
    cluster = Cluster(Settings(home=home))
    cluster.start()
    try:
        return _run([*command, "--dsn", cluster.dsn(), *ROUNDS])
    finally:
        cluster.stop()


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _remove(home: Path) -> None:
    place = Cluster(Settings(home=home)).place
    for gone in (place.data, place.sockets, home):
        shutil.rmtree(gone, ignore_errors=True)


def read(path: Path) -> dict[str, str]:
    """Return the sections of the document as it is, by bench."""
    if not path.exists():
        return {}
    _, *parts = path.read_text("utf-8").split("\n## ")
    found = {}
    for part in parts:
        name, _, text = part.partition("\n")
        found[name] = text.strip() + "\n"
    return {name: text for name, text in found.items() if name in (*SHARED, *OWN)}


def document(sections: Mapping[str, str]) -> str:
    """Return the whole document."""
    parts = [INTRODUCTION.format(machine=machine()), summary.table(sections), NOTES]
    parts += [f"## {name}\n\n{sections[name]}" for name in (*SHARED, *OWN) if name in sections]
    return "\n".join(parts)


def machine() -> str:
    """Return what the figures were taken on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    cpu = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "?")
    memory_gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    postgres = _run(["psql", "--version"]).stdout.split()[2]
    packages = ", ".join(f"{name} {version(name)}" for name in ("gunicorn", "gevent", "psycopg"))
    return (
        f"{os.cpu_count()} cores ({cpu}), {memory_gib:.0f} GiB, Linux {platform.release()},"
        f" Python {platform.python_version()}, PostgreSQL {postgres}, {packages}"
    )


INTRODUCTION = """# Benchmarks

Written by `python -m bench`: do not edit. Everything, clients and peers too, shares one machine:
{machine}.

Times at the client depend on what else the machine does: see the load beside each bench. Processor
time per request depends on it too, if less: twelve rounds of one hour on a quiet machine took 1.8
to 2.3 ms of the web for a dispatch. Ratios are of one run.
"""
NOTES = """
What holds and what does not is judged by the figures above as they were measured, with no allowance
for load. A bench measures; order and completeness are held by tests.

Where a dispatch spent its time, and what was changed (2026-11-24, quiet machine; before: 293 and
325 a second, p95 47 ms):

| what | before | after |
|---|---|---|
| load of each candidate, 1,500 open cases | all live assignments read once per candidate: 7 of 8 ms of `dispatch.candidates` | by the person's index |
| people read for an express dispatch | rungs 1 to 3 and all above them | the lowest rung with somebody on it |
| writes | case, then assignment and case again, then events | one statement, each row once |
| round trips | 9 | 4, since 2026-11-25 3: what it needs to know is asked as the transaction begins |
| waits for a connection of the web process | 17 a dispatch, each once round gevent's loop | 5: what can be written at once is not waited for (2026-11-25, a tenth of the web's time) |
| statistics of cases | taken for every thousand cases that come in, 4 s for the words of 30,000 | for every five thousand |
| `to_metric` | planned anew at each change of the search path, 15 % of the database's time | planned once |
| memory of a backend | back to the kernel after each transaction, 11 % | kept |
| connections lent | the one that rested longest: 1.5 ms over 16, 1.0 over one | the one that came back last |
| search of the road graph | to the arrival limit | as far as the straight line suggests, farther if somebody is not found |
| interpreter | whatever is first in the PATH | the distribution's (PGO, LTO): a quarter faster |

One backend and one process alone: 2.1 → 1.0 ms in the database, 1.9 → 0.9 ms in Python. Not of use:
`SCHED_BATCH`, `commit_delay` and generic plans for every statement (no difference), one web process
instead of two (350 a second).

The dispatch figure follows the machine, whose own speed changed by 1.8 within the hour (the floor
tells). All warm rounds with everybody free, none left out: 500 a second was met in four of the 36,
p95 ≤ 40 ms in 29. Against the floor it rose: 11 to 12 % of it before, 13 to 14 % since the closed
loop's clocks, custody and lights came in and the waits went:

| run | dispatches per s | p95, ms | floor, per s |
|---|---|---|---|
| 00:26 UTC, six rounds of the bench's load | 552, 515, 494, 520, 445, 543 | 24, 26, 30, 25, 33, 23 | not taken |
| 01:19, the one command | 444, 380, 476 | 31, 36, 26 | 4253 |
| 01:30, six rounds of the bench's load | 390, 457, 351, 359, 441, 402 | 36, 28, 40, 35, 32, 31 | not taken |
| 01:36, `python -m bench dispatch` twice | 294, 316, 324; 337, 337, 328 | 49, 40.5, 42; 40.2, 41, 40.5 | 2520, 2352 |
| 02:00, the same once more | 445, 452, 415 | 29, 29, 31 | 4109 |
| 02:15, the same once more | 376, 406, 403 | 38, 31, 32 | 3649 |
| 04:42, the one command, with the risk map in the web process | 426, 450, 442 | 31, 31, 32 | 3644 |
| 2026-11-25 12:22, `python -m bench dispatch` twice | 429, 419, 434; 408, 462, 445 | 35, 35, 33; 41, 35, 35 | 3255, 3243 |
"""  # noqa: E501 - a row of a table is one line

if __name__ == "__main__":
    sys.exit(main())
