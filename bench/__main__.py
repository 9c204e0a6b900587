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
OWN: Mapping[str, tuple[str, ...]] = {"travel": ROUNDS, "stream": ("--seconds", "12")}


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
time per request depends on it too, if less: the web's part of a dispatch was 3.9 to 8.6 ms in runs
of one evening at loads of 3 to 16. Ratios are of one run.
"""
NOTES = """
What holds and what does not is judged by the figures above as they were measured, with no allowance
for load. A bench measures; order and completeness are held by tests.

Repeats on 2026-11-23, on a machine shared with other work; none of the one command is left out:

| run | dispatches per s (two rounds) | dispatch p95, ms | recommendation p95 at 1 / 8 clients, ms | positions per s in order / shuffled |
|---|---|---|---|---|
| 22:05, load 11 to 13 | 37, 42 | 349, 350 | 100 / 483 | 5557 / 5832 |
| 22:21, load 7 to 9 | 225, 206 | 74, 84 | 17 / 196 | 24716 / 15333 |
| 22:30, load 3 to 6 | 133, 76 | 106, 354 | 27 / 190 | 28257 / 43103 |

The dispatch goal was missed in every one, by at least 2.2 times in throughput and 1.9 times in p95,
and recommendation at 8 clients, too; no run had the machine to itself.

Where a dispatch spends its time (2026-11-23 22:07 UTC at a load of 12, 449 dispatches,
`log_statement_stats`, medians of processor time with parsing and planning): locate and candidates
1.40 ms, assign 1.10, the case 0.53, commit 0.31, events 0.18, idempotency key 0.14 + 0.17, scope
and credential 0.14, begin 0.05: 4.0 ms in the database, and sealing beside it. 500 a second on two
cores leave 4 ms for database, web, sequencer and client together: the database alone took all of
that. Planning is not the reason (0.08 to 0.14 ms for the two large statements).
"""  # noqa: E501 - a row of a table is one line

if __name__ == "__main__":
    sys.exit(main())
