"""Travel times of a ranking: our search against pgRouting's driving distance on the same graph.

The question: 150 candidates on streets, one incident on a street, a limit of 15 minutes; travel
time of each within the limit. Ours is measured with the lengths of the ways, too, which pgRouting
does not tell; ratios are of the times alone. Asked of pgRouting:

- ``pgr_withPointsDD``, driving distance with positions on streets: the same question;
- ``pgr_drivingDistance`` from the crossing next to the incident: an easier question, candidates
  not placed yet; also over a box of the streets that can be reached at all, the usual remedy for
  its reading all edges anew each time.

Costs are computed beforehand and streets in two directions are one row. Answers must be equal, or
this fails.

``python -m bench.travel``; ``--dsn`` measures a loaded district, without it a throw-away cluster
and graphs are made: the demo district, lattices of 10,000 and 62,500 crossings, and Futian (if
GANXIN_TEST_DATA has it).
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
import shapely

from geodata.crs import from_metric
from geodata.db.cluster import temporary_cluster
from geodata.demo.plan import make_plan
from geodata.demo.progress import NoProgress
from geodata.demo.road import make_roads
from geodata.road.graph import NONE, RoadGraph
from geodata.road.position import Position, Positions
from geodata.road.profile import PROFILES, Mode
from geodata.road.store import load_graph
from geodata.road.travel import search_to, times_to

SEED = 210211
QUESTIONS = 20
STREETS = "SELECT id, source, target, cost, reverse_cost FROM bench_streets"
NODES_WITHIN = """
SELECT node, agg_cost FROM pgr_drivingDistance('{streets}{box}', {node}, {limit_s}, true)
"""
POINTS_WITHIN = """
SELECT -node, agg_cost FROM pgr_withPointsDD('{streets}',
    'SELECT * FROM bench_points WHERE pid <= {count} OR pid = {pid}', -{pid}, {limit_s},
    directed := true, driving_side := 'b', details := true)
