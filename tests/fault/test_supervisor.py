"""Whatever is killed, nothing is left behind and what should run runs again."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from geodata.db.cluster import Cluster
from geodata.process import wait_gone
from geodata.settings import Settings

PATIENCE_S = 60.0


class Keeper:
    """A keeper process and what it tells."""

    def __init__(self, home: Path, mode: str) -> None:
        self.home = home
        fifo = home / "told"
        if not fifo.exists():
            os.mkfifo(fifo)
        self._told = os.open(fifo, os.O_RDWR)
        self._rest = b""
        command = [sys.executable, "-m", "tests.fault.keeper", str(home), mode]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE)

    def hear(self, name: str) -> int:
        """Return the pid that the next program of that name tells."""
        while True:
            line, separator, rest = self._rest.partition(b"\n")
            if separator:
                self._rest = rest
                said, pid = line.split()
                if said.decode() == name:
                    return int(pid)
                continue
            ready, _, _ = select.select([self._told], [], [], PATIENCE_S)
            assert ready, f"{name} did not start"
            self._rest += os.read(self._told, 4096)

    def end(self, number: signal.Signals) -> float:
        """Signal the keeper; return the seconds until it was gone."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.communicate(timeout=PATIENCE_S)
        return time.monotonic() - began

    def close(self) -> None:
        os.close(self._told)
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    place = Cluster(Settings(home=tmp_path)).place
    shutil.rmtree(place.data, ignore_errors=True)
    shutil.rmtree(place.sockets, ignore_errors=True)


@pytest.fixture
def keeper(home: Path, request: pytest.FixtureRequest) -> Iterator[Keeper]:
    keeper = Keeper(home, request.param)
    yield keeper
    keeper.close()


@pytest.mark.parametrize("keeper", ["plain"], indirect=True)
def test_killed_program_starts_again(keeper: Keeper) -> None:
    first = keeper.hear("obedient")
    os.kill(first, signal.SIGKILL)
    second = keeper.hear("obedient")
    assert second != first
    keeper.end(signal.SIGTERM)
    assert wait_gone(second, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("keeper", ["plain"], indirect=True)
def test_signal_ends_supervisor_and_programs(keeper: Keeper, number: signal.Signals) -> None:
    pid = keeper.hear("obedient")
    keeper.end(number)
    assert keeper.process.returncode == 0
    assert wait_gone(pid, 0)


@pytest.mark.parametrize("keeper", ["plain"], indirect=True)
def test_killed_supervisor_takes_programs_along(keeper: Keeper) -> None:
    pid = keeper.hear("obedient")
    keeper.end(signal.SIGKILL)
    assert wait_gone(pid, PATIENCE_S)


@pytest.mark.parametrize("keeper", ["stubborn"], indirect=True)
def test_program_that_ignores_sigterm_is_killed(keeper: Keeper) -> None:
    pid = keeper.hear("stubborn")
    assert keeper.end(signal.SIGINT) < 10.0
    assert wait_gone(pid, 0)


@pytest.mark.parametrize("keeper", ["family"], indirect=True)
def test_child_of_a_program_is_not_left_behind(keeper: Keeper) -> None:
    pid = keeper.hear("obedient")
    keeper.end(signal.SIGTERM)
    assert wait_gone(pid, 0)


@pytest.mark.parametrize("keeper", ["cluster"], indirect=True)
def test_killed_server_comes_back_with_every_commit(keeper: Keeper) -> None:
    cluster = Cluster(Settings(home=keeper.home))
    keeper.hear("obedient")
    with psycopg.connect(cluster.dsn()) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 1 AS id")
    server = cluster.tenants()[0]
    os.kill(server, signal.SIGKILL)
    assert wait_gone(server, PATIENCE_S)
    cluster.wait_ready(PATIENCE_S)
    with psycopg.connect(cluster.dsn()) as conn:
        assert conn.execute("SELECT id FROM kept").fetchall() == [(1,)]


@pytest.mark.parametrize("keeper", ["cluster"], indirect=True)
def test_killed_supervisor_stops_server_and_new_one_finds_the_data(keeper: Keeper) -> None:
    cluster = Cluster(Settings(home=keeper.home))
    keeper.hear("obedient")
    with psycopg.connect(cluster.dsn()) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 1 AS id")
    server = cluster.tenants()[0]
    keeper.end(signal.SIGKILL)
    second = Keeper(keeper.home, "cluster")  # at once, while the old server may still be stopping
    try:
        second.hear("obedient")
        assert wait_gone(server, 0)
        with psycopg.connect(cluster.dsn()) as conn:
            assert conn.execute("SELECT id FROM kept").fetchall() == [(1,)]
    finally:
        assert second.end(signal.SIGTERM) < 10.0
        second.close()
    assert cluster.tenants() == []


@pytest.mark.parametrize("keeper", ["plain"], indirect=True)
def test_second_one_of_a_home_is_told_who_holds_it(keeper: Keeper) -> None:
    keeper.hear("obedient")
    command = [sys.executable, "-m", "tests.fault.keeper", str(keeper.home), "plain"]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"already running in {keeper.home}: pid {keeper.process.pid}, keeper" in second.stderr
