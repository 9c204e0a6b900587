"""Hold many streams in one process and note how old each event is when it arrives.

``python -m bench.stream_reader PORT SECONDS < tokens``: one line of standard input per stream,
``group token``. Prints ``ready`` when every stream that will be served has said hello, then, after
SECONDS, one JSON line of figures per group.
"""

from __future__ import annotations

import json
import re
import resource
import selectors
import socket
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from time import monotonic, time

SENT = re.compile(rb'"sent":([0-9.]+)')
AT_ONCE = 40
"""Connections being opened at the same time."""
GIVE_UP_S = 10.0
"""Without a single new stream for so long, the rest is counted as not served."""


@dataclass
class Stream:
    """One connection and the bytes of an unfinished frame."""

    group: str
    connection: socket.socket
    rest: bytes = b""
    greeted: bool = False


@dataclass
class Group:
    """What a group of streams has received."""

    served: int = 0
    ages_s: list[float] = field(default_factory=list)
    position_frames: int = 0
    received_bytes: int = 0


class Reader:
    """Every stream of one process behind one selector."""

    def __init__(self, port: int, wanted: list[tuple[str, str]]) -> None:
        self._port = port
        self._wanted = wanted[::-1]
        self._selector = selectors.DefaultSelector()
        self._opening = 0
        self.groups: dict[str, Group] = defaultdict(Group)
        self.served = 0

    def open_all(self) -> None:
        """Open every stream, a few at a time, until all are greeted or nothing moves."""
        moved, total = monotonic(), len(self._wanted)
        while self.served < total and monotonic() - moved < GIVE_UP_S:
            while self._wanted and self._opening < AT_ONCE:
                self._open(*self._wanted.pop())
            before = self.served
            self._turn(0.2)
            if self.served > before:
                moved = monotonic()

    def measure(self, seconds: float) -> None:
        """Receive for a while."""
        for group in self.groups.values():
            group.ages_s.clear()
            group.position_frames = group.received_bytes = 0
        end = monotonic() + seconds
        while (left := end - monotonic()) > 0:
            self._turn(left)

    def _open(self, group: str, token: str) -> None:
        connection = socket.create_connection(("127.0.0.1", self._port))
        request = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
        connection.sendall(request.encode())
        connection.setblocking(False)
        self._opening += 1
        self._selector.register(connection, selectors.EVENT_READ, Stream(group, connection))

    def _turn(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            stream: Stream = key.data
            data = stream.connection.recv(1 << 18)
            if not data:
                self._selector.unregister(stream.connection)
                stream.connection.close()
                continue
            self._take(stream, data, time())

    def _take(self, stream: Stream, data: bytes, now: float) -> None:
        group = self.groups[stream.group]
        group.received_bytes += len(data)
        *frames, stream.rest = (stream.rest + data).split(b"\n\n")
        for text in frames:
            if text.startswith(b"event: positions"):
                group.position_frames += 1
            elif found := SENT.search(text):
                group.ages_s.append(now - float(found[1]))
            elif not stream.greeted and b"event: hello" in text:
                stream.greeted = True
                group.served += 1
                self.served += 1
                self._opening -= 1


def quantile(ordered: list[float], share: float) -> float:
    """Return a quantile of sorted values, nan when there are none."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def main(port: int, seconds: float) -> None:
    """Open, report ready, measure, print."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    wanted = [(group, token) for group, token in (line.split() for line in sys.stdin)]
    reader = Reader(port, wanted)
    started = monotonic()
    reader.open_all()
    print(json.dumps({"ready": reader.served, "open_s": monotonic() - started}), flush=True)
    reader.measure(seconds)
    for name, group in reader.groups.items():
        ages = sorted(group.ages_s)
        print(
            json.dumps(
                {
                    "group": name,
                    "served": group.served,
                    "events": len(ages),
                    "p50_s": quantile(ages, 0.5),
                    "p95_s": quantile(ages, 0.95),
                    "max_s": ages[-1] if ages else float("nan"),
                    "position_frames": group.position_frames,
                    "mb": group.received_bytes / 1e6,
                }
            )
        )


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