WHERE node < 0 AND node <> -{pid}
"""
HEAD = (
    "| graph | nodes / edges | mode | nodes reached | ours: times, ms (p95) | with lengths, ms"
    " | pgRouting with points, ms | ratio | nodes only, ms | ratio | nodes in a box, ms | ratio |"
)


@dataclass(frozen=True)
class Sample:
    """The questions put to one graph: one target each, the candidates always the same."""

    graph: RoadGraph
    mode: Mode
    limit_s: float
    targets: Positions
    people: Positions


def main() -> None:
    """Measure and print the rows of a markdown table."""
    args = _arguments()
    print(HEAD + "\n" + "|---" * 12 + "|")
    with _peer(args.dsn) as conn:
        for name, graph in _graphs(conn if args.dsn else None):
            for mode in (Mode.CAR, Mode.EBIKE):
                sample = _sample(graph, mode, args.limit_s, args.candidates)
                print(row(conn, name, sample, args.rounds), flush=True)
        found = conn.execute("SELECT pgr_version(), current_setting('server_version')").fetchone()
    print(
        f"\n{args.candidates} candidates, limit {args.limit_s:g} s, medians of {QUESTIONS}"
        f" questions; pgRouting {found[0]}, PostgreSQL {found[1]}"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dsn", help="a database with geodata.road_* loaded")
    parser.add_argument("--limit-s", type=float, default=900.0)
    parser.add_argument("--candidates", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=3, help="the best of them counts")
    return parser.parse_args()


def _sample(graph: RoadGraph, mode: Mode, limit_s: float, count: int) -> Sample:
    rng = np.random.default_rng(SEED)
    usable = np.flatnonzero(np.isfinite(graph.edge_time_s(mode)))

    def draw(n: int) -> Positions:
        edge = rng.choice(usable, n).astype(np.int32)
        return Positions(edge, rng.uniform(0.01, 0.99, n), np.zeros(n))

    return Sample(graph, mode, limit_s, draw(QUESTIONS), draw(count))


def row(conn: psycopg.Connection, name: str, sample: Sample, rounds: int) -> str:
    """Measure one graph and mode; return the row."""
    fill_peer(conn, sample)
    reached = check(conn, sample)
    graph = sample.graph
    # Each engine answers all questions in a row, so that none finds the caches of another; the
    # best of some rounds counts, so that what else the machine does counts least.
    times, lengths = _ours(sample, search_times) * 10, _ours(sample, times_to) * 10
    asked = (
        [points_within(sample, number) for number in range(QUESTIONS)],
        [nodes_within(sample, number) for number in range(QUESTIONS)],
        [nodes_within(sample, number, boxed=True) for number in range(QUESTIONS)],
    )
    peers = [[lambda q=q: conn.execute(q).fetchall() for q in way] for way in asked]
    turns = [[timed(work) for work in (times, lengths, *peers)] for _ in range(rounds)]
    mine, measured, *theirs = (min(taken, key=np.median) for taken in zip(*turns, strict=True))
    median = float(np.median(mine))
    cells = [f"{median:.2f} ({np.quantile(mine, 0.95):.2f})", f"{np.median(measured):.2f}"]
    for peer in theirs:
        cells += [f"{np.median(peer):.1f}", f"{np.median(peer) / median:.0f}×"]
    size = f"{len(graph.node_id)} / {len(graph.edge_id)}"
    return f"| {name} | {size} | {sample.mode} | {reached} | {' | '.join(cells)} |"


def _ours(sample: Sample, ask: Callable[..., object]) -> list[Callable[[], object]]:
    return [
        lambda t=t: ask(sample.graph, sample.mode, t, sample.people, sample.limit_s)
        for t in sample.targets
    ]


def search_times(
    graph: RoadGraph, mode: Mode, target: Position, people: Positions, limit_s: float
) -> np.ndarray:
    """Return the travel times alone, as pgRouting does."""
    return search_to(graph, mode, target, limit_s).travel_s(people)


def timed(questions: Sequence[Callable[[], object]]) -> list[float]:
    """Return the milliseconds that each question takes; the first is asked once unmeasured."""
    questions[0]()
    taken = []
    for ask in questions:
        start = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - start) * 1000.0)
    return taken


def check(conn: psycopg.Connection, sample: Sample) -> int:
    """Compare all answers; return the median number of nodes within the limit."""
    reached = []
    for number, target in enumerate(sample.targets):
        ours, _ = times_to(sample.graph, sample.mode, target, sample.people, sample.limit_s)
        _agree(ours, conn.execute(points_within(sample, number)).fetchall(), first=1)
        crossing = Position(target.edge, 0.0)
        tree = search_to(sample.graph, sample.mode, crossing, sample.limit_s)
        nodes = conn.execute(nodes_within(sample, number)).fetchall()
        _agree(tree.time_s[:-1], nodes, first=0)
        reached.append(len(nodes))
    return int(np.median(reached))


def _agree(ours: np.ndarray, rows: list[tuple[int, float]], *, first: int) -> None:
    theirs = np.full(len(ours), np.inf)
    theirs[[r[0] - first for r in rows]] = [r[1] for r in rows]
    if not np.allclose(ours, theirs, atol=1e-6, rtol=0):
        raise SystemExit("pgRouting and we disagree: nothing to compare")


def points_within(sample: Sample, number: int) -> str:
    """Return the question about candidates on streets; targets have ids after theirs."""
    count = len(sample.people)
    return POINTS_WITHIN.format(
        streets=STREETS, count=count, pid=count + 1 + number, limit_s=sample.limit_s
    )


def nodes_within(sample: Sample, number: int, *, boxed: bool = False) -> str:
    """Return the question about crossings around the start of the target's edge."""
    node = int(sample.graph.edge_from[sample.targets.edge[number]])
    box = _box(sample, node) if boxed else ""
    return NODES_WITHIN.format(streets=STREETS, box=box, node=node, limit_s=sample.limit_s)


def _box(sample: Sample, node: int) -> str:
    graph = sample.graph
    reach_m = sample.limit_s * max(speed.mps for speed in PROFILES[sample.mode].speed)
    x, y = float(graph.node_x_m[node]), float(graph.node_y_m[node])
    return (
        f" WHERE geom && ST_MakeEnvelope({x - reach_m}, {y - reach_m},"
        f" {x + reach_m}, {y + reach_m}, {graph.epsg})"
    )


def fill_peer(conn: psycopg.Connection, sample: Sample) -> None:
    """Give pgRouting the same streets and points, turned round: ways lead TO the target."""
    graph = sample.graph
    edge = np.arange(len(graph.edge_id))
    street = np.where(graph.edge_twin == NONE, edge, np.minimum(edge, graph.edge_twin))
    conn.execute("DROP TABLE IF EXISTS bench_streets, bench_points")
    conn.execute(
        "CREATE TEMP TABLE bench_streets (id integer PRIMARY KEY, source integer, target integer,"
        f" cost float8, reverse_cost float8, geom geometry(LineString, {graph.epsg}))"
    )
    conn.execute(
        "CREATE TEMP TABLE bench_points (pid integer PRIMARY KEY, edge_id integer,"
        " fraction float8, side char(1))"
    )
    with conn.cursor() as cursor, cursor.copy("COPY bench_streets FROM STDIN") as copy:
        for line in _streets(graph, sample.mode, np.unique(street)):
            copy.write_row(line)
    with conn.cursor() as cursor, cursor.copy("COPY bench_points FROM STDIN") as copy:
        for pid, place in enumerate([*sample.people, *sample.targets], 1):
            own = int(street[place.edge])
            along = place.fraction if own == place.edge else 1.0 - place.fraction
            copy.write_row((pid, own, along, "b"))
    conn.execute("CREATE INDEX ON bench_streets USING gist (geom)")
    conn.execute("ANALYZE bench_streets, bench_points")


