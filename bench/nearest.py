"""The ten nearest people in a straight line: ours, PostGIS and Redis on the same people and places.

The question: 17,695 people on duty of the demo district where they are (the last fix, or the home
post), 1,000 places within 300 m of somebody; the ten nearest with their distances in metres. Asked:

- ours, ``dispatch.people.nearest.Places``: an R-tree in the process, EPSG:4549; projecting the
  place is part of it;
- PostGIS, ``ORDER BY geom <-> point LIMIT 10`` over geometry in EPSG:4549 with a GiST index: a
  prepared statement over a unix socket, the place already in metres; also with all who are as near
  as the tenth, ordered by id;
- Redis, ``GEOSEARCH … FROMLONLAT BYRADIUS … ASC COUNT 10`` through the redis client over a unix
  socket. It wants a radius: 500 m, doubled until ten are found; also with the right one known.

PostGIS must name the same people in the same order, at the same distances to a tenth of a
millimetre, or this fails. Redis measures on a sphere of 6,372,797.56 m and keeps a place in 52
bits: whoever it puts on a rank may be farther or nearer than ours of that rank, measured our way,
by no more than 0.3 % and 1 m, and its distances may differ by as much, or this fails.

``python -m bench.nearest``. redis-server is Debian's (``apt-get install redis-server``); the client
is installed from PyPI for the run.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from bench.nearest_peer import MISSING, PACKAGES, Redis, redis_running
from dispatch.people.nearest import Near, Places, read_on_duty
from geodata.crs import METRIC_EPSG, from_metric, to_metric
from geodata.db.cluster import temporary_cluster
from geodata.db.migrate import migrate
from web.demo import prepare, seed_district

SEED, AS_OF = 210211, datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
PEOPLE, QUESTIONS, AROUND_M, COUNT = 17_695, 1_000, 300.0, 10
SAME_M = 1e-4
SPHERE, CELL_M = 0.003, 1.0
"""What a sphere makes of a distance here (0.22 % either way; the plane 0.02 %), and metres for a
place in 52 bits (0.3 m at most)."""
HEAD = ("engine", "p50, µs", "p95, µs", "ratio of p50", "ratio of p95", "answers")
TABLE = """
CREATE TEMP TABLE bench_people AS
SELECT u.id, ST_SetSRID(ST_MakePoint(u.x_m, u.y_m), 4549)::geometry(Point, 4549) AS geom
FROM unnest(%s::bigint[], %s::float8[], %s::float8[]) u (id, x_m, y_m)
"""
KNN = """
SELECT id, geom <-> ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 4549) AS distance_m FROM bench_people
ORDER BY geom <-> ST_SetSRID(ST_MakePoint(%(x)s, %(y)s), 4549) LIMIT 10
"""
TIES = f"""
SELECT id, distance_m FROM ({KNN.replace("LIMIT 10", "FETCH FIRST 10 ROWS WITH TIES")}) near
ORDER BY distance_m, id LIMIT 10
"""  # noqa: S608 - a fixed statement
"""A second key beside the distance would not be answered by the index."""
Floats = np.ndarray
Ask = Callable[[int], list[Near]]


@dataclass(frozen=True)
class Sample:
    """People and the places asked about; degrees (EPSG:4326) and metres (EPSG:4549)."""

    person_id: np.ndarray
    lon: Floats
    lat: Floats
    at_lon: Sequence[float]
    at_lat: Sequence[float]
    at_m: Sequence[Sequence[float]]


def main() -> None:
    """Measure and print the rows of a markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    if shutil.which("redis-server") is None:
        raise SystemExit(MISSING)
    with tempfile.TemporaryDirectory(prefix="ganxin-bench-") as name:
        folder = Path(name)
        with (
            temporary_cluster(folder / "cluster") as cluster,
            psycopg.connect(load(cluster.dsn(dbname="postgres")), autocommit=True) as conn,
            redis_running(folder) as redis,
        ):
            measure(conn, redis, rounds)


def load(dsn: str) -> str:
    """Load the demo district; return the connection string."""
    migrate(dsn)
    prepare(dsn)
    seed_district(dsn, seed=SEED, as_of=AS_OF)
    return dsn


