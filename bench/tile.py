"""Tiles through HTTP against tipg, and against what the database gives to pgbench alone.

``python -m bench.tile [--dsn DSN] [--rounds N]``. Without a dsn the demo district is loaded into a
cluster of its own. Real servers with one worker each (gunicorn + gevent with the whole application
and a bearer token; uvicorn with tipg), one client, one connection, the same tiles in the same
order. Uncached: a second server of ours whose cache holds nothing.

tipg serves one table per request, so a tile of several MVT layers is several requests there: once
from the tables as they stand in the district ("tables"), once from the ones made ready for tiles,
filtered to the same band of zoom ("prepared").

"Rendered" is ``mapsvc.tile.render_tile`` on one connection, without HTTP: what pgbench does too.

A figure is milliseconds of processor time per tile, server and database together (pgbench and
database): it says how many tiles a core can make, whoever else is on the machine. In brackets the
time at the client: the lower quartile of the rounds for each tile, then the mean over the tiles.
"""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import mapbox_vector_tile
import psycopg
from psycopg.rows import dict_row

from bench import tile_peer
from geodata.db.cluster import DATABASE, Cluster
from geodata.db.migrate import migrate
from geodata.db.query import query
from geodata.settings import Settings
from mapsvc.tile import render_tile
from web import program
from web.demo import prepare, seed_district
from web.identity.secret import hash_secret

TOKEN = "bench-tile"  # noqa: S105 - of an account of the bench's own database
MOST_TILES = 40
PGBENCH_S = 5
EARTH_M = 40_075_016.685578488
HEAD = (
    "| layer, zoom | tiles | mean kB | ours uncached, ms | tipg tables, ms | ratio"
    " | tipg prepared, ms | ratio | pgbench, ms | rendered, ms | share | ours cached, ms | ratio |"
)


@dataclass(frozen=True)
class Line:
    """One line of the table: a layer at a zoom, and the tables that hold the same at the peer."""

    layer: str
    z: int
    tables: tuple[str, ...]
    prepared: tuple[str, ...]


GROUND = ("layers.waters", "geodata.road_edges")
AREAS = ("layers.areas",)
LINES = (
    Line("basemap", 12, GROUND, ("mapsvc.lands?band=1", "mapsvc.waters?band=1",
                                 "mapsvc.roads?band=1", "mapsvc.places")),
    Line("basemap", 14, (*GROUND, "layers.buildings"),
         ("mapsvc.lands?band=2", "mapsvc.waters?band=2", "mapsvc.roads?band=2",
          "mapsvc.buildings", "mapsvc.places")),
    Line("basemap", 16, (*GROUND, "layers.buildings"),
         ("mapsvc.lands?band=3", "mapsvc.waters?band=3", "mapsvc.roads?band=3",
          "mapsvc.buildings", "mapsvc.places")),
    Line("areas", 10, AREAS, ("mapsvc.areas?band=0", "mapsvc.boundaries?band=0",
                              "mapsvc.area_labels")),
    Line("areas", 14, AREAS, ("mapsvc.areas?band=2", "mapsvc.boundaries?band=2",
                              "mapsvc.area_labels")),
    Line("assets", 14, ("layers.assets",), ("mapsvc.assets", "mapsvc.asset_clusters?zoom=14")),
    Line("assets", 16, ("layers.assets",), ("mapsvc.assets", "mapsvc.asset_clusters?zoom=16")),
)  # fmt: skip


class Client:
    """One kept connection to a server."""

    def __init__(self, port: int, pid: int, headers: dict[str, str]) -> None:
        self.pid = pid
        self.headers = headers
        self.connection = http.client.HTTPConnection("127.0.0.1", port)

    def get(self, path: str) -> bytes:
        """Return the body of a path, which must be found."""
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status not in (200, 204):
            raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
        return body

    def ready(self, path: str) -> None:
        """Wait until the server answers."""
        deadline = time.monotonic() + 60
        while True:
            try:
                self.get(path)
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                self.connection.close()
                time.sleep(0.1)  # outside of what is measured


