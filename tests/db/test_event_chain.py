"""The sequencer's chain: gapless, one sealer at a time, and every kind of tampering is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event as Signal
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from geodata.db import event
from geodata.db.event import Event, Fault
from web import sequencer

Connection = psycopg.Connection[dict[str, Any]]
COUNT = 12


@pytest.fixture(scope="module")
def shared_dsn(clone: Callable[[str], str], empty_template: str) -> str:
    return clone(empty_template)


@pytest.fixture
def conn(shared_dsn: str) -> Iterator[Connection]:
    """Return a connection whose transaction is rolled back after the test."""
    with (
        psycopg.connect(shared_dsn, row_factory=dict_row) as conn,
        conn.transaction(force_rollback=True),
    ):
        yield conn


@pytest.fixture
def own_conn(empty_db: str) -> Iterator[Connection]:
    """Return an autocommitting connection to a database of the test's own."""
    with psycopg.connect(empty_db, autocommit=True, row_factory=dict_row) as conn:
        yield conn


def append(conn: Connection, count: int, area_code: str = "210211001") -> None:
    for number in range(count):
        payload = {"n": number, "文": "字", "nested": {"b": [1, 2.50], "a": None}}
        moment = datetime(2026, 11, 20, 1, 2, 3, number, UTC)
        event.append(conn, Event("case.reported", moment, area_code, "u:1", number, None, payload))


@pytest.fixture
def chain(conn: Connection) -> Connection:
    append(conn, COUNT)
    while event.seal(conn, 5) is not None:
        pass
    assert event.last_seq(conn) == COUNT
    return conn


INSERTED = (
    "INSERT INTO geodata.events SELECT {seq}, 999, occurred_at, kind, case_id, person_id,"
    " area_code, actor, payload, {hash} FROM geodata.events WHERE seq = 3"
)
SHIFT = (
    "UPDATE geodata.events SET seq = -seq WHERE seq >= 7;"
    " UPDATE geodata.events SET seq = -seq + 1 WHERE seq < 0;"
)
CHAINED = (
    "(SELECT geodata.event_hash(e.hash, {seq}, 999, x.occurred_at, x.kind, x.case_id,"
    " x.person_id, x.area_code, x.actor, x.payload) FROM geodata.events e, geodata.events x"
    " WHERE e.seq = {seq} - 1 AND x.seq = 3)"
)


def test_an_untouched_chain_holds(chain: Connection):
    assert event.verify(chain) is None
    assert [row["seq"] for row in event.walk(chain, page=5)] == list(range(1, COUNT + 1))


def test_an_empty_chain_holds(conn: Connection):
    assert event.verify(conn) is None
    assert event.seal(conn) is None


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE geodata.events SET kind = 'case.closed' WHERE seq = 7", Fault(7, "altered")),
        ("UPDATE geodata.events SET payload = '{}' WHERE seq = 1", Fault(1, "altered")),
        (
            "UPDATE geodata.events SET occurred_at = occurred_at + interval '1 us' WHERE seq = 12",
            Fault(12, "altered"),
        ),
        ("UPDATE geodata.events SET hash = '\\x00' WHERE seq = 5", Fault(5, "altered")),
        ("UPDATE geodata.event_head SET hash = '\\x00'", Fault(12, "altered")),
        ("DELETE FROM geodata.events WHERE seq = 7", Fault(7, "missing")),
        ("DELETE FROM geodata.events WHERE seq IN (4, 5)", Fault(4, "missing")),
        ("DELETE FROM geodata.events WHERE seq = 1", Fault(1, "missing")),
        ("DELETE FROM geodata.events WHERE seq = 12", Fault(12, "missing")),
        ("DELETE FROM geodata.events", Fault(1, "missing")),
        (INSERTED.format(seq=13, hash="'\\x00'"), Fault(13, "inserted")),
        (INSERTED.format(seq=13, hash=CHAINED.format(seq=13)), Fault(13, "inserted")),
        (INSERTED.format(seq=40, hash="'\\x00'"), Fault(40, "inserted")),
        (INSERTED.format(seq=0, hash="'\\x00'"), Fault(0, "inserted")),
        (
            SHIFT.replace("7", "1") + INSERTED.replace("= 3", "= 4").format(seq=1, hash="'\\x00'"),
            Fault(1, "inserted"),
        ),
        (SHIFT + INSERTED.format(seq=7, hash="'\\x00'"), Fault(7, "inserted")),
        (SHIFT + INSERTED.format(seq=7, hash=CHAINED.format(seq=7)), Fault(7, "inserted")),
    ],
)
def test_the_first_fault_is_named(chain: Connection, statement: str, fault: Fault):
    chain.execute(statement)
    assert event.verify(chain) == fault


def test_a_reader_sees_its_own_area_and_a_writer_seals_nothing(chain: Connection):
    append(chain, 2, area_code="210211002")
    event.seal(chain)
    chain.execute("SET ROLE ganxin_app")
    assert event.read_since(chain, 0, 100) == []
    with chain.transaction():
        chain.execute("SELECT set_config('ganxin.areas', '210211002', true)")
        assert [row["seq"] for row in event.read_since(chain, 0, 100)] == [13, 14]
    for forbidden in (
        "SELECT geodata.seal_events(1)",
        "UPDATE geodata.events SET kind = 'x'",
        "DELETE FROM geodata.events",
        "SELECT FROM geodata.events_pending",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), chain.transaction():
            chain.execute(forbidden)


def test_what_is_rolled_back_was_never_an_event(chain: Connection):
    with chain.transaction(force_rollback=True):
        append(chain, 3)
    append(chain, 1)
    assert event.seal(chain) == COUNT + 1


def test_an_event_committed_late_is_sealed_late_and_none_is_lost(
    empty_db: str, own_conn: Connection
):
    with psycopg.connect(empty_db, row_factory=dict_row) as slow:
        append(slow, 1, area_code="210211003")
        append(own_conn, 2, area_code="210211004")
        assert event.seal(own_conn) == 2
        slow.commit()
    assert event.seal(own_conn) == 3
    areas = [row["area_code"][-1] for row in event.read_since(own_conn, 0, 9)]
    assert areas == ["4", "4", "3"]
    assert event.verify(own_conn) is None


def test_three_sequencers_make_one_gapless_chain(empty_db: str, own_conn: Connection):
    stop = Signal()
    writers, each = 4, 300

    def write(number: int) -> None:
        with psycopg.connect(empty_db, autocommit=True, row_factory=dict_row) as own:
            append(own, each)

    with ThreadPoolExecutor(writers + 3) as pool:
        sealing = [pool.submit(sequencer.run, empty_db, stop) for _ in range(3)]
        for writing in [pool.submit(write, number) for number in range(writers)]:
            writing.result()
        while own_conn.execute("SELECT 1 FROM geodata.events_pending LIMIT 1").fetchone():
            stop.wait(0.01)
        stop.set()
        for task in sealing:
            task.result()
    assert event.last_seq(own_conn) == writers * each
    assert event.verify(own_conn) is None


def test_sealing_tells_listeners_once_per_batch(empty_db: str, own_conn: Connection):
    with psycopg.connect(empty_db, autocommit=True) as listening:
        listening.execute("LISTEN ganxin_events")
        append(own_conn, 5)
        event.seal(own_conn)
        notes = list(listening.notifies(timeout=5, stop_after=1))
    assert [note.payload for note in notes] == ["5"]
