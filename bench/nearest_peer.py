"""The Redis peer of bench.nearest: Debian's server and PyPI's client, both for the run."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dispatch.people.nearest import Near

PACKAGES = ("redis==8.1.0",)
MISSING = (
    "redis-server is missing. Install it: apt-get install redis-server (bin/setup --for bench)"
)
FIRST_M, KEY, PATIENCE_S = 500.0, "people", 20.0


class Redis:
    """People in one key; ``asked`` counts questions, ``again`` those asked with more radius."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.asked = self.again = 0

    @property
    def version(self) -> str:
        return str(self._client.info("server")["redis_version"])

    def load(self, person_id: Sequence[int], lon: Sequence[float], lat: Sequence[float]) -> float:
        """Write everybody; return the seconds it took."""
        rows = zip(lon, lat, person_id, strict=True)
        start = time.perf_counter()
        self._client.geoadd(KEY, [value for row in rows for value in row])
        return time.perf_counter() - start

    def within(self, lon: float, lat: float, radius_m: float, count: int) -> list[Near]:
        """Return the nearest within a radius."""
        found = self._client.geosearch(
            KEY, longitude=lon, latitude=lat, radius=radius_m, unit="m", sort="ASC", count=count,
            withdist=True,
        )  # fmt: skip
        return [Near(int(who), float(distance_m)) for who, distance_m in found]

    def nearest(self, lon: float, lat: float, count: int) -> list[Near]:
        """Return the nearest, knowing no radius."""
        self.asked += 1
        radius_m = FIRST_M
        while len(found := self.within(lon, lat, radius_m, count)) < count:
            self.again += 1
            radius_m *= 2.0
        return found


@contextmanager
def redis_running(folder: Path) -> Iterator[Redis]:
    """Run a server that keeps nothing, on a unix socket, and lend a client of it.

    Raises
    ------
    SystemExit
        There is no redis-server on this machine; says how to install it.
    """
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit(MISSING)
    place = folder / "redis.sock"
    options = ("--port", "0", "--unixsocket", str(place), "--save", "", "--appendonly", "no")
    with (folder / "redis.log").open("wb") as log:
        command = [program, *options, "--dir", str(folder)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield Redis(_connect(_client_of(folder / "client"), place))
    finally:
        process.terminate()
        process.wait()


def _client_of(folder: Path) -> Any:
    """Install the client into a folder and import it from there."""
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "--target", str(folder), *PACKAGES], check=True)
    sys.path.append(str(folder))
    return importlib.import_module("redis")


def _connect(redis: Any, place: Path) -> Any:
    client = redis.Redis(unix_socket_path=str(place), decode_responses=True)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            client.ping()
            return client
        except redis.exceptions.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
