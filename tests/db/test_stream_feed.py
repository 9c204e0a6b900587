"""The feed after the database was away: the same history goes on, another one is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from geodata.db import event
from geodata.db.event import Event
from web.stream.entry import Entry
from web.stream.feed import Feed
from web.stream.ring import Ring
from web.stream.store import read_entries

Connection = psycopg.Connection[dict[str, Any]]


class Recorder:
    """Notes what the feed tells."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.changes = 0

    def on_roster(self, codes: dict[int, tuple[str, ...]]) -> None:
        assert codes == {}

    def on_events(self, entries: list[Entry]) -> None:
        self.seqs += [entry.seq for entry in entries]

    def on_history_changed(self) -> None:
        self.changes += 1

    def on_credential(self, credential: str) -> None:
        raise AssertionError(credential)

    def on_stale(self, reason: str) -> None:
        raise AssertionError(reason)

    def on_live(self) -> None:
        raise AssertionError("nobody listens here")


@pytest.fixture
def conn(empty_db: str) -> Iterator[Connection]:
    with psycopg.connect(empty_db, autocommit=True, row_factory=dict_row) as conn:
        yield conn


def seal(conn: Connection, count: int) -> None:
    for number in range(count):
        event.append(conn, Event("x", datetime.now(UTC), "210211", "u:1", number))
    event.seal(conn)


def restore(conn: Connection, seq: int) -> None:
    """Leave what a backup taken at ``seq`` would bring back."""
    conn.execute("DELETE FROM geodata.events WHERE seq > %s", (seq,))
    conn.execute(
        "UPDATE geodata.event_head SET seq = e.seq, hash = e.hash FROM geodata.events e"
        " WHERE e.seq = %s",
        (seq,),
    )


def make_feed(capacity: int = 100) -> tuple[Feed, Ring, Recorder]:
    ring, recorder = Ring(capacity), Recorder()
    feed = Feed("", ring, recorder, capacity=capacity, wait=lambda _: True)
    return feed, ring, recorder


def test_it_starts_with_the_newest_events(conn: Connection):
    seal(conn, 12)
    feed, ring, recorder = make_feed(capacity=5)
    feed.begin(conn)
    assert (ring.floor, ring.head, recorder.seqs) == (7, 12, [8, 9, 10, 11, 12])


def test_it_goes_on_where_it_was(conn: Connection):
    feed, ring, recorder = make_feed()
    seal(conn, 3)
    feed.begin(conn)
    seal(conn, 2)
    feed.begin(conn)
    assert recorder.seqs == [1, 2, 3, 4, 5]
    assert (recorder.changes, ring.head) == (0, 5)


def test_a_line_lost_in_the_middle_of_a_read_is_no_other_history(conn: Connection):
    feed, ring, recorder = make_feed()
    seal(conn, 3)
    feed.begin(conn)
    seal(conn, 2)
    ring.extend(read_entries(conn, ring.head, 9))  # and then the line is gone
    feed.begin(conn)
    assert recorder.changes == 0


def test_a_shorter_chain_is_another_history(conn: Connection):
    feed, ring, recorder = make_feed()
    seal(conn, 9)
    feed.begin(conn)
    restore(conn, 4)
    feed.begin(conn)
    assert (recorder.changes, ring.head) == (1, 4)
    feed.begin(conn)
    assert recorder.changes == 1


def test_a_chain_grown_anew_past_the_old_head_is_another_history(conn: Connection):
    feed, ring, recorder = make_feed()
    seal(conn, 9)
    feed.begin(conn)
    restore(conn, 4)
    seal(conn, 20)
    feed.begin(conn)
    assert (recorder.changes, ring.head) == (1, 24)


def test_another_history_is_told_even_if_the_line_breaks_meanwhile(conn: Connection):
    feed, ring, recorder = make_feed()
    seal(conn, 9)
    feed.begin(conn)
    restore(conn, 4)
    conn.execute("ALTER TABLE geodata.events RENAME TO gone")
    with pytest.raises(psycopg.Error):
        feed.begin(conn)
    conn.execute("ALTER TABLE geodata.gone RENAME TO events")
    feed.begin(conn)
    assert (recorder.changes, ring.head, feed.loaded) == (1, 4, True)
