"""The road graph out of the database, its shared file, and the provider that keeps it fresh."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg.rows import dict_row

from geodata.db.scope import Conn
from geodata.errors import DataFault, Unavailable
from geodata.road.cache import MAGIC, cache_file, open_graph, save_graph
from geodata.road.graph import RoadGraph
from geodata.road.network import TAILS
from geodata.road.position import Positions
from geodata.road.profile import Mode
from geodata.road.provider import RECHECK_S, RETRY_S, RoadProvider
from geodata.road.store import load_graph, read_edition, read_version
from geodata.road.travel import times_to
from tests.small_town import load_small_town


@pytest.fixture
def town_dsn(empty_db: str) -> str:
    with psycopg.connect(empty_db, row_factory=dict_row) as conn:
        load_small_town(conn)
    return empty_db


@pytest.fixture
def conn(town_dsn: str) -> Iterator[Conn]:
    with psycopg.connect(town_dsn, row_factory=dict_row, autocommit=True) as conn:
        yield conn


def arrays(graph: RoadGraph) -> dict[str, Any]:
    """Return every array of a graph; the entries of the virtual nodes hold the last search."""
    found = {k: v for k, v in vars(graph).items() if isinstance(v, np.ndarray)}
    for mode, network in graph.networks.items():
        found[f"{mode}.time"] = network.edge_time_s
        for way in ("forward", "reverse"):
            matrix = getattr(network, way)
            found[f"{mode}.{way}"] = np.concatenate([matrix.row_start, matrix.target[:-TAILS]])
            found[f"{mode}.{way}.s"] = matrix.weight_s[:-TAILS]
            found[f"{mode}.{way}.edge"] = matrix.edge
    return found


def some_times(graph: RoadGraph) -> list[list[float]]:
    rng = np.random.default_rng(1)
    edge = rng.integers(0, len(graph.edge_id), 40).astype(np.int32)
    sources = Positions(edge, rng.random(40), np.zeros(40))
    return [times_to(graph, mode, sources[7], sources, np.inf)[0].tolist() for mode in Mode]


def test_the_graph_holds_what_the_tables_hold(conn: Conn) -> None:
    graph = load_graph(conn, version=read_version(conn))
    row = conn.execute(
        "SELECT count(*) AS edges, sum(length_m) AS m, count(twin_id) AS twins,"
        " count(DISTINCT name) AS names FROM geodata.road_edges"
    ).fetchone()
    assert row is not None
    assert (len(graph.edge_id), len(graph.names)) == (row["edges"], row["names"])
    assert graph.length_m.sum() == pytest.approx(row["m"])
    assert (graph.edge_twin >= 0).sum() == row["twins"]
    assert graph.version == 1


def test_the_graphs_plane_is_that_of_the_database(conn: Conn) -> None:
    graph = load_graph(conn)
    for row in conn.execute(
        "SELECT id, ST_X(p) AS x, ST_Y(p) AS y, ST_Length(geodata.to_metric(geom)) AS m FROM"
        " (SELECT *, ST_StartPoint(geodata.to_metric(geom)) AS p FROM geodata.road_edges) AS e"
    ):
        edge = int(graph.edge_index(row["id"])[0])
        first, last = graph.shape_offset[edge], graph.shape_offset[edge + 1] - 1
        assert graph.shape_x_m[first] == pytest.approx(row["x"], abs=1e-4)
        assert graph.shape_y_m[first] == pytest.approx(row["y"], abs=1e-4)
        length_m = graph.shape_along_m[last] - graph.shape_along_m[first]
        assert length_m == pytest.approx(row["m"], abs=1e-4)


def test_a_mapped_graph_is_the_graph(conn: Conn, tmp_path: Path) -> None:
    graph, edition = load_graph(conn), read_edition(conn)
    path = cache_file(tmp_path / "cache", edition, graph.epsg)
    save_graph(graph, path)
    mapped = open_graph(path, version=7)
    assert mapped is not None
    assert mapped.version == 7
    assert mapped.names == graph.names
    theirs = arrays(graph)
    for name, array in arrays(mapped).items():
        assert array.dtype == theirs[name].dtype, name
        assert np.array_equal(array, theirs[name]), name
    assert some_times(mapped) == some_times(graph)


def test_a_search_in_one_process_does_not_show_in_the_file(conn: Conn, tmp_path: Path) -> None:
    path = tmp_path / "road-210211-1.bin"
    save_graph(load_graph(conn), path)
    before = path.read_bytes()
    one, two = open_graph(path), open_graph(path)
    assert one is not None
    assert two is not None
    assert some_times(one) == some_times(two)
    assert path.read_bytes() == before


def test_a_broken_file_is_as_good_as_none(conn: Conn, tmp_path: Path) -> None:
    path = tmp_path / "road-210211-1.bin"
    assert open_graph(path) is None
    save_graph(load_graph(conn), path)
    whole = path.read_bytes()
    huge = MAGIC + struct.pack("<Q", 1 << 62) + whole[len(MAGIC) + 8 :]
    for broken in (b"", b"x", whole[:-1], whole[:1000], b"y" + whole[1:], whole + b"z", huge):
        path.write_bytes(broken)
        assert open_graph(path) is None


def test_saving_drops_older_roads_and_leaves_other_districts(conn: Conn, tmp_path: Path) -> None:
    graph = load_graph(conn)
    for name in ("road-210211-1.bin", "road-210299-1.bin", "road-210211-2.bin"):
        save_graph(graph, tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["road-210211-2.bin", "road-210299-1.bin"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE geodata.road_edges SET length_m = length_m + 1 WHERE id = 1",
        "UPDATE geodata.road_edges SET access = 1 WHERE id = 2",
        "UPDATE geodata.road_edges SET name = 'x' WHERE id = 3",
        "UPDATE geodata.road_edges SET geom = ST_Translate(geom, 1e-6, 0) WHERE id = 4",
        "UPDATE geodata.road_nodes SET geom = ST_Translate(geom, 0, 1e-6) WHERE id = 1",
    ],
)
def test_every_change_of_the_roads_is_another_edition(conn: Conn, change: str) -> None:
    before = read_edition(conn)
    conn.execute("UPDATE geodata.districts SET ground_version = ground_version + 1")
    raised = read_edition(conn)
    assert raised.same_roads(before)
    assert raised.version == before.version + 1
    conn.execute(change)
    assert not read_edition(conn).same_roads(before)


class Hand:
    """A clock moved by hand."""

    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def test_the_provider_notices_new_roads_after_a_while(
    conn: Conn, town_dsn: str, tmp_path: Path
) -> None:
    clock = Hand()
    provider = RoadProvider(town_dsn, tmp_path, monotonic=clock)
    first = provider()
    conn.execute("UPDATE geodata.road_edges SET length_m = 2 * length_m")
    conn.execute("UPDATE geodata.districts SET ground_version = ground_version + 1")
    assert provider() is first
    clock.now_s += RECHECK_S
    assert provider().length_m == pytest.approx(2 * first.length_m)
    second = provider.snapper()
    conn.execute("UPDATE geodata.districts SET ground_version = ground_version + 1")
    clock.now_s += RECHECK_S
    assert provider.snapper() is second


def test_processes_share_one_file(town_dsn: str, tmp_path: Path) -> None:
    first, second = (RoadProvider(town_dsn, tmp_path)() for _ in range(2))
    assert len(list(tmp_path.iterdir())) == 1
    assert some_times(first) == some_times(second)


def test_many_at_once_load_once(town_dsn: str, tmp_path: Path) -> None:
    provider = RoadProvider(town_dsn, tmp_path)
    with ThreadPoolExecutor(8) as pool:
        found = {id(graph) for graph in pool.map(lambda _: provider(), range(32))}
    assert len(found) == 1


def test_no_roads_and_no_database_say_so_and_heal(
    conn: Conn, town_dsn: str, tmp_path: Path
) -> None:
    clock = Hand()
    with pytest.raises(Unavailable):
        RoadProvider(f"{town_dsn} dbname=ganxin_test_gone", tmp_path)()
    conn.execute("CREATE TABLE kept AS SELECT * FROM geodata.road_edges")
    conn.execute("DELETE FROM geodata.road_edges")
    provider = RoadProvider(town_dsn, tmp_path, monotonic=clock)
    with pytest.raises(DataFault, match="ganxin demo"):
        provider()
    conn.execute("INSERT INTO geodata.road_edges SELECT * FROM kept")
    with pytest.raises(DataFault):
        provider()
    clock.now_s += RETRY_S
    last = provider()
    conn.execute("DELETE FROM geodata.road_edges")
    conn.execute("UPDATE geodata.districts SET ground_version = ground_version + 1")
    clock.now_s += RECHECK_S
    assert provider() is last


def test_a_cache_that_cannot_be_written_costs_memory_only(town_dsn: str, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    graph = RoadProvider(town_dsn, blocked / "cache")()
    assert np.isfinite(some_times(graph)[0]).any()
    assert os.listdir(tmp_path) == ["file"]