def draw(conn: psycopg.Connection[Any]) -> Sample:
    """Draw people on duty, and places near some of them."""
    rng = np.random.default_rng(SEED)
    everybody = np.array(read_on_duty(conn))
    if len(everybody) < PEOPLE:
        raise SystemExit(f"Only {len(everybody)} people are on duty")
    kept = np.sort(rng.choice(len(everybody), PEOPLE, replace=False))
    person_id, lon, lat = everybody[kept].T
    x_m, y_m = to_metric(lon, lat)
    near = rng.integers(0, len(kept), QUESTIONS)
    x_m, y_m = (column[near] + rng.uniform(-AROUND_M, AROUND_M, QUESTIONS) for column in (x_m, y_m))
    at_lon, at_lat = from_metric(x_m, y_m)
    at_m = np.column_stack(to_metric(at_lon, at_lat))
    return Sample(
        person_id.astype(np.int64), lon, lat, at_lon.tolist(), at_lat.tolist(), at_m.tolist()
    )


def measure(conn: psycopg.Connection[Any], redis: Redis, rounds: int) -> None:
    """Ask all engines in turns, check their answers, and print the table."""
    sample = draw(conn)
    places = Places()
    ours_s = seconds(lambda: places.move(sample.person_id, sample.lon, sample.lat))
    postgis_s = seconds(lambda: fill(conn, sample))
    redis_s = redis.load(sample.person_id.tolist(), sample.lon.tolist(), sample.lat.tolist())
    engines = engines_of(conn, redis, places, sample)
    answers, taken = ask_all(list(engines.values()), rounds)
    ours, exact, plain, unknown, known = answers
    told = ["", same(ours, exact), same(ours, plain, ties=True)]
    told += [alike(places, sample, ours, unknown), alike(places, sample, ours, known)]
    show(list(engines), taken, told)
    packages = [f"{name} {version(name)}" for name in ("rtree", "psycopg")]
    print(
        f"\n{len(sample.person_id):,} people on duty, {QUESTIONS:,} places, the nearest {COUNT},"
        f" {rounds} rounds in turns. All people written anew: ours {ours_s * 1e3:.0f} ms, PostGIS"
        f" with its index {postgis_s * 1e3:.0f} ms, Redis {redis_s * 1e3:.0f} ms; one who moves,"
        f" ours: {moving_us(places, sample):.0f} µs. Redis without a known radius:"
        f" {redis.again / redis.asked:.2f} more questions each. {versions(conn)}, Redis"
        f" {redis.version}, {', '.join([*packages, *PACKAGES])}."
    )


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def fill(conn: psycopg.Connection[Any], sample: Sample) -> None:
    """Write the people into a table with a GiST index; hold that a question uses it."""
    x_m, y_m = to_metric(sample.lon, sample.lat)
    conn.execute(TABLE, (sample.person_id.tolist(), x_m.tolist(), y_m.tolist()))
    conn.execute("CREATE INDEX bench_people_geom ON bench_people USING gist (geom)")
    conn.execute("ANALYZE bench_people")
    values = {"x": sample.at_m[0][0], "y": sample.at_m[0][1]}
    for statement in (TIES, KNN):
        plan = conn.execute("EXPLAIN " + statement, values).fetchall()
        if not any("Index Scan using bench_people_geom" in line for (line,) in plan):
            raise SystemExit("PostGIS does not use its index: nothing to compare")


def engines_of(
    conn: psycopg.Connection[Any], redis: Redis, places: Places, sample: Sample
) -> dict[str, Ask]:
    """Return every engine as a function of the number of a question."""
    lon, lat, at_m = sample.at_lon, sample.at_lat, sample.at_m
    reach_m = [
        places.nearest(lon[i], lat[i], COUNT)[-1].distance_m * (1 + SPHERE) + CELL_M
        for i in range(QUESTIONS)
    ]

    def knn(statement: str) -> Ask:
        def ask(i: int) -> list[Near]:
            values = {"x": at_m[i][0], "y": at_m[i][1]}
            rows = conn.execute(statement, values, prepare=True).fetchall()
            return [Near(*row) for row in rows]

        return ask

    return {
        "ours": lambda i: places.nearest(lon[i], lat[i], COUNT),
        "PostGIS, ties by id": knn(TIES),
        "PostGIS": knn(KNN),
        "Redis, radius doubled from 500 m": lambda i: redis.nearest(lon[i], lat[i], COUNT),
        "Redis, radius known": lambda i: redis.within(lon[i], lat[i], reach_m[i], COUNT),
    }


