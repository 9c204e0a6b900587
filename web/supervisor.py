"""Starts the processes of ganxin, restarts what dies, and stops all of it in order.

One thread waits in ``select`` for a signal, the end of a child (pidfd) or the time of a restart.
The kernel stops the children when the supervisor itself is killed (:mod:`geodata.process`).
"""

from __future__ import annotations

import os
import select
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType

import structlog

from geodata.db.cluster import Cluster
from geodata.errors import Unavailable
from geodata.home import open_log
from geodata.process import die_with_parent, kill_group
from web.program import GRACE_S, Program

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
HEALTHY_S = 30.0  # one that ran this long before it died starts again without delay
STOP_S = GRACE_S + 2.0
CLUSTER_STOP_S = 4.0  # both together: Ctrl-C is done within 10 s
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class _Child:
    """One kept process: running with a pidfd, or waiting for its next start."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    groups: bool = True  # the process leads a group of its own
    process: subprocess.Popen[bytes] | None = None
    pidfd: int = -1
    started_at: float = 0.0
    pause_s: float = 0.0
    due_at: float = 0.0

    def spawn(self, now: float) -> None:
        self.process = self.start()
        self.pidfd = os.pidfd_open(self.process.pid)
        self.started_at = now

    def terminate(self) -> None:
        """Ask the process to end."""
        if self.process is not None:
            self.process.terminate()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end without taking note of it; tell whether it came."""
        poll = select.poll()
        poll.register(self.pidfd, select.POLLIN)
        return bool(poll.poll(max(0.0, timeout_s) * 1000))

    def bury(self, now: float) -> int:
        """Take note of the end, decide when to start again; return the exit status."""
        if self.process is None:
            raise AssertionError(f"{self.name} is not running")
        if self.groups:  # what it may leave behind, such as workers of a killed gunicorn
            kill_group(self.process.pid)
        status = self.process.wait()
        os.close(self.pidfd)
        self.process, self.pidfd = None, -1
        self.pause_s = next_pause_s(self.pause_s, now - self.started_at)
        self.due_at = now + self.pause_s
        return status


def next_pause_s(previous_s: float, lived_s: float) -> float:
    """Return how long to wait before the next start: doubling from 0.2 s to 10 s.

    A process that lived for 30 s is taken as sound and starts again from the first pause.
    """
    if lived_s >= HEALTHY_S or previous_s == 0.0:
        return FIRST_PAUSE_S
    return min(LONGEST_PAUSE_S, previous_s * 2)


@dataclass
class Supervisor:
    """Keeps a cluster (None: the database is somebody else's) and programs running.

    Parameters
    ----------
    environ
        Environment of the programs.
    log
        Hears of starts and ends.
    """

    programs: Sequence[Program]
    environ: Mapping[str, str]
    log_dir: Path
    log: structlog.typing.FilteringBoundLogger
    cluster: Cluster | None = None
    children: list[_Child] = field(default_factory=list)

    def run(self) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP; then stop everything and return.

        The cluster may run already; it is stopped here in any case.
        """
        with selectors.DefaultSelector() as selector, _signals(selector):
            try:
                self.children = self._make_children()
                self._adopt_cluster(selector)
                self._watch(selector)
            finally:
                self.stop()

    def _make_children(self) -> list[_Child]:
        children = []
        if self.cluster is not None:
            children.append(_Child("postgres", self.cluster.spawn, groups=False))
        return children + [
            _Child(program.name, partial(self._launch, program)) for program in self.programs
        ]

    def _adopt_cluster(self, selector: selectors.BaseSelector) -> None:
        if self.cluster is None or self.cluster.process is None:
            return
        child, running = self.children[0], self.cluster.process
        child.process, child.started_at = running, time.monotonic()
        child.pidfd = os.pidfd_open(running.pid)
        selector.register(child.pidfd, selectors.EVENT_READ, child)

    def _watch(self, selector: selectors.BaseSelector) -> None:
        while True:
            now = time.monotonic()
            self._start_due(selector, now)
            waiting = [child.due_at for child in self.children if child.process is None]
            timeout_s = max(0.0, min(waiting) - now) if waiting else None
            for key, _ in selector.select(timeout_s):
                if not isinstance(key.data, _Child):
                    return
                child = key.data
                selector.unregister(child.pidfd)
                status = child.bury(time.monotonic())
                self.log.warning(
                    "ended", name=child.name, status=status, restart_in_s=child.pause_s
                )

    def _start_due(self, selector: selectors.BaseSelector, now: float) -> None:
        for child in self.children:
            if child.process is not None or child.due_at > now:
                continue
            try:
                child.spawn(now)
            except (OSError, Unavailable) as error:
                child.pause_s = next_pause_s(child.pause_s, 0.0)
                child.due_at = now + child.pause_s
                self.log.error(f"{child.name} cannot start", error=str(error))
                continue
            selector.register(child.pidfd, selectors.EVENT_READ, child)
            self.log.info(f"{child.name} started", pid=child.process and child.process.pid)

    def _launch(self, program: Program) -> subprocess.Popen[bytes]:
        with open_log(self.log_dir / f"{program.name}.log") as log:
            return subprocess.Popen(
                program.command,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=program.descriptors,
                start_new_session=True,  # Ctrl-C reaches us alone; we stop the rest in order
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def stop(self) -> None:
        """Stop the programs, last started first, then the cluster, each within its time."""
        running = [child for child in self.children if child.groups and child.process is not None]
        for child in reversed(running):
            child.terminate()
        deadline = time.monotonic() + STOP_S
        for child in reversed(running):
            if not child.wait(deadline - time.monotonic()):
                self.log.warning(f"{child.name} does not stop by itself")
            self.log.info(f"{child.name} stopped", status=child.bury(time.monotonic()))
        if self.cluster is not None:
            self.cluster.stop(CLUSTER_STOP_S)


@contextmanager
def _signals(selector: selectors.BaseSelector) -> Iterator[None]:
    """Turn the signals that end us into one readable end of a socket pair."""
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.setblocking(False)
        before_fd = signal.set_wakeup_fd(writer.fileno())
        before = {
            number: signal.signal(number, _nothing)
            for number in _SIGNALS
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN  # nohup
        }
        selector.register(reader, selectors.EVENT_READ, None)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(before_fd)


def _nothing(number: int, frame: FrameType | None) -> None:
    """Let the wake-up descriptor tell; a handler must exist for it to be written."""
