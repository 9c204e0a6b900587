"""A request becomes a stream by passing its socket on: proved on the real gunicorn."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geodata.errors import Unavailable
from tests.stream_rig import Rig, happen, owner, running, sign_in, wait_until
from web.stream.facts import StreamFacts


@pytest.fixture(scope="module")
def rig(
    clone: Callable[[str], str], empty_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rig]:
    dsn = clone(empty_template)
    with running(dsn, tmp_path_factory.mktemp("rig"), ("-m", "tests.stream_small")) as rig:
        yield rig


@pytest.fixture
def facts(rig: Rig) -> StreamFacts:
    return sign_in(rig.dsn, "210211")


def stream_request(facts: StreamFacts) -> bytes:
    return b"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nX-Facts: %s\r\n\r\n" % facts.to_json()


def connect(rig: Rig) -> socket.socket:
    return socket.create_connection(("127.0.0.1", rig.port), timeout=10)


def read_until(connection: socket.socket, mark: bytes) -> bytes:
    got = b""
    while mark not in got:
        more = connection.recv(65536)
        assert more, f"the connection ended; got {got!r}"
        got += more
    return got


def link_of(entry: Path) -> str:
    """Return where a descriptor leads; nowhere when it was closed since it was listed."""
    try:
        return os.readlink(entry)
    except FileNotFoundError:
        return ""


def worker_sockets(pid: int, port: int) -> int:
    """Count the connections to our port that a process holds open."""
    inodes = {
        match[1]
        for entry in Path(f"/proc/{pid}/fd").iterdir()
        if (match := re.match(r"socket:\[(\d+)\]", link_of(entry)))
    }
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    local = f":{port:04X}"
    return sum(row[1].endswith(local) and row[3] == "01" and row[9] in inodes for row in rows)


def worker_pid(rig: Rig) -> int:
    with connect(rig) as connection:
        connection.sendall(b"GET /ping HTTP/1.0\r\n\r\n")
        return int(read_until(connection, b"pong ").split(b"pong ")[1])


def test_a_kept_connection_becomes_a_stream(rig: Rig, facts: StreamFacts):
    with connect(rig) as connection:
        for _ in range(3):
            connection.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"keep-alive" in read_until(connection, b"pong")
        connection.sendall(stream_request(facts))
        head = read_until(connection, b"event: hello")
        assert head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert head.count(b"HTTP/1.1") == 1
        assert b"text/event-stream" in head
        with owner(rig.dsn) as conn:
            happen(conn, kind="case.reported", case_id=77)
        assert b'"case_id":77' in read_until(connection, b"case_id")


def test_the_worker_lets_go_of_the_connection(rig: Rig, facts: StreamFacts):
    pid = worker_pid(rig)
    with connect(rig) as connection:
        connection.sendall(stream_request(facts))
        read_until(connection, b"event: hello")
        wait_until(lambda: worker_sockets(pid, rig.port) == 0, "the worker closed its copy")
        assert worker_sockets(rig.processes["stream"].pid, rig.port) >= 1


def test_requests_pipelined_behind_a_stream_are_not_answered_into_it(rig: Rig, facts: StreamFacts):
    ping = b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"
    with connect(rig) as connection:
        connection.sendall(stream_request(facts) + ping)
        read_until(connection, b"event: hello")
        connection.sendall(ping * 3)
        with owner(rig.dsn) as conn:
            happen(conn, case_id=78)
        got = read_until(connection, b'"case_id":78')
        got += read_until(connection, b"event: tick")
        assert b"pong" not in got
        assert b"HTTP/1.1" not in got


def test_killing_a_web_worker_cuts_no_stream(rig: Rig, facts: StreamFacts):
    with connect(rig) as connection:
        connection.sendall(stream_request(facts))
        read_until(connection, b"event: hello")
        old = worker_pid(rig)
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: worker_pid(rig) != old, "a new worker answers")
        with owner(rig.dsn) as conn:
            happen(conn, case_id=79)
        assert b'"case_id":79' in read_until(connection, b"case_id")


def test_head_promises_no_stream(rig: Rig, facts: StreamFacts):
    with connect(rig) as connection:
        connection.sendall(stream_request(facts).replace(b"GET", b"HEAD"))
        assert b"text/event-stream" in read_until(connection, b"\r\n\r\n")
        connection.sendall(b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
        read_until(connection, b"pong")


def test_one_account_has_twenty_streams(rig: Rig, facts: StreamFacts):
    opened = [connect(rig) for _ in range(21)]
    try:
        for connection in opened[:20]:
            connection.sendall(stream_request(facts))
            read_until(connection, b"event: hello")
        opened[20].sendall(stream_request(facts))
        assert b"429" in read_until(opened[20], b"\r\n\r\n").splitlines()[0]
        opened[0].close()
        wait_until(lambda: rig.status()["screens"] < 20, "the closed one is noticed")
        opened[20].sendall(stream_request(facts))  # a refused connection is still the worker's
        read_until(opened[20], b"event: hello")
    finally:
        for connection in opened:
            connection.close()
    wait_until(lambda: rig.status()["screens"] == 0, "all seats are free again")


def test_a_stream_process_that_is_away_is_a_503_at_once(rig: Rig, facts: StreamFacts):
    rig.kill("stream")
    try:
        with connect(rig) as connection:
            connection.sendall(stream_request(facts))
            head = read_until(connection, b"\r\n\r\n")
            assert b" 503 " in head.splitlines()[0]
            assert b"Retry-After:" in head
        with pytest.raises(Unavailable):
            rig.status()
    finally:
        rig.start_stream()


def test_a_stream_process_that_hangs_is_a_503_soon(rig: Rig, facts: StreamFacts):
    os.kill(rig.processes["stream"].pid, signal.SIGSTOP)
    try:
        with connect(rig) as connection:
            connection.sendall(stream_request(facts))
            assert b" 503 " in read_until(connection, b"\r\n\r\n").splitlines()[0]
    finally:
        os.kill(rig.processes["stream"].pid, signal.SIGCONT)
    wait_until(lambda: rig.status()["screens"] == 0, "the seat that was promised is given back")


def test_the_newest_stream_process_takes_over(rig: Rig, facts: StreamFacts):
    old = rig.processes.pop("stream")
    with connect(rig) as connection:
        connection.sendall(stream_request(facts))
        read_until(connection, b"event: hello")
        rig.start_stream()
        assert old.wait(30) == 0
        assert rig.is_loaded()
        while connection.recv(65536):
            pass  # the old one's streams end, so that browsers come to the new one


def test_the_socket_is_for_its_owner_only(rig: Rig):
    assert oct(rig.socket_path.stat().st_mode)[-3:] == "600"
    assert oct(rig.socket_path.parent.stat().st_mode)[-3:] == "700"


def test_nonsense_at_the_door_harms_nobody(rig: Rig, facts: StreamFacts):
    for message in (b"", b"{", b"[]", b'{"credential": "x"}', json.dumps({"areas": 1}).encode()):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
            door.settimeout(5)
            door.connect(str(rig.socket_path))
            door.send(message)
            assert door.recv(100) == b""
    assert rig.is_loaded()