def tiles_of(conn: psycopg.Connection, z: int) -> list[tuple[int, int]]:
    """Return tiles over buildings of the district, spread evenly, in one order."""
    rows = conn.execute(
        "SELECT DISTINCT floor((ST_X(p) + 180) / 360 * 2 ^ %(z)s)::int AS x,"
        " floor((1 - asinh(tan(radians(ST_Y(p)))) / pi()) / 2 * 2 ^ %(z)s)::int AS y"
        " FROM layers.buildings, LATERAL (SELECT ST_PointOnSurface(geom) AS p) q ORDER BY 1, 2",
        {"z": z},
    ).fetchall()
    step = max(1, len(rows) // MOST_TILES)
    return [(row["x"], row["y"]) for row in rows[::step]][:MOST_TILES]


class Meter:
    """Processor time of a server and of the database's backends that serve it."""

    def __init__(self, conn: psycopg.Connection, server_pid: int) -> None:
        self.conn = conn
        self.server_pid = server_pid
        self.walls: dict[object, list[float]] = {}
        self.cpu_s = 0.0

    def read_s(self) -> float:
        """Return processor seconds used so far by the server, its workers and all backends."""
        return sum(cpu_s(pid) for pid in (*family(self.server_pid), *backends(self.conn)))

    def run(self, tiles: Sequence[tuple[int, int]], ask_one: Callable[[int, int], object]) -> None:
        """Ask for every tile once."""
        before = self.read_s()
        for tile in tiles:
            start = time.perf_counter()
            ask_one(*tile)
            self.walls.setdefault(tile, []).append((time.perf_counter() - start) * 1000)
        self.cpu_s += self.read_s() - before

    @property
    def cpu_ms(self) -> float:
        """Processor milliseconds per tile."""
        return self.cpu_s * 1000 / sum(map(len, self.walls.values()))

    @property
    def wall_ms(self) -> float:
        """Milliseconds at the client: lower quartile of each tile, mean over tiles."""
        return statistics.fmean(quartile(walls) for walls in self.walls.values())


def quartile(values: Sequence[float]) -> float:
    """Return the lower quartile."""
    return sorted(values)[len(values) // 4]


def cpu_s(pid: int) -> float:
    """Return the seconds a process has run on a processor."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def family(pid: int) -> list[int]:
    """Return a process and its children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def backends(conn: psycopg.Connection) -> list[int]:
    """Return the backends of this database but for our own."""
    rows = conn.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    ).fetchall()
    return [row["pid"] for row in rows]


@dataclass(frozen=True)
class Servers:
    """The three servers that are asked."""

    plain: Client
    cached: Client
    peer: Client


def measure(conn: psycopg.Connection, dsn: str, servers: Servers, line: Line, rounds: int) -> str:
    """Measure one line and return it as a row of the table; rounds alternate between servers."""
    tiles = tiles_of(conn, line.z)
    plain, cached, peer = servers.plain, servers.cached, servers.peer
    for number in range(rounds + 1):
        if number <= 1:  # the first round warms prepared statements and caches of all of them
            fresh, kept = Meter(conn, plain.pid), Meter(conn, cached.pid)
            tables, prepared = Meter(conn, peer.pid), Meter(conn, peer.pid)
        fresh.run(tiles * 2, lambda x, y: plain.get(path_of(line, x, y)))
        kept.run(tiles * 12, lambda x, y: cached.get(path_of(line, x, y)))
        tables.run(tiles, lambda x, y: ask(peer, line.tables, line.z, x, y))
        prepared.run(tiles, lambda x, y: ask(peer, line.prepared, line.z, x, y))
    size = statistics.fmean(len(cached.get(path_of(line, x, y))) for x, y in tiles) / 1000
    bare = pgbench(conn, dsn, line, tiles)
    alone = rendered(dsn, line, tiles * rounds)
    cells = [
        f"{line.layer} z {line.z}",
        str(len(tiles)),
        f"{size:.1f}",
        both(fresh),
        both(tables),
        f"{tables.cpu_ms / fresh.cpu_ms:.1f}×",
        both(prepared),
        f"{prepared.cpu_ms / fresh.cpu_ms:.1f}×",
        f"{bare:.2f}",
        f"{alone:.2f}",
        f"{bare / alone:.0%}",
        both(kept),
        f"{tables.cpu_ms / kept.cpu_ms:.0f}×",
    ]
    return f"| {' | '.join(cells)} |"


def both(meter: Meter) -> str:
    """Return processor and client milliseconds."""
    return f"{meter.cpu_ms:.2f} ({meter.wall_ms:.2f})"


def path_of(line: Line, x: int, y: int) -> str:
    """Return our path of a tile."""
    return f"/tiles/{line.layer}/{line.z}/{x}/{y}.mvt"


def ask(peer: Client, tables: tuple[str, ...], z: int, x: int, y: int) -> None:
    """Ask the peer for one tile of each table."""
    for table in tables:
        peer.get(tile_peer.path_of(table, z, x, y))


def pgbench(conn: psycopg.Connection, dsn: str, line: Line, tiles: list[tuple[int, int]]) -> float:
    """Return processor milliseconds of the same statement in ``pgbench -M prepared``."""
    text = query("mapsvc", f"render_{line.layer}")
    for name in ("z", "x", "y"):
        text = text.replace(f"%({name})s", f":{name}")
    statement = "\n".join(row for row in text.splitlines() if not row.startswith("--")) + ";\n"
    others = set(backends(conn))
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, (x, y) in enumerate(tiles):
            path = Path(folder) / f"{number}.sql"
            path.write_text(f"\\set z {line.z}\n\\set x {x}\n\\set y {y}\n{statement}")
            files += ["-f", str(path)]
        process = subprocess.Popen(
            ["pgbench", "-n", "-M", "prepared", "-T", str(PGBENCH_S), *files, dsn],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        used = 0.0
        while process.poll() is None:  # a backend's account is gone when it ends
            used = max(used, used_by(process.pid, set(backends(conn)) - others))
            time.sleep(0.02)
        out = process.communicate()[0]
    (done,) = [row for row in out.splitlines() if row.startswith("number of transactions actually")]
    return used * 1000 / int(done.split()[-1].split("/")[0])


def rendered(dsn: str, line: Line, tiles: list[tuple[int, int]]) -> float:
    """Return processor milliseconds of rendering on one connection, ours and the backend's."""
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as conn:
        for x, y in tiles:
            render_tile(conn, line.layer, line.z, x, y)
        before = cpu_s(os.getpid()) + cpu_s(conn.info.backend_pid)
        for x, y in tiles:
            render_tile(conn, line.layer, line.z, x, y)
        used = cpu_s(os.getpid()) + cpu_s(conn.info.backend_pid) - before
    return used * 1000 / len(tiles)


def used_by(pid: int, pids: set[int]) -> float:
    """Return processor seconds of a process and some backends; 0 when one has just ended."""
    try:
        return sum(cpu_s(one) for one in (pid, *pids))
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def edges(conn: psycopg.Connection, ours: Client, peer: Client) -> str:
    """Compare which buildings in the buffer beyond the right edge each server shows (z 15)."""
    z, wanted, shown, theirs = 15, 0, 0, 0
    for x, y in tiles_of(conn, z):
        side = EARTH_M / 2**z
        left, top = x * side - EARTH_M / 2, EARTH_M / 2 - y * side
        rows = conn.execute(
            "SELECT id FROM mapsvc.buildings WHERE geom && ST_MakeEnvelope(%s, %s, %s, %s, 3857)"
            " AND ST_XMin(geom) > %s",
            (left + side, top - side, left + side * (1 + 240 / 4096), top, left + side),
        ).fetchall()
        expected = {row["id"] for row in rows}
        mine = decode(ours.get(f"/tiles/basemap/{z}/{x}/{y}.mvt"), "building")
        other = decode(peer.get(tile_peer.path_of("layers.buildings", z, x, y)), None)
        wanted += len(expected)
        shown += len(expected & {feature["id"] for feature in mine})
        theirs += len(expected & {feature["properties"]["id"] for feature in other})
    return (
        f"Buildings that lie beyond a tile's edge, in its buffer (z {z}): {wanted}; in our tiles"
        f" {shown} ({shown / wanted:.1%}), in tipg's {theirs} ({theirs / wanted:.1%})."
    )


def decode(body: bytes, layer: str | None) -> list[dict]:
    """Return the features of an MVT layer, or of the only one."""
    if not body:
        return []
    layers = mapbox_vector_tile.decode(body)
    found = layers.get(layer) if layer else next(iter(layers.values()), None)
    return found["features"] if found else []


def let_in(conn: psycopg.Connection) -> None:
    """Make the account of the bench and its token."""
    conn.execute(
        "INSERT INTO web.users (username, display_name, password_hash, role, level, area_codes)"
        " VALUES ('bench-tile', 'Bench', '!', 'dispatcher', 'district', '{210211}')"
        " ON CONFLICT DO NOTHING"
    )
    conn.execute(
        "INSERT INTO web.tokens (user_id, secret_hash, name) SELECT id, %s, 'bench' FROM web.users"
        " WHERE username = 'bench-tile' ON CONFLICT DO NOTHING",
        (hash_secret(TOKEN),),
    )


@contextmanager
def database(given: str | None) -> Iterator[str]:
    """Yield the dsn given, or that of the demo district in a cluster of its own."""
    if given:
        yield given
        return
    home = Path(tempfile.mkdtemp(prefix="ganxin-bench-tile-"))
    cluster = Cluster(Settings(home=home))
    try:
        cluster.ensure()
        cluster.start()
        cluster.create_database(DATABASE)
        migrate(cluster.dsn())
        prepare(cluster.dsn())
        seed_district(cluster.dsn(), seed=210211, as_of=datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
        yield cluster.dsn()
    finally:
        cluster.stop()
        for folder in (cluster.place.data, cluster.place.sockets, home):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def our_server(dsn: str, home: Path, port: int, application: str) -> Iterator[int]:
    """Run the whole application with one worker; yield the process id."""
    settings = Settings(home=home, port=port, database_url=dsn)
    environ = os.environ | program.environment(settings) | {"GANXIN_DATABASE_URL": dsn}
    command = [
        sys.executable, "-m", "gunicorn", application, "--no-control-socket",
        "--bind", f"127.0.0.1:{port}", "--worker-class", "gevent", "--workers", "1",
        "--log-level", "critical", "--graceful-timeout", "1", "--keep-alive", "60",
    ]  # fmt: skip
    # Its log is no part of the table.
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--dsn", help="a database with the demo district loaded, as its owner")
    options.add_argument("--rounds", type=int, default=4)
    options.add_argument("--port", type=int, default=18740)
    options.add_argument("--peer", type=Path, help="folder to keep tipg's environment in")
    chosen = options.parse_args()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ganxin-tile-")))
        programs = tile_peer.install(chosen.peer or scratch / "tipg")
        dsn = stack.enter_context(database(chosen.dsn))
        conn = stack.enter_context(psycopg.connect(dsn, autocommit=True, row_factory=dict_row))
        let_in(conn)
        port, token = chosen.port, {"Authorization": f"Bearer {TOKEN}"}
        plain = stack.enter_context(our_server(dsn, scratch, port, "bench.tile_app:application"))
        cached = stack.enter_context(our_server(dsn, scratch, port + 1, "web.wsgi:application"))
        peer = stack.enter_context(tile_peer.serve(programs, dsn, port + 2))
        servers = Servers(
            Client(port, plain, token), Client(port + 1, cached, token),
            Client(port + 2, peer.pid, {}),
        )  # fmt: skip
        servers.plain.ready("/health/live")
        servers.cached.ready("/health/live")
        servers.peer.ready("/healthz")
        print(HEAD + "\n" + "|---" * 13 + "|")
        for line in LINES:
            print(measure(conn, dsn, servers, line, chosen.rounds), flush=True)
        print("\n" + edges(conn, servers.cached, servers.peer))
        print(
            f"\n{chosen.rounds} rounds after one to warm up; {os.cpu_count()} cores;"
            f" {', '.join(tile_peer.PACKAGES)}, gunicorn {version('gunicorn')}, psycopg"
            f" {version('psycopg')}, PostgreSQL"
            f" {conn.info.server_version // 10000}."
        )


if __name__ == "__main__":
    main()
