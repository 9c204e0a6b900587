"""Processes die while eight hands write: nothing acknowledged is lost, nothing comes twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Signal
from threading import Thread

import psycopg
import pytest
from psycopg.rows import dict_row

from geodata.db import event
from geodata.db.cluster import Cluster
from geodata.settings import Settings
from tests.conftest import prepare_database
from tests.stream_rig import Rig, happen, owner, running, sign_in, wait_until
from web.stream.client import Message, StreamClient
from web.stream.facts import StreamFacts

WRITERS = 4
SOME = 150
"""Writes acknowledged between two blows."""


@dataclass
class Writers:
    """Write until told to stop; a write that was not acknowledged is not tried again."""

    dsn: str
    stop: Signal = field(default_factory=Signal)
    acknowledged: list[int] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)

    def start(self) -> None:
        self.threads = [Thread(target=self._write, args=(n,)) for n in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def finish(self) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def some_more(self) -> None:
        """Wait until writes go through (again)."""
        before = len(self.acknowledged)
        wait_until(lambda: len(self.acknowledged) >= before + SOME, "writes are acknowledged")

    def _write(self, number: int) -> None:
        case_id = number
        while not self.stop.is_set():
            try:
                with psycopg.connect(self.dsn, autocommit=True, row_factory=dict_row) as conn:
                    while not self.stop.is_set():
                        case_id += WRITERS
                        happen(conn, case_id=case_id)
                        self.acknowledged.append(case_id)
                        self.stop.wait(0.002)
            except psycopg.Error:
                self.stop.wait(0.05)


@dataclass
class Reader:
    """Reads one stream through every cut."""

    client: StreamClient
    frames: list[Message] = field(default_factory=list)
    thread: Thread | None = None

    def start(self) -> None:
        self.thread = Thread(target=self._read)
        self.thread.start()

    @property
    def events(self) -> list[dict]:
        return [json.loads(m.data) for m in list(self.frames) if m.event == "message"]

    def saw(self, name: str) -> bool:
        return self.count(name) > 0

    def count(self, name: str) -> int:
        return sum(message.event == name for message in list(self.frames))

    def last_of(self, *names: str) -> str | None:
        """Return which of these came last."""
        return next((m.event for m in reversed(list(self.frames)) if m.event in names), None)

    def _read(self) -> None:
        for message in self.client.messages(60):
            self.frames.append(message)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Run a cluster that keeps its word: fsync and synchronous commit on."""
    cluster = Cluster(Settings(home=tmp_path / "cluster"))
    cluster.ensure()
    try:
        cluster.start()
        cluster.create_database("test_fault")
        prepare_database(cluster.dsn(dbname="test_fault"))
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(cluster.place.data)
        shutil.rmtree(cluster.place.sockets, ignore_errors=True)


def stop_immediately(cluster: Cluster) -> None:
    assert cluster.process is not None
    cluster.process.send_signal(signal.SIGQUIT)
    cluster.process.wait(30)


def kill_a_backend(dsn: str) -> None:
    """Kill one writer's backend as the kernel would; PostgreSQL then cuts all and recovers."""
    with owner(dsn) as conn:
        row = conn.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid() AND application_name = '' LIMIT 1"
        ).fetchone()
    assert row is not None
    os.kill(row["pid"], signal.SIGKILL)


def kill_web_workers(rig: Rig) -> None:
    pid = rig.processes["web"].pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)


def judge(dsn: str, writers: Writers, reader: Reader) -> None:
    with owner(dsn) as conn:
        wait_until(
            lambda: not conn.execute("SELECT 1 FROM geodata.events_pending LIMIT 1").fetchone(),
            "all is sealed",
        )
        stored = list(event.walk(conn))
        assert event.verify(conn) is None
    assert [row["seq"] for row in stored] == list(range(1, len(stored) + 1))
    case_ids = [row["case_id"] for row in stored]
    assert len(set(case_ids)) == len(case_ids), "none is doubled"
    assert set(writers.acknowledged) <= set(case_ids), "every acknowledged write is there"
    wait_until(lambda: reader.count("message") >= len(stored), "the client has it all")
    assert [(e["seq"], e["case_id"]) for e in reader.events] == [
        (row["seq"], row["case_id"]) for row in stored
    ]