def _streets(graph: RoadGraph, mode: Mode, street: np.ndarray) -> Iterator[tuple[object, ...]]:
    time_s = np.append(graph.edge_time_s(mode), np.inf)  # the last: the twin of no twin
    cost = np.where(np.isfinite(time_s), time_s, -1.0)  # pgRouting: negative is no way
    for edge in street.tolist():
        a, b = int(graph.edge_from[edge]), int(graph.edge_to[edge])
        ends = ",".join(f"{graph.node_x_m[n]} {graph.node_y_m[n]}" for n in (a, b))
        twin = int(graph.edge_twin[edge])
        line = f"SRID={graph.epsg};LINESTRING({ends})"
        yield edge, a, b, float(cost[twin]), float(cost[edge]), line


@contextmanager
def _peer(dsn: str | None) -> Iterator[psycopg.Connection]:
    if dsn is not None:
        with psycopg.connect(dsn, autocommit=True) as conn:
            conn.execute("CREATE EXTENSION IF NOT EXISTS pgrouting CASCADE")
            yield conn
        return
    with (
        tempfile.TemporaryDirectory() as home,
        temporary_cluster(Path(home)) as cluster,
        psycopg.connect(cluster.dsn(dbname="postgres"), autocommit=True) as conn,
    ):
        conn.execute("CREATE EXTENSION pgrouting CASCADE")
        yield conn


def _graphs(conn: psycopg.Connection | None) -> Iterator[tuple[str, RoadGraph]]:
    if conn is not None:
        yield "district", load_graph(conn)
        return
    yield "demo district", demo_graph()
    yield "lattice 100 × 100", lattice_graph(100)
    yield "lattice 250 × 250", lattice_graph(250)
    default = Path(__file__).parents[2] / "shared" / "data"
    data = Path(os.environ.get("GANXIN_TEST_DATA") or default)
    path = data / "roads" / "shenzhen_futian_drive.graphml"
    if path.exists():
        from tests.reference.futian import build, read_futian  # networkx: only where it is needed

        yield "Futian", build(*read_futian(path))


def demo_graph() -> RoadGraph:
    """Return the demo district's roads without a database."""
    nodes, edges = make_roads(make_plan(SEED, NoProgress()), SEED, NoProgress())
    return RoadGraph.build(
        node_id=nodes.id,
        node_lon=nodes.lonlat[:, 0],
        node_lat=nodes.lonlat[:, 1],
        edge_id=edges.id,
        from_node=edges.from_node,
        to_node=edges.to_node,
        twin_id=edges.twin_id.tolist(),
        length_m=edges.length_m,
        speed_class=edges.speed_class,
        access=edges.access,
        name=edges.name.tolist(),
        geometry=edges.geom,
    )


def lattice_graph(side: int, step_m: float = 150.0) -> RoadGraph:
    """Return a square lattice of two-way streets of four classes, every third one long."""
    x, y = (a.ravel() * step_m for a in np.meshgrid(np.arange(side), np.arange(side)))
    lon, lat = from_metric(x + 630_000.0, y + 4_310_000.0)
    cell = np.arange(side * side).reshape(side, side)
    start = np.concatenate([cell[:, :-1].ravel(), cell[:-1].ravel()])
    end = np.concatenate([cell[:, 1:].ravel(), cell[1:].ravel()])
    rank = np.random.default_rng(SEED).integers(1, 5, len(start))
    both = np.concatenate([start, end]), np.concatenate([end, start])
    count = len(start)
    ends = np.stack([np.column_stack([lon[e], lat[e]]) for e in both], axis=1)
    return RoadGraph.build(
        node_id=np.arange(side * side),
        node_lon=lon,
        node_lat=lat,
        edge_id=np.arange(2 * count),
        from_node=both[0],
        to_node=both[1],
        twin_id=[*range(count, 2 * count), *range(count)],
        length_m=np.full(2 * count, step_m),
        speed_class=np.tile(rank, 2),
        access=np.full(2 * count, 7),
        name=[None] * (2 * count),
        geometry=shapely.linestrings(ends),
    )


if __name__ == "__main__":
    main()