def ask_all(
    engines: Sequence[Ask], rounds: int
) -> tuple[list[list[list[Near]]], list[list[float]]]:
    """Ask every engine every question, in turns; return the answers, and the times in seconds."""
    answers = [[ask(i) for i in range(QUESTIONS)] for ask in engines]  # and warm
    taken: list[list[float]] = [[] for _ in engines]
    for _ in range(rounds):
        for ask, times in zip(engines, taken, strict=True):
            for i in range(QUESTIONS):
                start = time.perf_counter()
                ask(i)
                times.append(time.perf_counter() - start)
    return answers, taken


def same(ours: list[list[Near]], theirs: list[list[Near]], *, ties: bool = False) -> str:
    """Hold that answers are the same; tell how many questions have ties.

    Parameters
    ----------
    ties
        Equally near people may stand in any order, and any of them on the last rank.
    """
    tied = 0
    for mine, other in zip(ours, theirs, strict=True):
        off_m = max(abs(a.distance_m - b.distance_m) for a, b in zip(mine, other, strict=True))
        tied += len({one.distance_m for one in mine}) < len(mine)
        ids = [one.person_id for one in mine] == [one.person_id for one in other]
        if off_m > SAME_M or not (ids or ties):
            raise SystemExit("PostGIS and we disagree: nothing to compare")
    return f"the same distances; {tied} with ties" if ties else "the same, in the same order"


def alike(places: Places, sample: Sample, ours: list[list[Near]], theirs: list[list[Near]]) -> str:
    """Hold that Redis answers the same within what its sphere and its cells make of it."""
    whole, worst_m = 0, 0.0
    for i, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        whole += {one.person_id for one in mine} == {one.person_id for one in other}
        for a, b in zip(mine, other, strict=True):
            measured_m = places.distance_m(b.person_id, sample.at_lon[i], sample.at_lat[i])
            off_m = max(abs(measured_m - a.distance_m), abs(b.distance_m - measured_m))
            if off_m > SPHERE * a.distance_m + CELL_M:
                raise SystemExit(f"Redis and we disagree by {off_m:.2f} m: nothing to compare")
            worst_m = max(worst_m, abs(measured_m - a.distance_m))
    return (
        f"the same ten in {whole / len(ours):.1%}; who stands on another's rank is at most"
        f" {worst_m:.2f} m nearer or farther"
    )


def moving_us(places: Places, sample: Sample) -> float:
    """Return the microseconds of moving one person, the median of 500."""
    rows = zip(sample.person_id.tolist(), sample.lon.tolist(), sample.lat.tolist(), strict=True)
    taken = [seconds(lambda row=row: places.move(*row)) for row in list(rows)[:500]]
    return float(np.median(taken)) * 1e6


def show(names: Sequence[str], taken: Sequence[Sequence[float]], told: Sequence[str]) -> None:
    print(f"| {' | '.join(HEAD)} |\n" + "|---" * len(HEAD) + "|")
    base = np.quantile(taken[0], [0.5, 0.95])
    for name, times, answers in zip(names, taken, told, strict=True):
        quantiles = np.quantile(times, [0.5, 0.95])
        cells = [f"{value * 1e6:.0f}" for value in quantiles]
        cells += [f"{ratio:.1f}×" for ratio in quantiles / base]
        print(f"| {name} | {' | '.join(cells)} | {answers} |", flush=True)


def versions(conn: psycopg.Connection[Any]) -> str:
    row = conn.execute("SELECT current_setting('server_version'), postgis_lib_version()").fetchone()
    if row is None:
        raise SystemExit("The database does not say its version")
    return f"EPSG:{METRIC_EPSG}, PostgreSQL {row[0].split()[0]}, PostGIS {row[1]}"


if __name__ == "__main__":
    main()