def test_nothing_is_lost_or_doubled_whatever_is_killed(cluster: Cluster, tmp_path: Path):
    dsn = cluster.dsn(dbname="test_fault")
    home = tmp_path / "home"
    home.mkdir()
    with running(dsn, home) as rig:
        facts = sign_in(dsn, "210211")
        reader, writers = Reader(rig.client(facts, since=0)), Writers(dsn)
        reader.start()
        wait_until(lambda: reader.saw("hello"), "the stream is open")
        writers.start()
        try:
            writers.some_more()
            kill_a_backend(dsn)
            writers.some_more()
            stop_immediately(cluster)
            wait_until(lambda: reader.saw("stale"), "the page is told that it is stale")
            cluster.start()
            wait_until(lambda: reader.last_of("stale", "live") == "live", "and that it is not")
            writers.some_more()
            kill_web_workers(rig)
            writers.some_more()
            rig.kill("stream")
            writers.some_more()
            rig.start_stream()
            writers.some_more()
            rig.kill("sequencer")
            writers.some_more()
            rig.start_sequencer()
            writers.some_more()
        finally:
            writers.finish()
        judge(dsn, writers, reader)
        sign_out(dsn, facts)
        assert reader.thread is not None
        reader.thread.join(30)
        assert reader.frames[-1].event == "signed-out"


def sign_out(dsn: str, facts: StreamFacts) -> None:
    with owner(dsn) as conn:
        conn.execute("UPDATE web.sessions SET ended_at = now() WHERE user_id = %s", [facts.user_id])


def test_an_idle_sequencer_is_told_apart_from_a_dead_one(cluster: Cluster, tmp_path: Path):
    dsn = cluster.dsn(dbname="test_fault")
    home = tmp_path / "home"
    home.mkdir()
    with running(dsn, home) as rig:
        rig.kill("sequencer")
        frames = rig.client(sign_in(dsn, "210211")).messages(60)
        assert next(frames).event == "hello"
        with owner(dsn) as conn:
            happen(conn, case_id=1)
        told = next(m for m in frames if m.event == "stale")
        assert json.loads(told.data)["reason"] == "sequencer"
        rig.start_sequencer()
        after = [next(m for m in frames if m.event != "tick").event for _ in range(2)]
        assert sorted(after) == ["live", "message"]


def test_a_restored_database_makes_everybody_load_anew(cluster: Cluster, tmp_path: Path):
    dsn = cluster.dsn(dbname="test_fault")
    home = tmp_path / "home"
    home.mkdir()
    with running(dsn, home) as rig:
        facts = sign_in(dsn, "210211")
        with owner(dsn) as conn:
            for number in range(20):
                happen(conn, case_id=number)
        wait_until(lambda: rig.status()["seq"] == 20, "all are read")
        frames = rig.client(facts, since=20).messages(60)
        assert next(frames).event == "hello"
        rig.kill("sequencer")
        with owner(dsn) as conn:  # as a backup of an hour ago would stand there
            conn.execute("DELETE FROM geodata.events WHERE seq > 12")
            conn.execute(
                "UPDATE geodata.event_head SET seq = e.seq, hash = e.hash"
                " FROM geodata.events e WHERE e.seq = 12"
            )
        stop_immediately(cluster)
        cluster.start()
        rig.start_sequencer()
        told = next(m for m in frames if m.event == "resync")
        assert json.loads(told.data) == {"seq": 12, "reason": "history"}
        with owner(dsn) as conn:
            happen(conn, case_id=99)
        assert next(m for m in frames if m.event == "message").cursor == "13"
