"""A crash leaves nothing that blocks the next start."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from geodata.db.cluster import Cluster, mark_leakproof, running, temporary_cluster
from geodata.errors import Unavailable
from geodata.process import wait_gone
from geodata.settings import Settings
from web.check import check_database
from web.cli import main
from web.upgrade import upgrade


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(Settings(home=tmp_path), durable=False)
    yield cluster
    cluster.stop()
    shutil.rmtree(cluster.place.data, ignore_errors=True)
    shutil.rmtree(cluster.place.sockets, ignore_errors=True)


def test_half_made_files_are_made_again(cluster: Cluster) -> None:
    draft = cluster.place.data.with_name(cluster.place.data.name + ".new")
    (draft / "base").mkdir(parents=True)
    (draft / "PG_VERSION").write_text("15\n")
    assert cluster.ensure()
    assert not cluster.ensure()
    assert not draft.exists()


def test_pid_file_that_names_a_stranger_does_not_block(cluster: Cluster) -> None:
    cluster.ensure()
    pid_file = cluster.place.data / "postmaster.pid"
    stranger = str(os.getpid())  # alive and no server: as after a reboot
    pid_file.write_text(f"{stranger}\n{cluster.place.data}\n0\n5432\n{cluster.place.sockets}\n")
    cluster.place.sockets.mkdir(parents=True, exist_ok=True)
    (cluster.place.sockets / ".s.PGSQL.5432.lock").write_text(f"{stranger}\n")
    cluster.start()
    assert cluster.create_database()
    assert not cluster.create_database()


def test_server_killed_under_a_busy_backend_starts_again(cluster: Cluster) -> None:
    cluster.ensure()
    cluster.start()
    with closing(psycopg.connect(cluster.dsn(dbname="postgres"), autocommit=True)) as busy:
        busy.pgconn.send_query(b"SELECT pg_sleep(600)")
        server = cluster.tenants()[0]
        os.kill(server, signal.SIGKILL)
        assert cluster.process is not None
        cluster.process.wait()
        cluster.start()
    assert server not in cluster.tenants()


def test_server_that_cannot_start_says_why(cluster: Cluster) -> None:
    cluster.ensure()
    (cluster.place.data / "global" / "pg_control").unlink()
    with pytest.raises(Unavailable, match=r"(?s)postgres\.log.*pg_control"):
        cluster.start()


def test_stop_leaves_no_process(cluster: Cluster) -> None:
    cluster.ensure()
    cluster.start()
    pids = cluster.tenants()
    assert len(pids) > 1
    cluster.stop()
    assert cluster.tenants() == []
    assert all(wait_gone(pid, 0) for pid in pids)


def test_command_starts_the_cluster_or_uses_the_running_one(cluster: Cluster) -> None:
    settings = Settings(home=cluster.log.parents[1])
    with running(settings, "first") as dsn, running(settings, "second") as same:
        assert dsn == same
        with psycopg.connect(same) as conn:
            assert conn.execute("SHOW listen_addresses").fetchall() == [("",)]
    assert cluster.tenants() == []


def test_leftovers_of_a_killed_run_are_removed_by_the_next(tmp_path: Path) -> None:
    second = tmp_path / "second"
    leftover = Cluster(Settings(home=second)).place.data.with_name("leftover-of-a-test")
    leftover.mkdir(parents=True)
    (leftover / "temporary").touch()
    with temporary_cluster(tmp_path / "first") as first, temporary_cluster(second):
        assert not leftover.exists()
        assert first.place.data.exists()
    assert not first.place.data.exists()


def test_check_names_the_repair_of_a_lost_leakproof_mark(empty_db: str) -> None:
    with psycopg.connect(empty_db, autocommit=True) as conn:
        conn.execute("ALTER FUNCTION geometry_overlaps(geometry, geometry) NOT LEAKPROOF")
    found = {finding.name: finding.fault for finding in check_database(empty_db)}
    fault = found["leakproof"]
    assert fault is not None
    assert "ALTER FUNCTION geometry_overlaps(geometry, geometry) LEAKPROOF;" in fault.repair
    assert mark_leakproof(empty_db)
    found = {finding.name: finding.fault for finding in check_database(empty_db)}
    assert {name for name, fault in found.items() if fault} == {"types", "district"}


def test_check_names_a_ground_that_no_map_was_drawn_from(empty_db: str) -> None:
    with psycopg.connect(empty_db, autocommit=True) as conn:
        conn.execute(
            "INSERT INTO layers.areas (code, level, name, geom, label)"
            " SELECT '210211', 'district', '区', g, ST_PointOnSurface(g)"
            " FROM (SELECT ST_Multi(ST_MakeEnvelope(121, 38, 122, 39, 4326)) AS g) q"
        )
    found = {finding.name: finding.fault for finding in check_database(empty_db)}
    assert found["map"] is not None
    assert found["map"].repair == "Run `ganxin draw`."


def test_a_due_time_is_taken_from_a_running_cluster_and_without_it(
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("GANXIN_DATABASE_URL", raising=False)
    monkeypatch.setenv("GANXIN_HOME", str(tmp_path))
    words = ["clock", "due", "2025-09-30T16:30", "--working-hours", "2"]
    cluster.ensure()
    cluster.start()
    cluster.create_database()
    upgrade(cluster.dsn())
    with psycopg.connect(cluster.dsn()) as conn:
        conn.execute("DELETE FROM dispatch.work_hours")
        conn.execute("INSERT INTO dispatch.work_hours VALUES ('09:00', '17:00')")
    assert main(words) == 0
    shown = capsys.readouterr()
    assert shown.err == "Work calendar: the district's.\n"
    assert shown.out == "2025-10-09T10:30:00+08:00 final\n"  # half an hour, 1.5 h from 09:00
    cluster.stop()
    assert main(words) == 0
    shown = capsys.readouterr()
    assert shown.err == "Work calendar: as shipped, no database is running.\n"
    assert shown.out == "2025-10-09T09:30:00+08:00 final\n"
    (cluster.place.sockets / ".s.PGSQL.5432").touch()  # as after a crash
    assert main(words) == 0
    assert "the database does not answer" in capsys.readouterr().err
