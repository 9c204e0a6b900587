"""One connection to a browser or machine, written without ever waiting for it.

Written straight to the file descriptor: what the kernel takes at once costs no switch of
greenlets, and only what it refuses is kept until the socket can be written again.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from web.stream.audience import Audience
from web.stream.facts import StreamFacts


@dataclass(frozen=True)
class Patience:
    """How much a connection may fall behind before it is cut; it resumes by its cursor."""

    queue_bytes: int = 1 << 20
    """Most that is kept for one connection: ten seconds of a district's positions."""
    low_water_bytes: int = 1 << 16
    """Events are queued only while less than this waits."""
    stall_s: float = 20.0
    """Longest time in which the other side takes nothing of what waits."""
    send_buffer_bytes: int = 1 << 18
    """Kernel's buffer per connection, so that 1,000 idle readers cannot hold gigabytes."""


class Screen:
    """A connection handed over by the web process.

    Parameters
    ----------
    fd
        The connected socket; the screen owns it from here on.
    loop
        The event loop of the gevent hub.
    on_room
        Called when the queue has run low, to be given more.
    on_end
        Called once when the connection is over, with the reason.
    """

    def __init__(
        self,
        fd: int,
        facts: StreamFacts,
        audience: Audience,
        *,
        loop: Any,
        clock: Callable[[], float],
        patience: Patience,
        on_room: Callable[[Screen], None],
        on_end: Callable[[Screen, str], None],
    ) -> None:
        self.facts = facts
        self.audience = audience
        self.cursor = 0
        self.authority: str | None = None
        self.reading_history = False
        self.open = True
        self._fd = fd
        self._clock = clock
        self._patience = patience
        self._on_room = on_room
        self._on_end = on_end
        self._queue: deque[memoryview] = deque()
        self.queued_bytes = 0
        self._moved_at = clock()
        self._closing = False
        _prepare(fd, patience)
        self._readable = loop.io(fd, 1)
        self._writable = loop.io(fd, 2)
        self._readable.start(self._read)

    @property
    def has_room(self) -> bool:
        """Tell whether more events may be queued."""
        return (
            self.open and not self._closing and self.queued_bytes < self._patience.low_water_bytes
        )

    def send(self, data: bytes) -> None:
        """Send, or queue what cannot be sent now; cut the connection when too much waits."""
        if not self.open or self._closing or not data:
            return
        if not self._queue:
            self._moved_at = self._clock()
        self._queue.append(memoryview(data))
        self.queued_bytes += len(data)
        if len(self._queue) == 1:
            self._write()
        if self.queued_bytes > self._patience.queue_bytes:
            self.end("slow")

    def finish(self, data: bytes) -> None:
        """Send a last word and close once it is out."""
        self.send(data)
        self._closing = True
        if not self._queue:
            self.end("finished")

    def is_stalled(self, now: float) -> bool:
        """Tell whether the other side has taken nothing for too long."""
        return bool(self._queue) and now - self._moved_at > self._patience.stall_s

    def end(self, reason: str) -> None:
        """Close the connection; nothing happens if it is closed already."""
        if not self.open:
            return
        self.open = False
        for watcher in (self._readable, self._writable):
            watcher.stop()
            watcher.close()
        os.close(self._fd)
        self._queue.clear()
        self.queued_bytes = 0
        self._on_end(self, reason)

    def _write(self) -> None:
        try:
            while self._queue:
                self._took(os.write(self._fd, self._queue[0]))
        except BlockingIOError:
            if not self._writable.active:
                self._writable.start(self._write_more)
        except OSError:
            self.end("gone")

    def _took(self, count: int) -> None:
        self._moved_at = self._clock()
        self.queued_bytes -= count
        rest = self._queue[0][count:]
        if rest:
            self._queue[0] = rest
        else:
            self._queue.popleft()

    def _write_more(self) -> None:
        """Go on when the kernel has room again (called by the loop)."""
        self._write()
        if not self.open:
            return
        if not self._queue:
            self._writable.stop()
            if self._closing:
                self.end("finished")
                return
        if self.has_room:
            self._on_room(self)

    def _read(self) -> None:
        """Notice the other side's end; whatever else it sends is not ours to answer."""
        try:
            if os.read(self._fd, 65536) == b"":
                self.end("left")
        except BlockingIOError:
            return
        except OSError:
            self.end("gone")


def _prepare(fd: int, patience: Patience) -> None:
    os.set_blocking(fd, False)
    connection = socket.socket(fileno=fd)
    try:
        if connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stall_ms = int(patience.stall_s * 1000)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, stall_ms)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, patience.send_buffer_bytes)
    finally:
        connection.detach()
