"""A light HTTP client for benches: some kept connections, one question after another on each.

``python -m bench.client`` reads a :class:`Job` as JSON from standard input, asks, and writes an
:class:`Outcome` as JSON. It is a process of its own with one ``epoll`` loop, because it shares the
machine with what it measures: its own processor time is told beside each figure (0.13 to 0.20 ms a
question on a busy machine).
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

KEPT_ERRORS = 3


@dataclass(frozen=True)
class Question:
    """One request: method, path, body (JSON text, may be empty)."""

    method: str
    path: str
    body: str = ""


@dataclass(frozen=True)
class Job:
    """What to ask.

    Parameters
    ----------
    headers
        Sent with every question.
    warm
        So many answers from the start are not counted.
    seconds
        No new question after so long; None asks every question once.
    """

    port: int
    headers: dict[str, str]
    questions: list[tuple[str, str, str]]
    connections: int = 1
    warm: int = 0
    seconds: float | None = None


@dataclass
class Outcome:
    """What came back: times at the client in seconds, statuses, processor time of this client.

    ``answered`` counts the answers to warm up, too; the rest tells of those after them.
    """

    answered: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    taken_s: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    @property
    def per_s(self) -> float:
        """Answers per second."""
        return len(self.taken_s) / self.wall_s

    def ms(self, quantile: float) -> float:
        """Return a quantile of the time of an answer in milliseconds."""
        return float(np.quantile(self.taken_s, quantile)) * 1000.0


def ask(job: Job) -> Outcome:
    """Run the client as a process and wait for what it found; refused questions stop the bench."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.client"],
        input=json.dumps(asdict(job)),
        capture_output=True,
        text=True,
        check=True,
    )
    outcome = Outcome(**json.loads(done.stdout))
    if outcome.errors:
        raise SystemExit(f"refused: {outcome.statuses} {outcome.errors}")
    return outcome


class _Line:
    """One connection, and the answer that is on its way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self.came = b""
        self.needed = -1

    def send(self, request: bytes) -> None:
        self.came, self.needed = b"", -1
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def complete(self) -> bool:
        """Read what is there; tell whether the answer is complete."""
        part = self.socket.recv(1 << 16)
        if not part:
            raise SystemExit("the server closed a connection")
        self.came += part
        if self.needed < 0 and (end := self.came.find(b"\r\n\r\n")) > 0:
            head = self.came[:end].lower()
            length = head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]
            self.needed = end + 4 + int(length or b"0")
        return 0 <= self.needed <= len(self.came)

    @property
    def status(self) -> str:
        """Status code of the answer."""
        return self.came[9:12].decode()


def encode(job: Job) -> Iterator[bytes]:
    """Yield the requests as they go over the wire."""
    common = "".join(f"{name}: {value}\r\n" for name, value in job.headers.items())
    for number, (method, path, body) in enumerate(job.questions):
        raw = body.encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{job.port}\r\n{common}"
            f"Idempotency-Key: bench-{time.time_ns()}-{number}\r\n"
        )
        kind = f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n" if raw else ""
        yield (head + kind + "\r\n").encode() + raw


def run(job: Job) -> Outcome:
    """Ask all questions, or those that fit into the time, on all connections at once."""
    waiting = list(encode(job))[::-1]
    outcome, statuses = Outcome(), Counter[str]()
    started, cpu = time.perf_counter(), time.process_time()
    with selectors.DefaultSelector() as selector:
        for _ in range(min(job.connections, len(waiting))):
            line = _Line(job.port)
            selector.register(line.socket, selectors.EVENT_READ, line)
            line.send(waiting.pop())
        while selector.get_map():
            for key, _ in selector.select():
                line = key.data
                if not line.complete():
                    continue
                now = time.perf_counter()
                outcome.answered += 1
                if outcome.answered == job.warm:
                    started, cpu = now, time.process_time()
                if outcome.answered > job.warm:
                    _note(outcome, statuses, line, now)
                if waiting and (
                    job.seconds is None
                    or outcome.answered < job.warm
                    or now - started < job.seconds
                ):
                    line.send(waiting.pop())
                else:
                    selector.unregister(line.socket)
                    line.socket.close()
    outcome.wall_s, outcome.cpu_s = time.perf_counter() - started, time.process_time() - cpu
    outcome.statuses = dict(statuses)
    return outcome


def _note(outcome: Outcome, statuses: Counter[str], line: _Line, now: float) -> None:
    statuses[line.status] += 1
    outcome.taken_s.append(now - line.sent_at)
    if line.status[0] != "2" and len(outcome.errors) < KEPT_ERRORS:
        outcome.errors.append(line.came[:600].decode(errors="replace"))


def job_of(
    port: int, headers: dict[str, str], questions: Sequence[Question], **options: float
) -> Job:
    """Return a job of questions."""
    asked = [(one.method, one.path, one.body) for one in questions]
    return Job(port, headers, asked, **options)


if __name__ == "__main__":
    json.dump(asdict(run(Job(**json.load(sys.stdin)))), sys.stdout)
