"""What a connection need not wait for, against real sockets."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from web.cooperative import READ, WRITE, at_once

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Return two connected sockets."""
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        yield near, far


def fill(near: socket.socket) -> None:
    """Write until nothing more can be written."""
    with contextlib.suppress(BlockingIOError):
        while True:
            near.send(b"." * 65536)


def test_an_idle_socket_can_be_written(pair: Pair):
    assert at_once(pair[0].fileno(), READ | WRITE) == WRITE
    assert at_once(pair[0].fileno(), WRITE) == WRITE


def test_what_has_come_can_be_read_if_that_was_asked(pair: Pair):
    pair[1].send(b".")
    assert at_once(pair[0].fileno(), READ | WRITE) == READ | WRITE
    assert at_once(pair[0].fileno(), WRITE) == WRITE


def test_a_full_socket_has_to_be_waited_for(pair: Pair):
    fill(pair[0])
    assert at_once(pair[0].fileno(), READ | WRITE) == 0
    pair[1].send(b".")
    assert at_once(pair[0].fileno(), READ | WRITE) == READ


def test_the_end_is_read(pair: Pair):
    fill(pair[0])
    pair[1].close()
    assert at_once(pair[0].fileno(), READ | WRITE) & READ
