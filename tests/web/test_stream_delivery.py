"""What reaches a client: everything in scope, in order, once, for as long as it may listen."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg.rows import dict_row

from geodata.db import event
from tests.stream_rig import (
    GRID,
    OTHER_GRID,
    Rig,
    happen,
    owner,
    running,
    sign_in,
    wait_until,
)
from web.stream.client import Message, StreamClient

WRITERS, EACH, CUTS = 8, 2_500, 50
STREET = GRID[:9]


@pytest.fixture(scope="module")
def rig(
    clone: Callable[[str], str], empty_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rig]:
    dsn = clone(empty_template)
    with running(dsn, tmp_path_factory.mktemp("small"), ("-m", "tests.stream_small")) as rig:
        yield rig


@pytest.fixture(scope="module")
def whole_rig(
    clone: Callable[[str], str], empty_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rig]:
    with running(clone(empty_template), tmp_path_factory.mktemp("whole")) as rig:
        yield rig


def write(dsn: str, writer: int, count: int) -> None:
    """Write events as the web process does: its role, a transaction each, some rolled back."""
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as conn:
        conn.execute("SET ROLE ganxin_app")
        for number in range(count):
            if number % 50 == 25:
                with conn.transaction(force_rollback=True):
                    happen(conn, case_id=-1)
            with conn.transaction():
                happen(conn, case_id=writer * count + number, payload={"writer": writer})


def events_of(client: StreamClient) -> Iterator[dict]:
    """Yield the events among the frames."""
    for message in client.messages(20):
        if message.event == "message":
            yield json.loads(message.data)


def frames_until(client: StreamClient, wanted: Callable[[Message], bool]) -> list[Message]:
    got = []
    for message in client.messages(20):
        got.append(message)
        if wanted(message):
            return got
    return got


def test_every_event_of_eight_writers_reaches_a_client_that_is_cut_fifty_times(whole_rig: Rig):
    total = WRITERS * EACH
    rng = random.Random(210211)  # noqa: S311 - repeatable, not secret
    cuts = set(rng.sample(range(1, total), CUTS))
    facts = sign_in(whole_rig.dsn, "210211")
    client = whole_rig.client(facts, since=0)
    got: list[dict] = []
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, whole_rig.dsn, w, EACH) for w in range(WRITERS)]
        for found in events_of(client):
            got.append(found)
            if len(got) in cuts:
                client.cut()
            if len(got) == total:
                break
        for writer in writers:
            writer.result()
    assert [e["seq"] for e in got] == list(range(1, total + 1))
    assert sorted(e["case_id"] for e in got) == list(range(total))
    for writer in range(WRITERS):
        own = [e["case_id"] for e in got if e["payload"]["writer"] == writer]
        assert own == sorted(own), "one writer's events keep their order"
    assert client.connections == CUTS + 1
    with owner(whole_rig.dsn) as conn:
        assert event.verify(conn) is None


def test_a_scope_gets_its_own_events_and_those_it_takes_part_in(rig: Rig):
    street = rig.client(sign_in(rig.dsn, STREET), since=None)
    judge_facts = sign_in(rig.dsn, "210211009", person_id=41)
    judge = rig.client(judge_facts)
    frames = {name: c.messages(20) for name, c in (("street", street), ("judge", judge))}
    for stream in frames.values():
        assert next(stream).event == "hello"
    with owner(rig.dsn) as conn:
        happen(conn, case_id=1, area_code=GRID)
        happen(conn, case_id=2, area_code=OTHER_GRID)
        with conn.transaction():
            conn.execute("INSERT INTO dispatch.participations VALUES ('p:41', 3, now())")
            happen(conn, case_id=3, area_code=OTHER_GRID, kind="assignment.assigned")
        happen(conn, case_id=3, area_code=OTHER_GRID, kind="case.closed")
        happen(conn, case_id=4, area_code=GRID, kind="end")
        happen(conn, case_id=3, area_code=OTHER_GRID, kind="end")
    seen = {}
    for name, stream in frames.items():
        events = (json.loads(m.data) for m in stream if m.event == "message")
        seen[name] = []
        for found in events:
            seen[name].append((found["case_id"], found["kind"]))
            if found["kind"] == "end":
                break
    assert seen["street"] == [(1, "case.reported"), (4, "end")]
    assert seen["judge"] == [(3, "assignment.assigned"), (3, "case.closed"), (3, "end")]


def test_the_cursor_moves_on_where_nothing_is_visible(rig: Rig):
    client = rig.client(sign_in(rig.dsn, "210211009"))
    stream = client.messages(20)
    start = int(next(stream).cursor or 0)
    with owner(rig.dsn) as conn:
        happen(conn, area_code=OTHER_GRID)
    for message in stream:
        assert message.event == "tick"
        if int(message.cursor or 0) > start:
            break
    client.cut()


def test_a_client_resumes_from_before_the_ring_through_the_database(rig: Rig):
    with owner(rig.dsn) as conn:
        head = event.last_seq(conn)
        for number in range(600):
            happen(conn, case_id=number, area_code=GRID if number % 3 else OTHER_GRID)
        wait_until(lambda: rig.status()["seq"] == head + 600, "all are sealed and read")
    client = rig.client(sign_in(rig.dsn, STREET), since=head)
    got = []
    for found in events_of(client):
        got.append(found)
        if found["case_id"] == 599:
            break
    assert [e["case_id"] for e in got] == [n for n in range(600) if n % 3]
    assert [e["seq"] for e in got] == sorted(e["seq"] for e in got)


@pytest.mark.parametrize(
    ("behind", "reason"), [(-5, "unknown_cursor"), (2_001, "too_old")], ids=["future", "old"]
)
def test_a_cursor_that_cannot_be_served_means_loading_anew(rig: Rig, behind: int, reason: str):
    with owner(rig.dsn) as conn:
        missing = max(0, behind - event.last_seq(conn))
        conn.cursor().executemany(
            "INSERT INTO geodata.events_pending (occurred_at, kind, area_code, actor)"
            " VALUES (%s, 'x', '210211009', 'system:test')",
            [(datetime.now(UTC),)] * missing,
        )
        wait_until(lambda: rig.status()["seq"] >= behind, "there is enough history")
        head = event.last_seq(conn)
    wait_until(lambda: rig.status()["seq"] == head, "all is read")
    client = rig.client(sign_in(rig.dsn, STREET), since=head - behind)
    hello, resync = frames_until(client, lambda m: m.event == "resync")
    assert json.loads(hello.data)["seq"] == head
    assert json.loads(resync.data) == {"seq": head, "reason": reason}
    assert resync.cursor == str(head)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE web.sessions SET ended_at = now() WHERE user_id = %s",
        "UPDATE web.users SET active = false WHERE id = %s",
        "UPDATE web.sessions SET expires_at = now() WHERE user_id = %s",
    ],
    ids=["signed out", "disabled", "expired"],
)
def test_a_stream_ends_with_what_let_it_in(rig: Rig, change: str):
    facts, other = sign_in(rig.dsn, STREET), sign_in(rig.dsn, STREET)
    ending, staying = rig.client(facts), rig.client(other)
    stream, other_stream = ending.messages(20), staying.messages(20)
    assert next(stream).event == next(other_stream).event == "hello"
    with owner(rig.dsn) as conn:
        conn.execute(change, (facts.user_id,))
        assert [m.event for m in stream if m.event != "tick"] == ["signed-out"]
        happen(conn, case_id=9)
    assert next(m for m in other_stream if m.event == "message")
    again = rig.client(facts).messages(20)
    assert [m.event for m in again if m.event != "tick"] == ["hello", "signed-out"]
    staying.cut()


def test_another_reach_means_a_new_connection(rig: Rig):
    facts = sign_in(rig.dsn, STREET)
    client = rig.client(facts)
    stream = client.messages(20)
    assert next(stream).event == "hello"
    assert next(stream).event == "tick"  # checked by now
    with owner(rig.dsn) as conn:
        conn.execute(
            "UPDATE web.users SET area_codes = '{210211002}' WHERE id = %s", (facts.user_id,)
        )
    told = next(m for m in stream if m.event == "resync")
    assert json.loads(told.data) == {"reason": "authority"}
    assert next(m for m in stream if m.event == "hello")
    assert client.connections == 2
    client.cut()


def test_a_revoked_token_ends_its_stream(rig: Rig):
    facts = sign_in(rig.dsn, STREET)
    with owner(rig.dsn) as conn:
        row = conn.execute(
            "INSERT INTO web.tokens (secret_hash, user_id, name) VALUES ('t', %s, 't')"
            " RETURNING id",
            (facts.user_id,),
        ).fetchone()
        assert row is not None
        token = type(facts)(f"tokens:{row['id']}", facts.user_id, facts.scope)
        stream = rig.client(token).messages(20)
        assert next(stream).event == "hello"
        conn.execute("UPDATE web.tokens SET ended_at = now()")
        assert [m.event for m in stream if m.event != "tick"] == ["signed-out"]


def test_a_client_that_takes_nothing_is_cut_and_resumes(rig: Rig):
    facts = sign_in(rig.dsn, STREET)
    with owner(rig.dsn) as conn:
        head = event.last_seq(conn)
        before = rig.status()["endings"]
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", rig.port))
            request = b"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nX-Facts: %s\r\n\r\n"
            deaf.sendall(request % facts.to_json())
            assert deaf.recv(12) == b"HTTP/1.1 200"
            for number in range(400):
                happen(conn, case_id=number, payload={"text": "x" * 500})
            wait_until(
                lambda: sum(
                    rig.status()["endings"].get(reason, 0) - before.get(reason, 0)
                    for reason in ("stalled", "slow")
                ),
                "the deaf one is cut",
            )
    got = []
    for found in events_of(rig.client(facts, since=head)):
        got.append(found["case_id"])
        if len(got) == 400:
            break
    assert got == list(range(400))


def test_positions_reach_those_who_may_see_the_person_once(rig: Rig):
    with owner(rig.dsn) as conn:
        for person, code, duty in (
            (1, GRID, "on_duty"),
            (2, OTHER_GRID, "on_duty"),
            (3, GRID, "off_duty"),
        ):
            conn.execute(
                "INSERT INTO dispatch.people (id, name, role, team, home_code, home, travel_mode,"
                " duty) VALUES (%s, 'N', 'grid_worker', 'grid', %s,"
                " 'SRID=4326;POINT(121.5 38.9)', 'walk', %s)",
                (person, code, duty),
            )
        client = rig.client(sign_in(rig.dsn, STREET))
        stream = client.messages(20)
        assert next(stream).event == "hello"
        happen(conn, kind="person.moved", person_id=1)  # the stream reads the new people's reach
        happen(conn, kind="person.moved", person_id=2)
        assert next(json.loads(m.data) for m in stream if m.event == "message")["person_id"] == 1
        for person in (1, 2, 3):
            conn.execute(
                "INSERT INTO dispatch.positions (person_id, lon, lat, heading_deg, measured_at,"
                " received_at) VALUES (%s, 121.51, 38.91, 90, now(), now())",
                (person,),
            )
    frames = []
    for message in stream:
        if message.event == "positions":
            frames.append(json.loads(message.data)["p"])
            ticks = 0
        elif frames and message.event == "tick":
            ticks += 1
            if ticks == 12:  # 2.4 s: longer than the overlap of two looks
                break
    assert frames == [[[1, 121.51, 38.91, 90, None, frames[0][0][5]]]]
    client.cut()
